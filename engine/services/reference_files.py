"""The shapes of the analysts' data files: columns, keys, what a cell may hold. Reads nothing."""

from __future__ import annotations

from engine.services import validity
from engine.services.csv_tables import Column, CsvFile, CsvRow, at_most, boolean, day, listed, matching, one_of, whole_number
from engine.services.identity import is_credit_code
from engine.services.kind_files import KIND_FILES

Tables = dict[str, list[CsvRow]]

_DEPARTMENT = matching(r"D\d{2,4}", "a department code such as D01")
_MATTER = matching(r"M\d{2,4}", "a matter code such as M01")
LEAD, HELPER = "牵头", "协办"
#: A department that only gives its opinion: silence may count as consent. Never where it permits or guards safety (宜春〔2009〕66号).
COORDINATION = "协调意见"
#: What a department decides in a matter; only a coordination opinion may count as given when nobody answers in time.
REVIEWS = (COORDINATION, "法定许可", "安全", "消防", "环保", "卫生")
SHARED = "共享"
LICENCE = "电子证照"


#: A row without them holds always; with them from that day on, and up to that day.
VALIDITY = (
    Column(validity.BEGIN, day, is_required=False, may_be_missing=True),
    Column(validity.END, day, is_required=False, may_be_missing=True),
)


def _credit_code(text: str) -> str:
    if not is_credit_code(text):
        raise ValueError("a unified social credit code of 18 characters with its check character")
    return text


DEPARTMENTS = CsvFile(
    "departments.csv",
    (
        Column("code", _DEPARTMENT),
        Column("abbr", at_most(20), is_required=False),
        Column("name", at_most(80)),
        Column("name_en", at_most(160), is_required=False),
        Column("core12", boolean),
        Column("share_items", listed, is_required=False),
        Column("uscc", _credit_code),
        *VALIDITY,
    ),
    ("code",),
    "部门",
)
LIAISONS = CsvFile(
    "liaisons.csv",
    (Column("department", _DEPARTMENT), Column("role", one_of("A", "B")), Column("name", at_most(40)), *VALIDITY),
    ("department", "role"),
    "联络员",
)
MATTERS = CsvFile(
    "matters.csv",
    (
        Column("code", _MATTER),
        Column("name", at_most(120)),
        Column("name_en", at_most(160), is_required=False),
        Column("tags", listed, is_required=False),
        Column("promise_wd", whole_number),
        Column("successor", _MATTER, is_required=False, may_be_missing=True),
        *VALIDITY,
    ),
    ("code",),
    "事项",
)
MATERIALS = CsvFile(
    "materials.csv",
    (
        Column("id"),
        Column("matter", _MATTER),
        Column("name", at_most(120)),
        Column("class", one_of("核心", "可容缺")),
        Column("source", one_of("申请人", SHARED, LICENCE)),
        Column("share_department", _DEPARTMENT, is_required=False),
        Column("share_item", is_required=False),
        Column("commit_ok", boolean),
        Column("risk", boolean),
        Column("licence", at_most(80), is_required=False, may_be_missing=True),
        Column("form", one_of("原件", "复印件", "电子"), is_required=False, may_be_missing=True),
        Column("validity_days", whole_number, is_required=False, may_be_missing=True),
        *VALIDITY,
    ),
    ("id",),
    "申请材料",
)
RESPONSIBILITIES = CsvFile(
    "responsibilities.csv",
    (
        Column("matter", _MATTER),
        Column("department", _DEPARTMENT),
        Column("role", one_of(LEAD, HELPER)),
        Column("basis", at_most(30)),
        Column("one_thing", boolean),
        Column("review", one_of(*REVIEWS), is_required=False, may_be_missing=True),
        *VALIDITY,
    ),
    ("matter", "department"),
    "职责分工",
)
NEGATIVE_LIST = CsvFile(
    "negative_list.csv",
    (
        Column("code", matching(r"N\d{2,4}", "a code such as N01")),
        Column("name", at_most(80)),
        Column("name_en", at_most(160), is_required=False),
        Column("definition"),
        Column("notice"),
        Column("refer_to", is_required=False),
        Column("example", is_required=False),
        Column("source", at_most(120), is_required=False),
        *VALIDITY,
    ),
    ("code",),
    "负面清单",
)
EXPERTS = CsvFile(
    "experts.csv",
    (
        Column("id", matching(r"X\d{2,4}", "an id such as X01")),
        Column("name", at_most(40)),
        Column("type", at_most(40)),
        Column("type_en", is_required=False),
        Column("domains", at_most(120)),
        Column("mode", at_most(80)),
        Column("account", at_most(80), is_required=False, may_be_missing=True),
        Column("duty", listed, is_required=False, may_be_missing=True),
        Column("conflicts", listed, is_required=False, may_be_missing=True),
        Column("licence_no", at_most(40), is_required=False, may_be_missing=True),
        Column("nda", boolean, is_required=False, may_be_missing=True),
        *VALIDITY,
    ),
    ("id",),
    "专家",
)
CALENDAR = CsvFile(
    "calendar.csv",
    (
        Column("date", day),
        Column("type", one_of("工作", "休息", "法定", "调休上班")),
        Column("source", at_most(120)),
        Column("confirmed", boolean),
    ),
    ("date", "confirmed"),
    "工作日历",
)
MESSAGES = CsvFile(
    "messages.csv",
    (
        Column("id", matching(r"MSG-\d{2,4}", "an id such as MSG-01")),
        Column("event", at_most(80)),
        Column("name_en", at_most(160), is_required=False, may_be_missing=True),
        Column("text", at_most(1000)),
        Column("text_en", at_most(1000), is_required=False, may_be_missing=True),
        Column("variables", listed, is_required=False, may_be_missing=True),
        Column("channels", listed, is_required=False, may_be_missing=True),
        Column("audience", at_most(80)),
        Column("critical", boolean),
    ),
    ("id",),
    "通知文本",
)
PARTNERS = CsvFile(
    "partners.csv",
    (
        Column("code", matching(r"[A-Za-z0-9_-]{2,20}", "a code such as 12345 or W440106")),
        Column("name", at_most(80)),
        Column("name_en", at_most(160), is_required=False),
        Column("kind", one_of("渠道", "窗口")),
        Column("region", matching(r"\d{6}|", "a region code of six digits"), is_required=False),
        Column("level", one_of("国家", "省", "市", "区", "街"), is_required=False),
        Column("phone", at_most(20), is_required=False),
        Column("address", matching(r"https://\S{1,190}|", "an address that begins with https://"), is_required=False),
        *VALIDITY,
    ),
    ("code",),
    "协同单位",
    is_optional=True,
)
SHARE_ITEMS = CsvFile(
    "share_items.csv",
    (
        Column("department", _DEPARTMENT),
        Column("item", at_most(80)),
        Column("kind", one_of("无条件", "有条件", "不予")),
        Column("fields", listed, is_required=False),
        Column("limit", matching(r"\d{1,3}个工作日", "a limit such as 5个工作日")),
        Column("quality", at_most(120), is_required=False),
        *VALIDITY,
    ),
    ("department", "item"),
    "共享数据项",
    is_optional=True,
)
FILES = (DEPARTMENTS, LIAISONS, MATTERS, MATERIALS, RESPONSIBILITIES, NEGATIVE_LIST, EXPERTS, CALENDAR, PARTNERS, SHARE_ITEMS, *KIND_FILES)

#: Every data file by its name.
SHAPES = {shape.name: shape for shape in (*FILES, MESSAGES)}
