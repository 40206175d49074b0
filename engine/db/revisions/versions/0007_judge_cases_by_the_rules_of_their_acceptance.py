"""Judge cases by the rules of their acceptance."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

#: Rows that hold for a time only.
DATED = ("responsibility", "material", "negative_item", "expert")


def upgrade() -> None:
    with op.batch_alter_table("activation", schema=None) as batch_op:
        batch_op.add_column(sa.Column("covers_open_cases", sa.Boolean(), nullable=False, server_default=sa.false()))
        batch_op.add_column(sa.Column("is_taken_back", sa.Boolean(), nullable=False, server_default=sa.false()))

    with op.batch_alter_table("decision_run", schema=None) as batch_op:
        batch_op.add_column(sa.Column("in_force_since", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("chosen_because", sa.String(length=20), nullable=False, server_default=""))

    for table in DATED:
        with op.batch_alter_table(table, schema=None) as batch_op:
            batch_op.add_column(sa.Column("valid_from", sa.Date(), nullable=True))
            batch_op.add_column(sa.Column("valid_to", sa.Date(), nullable=True))

    with op.batch_alter_table("share_query", schema=None) as batch_op:
        batch_op.add_column(sa.Column("request_key", sa.String(length=40), nullable=True))
        batch_op.add_column(sa.Column("element_id", sa.String(length=120), nullable=True))
        batch_op.add_column(sa.Column("attempts", sa.Integer(), nullable=False, server_default="0"))
        batch_op.add_column(sa.Column("error", sa.String(length=200), nullable=True))
        batch_op.add_column(sa.Column("content", sa.LargeBinary(), nullable=True))
        batch_op.create_unique_constraint(batch_op.f("uq_share_query_request_key"), ["request_key"])


def downgrade() -> None:
    with op.batch_alter_table("share_query", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("uq_share_query_request_key"), type_="unique")
        for column in ("content", "error", "attempts", "element_id", "request_key"):
            batch_op.drop_column(column)

    for table in reversed(DATED):
        with op.batch_alter_table(table, schema=None) as batch_op:
            batch_op.drop_column("valid_to")
            batch_op.drop_column("valid_from")

    with op.batch_alter_table("decision_run", schema=None) as batch_op:
        batch_op.drop_column("chosen_because")
        batch_op.drop_column("in_force_since")

    with op.batch_alter_table("activation", schema=None) as batch_op:
        batch_op.drop_column("is_taken_back")
        batch_op.drop_column("covers_open_cases")
