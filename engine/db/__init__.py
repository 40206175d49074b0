"""Rows: tables, transactions, revisions. Knows nothing of BPMN, of the domain's rules, or of the web."""
