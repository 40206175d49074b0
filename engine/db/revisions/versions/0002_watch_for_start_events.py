"""Watch for start events."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "start_event",
        sa.Column("definition_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("element_id", sa.String(length=120), nullable=False),
        sa.Column("process_key", sa.String(length=120), nullable=False),
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.ForeignKeyConstraint(["definition_id"], ["definition.id"], name=op.f("fk_start_event_definition_id")),
        sa.PrimaryKeyConstraint("definition_id", "element_id", name=op.f("pk_start_event")),
    )
    with op.batch_alter_table("start_event", schema=None) as batch_op:
        batch_op.create_index("ix_start_event_kind_name", ["kind", "name"], unique=False)
        batch_op.create_index(batch_op.f("ix_start_event_process_key"), ["process_key"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("start_event", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_start_event_process_key"))
        batch_op.drop_index("ix_start_event_kind_name")

    op.drop_table("start_event")
