"""The words of the pages for what the engine names in code about files and materials."""

from __future__ import annotations

from collections.abc import Mapping

from flask_babel import LazyString
from flask_babel import lazy_gettext as _

#: What the engine calls a fault of a file, in the words of the page.
FAULTS: Mapping[str, LazyString] = {
    "empty": _("这个文件是空的。"),
    "too-large": _("文件太大，请压缩或拆分后再传。"),
    "too-many": _("附件数量已到上限，请先移除不需要的。"),
    "not-allowed": _("只接收 PDF、图片（JPEG、PNG）、Word（docx）、Excel（xlsx）、OFD 和纯文本文件。"),
    "broken": _("文件损坏或不完整，请重新保存后再传。"),
    "macros": _("文件含有宏、内嵌程序或外部引用，请另存为普通文件后再传。"),
    "bomb": _("文件展开后过大，没有接收。"),
    "encrypted": _("文件加了密码，请去掉密码后再传。"),
    "infected": _("查出病毒，没有接收。请清除病毒后再传。"),
    "missing": _("请选择文件。"),
    "length": _("请写明原因，2至200个字。"),
    "unknown": _("请选择本事项的材料。"),
}
SCANS: Mapping[str, LazyString] = {"unscanned": _("未查毒"), "clean": _("已查毒")}
STANDINGS: Mapping[str, LazyString] = {
    "there": _("已提供"),
    "exempt": _("免提交"),
    "promise": _("可告知承诺"),
    "tolerate": _("可容缺"),
    "needed": _("须提供"),
}
