"""What is wrong with the template of a document, in words for an analyst: Chinese and English. Finds nothing itself."""

from __future__ import annotations

from collections.abc import Mapping

from engine.bpmn.findings import Language

#: Message and remedy by code.
TEXTS: Mapping[str, Mapping[Language, tuple[str, str]]] = {
    "document-encoding": {
        "zh": ("文书模板不是 UTF-8 编码。", "请另存为 UTF-8。"),
        "en": ("The template is not in UTF-8.", "Save it as UTF-8."),
    },
    "document-front-matter": {
        "zh": ("文书模板开头没有设置。", "请在开头写上两行 +++,中间写 title、title_en、prefix 等设置。"),
        "en": (
            "The template has no settings at its beginning.",
            "Begin with settings such as title, title_en and prefix between two lines +++.",
        ),
    },
    "document-toml": {
        "zh": ("设置不是合格的 TOML:{problem}", '请改正这一处;中文名称要写在引号里,如 "期限" = "补正的最后一天"。'),
        "en": ("The settings are no TOML: {problem}", "Correct this place; names in Chinese are written in quotation marks."),
    },
    "document-setting": {
        "zh": ("没有名为“{name}”的设置。", "请使用:{known}。"),
        "en": ("There is no setting {name!r}.", "Use one of: {known}."),
    },
    "document-missing": {
        "zh": ("缺少设置“{name}”。", '请写上一行文字,如 {name} = "……"。'),
        "en": ("The setting {name!r} is missing.", "Write one line of text for it."),
    },
    "document-long": {
        "zh": ("“{name}”太长。", "最多 {limit} 个字。"),
        "en": ("{name!r} is too long.", "Use at most {limit} characters."),
    },
    "document-audience": {
        "zh": ("audience 不能是“{found}”。", '请写 "applicant"(交给申请人)或 "internal"(内部使用)。'),
        "en": ("The audience cannot be {found!r}.", 'Write "applicant" (for the applicant) or "internal".'),
    },
    "document-variables": {
        "zh": ("[variables] 应当逐行写变量名和说明,最多 60 个。", '例如 "期限" = "补正的最后一天"。'),
        "en": ("[variables] names a variable and its explanation in each line, at most 60.", 'For example "期限" = "the last day".'),
    },
    "document-optional": {
        "zh": ("optional 里有没有声明的变量。", "请只写 [variables] 里有的名称。"),
        "en": ("optional names a variable that is not declared.", "Name only those in [variables]."),
    },
    "document-empty": {
        "zh": ("文书没有正文。", "请在设置之后写正文。"),
        "en": ("The document has no text.", "Write the text after the settings."),
    },
    "document-braces": {
        "zh": ("大括号不成对,或里面没有写名称。", "占位符写成 {{名称}}。"),
        "en": ("A brace is not closed, or nothing stands between two.", "Write a placeholder as {{name}}."),
    },
    "document-placeholder": {
        "zh": ("占位符“{word}”没有声明。", "请在 [variables] 里声明它,或使用:{known}。"),
        "en": ("The placeholder {word!r} is not declared.", "Declare it in [variables], or use one of: {known}."),
    },
    "document-built-in": {
        "zh": ("“{word}”由工单自动填写,不能再声明。", "请从 [variables] 中去掉,或换一个名称。"),
        "en": ("{word!r} is filled in from the case and cannot be declared.", "Take it out of [variables], or choose another name."),
    },
    "document-personal": {
        "zh": ("文书不得要求“{word}”这样的个人信息。", "请去掉;交给申请人的文书可以写 {{申请人}},打印时才填。"),
        "en": (
            "A document must not ask for {word!r}.",
            "Take it out; a document for the applicant may use {{申请人}}, filled in when it is printed.",
        ),
    },
    "document-applicant": {
        "zh": ("只有交给申请人的文书才能写申请人姓名。", '请把 audience 写成 "applicant",或去掉 {{申请人}}。'),
        "en": ("Only a document for the applicant may carry the applicant's name.", 'Set audience to "applicant", or take {{申请人}} out.'),
    },
    "document-nested": {
        "zh": ("列表里只能写文字,不能再套列表。", "请拆成两个列表。"),
        "en": ("An item of a list holds text only, no other list.", "Make two lists of it."),
    },
}
