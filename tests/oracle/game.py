"""The oracle: a token game over drawn models. Own code from the standard and the stated rules; knows nothing of the engine.

Inclusive joins follow BPMN 2.0, 13.4.3, read forwards: which flows can a token still reach? Variables follow the stated rule:
three-way against the latest forks from which two branches descend, the later arrival wins, a branch that ends passes its changes on.
"""

from __future__ import annotations

from tests.oracle.drawing import Condition, Flow, Model, Node
from tests.oracle.events import UNDOER, Events
from tests.oracle.places import Fork, Scope, Token, Variables, Watch
from tests.oracle.rules import again, computed, holds, link_targets, reachable

#: A model that goes on longer without waiting says nothing.
MOST_MOVES = 3000


class Endless(Exception):
    """Expected the model to wait but it runs on."""


class Game(Events):
    """A model that is played. ``waiting`` tasks are completed, ``watches`` occur; then it runs until all tokens wait."""

    def __init__(self, model: Model, variables: Variables):
        super().__init__(model)
        self.ends: list[str] = []
        self.stuck: list[str] = []
        self._begin(self.root, dict(variables))
        self._run()

    # --- what can be seen, beside variables and watches ---------------------------------------------------------------

    def waiting(self) -> list[Token]:
        return sorted((token for token in self._all(self.root) if token.state == "task"), key=lambda token: token.arrived)

    def broken(self) -> list[Token]:
        """Gateways without a way out, and errors that nobody has caught."""
        return sorted((token for token in self._all(self.root) if token.state == "failed"), key=lambda token: token.arrived)

    def failed(self) -> list[str]:
        """What is broken, and joins that can never open."""
        return sorted([*(token.node.id for token in self.broken()), *self.stuck])

    # --- what can happen ----------------------------------------------------------------------------------------------

    def complete(self, token: Token, variables: Variables) -> None:
        token.data = {**token.data, **variables}
        self._leave_later(token)
        self._run()

    def occur(self, watch: Watch, variables: Variables) -> None:
        self._occur(watch, variables)
        self._run()

    def retry(self, token: Token) -> None:
        token.state = "ready"
        self._ready.append(token)
        self._run()

    def operate(self, variables: Variables) -> None:
        """Somebody sets variables of the whole instance."""
        self._share(self.root, variables)
        self._run()

    # --- moving -------------------------------------------------------------------------------------------------------

    def _run(self) -> None:
        self._look_at_conditions()
        moves = 0
        while self._ready or self._open_inclusive():
            moves += 1
            if moves > MOST_MOVES:
                raise Endless
            token = self._ready.popleft()
            if token.state == "leaving":
                self._left(token)
            elif token.state == "ready":
                self._go(token, token.scope.level.after(token.event.id)) if token.event else self._enter(token)
            else:
                continue
            self._look_at_conditions()
        open_tokens = [token for token in self._all(self.root) if token.state in ("task", "catching", "join", "failed")]
        is_awaited = any(isinstance(watch.place, Token) for watch in self.watches())
        if self.finished is None and not is_awaited and all(token.state == "join" for token in open_tokens):
            self.stuck = [token.node.id for token in open_tokens]

    def _enter(self, token: Token) -> None:
        node, level = token.node, token.scope.level
        match node.kind:
            case "task" | "sub" | "call" | "script" | "service":
                self._begin_activity(token)
            case "guard":
                self._work(token)
            case "catch" | "first":
                self._wait(token)
            case "end":
                self._end(token)
            case "throw":
                self._pass_throw(token)
            case "xor" | "or":
                chosen = self._chosen(token)
                self._go(token, chosen if node.kind == "or" else chosen[:1]) if chosen else self._fail(token)
            case _:
                self._go(token, level.after(node.id))

    def _fail(self, token: Token) -> None:
        token.state = "failed"

    def _wait(self, token: Token) -> None:
        """At an event, or at all events behind an event-based gateway. A link is only left again."""
        level, node = token.scope.level, token.node
        if node.is_event("link"):
            self._go(token, level.after(node.id))
            return
        token.state = "catching"
        awaited = [node] if node.kind == "catch" else [level.node(flow.target) for flow in level.after(node.id)]
        for event in awaited:
            assert event.event is not None
            self._watch(event.id, event.event, token, None, token.data)
        if node.kind == "catch":
            token.watches[0].since = token.arrived

    def _pass_throw(self, token: Token) -> None:
        event, level = token.node.event, token.scope.level
        if event is not None and event.kind == "link":
            token.node, token.flow, token.arrived = link_targets(level, token.node)[0], None, self._next()
            self._ready.append(token)
        elif event is not None and event.kind == "compensate":
            scopes = [token.scope] if token.node is UNDOER else self._scopes_to_undo(token)
            if not self._undo(token, scopes, event.name):
                self._go(token, level.after(token.node.id))
        else:
            if event is not None:
                self._throw(token, event)
            if token.state == "ready":
                self._go(token, level.after(token.node.id))

    def _chosen(self, token: Token) -> list[Flow]:
        flows = token.scope.level.after(token.node.id)
        rest = [flow for flow in flows if flow.id != token.node.default]
        true = [flow for flow in rest if flow.condition is None or holds(flow.condition, token.data)]
        return true or [flow for flow in flows if flow.id == token.node.default]

    def _go(self, token: Token, flows: list[Flow]) -> None:
        """Along all ``flows``: one moves the token, several make a fork, none ends it."""
        if not flows:
            self._end_token(token)
            return
        scope, place = token.scope, token.scope.tokens.index(token)
        token.state = "gone"
        fork = Fork(dict(token.data), token.fork, token.met) if len(flows) > 1 else token.fork
        branches = [self._new(scope, scope.level.node(flow.target), dict(token.data), fork) for flow in flows]
        scope.tokens[place : place + 1] = branches
        for branch, flow in zip(branches, flows, strict=True):
            branch.flow, branch.met = flow.id, token.met
        for branch in branches:
            self._arrive(branch)

    def _arrive(self, token: Token) -> None:
        incoming = token.scope.level.before(token.node.id)
        if token.node.kind not in ("and", "or") or len(incoming) < 2:
            self._ready.append(token)
            return
        token.state = "join"
        first = self._first_on_each(token.scope, token.node)
        if token.node.kind == "and" and len(first) == len(incoming):
            self._join(list(first.values()))

    def _first_on_each(self, scope: Scope, join: Node) -> dict[str | None, Token]:
        held = sorted((token for token in scope.tokens if token.node is join and token.state == "join"), key=lambda token: token.arrived)
        return {token.flow: token for token in reversed(held)}

    def _join(self, tokens: list[Token]) -> None:
        tokens.sort(key=lambda token: token.arrived)
        *earlier, last = tokens
        last.data, last.met = self._joined(tokens), last.met.union(*(token.known for token in earlier))
        for token in earlier:
            self._remove(token)
        last.state = "ready"
        self._ready.append(last)

    # --- inclusive joins ----------------------------------------------------------------------------------------------

    def _open_inclusive(self) -> bool:
        """Open one inclusive join to which nothing more can come, if there is one."""
        held = [token for token in self._all(self.root) if token.state == "join" and token.node.kind == "or"]
        for token in sorted(held, key=lambda token: token.arrived):
            first = self._first_on_each(token.scope, token.node)
            if not any(self._keeps_waiting(other, token.node, set(first)) for other in token.scope.tokens):
                self._join(list(first.values()))
                return True
        return False

    def _keeps_waiting(self, other: Token, join: Node, filled: set[str | None]) -> bool:
        """The token can reach an empty incoming flow of the join and none of the filled ones."""
        if other.node is join:
            return False
        reached = reachable(other.scope.level, other.event.id if other.event else other.node.id, join.id)
        incoming = {flow.id for flow in other.scope.level.before(join.id)}
        return bool(reached & (incoming - filled)) and not reached & filled

    # --- activities ---------------------------------------------------------------------------------------------------

    def _begin_activity(self, token: Token) -> None:
        loop, many = token.node.loop, token.node.many
        if token.is_begun or token.body is not None:
            self._work(token)
            return
        if loop is not None and (loop.maximum == 0 or (loop.test_before and not again(loop.condition, token.data))):
            self._go(token, token.scope.level.after(token.node.id))
            return
        token.is_begun = True
        self._watch_borders(token)
        if many is None:
            self._work(token)
        elif many.cardinality:
            token.state = "busy"
            for index in range(1 if many.sequential else many.cardinality):
                self._instance(token, index)
        else:
            token.data = {**token.data, "got": []} if many.output else token.data
            self._go(token, token.scope.level.after(token.node.id))

    def _instance(self, body: Token, index: int) -> None:
        many = body.node.many
        assert many is not None
        item = {"item": many.items[index]} if many.items is not None else {}
        instance = self._new(body.scope, body.node, {**body.data, "loopCounter": index, **item}, None)
        instance.body, instance.index = body, index
        body.instances.append(instance)
        self._ready.append(instance)

    def _work(self, token: Token) -> None:
        node = token.node
        token.state = "busy"
        if node.kind == "task":
            token.state = "task"
        elif node.kind in ("script", "service"):
            self._work_at_once(token)
        elif node.inner is not None:
            token.inner = Scope(node.inner, token, False)
            self._begin(token.inner, dict(token.data))
        elif node.call is not None:
            token.inner = Scope(self.model.levels[node.call.key], token, True)
            seen = self.seen_at(token)
            self._begin(token.inner, dict(seen) if node.call.ins is None else computed(node.call.ins, seen))

    def _work_at_once(self, token: Token) -> None:
        node = token.node
        if node.sets is not None:
            token.data = {**token.data, **computed([node.sets], token.data)}
        elif node.event is not None and node.condition is not None and holds(node.condition, token.data):
            self._throw(token, node.event)
        if token.state == "busy":
            self._left(token)

    def _leave_later(self, token: Token) -> None:
        token.state = "leaving"
        self._ready.append(token)

    def _left(self, token: Token) -> None:
        """The work of an element is done: count instances and rounds, or go on."""
        node, loop, many = token.node, token.node.loop, token.node.many
        if node.call is not None and token.returned is not None:
            outs = node.call.outs
            token.data = {**token.data, **(token.returned if outs is None else computed(outs, token.returned))}
            token.returned = None
        if node.handler is not None and (many is None or token.body is not None) and token.undoes is None:
            self._remember(token)
        if token.undoes is not None:
            self._undone(token)
        elif token.body is not None:
            self._instance_left(token, token.body)
        elif node.kind == "end":
            self._ended(token)
        else:
            token.done += 1
            if loop is not None and token.done < loop.maximum and self._goes_on(token, loop.condition):
                token.arrived = self._next()
                token.state = "ready"
                self._ready.append(token)
            else:
                self._go(token, token.scope.level.after(node.id))

    @staticmethod
    def _goes_on(token: Token, condition: Condition | None) -> bool:
        return again(condition, {**token.data, "loopCounter": token.done})

    def _instance_left(self, token: Token, body: Token) -> None:
        many = token.node.many
        assert many is not None
        body.instances.remove(token)
        token.state, body.done = "gone", body.done + 1
        if many.output:
            body.outputs[token.index] = token.data.get(many.output)
        counts = {"nrOfInstances": many.cardinality, "nrOfCompletedInstances": body.done, "nrOfActiveInstances": len(body.instances)}
        is_enough = many.enough is not None and holds(many.enough, {**token.data, **counts})
        if is_enough or body.done == many.cardinality:
            for other in self._below(body):
                other.state = "gone"
            body.instances.clear()
            if many.output:
                body.data = {**body.data, "got": [body.outputs[index] for index in sorted(body.outputs)]}
            self._leave_later(body)
        elif many.sequential:
            self._instance(body, body.done)

    # --- levels -------------------------------------------------------------------------------------------------------

    def _begin(self, scope: Scope, data: Variables) -> None:
        token = self._new(scope, scope.level.start, data, None)
        scope.tokens.append(token)
        self._ready.append(token)
        self._watch_guards(scope)

    def _end(self, token: Token) -> None:
        """An end event throws, undoes or ends the others before it ends its token."""
        event = token.node.event
        if event is not None and event.kind in ("compensate", "cancel"):
            if event.kind == "cancel":
                self._stand_alone(token)
            scopes = [token.scope] if event.kind == "cancel" else self._scopes_to_undo(token)
            if self._undo(token, scopes, event.name):
                return
        elif event is not None and event.kind != "terminate":
            self._throw(token, event)
            if token.state != "ready":
                return
        self._ended(token)

    def _ended(self, token: Token) -> None:
        scope = token.scope
        if self._is_outermost(scope) and token.node.id not in self.ends:
            self.ends.append(token.node.id)
        if token.node.is_event("terminate"):
            data = self._view(scope, token)
            self._clear(scope)
            self._finish(scope, data)
        elif token.node.is_event("cancel"):
            assert scope.host is not None
            border = next(border for border in scope.host.node.boundaries if border.event.kind == "cancel")
            self._catch(border, scope.host, {}, token)
        else:
            self._end_token(token)

    def _stand_alone(self, token: Token) -> None:
        """Everything else in the level is ended; what the others had set is kept."""
        token.data = self._view(token.scope, token)
        scope = token.scope
        self._clear(scope)
        token.fork, token.state = None, "busy"
        scope.tokens.append(token)

    def _end_token(self, token: Token) -> None:
        self._remove(token)
        if token.scope.tokens:
            self._end_branch(token)
        else:
            self._finish(token.scope, token.data)

    def _finish(self, scope: Scope, data: Variables) -> None:
        host = scope.host
        scope.watches.clear()
        if host is None:
            self.finished = data
            return
        if not scope.isolated:
            host.data = data
            if scope.records and host.node.handler is None:
                self._remember(host, scope.records)
        else:
            host.returned = data
        host.inner = None
        self._leave_later(host)
