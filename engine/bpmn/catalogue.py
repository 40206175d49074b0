"""The texts of all findings, Chinese and English: (what is wrong, what to do instead)."""

from __future__ import annotations

Texts = dict[str, tuple[str, str]]


def _entry(zh: str, zh_remedy: str, en: str, en_remedy: str) -> Texts:
    return {"zh": (zh, zh_remedy), "en": (en, en_remedy)}


ENTRIES: dict[str, Texts] = {
    "xml-too-large": _entry(
        "文件有 {size} 字节，上限是 {limit} 字节。", "把流程拆成几个文件，用调用活动连接。",
        "The file has {size} bytes; the limit is {limit}.", "Split the process into several files joined by call activities.",
    ),
    "xml-doctype": _entry(
        "文件带有文档类型声明（DOCTYPE），可能夹带外部实体。", "删除 <!DOCTYPE …> 这一段，再从建模器重新导出。",
        "The file declares a document type (DOCTYPE), which may carry entities.", "Remove <!DOCTYPE …> and export again from the modeler.",
    ),
    "xml-malformed": _entry(
        "文件不是完整的 XML：{detail}", "用建模器重新打开并导出；不要手工改 XML。",
        "The file is not well-formed XML: {detail}", "Open and export it again with the modeler; do not edit XML by hand.",
    ),
    "xml-encoding": _entry(
        "文件的实际编码与声明不符：{detail}", "把文件另存为 UTF-8。",
        "The file's encoding is not the declared one: {detail}", "Save the file as UTF-8.",
    ),
    "too-many-elements": _entry(
        "流程有 {found} 个元素，上限是 {limit} 个。", "把流程拆成几个，用调用活动连接。",
        "The process has {found} elements; the limit is {limit}.", "Split it into several processes joined by call activities.",
    ),
    "xml-attributes": _entry(
        "一个元素有 {found} 个属性，上限是 {limit} 个。", "用建模器重新打开并导出；不要手工改 XML。",
        "One element has {found} attributes; the limit is {limit}.", "Open and export it again with the modeler; do not edit XML by hand.",
    ),
    "not-bpmn": _entry(
        "根元素是 {tag}，不是 BPMN 2.0 的 definitions。", "请选择 .bpmn 流程图文件。",
        "The root element is {tag}, not BPMN 2.0 definitions.", "Choose a .bpmn diagram.",
    ),
    "no-executable-process": _entry(
        "文件里没有可执行的流程。", "选中流程（或泳池），勾选“可执行”（isExecutable）。",
        "The file holds no executable process.", "Select the process (or pool) and tick “Executable”.",
    ),
    "id-missing": _entry("{tag} 没有 id。", "给它一个英文 id。", "{tag} has no id.", "Give it an English id."),
    "id-duplicate": _entry(
        "id “{id}” 用了不止一次（另一处在第 {other} 行）。", "改成不同的 id。",
        "The id “{id}” is used more than once (also on line {other}).", "Make the ids different.",
    ),
    "unsupported-element": _entry(
        "不支持 {construct}。", "换成支持的元素（见 docs/bpmn-support.md）。",
        "{construct} is not supported.", "Use a supported element (docs/bpmn-support.md).",
    ),
    "unsupported-attribute": _entry(
        "{tag} 上的属性 {construct} 不会起作用，所以不接受。", "删除这个属性。",
        "The attribute {construct} on {tag} would have no effect, so it is refused.", "Remove the attribute.",
    ),
    "unsupported-extension": _entry(
        "{tag} 里的扩展 {construct} 不会起作用，所以不接受。", "删除这个扩展元素。",
        "The extension {construct} in {tag} would have no effect, so it is refused.", "Remove the extension element.",
    ),
    "juel-expression": _entry(
        "表达式“{text}”里的“{part}”没有对应的 FEEL。", "改法：{hint}",
        "“{part}” in the expression “{text}” has no FEEL.", "{hint}",
    ),
    "juel-misplaced": _entry(
        "“{text}”在这里不会当作表达式。", "写上固定的文字。",
        "“{text}” is not read as an expression here.", "Enter fixed text.",
    ),
    "start-missing": _entry(
        "“{scope}” 没有可用的开始事件。", "画一个空白开始事件（或消息开始事件），并连到第一步。",
        "“{scope}” has no usable start event.", "Draw a none (or message) start event and connect it to the first step.",
    ),
    "start-duplicate": _entry(
        "“{scope}” 有多个空白开始事件：{ids}。", "只留一个空白开始事件；其余改成消息开始事件或删除。",
        "“{scope}” has several none start events: {ids}.", "Keep one; turn the others into message start events or remove them.",
    ),
    "start-in-subprocess": _entry(
        "子流程里的开始事件只能是空白的。", "把事件改画成子流程上的边界事件，或放进事件子流程。",
        "A start event inside a sub-process must be a none event.", "Draw it on the border of the sub-process or in an event sub-process.",
    ),
    "end-missing": _entry(
        "“{scope}” 没有结束事件。", "画一个结束事件，并把最后一步连过去。",
        "“{scope}” has no end event.", "Draw an end event and connect the last step to it.",
    ),
    "flow-dangling": _entry(
        "顺序流的{end}“{id}”不存在或不在同一层。", "重新连接这条线；跨子流程边界时用消息或边界事件。",
        "The flow's {end} “{id}” does not exist at this level.", "Reconnect it; use messages or boundary events across sub-processes.",
    ),
    "node-unreachable": _entry(
        "没有路径能走到这里。", "把它接到流程上，或删除它。",
        "No path leads here.", "Connect it to the flow or remove it.",
    ),
    "node-dead-end": _entry(
        "走到这里就没有下一步了。", "连一条顺序流到下一步或结束事件。",
        "There is nothing after this step.", "Draw a flow to the next step or to an end event.",
    ),
    "start-with-incoming": _entry(
        "开始事件、边界事件不能有进入的顺序流。", "把线连到后面的步骤。",
        "A start or boundary event cannot have incoming flows.", "Connect the flow to the step behind it.",
    ),
    "end-with-outgoing": _entry(
        "结束事件不能有离开的顺序流。", "换成中间事件，或删除这条线。",
        "An end event cannot have outgoing flows.", "Use an intermediate event or remove the flow.",
    ),
    "condition-misplaced": _entry(
        "顺序流“{id}”上的条件不会被检查：条件只能画在排他或包容网关之后。", "在分支处画一个排他网关，把条件放到它的出线上。",
        "The condition on flow “{id}” would be ignored: conditions belong behind exclusive or inclusive gateways.",
        "Draw an exclusive gateway at the fork and put the conditions on its outgoing flows.",
    ),
    "condition-language": _entry(
        "条件的语言是“{language}”。", "条件用 FEEL 写，去掉 language 属性。",
        "The condition's language is “{language}”.", "Write conditions in FEEL and remove the language attribute.",
    ),
    "gateway-flow-without-condition": _entry(
        "顺序流“{id}”没有条件，也不是默认流。", "给它写条件，或把它设为默认流。",
        "Flow “{id}” has no condition and is not the default flow.", "Give it a condition or make it the default flow.",
    ),
    "default-unknown": _entry(
        "默认流“{id}”不是从这里出去的顺序流，或这里不能有默认流。", "重新选择默认流；默认流只用于排他和包容网关。",
        "The default flow “{id}” does not leave here, or no default is possible here.",
        "Choose the default flow again; only exclusive and inclusive gateways have one.",
    ),
    "event-gateway": _entry(
        "事件网关的出线只能连到定时、消息、信号、条件捕获事件或接收任务（各只有这一条进线），且至少两条。", "在网关后面直接画捕获事件。",
        "An event-based gateway needs two or more flows, each to a catch event or receive task that has no other incoming flow.",
        "Draw catch events directly behind the gateway.",
    ),
    "event-missing": _entry(
        "这个事件没有触发条件。", "选择类型：定时、消息、信号、条件、错误或升级。",
        "The event has no trigger.", "Choose its type: timer, message, signal, condition, error or escalation.",
    ),
    "event-many": _entry(
        "一个事件里有多个触发条件。", "每个条件画一个事件，连到同一处：边界上画几个边界事件，流程中间用事件网关，开始处画几个开始事件。",
        "The event has several triggers.",
        "Draw one event for each, leading to the same place: several boundary or start events, in the flow an event-based gateway.",
    ),
    "event-unsupported": _entry(
        "{place}不支持 {construct}。", "换成支持的事件（见 docs/bpmn-support.md）。",
        "{place} does not support {construct}.", "Use a supported event (docs/bpmn-support.md).",
    ),
    "timer-empty": _entry(
        "定时器没有时间。", "填写日期、期限（如 3个工作日、PT1H）或循环（如 R3/PT1H）。",
        "The timer has no time.", "Enter a date, a duration (PT1H, 3个工作日) or a cycle (R3/PT1H).",
    ),
    "timer-cycle": _entry(
        "循环定时“{text}”既不是 R次数/间隔，也不是 cron 表达式。",
        "写成 R3/PT1H（三次）、R/PT1H（不限次），或六段 cron：秒 分 时 日 月 星期（日和星期有一个写 ?），如 0 0 9 ? * MON-FRI。",
        "The cycle “{text}” is neither R<n>/<interval> nor a cron expression.",
        "Write R3/PT1H (three times), R/PT1H (without limit), or cron in six fields: second minute hour day month weekday "
        "(day or weekday is ?), such as 0 0 9 ? * MON-FRI.",
    ),
    "reference-missing": _entry(
        "没有选择{what}，或它没有名称。", "在属性面板里选择或新建{what}，并填名称。",
        "No {what} is chosen, or it has no name.", "Choose or create the {what} and give it a name.",
    ),
    "code-missing": _entry(
        "抛出的{what}没有代码。", "给它填写代码（如 NO_REPLY）。",
        "The thrown {what} has no code.", "Enter a code (such as NO_REPLY).",
    ),
    "boundary-host": _entry(
        "边界事件没有附着在同一层的任务、子流程或调用活动上。", "把它拖到一个活动的边上。",
        "The boundary event is not attached to an activity of the same level.", "Drag it onto the border of an activity.",
    ),
    "error-interrupting": _entry(
        "错误事件和取消事件总是中断的。", "去掉“非中断”（cancelActivity=false 或 isInterrupting=false）。",
        "An error or cancel event always interrupts.", "Remove cancelActivity=false or isInterrupting=false.",
    ),
    "event-sub-process-connected": _entry(
        "事件子流程不能有顺序流、边界事件、多实例或循环：它由自己的开始事件触发。", "删除连线；要重复或接边界事件，在里面再画一个子流程。",
        "An event sub-process cannot have flows, boundary events, loop or multi-instance: its own start event triggers it.",
        "Remove them; draw another sub-process inside if you need them.",
    ),
    "event-sub-process-start": _entry(
        "事件子流程里要有且只有一个开始事件，并带触发条件。", "只留一个开始事件，类型选消息、定时、信号、条件、错误或升级。",
        "An event sub-process needs exactly one start event, with a trigger.",
        "Keep one start event: message, timer, signal, condition, error or escalation.",
    ),
    "script-format": _entry(
        "脚本语言“{format}”不能用。", "用 FEEL 写一个上下文，如 {{x: 1}}，脚本格式填 feel。",
        "The script format “{format}” cannot be used.", "Write a FEEL context such as {{x: 1}} and set the format to feel.",
    ),
    "text-missing": _entry("没有填写{what}。", "填写{what}。", "The {what} is missing.", "Enter the {what}."),
    "service-type": _entry(
        "服务任务要选“外部”实现并填写主题（topic）。", '实现方式选 External，主题填操作名（camunda:type="external" camunda:topic="…"）。',
        "The task needs the implementation “External” with a topic.", 'Set camunda:type="external" and camunda:topic to an operation name.',
    ),
    "binding": _entry(
        "绑定方式“{binding}”不能用，或它的版本号（版本标签）没有填、多填了。",
        "选 latest、deployment、version 并填整数版本号，或 versionTag 并填版本标签。",
        "The binding “{binding}” cannot be used, or its version or version tag is missing or too much.",
        "Choose latest, deployment, version with an integer, or versionTag with a tag.",
    ),
    "map-result": _entry(
        "结果映射“{value}”不能用，或列表结果没有结果变量。", "选 singleEntry、singleResult、collectEntries 或 resultList，并填结果变量。",
        "The result mapping “{value}” cannot be used, or a list result has no result variable.",
        "Choose singleEntry, singleResult, collectEntries or resultList, and name a result variable.",
    ),
    "mapping-incomplete": _entry(
        "输入/输出映射缺少来源或目标。", "填写 source 或 sourceExpression，以及 target；或选“全部变量”。",
        "The in/out mapping lacks a source or a target.", "Enter source or sourceExpression and a target, or choose all variables.",
    ),
    "parameter-kind": _entry(
        "参数“{name}”不是文本、列表或映射。", "用文本、=FEEL、列表或映射。",
        "The parameter “{name}” is not text, list or map.", "Use text, =FEEL, a list or a map.",
    ),
    "multi-instance-source": _entry(
        "多实例没有说明做几次。", "填写集合（collection）或次数（loopCardinality）之一。",
        "The multi-instance does not say how many.", "Enter either a collection or a loop cardinality.",
    ),
    "multi-instance-output": _entry(
        "多实例输出要同时有输出集合和输出项。", "同时填写 loopDataOutputRef 和 outputDataItem。",
        "A multi-instance output needs both the collection and the item.", "Enter both loopDataOutputRef and outputDataItem.",
    ),
    "listener-event": _entry(
        "监听器不能用在“{event}”上。", "改成 {known} 之一。",
        "A listener cannot run at “{event}”.", "Choose one of: {known}.",
    ),
    "listener-kind": _entry(
        "监听器没有说明运行什么操作。",
        '写 delegateExpression="${{操作名}}"（输入用 camunda:field），或写 FEEL 脚本（scriptFormat 为 feel）。',
        "The listener does not say which operation it runs.",
        'Write delegateExpression="${{operation}}" (inputs by camunda:field), or a FEEL script (scriptFormat feel).',
    ),
    "condition-variable": _entry(
        "条件事件的变量“{variable}”和变量事件“{events}”不能这样用。",
        "填写变量名；变量事件写 create、update 或两个都写（变量不会被删除）。",
        "The condition's variable “{variable}” and its events “{events}” cannot be used in this way.",
        "Enter the variable's name; its events can be create and update (variables are never deleted).",
    ),
    "priority": _entry(
        "优先级“{value}”不是整数。", "填 0 到 100 的整数，或 =FEEL。",
        "The priority “{value}” is not an integer.", "Enter an integer from 0 to 100, or =FEEL.",
    ),
    "retry-cycle": _entry(
        "重试周期“{text}”不是 R次数/间隔 的形式。", "写成 R3/PT5M。",
        "The retry cycle “{text}” is not of the form R<n>/<interval>.", "Write R3/PT5M.",
    ),
    "receive-in-gateway": _entry(
        "事件网关后的接收任务不能带边界事件、多实例、循环或异步。", "改用消息捕获事件。",
        "A receive task behind an event-based gateway cannot have boundary events, loops or async.", "Use a message catch event.",
    ),
    "link-unmatched": _entry(
        "链接“{name}”缺少另一半：同一层里要有同名的抛出和捕获链接事件。", "补画另一半，改成同一个名称，或直接画一条顺序流。",
        "The link “{name}” lacks its other half at this level.", "Draw both link events with one name, or a sequence flow.",
    ),
    "link-duplicate": _entry(
        "链接“{name}”有两个捕获事件，不知道走向哪一个。", "每个名称只留一个捕获链接事件（抛出的可以有多个）。",
        "The link “{name}” has two catching events.", "Keep one catching link event per name; several may throw.",
    ),
    "link-with-flow": _entry(
        "抛出链接事件不能有离开的顺序流，捕获链接事件不能有进入的顺序流。", "删除这条线。",
        "A throwing link event cannot have outgoing flows, a catching one no incoming flows.", "Remove the flow.",
    ),
    "compensation-event": _entry(
        "补偿边界事件要用关联线连到补偿活动，不能有顺序流；每个活动只能有一个。", "画关联线到补偿活动（isForCompensation），删除顺序流。",
        "A compensation boundary event needs an association to a compensation activity, no flows, and to be the only one.",
        "Associate it with an activity that is for compensation and remove the flows.",
    ),
    "compensation-handler": _entry(
        "补偿活动不能有顺序流和边界事件，只由同一层的补偿边界事件用关联线连着。", "删除连线，再从补偿边界事件画一条关联线过来。",
        "A compensation activity has no flows and no boundary events; a compensation boundary event of its level is associated with it.",
        "Remove them and draw an association from a compensation boundary event.",
    ),
    "compensation-target": _entry(
        "“{id}”不在这个补偿事件的范围里，或没有补偿边界事件。", "选同一层里带补偿边界事件的活动；要补偿全部，就不选。",
        "“{id}” is not in the scope of this event, or has no compensation boundary event.",
        "Choose an activity of the same level that has one, or none to compensate all.",
    ),
    "cancel-boundary": _entry(
        "取消边界事件只能附着在事务上（不能是多实例），且只能有一个。", "把它放到事务的边上。",
        "A cancel boundary event belongs on a transaction (without multi-instance), and only one.", "Attach it to a transaction.",
    ),
    "cancel-end": _entry(
        "取消结束事件只能直接画在事务里，事务上还要有取消边界事件。", "用事务包住这些步骤，并在它边上画取消边界事件。",
        "A cancel end event stands directly in a transaction that has a cancel boundary event.",
        "Draw a transaction around the steps, with a cancel boundary event.",
    ),
    "loop-endless": _entry(
        "循环没有说明做到什么时候。", "填写循环条件（loopCondition，FEEL，成立就再做一次）或最多次数（loopMaximum，整数）。",
        "The loop does not say when it ends.", "Enter a loop condition (FEEL, true means once more) or a loop maximum (an integer).",
    ),
    "loop-twice": _entry(
        "同一个活动不能既循环又多实例。", "只留一个；或在循环的子流程里画多实例。",
        "An activity cannot have both a loop and multi-instance.", "Keep one, or put the multi-instance into a sub-process that loops.",
    ),
    "message-start-duplicate": _entry(
        "消息或信号“{name}”有两个开始事件。", "每个名称只留一个开始事件。",
        "The message or signal “{name}” has two start events.", "Keep one start event per name.",
    ),
    "start-name": _entry(
        "启动流程的消息或信号不能用表达式作名称（{name}）：这时还没有变量。", "写上固定的名称。",
        "A message or signal that starts a process cannot be named by an expression ({name}): there are no variables yet.",
        "Enter a fixed name.",
    ),
}  # fmt: skip


def _remedy(zh: str, en: str) -> dict[str, str]:
    return {"zh": zh, "en": en}


#: Better advice for particular constructs, by the name under which they are reported.
REMEDIES: dict[str, dict[str, str]] = {
    "task": _remedy(
        "选择任务类型：用户、服务、脚本、业务规则或手工任务。", "Choose a type: user, service, script, business rule or manual task."
    ),
    "complexGateway": _remedy("改用排他、包容或并行网关。", "Use an exclusive, inclusive or parallel gateway."),
    "adHocSubProcess": _remedy(
        "改用普通子流程，把可选步骤画成包容网关的分支。", "Use a sub-process with an inclusive gateway for the optional steps."
    ),
    "asyncAfter": _remedy("把 asyncAfter 设在网关之前的活动上。", "Set asyncAfter on the activity before it."),
    "asyncBefore": _remedy("把 asyncBefore 设在网关之后的活动上。", "Set asyncBefore on the activity behind it."),
    "end@process": _remedy("把监听器放到结束事件上。", "Put the listener on the end events."),
    "assignment@taskListener": _remedy(
        "谁领取、转给谁由收件箱记录；分派时要做的事放到 create。",
        "The inbox records who takes a task; do at create what an assignment needs.",
    ),
    "update@taskListener": _remedy("只有 create、complete、delete；改动由表单提交。", "Use create, complete or delete."),
    "timeout@taskListener": _remedy("改画不中断的定时边界事件。", "Draw a non-interrupting timer boundary event."),
    "formData": _remedy("用表单文件：填写表单引用（formRef）。", "Use a form file: set the form reference (formRef)."),
    "formProperty": _remedy("用表单文件：填写表单引用（formRef）。", "Use a form file: set the form reference (formRef)."),
    "class": _remedy("实现方式选 External 并填主题。", "Set the implementation to External with a topic."),
    "delegateExpression": _remedy("实现方式选 External 并填主题。", "Set the implementation to External with a topic."),
    "expression": _remedy(
        "实现方式选 External 并填主题，或用脚本任务写 FEEL。", "Set the implementation to External, or use a FEEL script task."
    ),
    "connector": _remedy("实现方式选 External 并填主题。", "Set the implementation to External with a topic."),
    "candidateStarterGroups": _remedy("谁可以启动由管理员在“权限”里设定。", "Who may start it is set by the administrator."),
    "candidateStarterUsers": _remedy("谁可以启动由管理员在“权限”里设定。", "Who may start it is set by the administrator."),
    "zeebe": _remedy("在建模器里新建“Camunda Platform 7”流程图。", "Create the diagram as “Camunda Platform 7” in the modeler."),
    **dict.fromkeys(
        ("flowable", "activiti"),
        _remedy(
            "在建模器里换成同名的 camunda: 属性，它们的意思相同；或删除。",
            "Use the camunda: attribute of the same name in the modeler; it means the same. Or remove it.",
        ),
    ),
    "conditionalEventDefinition@startEvent": _remedy("改成消息开始事件。", "Use a message start event."),
    "potentialOwner": _remedy("填写候选组（candidateGroups）。", "Use candidateGroups."),
    "humanPerformer": _remedy("填写负责人（assignee）。", "Use assignee."),
    "eventDefinitionRef": _remedy("在事件里直接选择类型。", "Choose the type in the event itself."),
    "inputOutput": _remedy("用前面的脚本任务给变量赋值。", "Set the variables in a script task before it."),
    "resultVariable": _remedy("用输出参数（outputParameter）。", "Use an output parameter."),
    "instantiate": _remedy("改用消息开始事件。", "Use a message start event."),
    "eventGatewayType": _remedy("只支持排他的事件网关。", "Only exclusive event-based gateways are supported."),
    "parallelMultiple": _remedy("拆成几个事件，用并行网关汇合。", "Split it into several events joined by a parallel gateway."),
}
