"""The engine of 兜底. Start reading in ``commands/`` (what changes) and ``queries/`` (what is read)."""
