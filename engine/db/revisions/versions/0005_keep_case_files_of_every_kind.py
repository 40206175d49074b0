"""Keep case files of every kind."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

IS_CHILD = sa.text("parent_no IS NOT NULL")

#: What cases had until now; the files that an analyst loads next replace them.
STATUSES = (
    ("待登记", "To register"), ("待研判", "To triage"), ("已受理", "Accepted"), ("协调中", "Being coordinated"),
    ("会商中", "In joint meeting"), ("领导小组研究", "Before the leading group"), ("待答复", "To answer"),
    ("待确认", "To be confirmed"), ("待评价", "To be rated"), ("整改中", "Being rectified"), ("已重开", "Reopened"),
    ("已告知", "Told"), ("已引导", "Referred"), ("已并案", "Merged"), ("已移交", "Handed over"), ("已分流", "Diverted"),
    ("已归档", "Archived"),
)  # fmt: skip
CLOSING = frozenset({"已告知", "已引导", "已并案", "已移交", "已分流", "已归档"})
CLOCKS = (
    ("respond", "首次响应", "First response"), ("sign", "部门签收", "Signing in"), ("start", "启动协调", "Start of coordination"),
    ("conclude", "协调结论", "Conclusion"), ("opinion", "部门意见", "Opinion"), ("finish", "办结", "Completion"),
    ("contact", "差评联系", "Contact after a bad rating"),
    ("rectify", "整改", "Rectification"), ("confirm", "申请人确认", "Confirmation"), ("rating", "评价", "Rating"),
)  # fmt: skip
RESTING = frozenset({"respond", "sign", "start", "conclude", "opinion", "finish", "rectify"})


def upgrade() -> None:
    op.create_table(
        "case_action",
        sa.Column("action", sa.String(length=40), nullable=False),
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("name_en", sa.String(length=80), nullable=False),
        sa.Column("message", sa.String(length=120), nullable=False),
        sa.Column("form", sa.String(length=120), nullable=True),
        sa.Column("groups", sa.Text(), nullable=False),
        sa.Column("kinds", sa.Text(), nullable=False),
        sa.Column("statuses", sa.Text(), nullable=False),
        sa.Column("is_public", sa.Boolean(), nullable=False),
        sa.Column("is_confirmed", sa.Boolean(), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("description_en", sa.Text(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("action", name=op.f("pk_case_action")),
    )
    op.create_table(
        "case_kind",
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("name_en", sa.String(length=80), nullable=False),
        sa.Column("prefix", sa.String(length=4), nullable=False),
        sa.Column("process", sa.String(length=120), nullable=False),
        sa.Column("start_form", sa.String(length=120), nullable=True),
        sa.Column("openers", sa.Text(), nullable=False),
        sa.Column("owner_group", sa.String(length=80), nullable=True),
        sa.Column("is_public", sa.Boolean(), nullable=False),
        sa.Column("applicant", sa.String(length=10), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("description_en", sa.Text(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("kind", name=op.f("pk_case_kind")),
        sa.UniqueConstraint("prefix", name=op.f("uq_case_kind_prefix")),
    )
    with op.batch_alter_table("case_kind", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_case_kind_process"), ["process"], unique=False)

    op.create_table(
        "case_status",
        sa.Column("status", sa.String(length=20), nullable=False),
        sa.Column("name_en", sa.String(length=80), nullable=False),
        sa.Column("is_closing", sa.Boolean(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("status", name=op.f("pk_case_status")),
    )
    op.create_table(
        "clock_kind",
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("name_en", sa.String(length=80), nullable=False),
        sa.Column("is_service", sa.Boolean(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("kind", name=op.f("pk_clock_kind")),
    )
    op.create_table(
        "notice_preference",
        sa.Column("party_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("channel", sa.String(length=20), nullable=False),
        sa.Column("opted_out_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["party_id"], ["party.id"], name=op.f("fk_notice_preference_party_id")),
        sa.PrimaryKeyConstraint("party_id", "channel", name=op.f("pk_notice_preference")),
    )
    op.create_table(
        "account_leave",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("account_id", sa.String(length=80), nullable=False),
        sa.Column("deputy_id", sa.String(length=80), nullable=False),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("to_on", sa.Date(), nullable=False),
        sa.Column("reason", sa.String(length=200), nullable=False),
        sa.Column("accepted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("declined_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("cancelled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_by", sa.String(length=80), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_account_leave_account_id")),
        sa.ForeignKeyConstraint(["deputy_id"], ["account.id"], name=op.f("fk_account_leave_deputy_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_account_leave")),
    )
    with op.batch_alter_table("account_leave", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_account_leave_account_id"), ["account_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_account_leave_deputy_id"), ["deputy_id"], unique=False)

    op.create_table(
        "attachment",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("case_no", sa.String(length=40), nullable=False),
        sa.Column("material", sa.String(length=20), nullable=True),
        sa.Column("name", sa.LargeBinary(), nullable=False),
        sa.Column("address", sa.String(length=64), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("media_type", sa.String(length=100), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("scan", sa.String(length=12), nullable=False),
        sa.Column("is_shared", sa.Boolean(), nullable=False),
        sa.Column("uploaded_by", sa.String(length=80), nullable=False),
        sa.Column("uploaded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("removed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("removed_by", sa.String(length=80), nullable=True),
        sa.Column("removal_reason", sa.String(length=200), nullable=True),
        sa.ForeignKeyConstraint(["case_no"], ["case_file.no"], name=op.f("fk_attachment_case_no")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attachment")),
    )
    with op.batch_alter_table("attachment", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_attachment_address"), ["address"], unique=False)
        batch_op.create_index(batch_op.f("ix_attachment_case_no"), ["case_no"], unique=False)

    op.create_table(
        "calendar_import",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("content_digest", sa.String(length=64), nullable=False),
        sa.Column("file", sa.String(length=200), nullable=False),
        sa.Column("source", sa.String(length=120), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("done", sa.Integer(), nullable=False),
        sa.Column("moved", sa.Integer(), nullable=False),
        sa.Column("told", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.String(length=80), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_calendar_import")),
    )
    op.create_table(
        "case_entry",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("case_no", sa.String(length=40), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("facts", sa.Text(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor", sa.String(length=80), nullable=False),
        sa.Column("element_id", sa.String(length=120), nullable=True),
        sa.ForeignKeyConstraint(["case_no"], ["case_file.no"], name=op.f("fk_case_entry_case_no")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_entry")),
    )
    with op.batch_alter_table("case_entry", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_case_entry_case_no"), ["case_no"], unique=False)

    op.create_table(
        "document",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("case_no", sa.String(length=40), nullable=False),
        sa.Column("template", sa.String(length=60), nullable=False),
        sa.Column("definition_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("number", sa.String(length=60), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("title_en", sa.String(length=200), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("is_applicants", sa.Boolean(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("address", sa.String(length=64), nullable=True),
        sa.Column("digest", sa.String(length=64), nullable=True),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("pages", sa.Integer(), nullable=False),
        sa.Column("element_id", sa.String(length=120), nullable=True),
        sa.Column("issued_by", sa.String(length=80), nullable=False),
        sa.Column("issued_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("printed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("voided_by", sa.String(length=80), nullable=True),
        sa.Column("voided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("void_reason", sa.String(length=200), nullable=True),
        sa.ForeignKeyConstraint(["case_no"], ["case_file.no"], name=op.f("fk_document_case_no")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_document")),
        sa.UniqueConstraint("number", name=op.f("uq_document_number")),
    )
    with op.batch_alter_table("document", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_document_case_no"), ["case_no"], unique=False)
        batch_op.create_index(batch_op.f("ix_document_digest"), ["digest"], unique=False)
        batch_op.create_index(batch_op.f("ix_document_state"), ["state"], unique=False)

    op.create_table(
        "document_number",
        sa.Column("key", sa.String(length=60), nullable=False),
        sa.Column("last", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_document_number")),
    )
    op.create_table(
        "share_query",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("case_no", sa.String(length=40), nullable=False),
        sa.Column("department", sa.String(length=10), nullable=False),
        sa.Column("item", sa.String(length=80), nullable=False),
        sa.Column("purpose", sa.String(length=200), nullable=False),
        sa.Column("fields", sa.Text(), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("answer", sa.Text(), nullable=True),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("asked_by", sa.String(length=80), nullable=False),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["case_no"], ["case_file.no"], name=op.f("fk_share_query_case_no")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_share_query")),
    )
    with op.batch_alter_table("share_query", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_share_query_case_no"), ["case_no"], unique=False)

    with op.batch_alter_table("account", schema=None) as batch_op:
        batch_op.add_column(sa.Column("phone", sa.LargeBinary(), nullable=True))
        batch_op.add_column(sa.Column("email", sa.LargeBinary(), nullable=True))

    with op.batch_alter_table("case_clock", schema=None) as batch_op:
        batch_op.add_column(sa.Column("subject", sa.String(length=60), nullable=True))
        batch_op.add_column(sa.Column("paused_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("remaining", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("actor", sa.String(length=80), nullable=True))
        batch_op.add_column(sa.Column("written_at", sa.DateTime(timezone=True), nullable=True))

    with op.batch_alter_table("case_file", schema=None) as batch_op:
        batch_op.add_column(sa.Column("kind", sa.String(length=20), nullable=False, server_default="case"))
        batch_op.add_column(sa.Column("parent_no", sa.String(length=40), nullable=True))
        batch_op.add_column(sa.Column("facts", sa.Text(), nullable=False, server_default="{}"))
        batch_op.drop_index("ix_case_file_org_received")
        batch_op.create_index("ix_case_file_kind", ["kind", "org_unit", "received_at"], unique=False)
        batch_op.create_index("ix_case_file_parent", ["parent_no"], sqlite_where=IS_CHILD, postgresql_where=IS_CHILD)

    _allow_no_applicant()

    with op.batch_alter_table("department", schema=None) as batch_op:
        batch_op.add_column(sa.Column("name_en", sa.String(length=160), nullable=False, server_default=""))

    with op.batch_alter_table("expert", schema=None) as batch_op:
        batch_op.add_column(sa.Column("name_en", sa.String(length=80), nullable=False, server_default=""))
        batch_op.add_column(sa.Column("details", sa.Text(), nullable=False, server_default="{}"))

    _name_materials_as_their_file_does()
    with op.batch_alter_table("matter", schema=None) as batch_op:
        batch_op.add_column(sa.Column("name_en", sa.String(length=240), nullable=False, server_default=""))

    with op.batch_alter_table("negative_item", schema=None) as batch_op:
        batch_op.add_column(sa.Column("name_en", sa.String(length=160), nullable=False, server_default=""))

    with op.batch_alter_table("notice", schema=None) as batch_op:
        batch_op.add_column(sa.Column("receiver", sa.LargeBinary(), nullable=True))
        batch_op.add_column(sa.Column("attempts", sa.Integer(), nullable=False, server_default="0"))
        batch_op.add_column(sa.Column("next_attempt_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("error", sa.Text(), nullable=True))
        batch_op.add_column(sa.Column("delivered_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("is_critical", sa.Boolean(), nullable=False, server_default=sa.false()))

    with op.batch_alter_table("notice_template", schema=None) as batch_op:
        batch_op.add_column(sa.Column("name_en", sa.String(length=160), nullable=False, server_default=""))
        batch_op.add_column(sa.Column("text_en", sa.Text(), nullable=False, server_default=""))
        batch_op.add_column(sa.Column("variables", sa.Text(), nullable=False, server_default="[]"))
        batch_op.add_column(sa.Column("channels", sa.Text(), nullable=False, server_default="[]"))

    _fill_kinds()


def _allow_no_applicant() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.alter_column("case_file", "applicant_id", existing_type=sa.BigInteger(), nullable=True)
        return
    # SQLite makes the table anew. Rows that point to a case are checked when the transaction ends: they have found theirs again by then.
    made = [
        row[0] for row in op.get_bind().execute(sa.text("SELECT sql FROM sqlite_master WHERE tbl_name = 'case_file' ORDER BY type DESC"))
    ]
    op.execute("PRAGMA defer_foreign_keys = ON")
    op.execute("CREATE TEMPORARY TABLE case_file_before AS SELECT * FROM case_file")
    op.execute("DROP TABLE case_file")
    for sql in filter(None, made):
        op.execute(sql.replace("applicant_id INTEGER NOT NULL", "applicant_id INTEGER"))
    op.execute("INSERT INTO case_file SELECT * FROM case_file_before")
    op.execute("DROP TABLE case_file_before")


def _name_materials_as_their_file_does() -> None:
    """The number of a row becomes the id in the file; until the file is loaded again the old number stands there as text."""
    op.execute("CREATE TEMPORARY TABLE material_before AS SELECT * FROM material")
    op.drop_table("material")
    op.create_table(
        "material",
        sa.Column("id", sa.String(length=20), nullable=False),
        *_of_materials(),
        sa.Column("share_department", sa.String(length=10), nullable=True),
        sa.Column("share_item", sa.String(length=80), nullable=True),
        sa.Column("licence", sa.String(length=80), nullable=True),
        sa.Column("form", sa.String(length=20), nullable=False),
        sa.Column("validity_days", sa.Integer(), nullable=True),
        sa.Column("position", sa.Integer(), nullable=False),
    )
    op.create_index("ix_material_matter_code", "material", ["matter_code"])
    kept = "matter_code, name, material_class, source, is_commitment_allowed, is_risk"
    op.execute(f"INSERT INTO material (id, form, position, {kept}) SELECT CAST(id AS VARCHAR(20)), '', id, {kept} FROM material_before")
    op.execute("DROP TABLE material_before")


def _of_materials() -> tuple[sa.schema.SchemaItem, ...]:
    return (
        sa.Column("matter_code", sa.String(length=10), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("material_class", sa.String(length=10), nullable=False),
        sa.Column("source", sa.String(length=80), nullable=False),
        sa.Column("is_commitment_allowed", sa.Boolean(), nullable=False),
        sa.Column("is_risk", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["matter_code"], ["matter.code"], name=op.f("fk_material_matter_code")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_material")),
    )


def _fill_kinds() -> None:
    kind = {"kind": "case", "name": "工单", "name_en": "Case", "prefix": "BBC", "process": "P00_case_spine", "start_form": "case_register"}
    openers = '["window","window_head","complaint_officer","coordinator"]'
    more = {"openers": openers, "owner_group": "window", "is_public": False, "applicant": "required", "position": 0}
    _insert("case_kind", [{**kind, **more, "description": "", "description_en": ""}])
    closing = [name in CLOSING for name, _ in STATUSES]
    statuses = [{"status": name, "name_en": english} for name, english in STATUSES]
    _insert("case_status", [{**row, "is_closing": closing[place], "position": place} for place, row in enumerate(statuses)])
    resting = [name in RESTING for name, _, _ in CLOCKS]
    clocks = [{"kind": name, "name": title, "name_en": english} for name, title, english in CLOCKS]
    _insert("clock_kind", [{**row, "is_service": resting[place], "position": place} for place, row in enumerate(clocks)])


def _insert(name: str, rows: list[dict[str, object]]) -> None:
    columns = [sa.column(column, sa.Boolean() if column.startswith("is_") else None) for column in rows[0]]
    op.bulk_insert(sa.table(name, *columns), rows)


def downgrade() -> None:
    with op.batch_alter_table("notice_template", schema=None) as batch_op:
        batch_op.drop_column("channels")
        batch_op.drop_column("variables")
        batch_op.drop_column("text_en")
        batch_op.drop_column("name_en")

    with op.batch_alter_table("notice", schema=None) as batch_op:
        batch_op.drop_column("is_critical")
        batch_op.drop_column("delivered_at")
        batch_op.drop_column("error")
        batch_op.drop_column("next_attempt_at")
        batch_op.drop_column("attempts")
        batch_op.drop_column("receiver")

    with op.batch_alter_table("negative_item", schema=None) as batch_op:
        batch_op.drop_column("name_en")

    with op.batch_alter_table("matter", schema=None) as batch_op:
        batch_op.drop_column("name_en")

    op.drop_table("material")
    op.create_table("material", sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False), *_of_materials())
    op.create_index("ix_material_matter_code", "material", ["matter_code"])
    with op.batch_alter_table("expert", schema=None) as batch_op:
        batch_op.drop_column("details")
        batch_op.drop_column("name_en")

    with op.batch_alter_table("department", schema=None) as batch_op:
        batch_op.drop_column("name_en")

    with op.batch_alter_table("case_file", schema=None) as batch_op:
        batch_op.drop_index("ix_case_file_parent")
        batch_op.drop_index("ix_case_file_kind")
        batch_op.create_index("ix_case_file_org_received", ["org_unit", "received_at"], unique=False)
        # Files without an applicant may stand there by now: the column goes on taking them.
        batch_op.drop_column("facts")
        batch_op.drop_column("parent_no")
        batch_op.drop_column("kind")

    with op.batch_alter_table("case_clock", schema=None) as batch_op:
        batch_op.drop_column("written_at")
        batch_op.drop_column("actor")
        batch_op.drop_column("remaining")
        batch_op.drop_column("paused_at")
        batch_op.drop_column("subject")

    with op.batch_alter_table("account", schema=None) as batch_op:
        batch_op.drop_column("email")
        batch_op.drop_column("phone")

    with op.batch_alter_table("share_query", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_share_query_case_no"))

    op.drop_table("share_query")
    op.drop_table("document_number")
    op.drop_table("document")
    with op.batch_alter_table("case_entry", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_case_entry_case_no"))

    op.drop_table("case_entry")
    op.drop_table("calendar_import")
    op.drop_table("attachment")
    with op.batch_alter_table("account_leave", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_account_leave_deputy_id"))
        batch_op.drop_index(batch_op.f("ix_account_leave_account_id"))

    op.drop_table("account_leave")
    op.drop_table("notice_preference")
    op.drop_table("clock_kind")
    op.drop_table("case_status")
    with op.batch_alter_table("case_kind", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_case_kind_process"))

    op.drop_table("case_kind")
    op.drop_table("case_action")
