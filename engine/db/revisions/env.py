"""Alembic's entry: runs revisions on the connection that engine.db.revisions hands over."""

from __future__ import annotations

from typing import Any, Literal

from alembic import context
from alembic.autogenerate.api import AutogenContext

from engine.db import case_tables, file_tables, form_tables, kind_tables, partner_tables, tables, version_tables
from engine.db.base import Base, Json, Moment

#: Importing these modules is what fills the metadata.
TABLE_MODULES = (tables, case_tables, file_tables, form_tables, kind_tables, partner_tables, version_tables)


def render_item(kind: str, item: Any, _context: AutogenContext) -> str | Literal[False]:
    """Write plain column types: a revision must not change when our type classes do."""
    if kind == "type" and isinstance(item, Moment):
        return "sa.DateTime(timezone=True)"
    if kind == "type" and isinstance(item, Json):
        return "sa.Text()"
    return False


context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Base.metadata,
    render_item=render_item,
    render_as_batch=True,  # SQLite changes a column by copying its table
    transactional_ddl=True,  # our SQLite connections begin transactions themselves, so DDL rolls back there too
    compare_type=True,
)
with context.begin_transaction():
    context.run_migrations()
