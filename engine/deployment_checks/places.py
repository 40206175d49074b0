"""Which variables can be set at each element of one process: a data flow over its diagram. Judges no expression, reads no file.

Every token carries its own data. A way sets what the elements on it set; where ways meet, a variable is certain when all of them
set it. What runs beside (event sub-processes, compensation) may have set its variables anywhere after.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

from engine.bpmn import settings as drawn
from engine.bpmn.drawing import Drawing, Flow, Node
from engine.deployment_checks.shapes import LIST, NOTHING, NUMBER, TEXT, UNKNOWN, Known, Shape, State, context, from_feel, joined, to_feel
from engine.deployment_checks.sources import Sources, result_shape, set_by_form
from engine.feel import Feel

#: A diagram settles in two or three rounds; more only where loops are nested.
_MOST_ROUNDS = 40
#: Deeper levels are not looked at.
_DEEPEST = 40
_COUNTS = ("nrOfInstances", "nrOfCompletedInstances", "nrOfActiveInstances")
_NEVER_LEAVE = drawn.Error | drawn.Cancel


@dataclass
class Places:
    """What the flow found: by element (and by flow with a condition) the variables seen, those at its end, and those called."""

    seen: dict[str, State] = field(default_factory=dict)
    after: dict[str, State] = field(default_factory=dict)
    calls: dict[str, tuple[str, State]] = field(default_factory=dict)
    exit: State | None = None

    def everything(self) -> dict[str, Known]:
        """Every variable that any element of the process sets."""
        return dict(joined([State(), *self.seen.values(), *self.after.values()]).variables)


@dataclass
class Flowing:
    """One process on its way to its ``places``. ``exits``: how called processes end. ``brought``: what comes with a message or a signal."""

    feel: Feel
    sources: Sources
    exits: Mapping[str, State]
    unreadable: set[str] = field(default_factory=set)
    brought: Callable[[drawn.Message | drawn.Signal, Node], Mapping[str, Known]] = field(default=lambda _caught, _node: {})
    places: Places = field(default_factory=Places)
    _inner: dict[str, tuple[State, State | None]] = field(default_factory=dict)
    _entered: dict[str, State] = field(default_factory=dict)
    _depth: int = 0
    _undone: dict[str, Known] = field(default_factory=dict)

    def run(self, drawing: Drawing, starts: Mapping[str, State]) -> Places:
        """``starts``: what each start event of the outermost level begins with."""
        before: dict[str, Known] | None = None
        while before != self._undone:
            before = dict(self._undone)
            self._inner.clear()
            self.places.exit = self._level(drawing, starts)
        return self.places

    # --- one level ---------------------------------------------------------------------------------------------------------

    def _level(self, drawing: Drawing, starts: Mapping[str, State]) -> State | None:
        """How the level ends; None when it cannot."""
        flows = [*drawing.flows, *drawing.links]
        arriving: dict[str, list[Flow]] = {}
        for flow in flows:
            arriving.setdefault(flow.target, []).append(flow)
        out: dict[str, State] = {}
        order = _order(drawing, flows, starts)
        for _ in range(_MOST_ROUNDS):
            before = dict(out)
            for identifier in order:
                self._visit(drawing, drawing.nodes[identifier], arriving.get(identifier, []), starts, out)
            if out == before:
                break
        for flow in flows:
            if flow.condition is not None and flow.source in out:
                self.places.seen[flow.id] = out[flow.source]
        self._handlers(drawing, out)
        return self._with_event_sub_processes(drawing, starts, out, self._ended(drawing, starts, flows, out))

    def _visit(self, drawing: Drawing, node: Node, arriving: list[Flow], starts: Mapping[str, State], out: dict[str, State]) -> None:
        identifier = node.element.id
        ways = [self._heard(flow.listeners, ("take",), out[flow.source], flow.id) for flow in arriving if flow.source in out]
        if identifier in starts:
            ways.append(starts[identifier])
        if node.attached_to is not None:
            state = self._at_boundary(drawing, node, out)
        elif ways:
            state = joined(ways, is_certain_in_one=node.element.type == "parallelGateway")
        else:
            return
        if state is not None:
            after = self._through(node, state)
            if after is not None:
                out[identifier] = after
            if node.attached_to is not None:
                self.places.seen[identifier] = self.places.seen[node.attached_to]  # where what it waits for is evaluated

    def _at_boundary(self, drawing: Drawing, node: Node, out: dict[str, State]) -> State | None:
        """A boundary event goes on with the data of its activity; of a sub-process also with what was set inside so far."""
        host = drawing.nodes.get(node.attached_to or "")
        if host is None or host.element.id not in self.places.seen:
            return None
        if isinstance(node.settings, drawn.Compensate):
            return out.get(host.element.id)
        entered = self._entered.get(host.element.id, State())
        inside = [self.places.after[i] for i in _ids_within(host) if i in self.places.after]
        return joined([entered, *inside]).setting(_still_certain(entered)) if inside else entered

    def _ended(self, drawing: Drawing, starts: Mapping[str, State], flows: list[Flow], out: dict[str, State]) -> State | None:
        """Where the tokens of a level end. What ran beside (behind a non-interrupting event) adds what it may have set."""
        leaving = {flow.source for flow in flows}
        ends = [
            identifier
            for identifier, node in drawing.nodes.items()
            if identifier in out and identifier not in leaving and not isinstance(node.settings, _NEVER_LEAVE) and not _is_aside(node)
        ]
        on_the_way = set(_order(drawing, flows, starts, with_branches=False))
        main = [out[identifier] for identifier in ends if identifier in on_the_way]
        beside = [out[identifier] for identifier in ends if identifier not in on_the_way]
        if not main:
            return joined(beside) if beside else None
        finished = joined(main)
        return joined([finished, *beside]).uncertain().setting(finished.variables) if beside else finished

    def _handlers(self, drawing: Drawing, out: dict[str, State]) -> None:
        """Compensation runs with the data of the activity's end; what it sets may be there after any compensation."""
        for event, handler in drawing.handlers.items():
            node, host = drawing.nodes.get(handler), drawing.nodes.get(drawing.nodes[event].attached_to or "")
            state = out.get(host.element.id) if host is not None else None
            if node is not None and state is not None:
                after = self._through(node, state) or state
                new = {name: one for name, one in after.variables.items() if state.variables.get(name) != one}
                self._undone.update(State(new).uncertain().variables)

    def _with_event_sub_processes(
        self, drawing: Drawing, starts: Mapping[str, State], out: dict[str, State], finished: State | None
    ) -> State | None:
        beside = [node for node in drawing.nodes.values() if node.is_event_sub_process and node.inner is not None]
        if not beside:
            return finished
        begun = joined(list(starts.values())) if starts else State()
        sometime = joined([State(), *out.values()])
        for node in beside:
            assert node.inner is not None
            event = node.inner.starts()[0] if node.inner.starts() else None
            entry = State({**sometime.uncertain().variables, **begun.variables}, sometime.is_open or begun.is_open)
            self.places.seen[node.element.id] = entry
            ended = self._level(node.inner, {event.element.id: entry}) if event is not None else None
            if ended is None:
                continue
            if event is not None and event.interrupting:
                finished = joined([finished, ended]) if finished is not None else ended
            elif finished is not None:
                finished = joined([finished, joined([finished, ended]).uncertain()]).setting(finished.variables)
        return finished

    # --- one element -------------------------------------------------------------------------------------------------------

    def _through(self, node: Node, state: State) -> State | None:
        """The state behind an element; None when nothing goes on there."""
        identifier = node.element.id
        begun = state.setting(_of_instance(node))
        seen = self._with_inputs(node, begun)
        begun = self._heard(node.common.listeners, ("start", "create"), begun, identifier, seen)
        self._entered[identifier] = begun if node.common.multi_instance is None else state
        seen = State({**begun.variables, **self._with_inputs(node, begun).variables}, begun.is_open)
        self.places.seen[identifier] = seen
        result = self._worked(node, begun, seen)
        if result is None:
            return None
        done, answered = result
        full = State({**seen.variables, **done.variables, **answered}, done.is_open)
        outputs = self._parameters(node.common.outputs, full, identifier)
        self.places.after[identifier] = full.setting(outputs)
        after = self._heard(node.common.listeners, ("complete", "end"), done.setting(outputs), identifier, full)
        loop = node.common.multi_instance
        if loop is None:
            return after
        collected = {loop.output_collection: Known(LIST, frozenset({identifier}))} if loop.output_collection else {}
        return state.setting(collected)

    def _with_inputs(self, node: Node, begun: State) -> State:
        """What the element's own expressions see: the data, and its input parameters, which nobody else sees."""
        rounds = {"loopCounter": Known(NUMBER, frozenset({node.element.id}))} if node.common.loop is not None else {}
        return begun.setting(self._parameters(node.common.inputs, begun, node.element.id)).setting(rounds)

    def _parameters(self, parameters: tuple[drawn.Parameter, ...], state: State, element_id: str) -> dict[str, Known]:
        own = frozenset({element_id})
        return {parameter.name: Known(self._value(parameter.value, state), own) for parameter in parameters}

    def _value(self, value: drawn.Value, state: State) -> Shape:
        if isinstance(value, drawn.ListValue):
            return LIST
        if isinstance(value, drawn.MapValue):
            return context({name: self._value(part, state) for name, part in value.entries})
        return self._shape(value, state)

    def _shape(self, text: drawn.Text, state: State) -> Shape:
        if not text.is_feel:
            return Shape("string", None, frozenset({text.source}))
        if text.source in self.unreadable:  # one that ran out of time would do so again
            return UNKNOWN
        examined = self.feel.examine(text.source, shapes_of(state))
        if not examined.is_readable:
            self.unreadable.add(text.source)
        return from_feel(examined.shape)

    def _worked(self, node: Node, state: State, seen: State) -> tuple[State, dict[str, Known]] | None:
        """(the data behind the work, what only output parameters see of it)."""
        own = frozenset({node.element.id})
        match node.settings:
            case drawn.UserTask(form=form):
                return self._submitted(form, node, state), {}
            case drawn.StartForm(form=form) if form is not None:
                return self._submitted(form, node, state), {}
            case drawn.Script(expression=text, result_variable=name):
                return self._merged(state, self._shape(text, seen), name, own), {}
            case drawn.Rule():
                return self._decided(node.settings, state, own), {}
            case drawn.Operation(topic=topic):
                return self._operated(topic, node, state, own)
            case drawn.Call():
                return self._called(node.settings, node, state, seen, own), {}
            case (drawn.Message() | drawn.Signal()) as caught if _is_catching(node):
                return state.opened().setting(self.brought(caught, node)), {}
            case drawn.Error(code_variable=code, message_variable=message):
                return state.setting({name: Known(TEXT, own) for name in (code, message) if name}), {}
            case drawn.Escalation(code_variable=code):
                return state.setting({code: Known(TEXT, own)} if code else {}), {}
            case drawn.Compensate() if node.attached_to is None:
                return state.setting({**self._undone, **state.variables}), {}
            case drawn.SubProcess():
                ended = self._embedded(node, state)
                return (ended, {}) if ended is not None else None
        return state, {}

    def _submitted(self, form: drawn.FormLink | None, node: Node, state: State) -> State:
        fields = self.sources.forms.get(form.key.source) if form is not None and not form.key.is_feel else None
        if fields is None:
            return state.opened()
        local = {parameter.name for parameter in node.common.inputs}
        given = {name: one for name, one in set_by_form(fields, node.element.id).items() if name not in local}
        return State({**state.variables, **_laid_over(state, given)}, state.is_open)

    def _merged(self, state: State, shape: Shape, name: str | None, own: frozenset[str]) -> State:
        """A result in its variable, or its entries merged into the variables."""
        if name:
            return state.setting({name: Known(shape, own)})
        if shape.entries is None:
            return state.opened()
        return state.setting({entry: Known(inner, own) for entry, inner in shape.entries.items()})

    def _decided(self, rule: drawn.Rule, state: State, own: frozenset[str]) -> State:
        outline = None if rule.decision.is_feel else self.sources.decisions.get(rule.decision.source)
        return self._merged(state, result_shape(outline, rule.map_result), rule.result_variable, own)

    def _operated(self, topic: str, node: Node, state: State, own: frozenset[str]) -> tuple[State, dict[str, Known]]:
        outputs = self.sources.operations.get(topic)
        if outputs is None:
            return state.opened(), {}
        given = {name: Known(UNKNOWN, own) for name in outputs}
        return (state, given) if node.common.outputs else (state.setting(given), {})

    def _heard(
        self, listeners: tuple[drawn.Listener, ...], events: tuple[str, ...], state: State, own: str, inner: State | None = None
    ) -> State:
        """The data behind listeners, which give what a script or an operation would; ``inner``: what the element itself sees."""
        for listener in listeners:
            if listener.event not in events:
                continue
            if listener.script is not None:
                seen = State({**inner.variables, **state.variables}, state.is_open) if inner is not None else state
                state = self._merged(state, self._shape(listener.script, seen), None, frozenset({own}))
            else:
                given = self.sources.operations.get(listener.topic or "")
                known = {name: Known(UNKNOWN, frozenset({own})) for name in given or ()}
                state = state.opened() if given is None else state.setting(known)
        return state

    def _called(self, call: drawn.Call, node: Node, state: State, seen: State, own: frozenset[str]) -> State:
        key = None if call.called.is_feel else call.called.source
        if key is not None:
            self.places.calls[node.element.id] = (key, self._mapped(call.ins, seen, self._local(node, seen), own))
        ended = self.exits.get(key) if key is not None else None
        returned = self._mapped(call.outs, ended or State(is_open=True), None, own)
        after = state.setting(returned.variables)
        return after.opened() if returned.is_open and any(mapping.target is None for mapping in call.outs) else after

    def _local(self, node: Node, seen: State) -> State:
        names = {parameter.name for parameter in node.common.inputs}
        return State({name: one for name, one in seen.variables.items() if name in names}, is_open=False)

    def _mapped(self, mappings: tuple[drawn.Mapping, ...], source: State, local: State | None, own: frozenset[str]) -> State:
        """What mappings take from ``source``; without one that takes all, nothing else passes."""
        result: dict[str, Known] = {}
        is_open = False
        for mapping in mappings:
            given = local if mapping.is_local and local is not None else source
            if mapping.target is None:
                result.update({name: Known(one.shape, own, one.is_certain) for name, one in given.variables.items()})
                is_open = is_open or given.is_open
            elif mapping.value is not None:
                result[mapping.target] = Known(self._shape(mapping.value, given), own)
            else:
                known = given.variables.get(mapping.variable or "")
                result[mapping.target] = Known(known.shape if known else (UNKNOWN if given.is_open else NOTHING), own)
        return State(result, is_open)

    def _embedded(self, node: Node, state: State) -> State | None:
        """Through an embedded sub-process; gone through again only when it is entered otherwise."""
        assert node.inner is not None
        known = self._inner.get(node.element.id)
        if known is None or known[0] != state:
            if self._depth >= _DEEPEST:
                return state.opened()
            self._depth += 1
            ended = self._level(node.inner, {start.element.id: state for start in node.inner.starts()})
            self._depth -= 1
            self._inner[node.element.id] = known = (state, ended)
        return known[1]


def _of_instance(node: Node) -> dict[str, Known]:
    """What each of several runs has of its own."""
    loop, own = node.common.multi_instance, frozenset({node.element.id})
    if loop is None:
        return {}
    return {"loopCounter": Known(NUMBER, own)} | ({loop.element_variable: Known(UNKNOWN, own)} if loop.element_variable else {})


def shapes_of(state: State) -> dict[str, dict[str, object] | None]:
    """The variables as ``Feel.examine`` takes them."""
    return {name: to_feel(one.shape) for name, one in state.variables.items()}


def counting(node: Node) -> tuple[str, ...]:
    """Names that only the completion condition and the output item of several runs see."""
    loop = node.common.multi_instance
    if loop is None:
        return ()
    return (*_COUNTS, *([loop.output_collection] if loop.output_collection else []))


def _laid_over(state: State, given: Mapping[str, Known]) -> dict[str, Known]:
    """Fields that may be left out leave what was there before."""
    lacking = {name: one for name, one in given.items() if not one.is_certain and name in state.variables}
    before = State({name: state.variables[name] for name in lacking})
    either_way = joined([before, State(lacking)]).variables
    return {**given, **{name: replace(one, is_certain=before.variables[name].is_certain) for name, one in either_way.items()}}


def _still_certain(state: State) -> dict[str, Known]:
    return {name: replace(one, shape=UNKNOWN) for name, one in state.variables.items()}


def _is_catching(node: Node) -> bool:
    return node.element.type in ("startEvent", "intermediateCatchEvent", "boundaryEvent", "receiveTask")


def _is_aside(node: Node) -> bool:
    """Not on the way of a token: event sub-processes, compensation."""
    return (
        node.is_event_sub_process
        or node.is_for_compensation
        or (isinstance(node.settings, drawn.Compensate) and node.attached_to is not None)
    )


def _ids_within(node: Node) -> list[str]:
    return [identifier for level in node.inner.levels() for identifier in level.nodes] if node.inner is not None else []


def _order(drawing: Drawing, flows: list[Flow], starts: Mapping[str, State], with_branches: bool = True) -> list[str]:
    """Elements so that, loops aside, each comes after those before it; without branches, only those that the main token may reach."""
    following: dict[str, list[str]] = {}
    for flow in flows:
        following.setdefault(flow.source, []).append(flow.target)
    for identifier, node in drawing.nodes.items():
        if node.attached_to is not None and (with_branches or node.interrupting):
            following.setdefault(node.attached_to, []).append(identifier)
    done: list[str] = []
    visited: set[str] = set()
    todo = [(start, False) for start in reversed(list(starts))]
    while todo:
        identifier, is_left = todo.pop()
        if is_left:
            done.append(identifier)
        elif identifier not in visited and identifier in drawing.nodes:
            visited.add(identifier)
            todo.append((identifier, True))
            todo += [(target, False) for target in following.get(identifier, ())]
    return done[::-1]
