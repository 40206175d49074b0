"""Ways out of the building: what carries a notice from the outbox to its recipient."""
