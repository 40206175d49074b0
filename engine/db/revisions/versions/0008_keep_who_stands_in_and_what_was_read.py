"""Keep who stands in for whom, and which messages somebody has read."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

ROW_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "task_hand_over",
        sa.Column("leave_id", ROW_ID, nullable=False),
        sa.Column("task_id", sa.String(length=40), nullable=False),
        sa.ForeignKeyConstraint(["leave_id"], ["account_leave.id"], name=op.f("fk_task_hand_over_leave_id")),
        sa.ForeignKeyConstraint(["task_id"], ["user_task.id"], name=op.f("fk_task_hand_over_task_id")),
        sa.PrimaryKeyConstraint("leave_id", "task_id", name=op.f("pk_task_hand_over")),
    )
    op.create_table(
        "notice_read",
        sa.Column("account_id", sa.String(length=80), nullable=False),
        sa.Column("notice_id", ROW_ID, nullable=False),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_notice_read_account_id")),
        sa.ForeignKeyConstraint(["notice_id"], ["notice.id"], name=op.f("fk_notice_read_notice_id")),
        sa.PrimaryKeyConstraint("account_id", "notice_id", name=op.f("pk_notice_read")),
    )
    with op.batch_alter_table("account", schema=None) as batch_op:
        batch_op.add_column(sa.Column("reset_hash", sa.String(length=200), nullable=True))
        batch_op.add_column(sa.Column("reset_until", sa.DateTime(timezone=True), nullable=True))
    with op.batch_alter_table("account_leave", schema=None) as batch_op:
        batch_op.add_column(sa.Column("has_return", sa.Boolean(), nullable=False, server_default=sa.true()))
        batch_op.add_column(sa.Column("begun_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True))
    with op.batch_alter_table("notice", schema=None) as batch_op:
        batch_op.add_column(sa.Column("reference", sa.String(length=80), nullable=True))
        batch_op.create_index("ix_notice_due", ["channel", "state", "next_attempt_at"], unique=False)
        batch_op.create_index("ix_notice_audience", ["audience", "id"], unique=False)
    with op.batch_alter_table("case_entry", schema=None) as batch_op:
        batch_op.create_index("ix_case_entry_kind", ["kind", "id"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("case_entry", schema=None) as batch_op:
        batch_op.drop_index("ix_case_entry_kind")
    with op.batch_alter_table("notice", schema=None) as batch_op:
        batch_op.drop_index("ix_notice_audience")
        batch_op.drop_index("ix_notice_due")
        batch_op.drop_column("reference")
    with op.batch_alter_table("account_leave", schema=None) as batch_op:
        for column in ("ended_at", "begun_at", "has_return"):
            batch_op.drop_column(column)
    with op.batch_alter_table("account", schema=None) as batch_op:
        batch_op.drop_column("reset_until")
        batch_op.drop_column("reset_hash")
    op.drop_table("notice_read")
    op.drop_table("task_hand_over")
