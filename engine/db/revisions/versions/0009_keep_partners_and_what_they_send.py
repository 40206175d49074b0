"""Keep partners, what they send, and what becomes of sub-orders that are returned or cancelled."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "partner",
        sa.Column("code", sa.String(length=20), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("name_en", sa.String(length=160), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("region", sa.String(length=12), nullable=False),
        sa.Column("level", sa.String(length=4), nullable=False),
        sa.Column("phone", sa.String(length=20), nullable=False),
        sa.Column("address", sa.String(length=200), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_partner")),
    )
    op.create_index("ix_partner_region", "partner", ["region"])
    op.create_table(
        "partner_message",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("partner", sa.String(length=20), nullable=False),
        sa.Column("direction", sa.String(length=3), nullable=False),
        sa.Column("nonce", sa.String(length=64), nullable=False),
        sa.Column("case_no", sa.String(length=40), nullable=True),
        sa.Column("external_no", sa.String(length=60), nullable=True),
        sa.Column("event", sa.String(length=20), nullable=False),
        sa.Column("facts", sa.Text(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("error", sa.Text(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_partner_message")),
        sa.UniqueConstraint("partner", "nonce", name=op.f("uq_partner_message_partner")),
    )
    op.create_index("ix_partner_message_case_no", "partner_message", ["case_no"])
    op.create_index("ix_partner_message_state", "partner_message", ["state"])
    with op.batch_alter_table("sub_order", schema=None) as batch_op:
        batch_op.add_column(sa.Column("cancelled_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("is_binding", sa.Boolean(), nullable=False, server_default=sa.false()))
    with op.batch_alter_table("responsibility", schema=None) as batch_op:
        batch_op.add_column(sa.Column("review", sa.String(length=10), nullable=False, server_default=""))


def downgrade() -> None:
    with op.batch_alter_table("responsibility", schema=None) as batch_op:
        batch_op.drop_column("review")
    with op.batch_alter_table("sub_order", schema=None) as batch_op:
        batch_op.drop_column("is_binding")
        batch_op.drop_column("cancelled_at")
    for table in ("partner_message", "partner"):
        op.drop_table(table)
