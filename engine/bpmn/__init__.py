"""BPMN: definitions parsed strictly, instances executed. The only user of SpiffWorkflow; knows no database, clock or web."""
