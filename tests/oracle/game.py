"""The oracle: a token game over drawn models. Own code from the standard and the stated rules; knows nothing of the engine.

Inclusive joins follow BPMN 2.0, 13.4.3, read forwards: which flows can a token still reach? Variables follow the stated rule:
three-way against the fork that two branches share, the later arrival wins, a branch that ends passes its changes on.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator

from tests.oracle.drawing import Boundary, Flow, Model, Node
from tests.oracle.places import Fork, Scope, Token, Variables
from tests.oracle.rules import again, changed, holds, is_same, merged, reachable


class Game:
    """A model that is played. ``waiting`` tasks are completed, ``boundaries`` delivered; then it runs until all tokens wait."""

    def __init__(self, model: Model, variables: Variables):
        self.model = model
        self.ends: list[str] = []
        self.stuck: list[str] = []
        self.finished: Variables | None = None
        self._count, self._ready = 0, deque[Token]()
        self.root = Scope(model.levels["P"], None, True)
        self._begin(self.root, dict(variables))
        self._run()

    # --- what can be seen ---------------------------------------------------------------------------------------------

    @property
    def variables(self) -> Variables:
        return self.finished if self.finished is not None else self._view(self.root)

    def waiting(self) -> list[Token]:
        return sorted((token for token in self._all(self.root) if token.state == "task"), key=lambda token: token.arrived)

    def failed(self) -> list[str]:
        """Gateways without a way out, and joins that can never open."""
        return sorted([*(token.node.id for token in self._all(self.root) if token.state == "failed"), *self.stuck])

    def boundaries(self) -> list[tuple[Boundary, Token]]:
        hosts = [token for token in self._all(self.root) if token.state in ("task", "busy") and token.body is None]
        return [(event, token) for token in hosts for event in token.node.boundaries]

    def seen_at(self, token: Token) -> Variables:
        """What a person at this task sees."""
        return {**token.data, "loopCounter": token.done} if token.node.loop else token.data

    # --- what can happen ----------------------------------------------------------------------------------------------

    def complete(self, token: Token, variables: Variables) -> None:
        token.data = {**token.data, **variables}
        self._leave_later(token)
        self._run()

    def deliver(self, event: Boundary, host: Token, variables: Variables) -> None:
        seen = self._seen(host)
        branch = self._new(host.scope, host.node, {**seen, **variables}, host.fork)
        branch.event = event
        if event.interrupting:
            self._remove(host)
        else:
            branch.fork = host.fork = Fork(dict(seen), host.fork)
            host.data = dict(seen)
        host.scope.tokens.append(branch)
        self._ready.append(branch)
        self._run()

    # --- moving -------------------------------------------------------------------------------------------------------

    def _run(self) -> None:
        while self._ready or self._open_inclusive():
            token = self._ready.popleft()
            if token.state == "leaving":
                self._left(token)
            elif token.state == "ready":
                self._go(token, self._flows(token.event.id, token)) if token.event else self._enter(token)
        open_tokens = [token for token in self._all(self.root) if token.state in ("task", "join", "failed")]
        if self.finished is None and not self.boundaries() and all(token.state == "join" for token in open_tokens):
            self.stuck = [token.node.id for token in open_tokens]

    def _enter(self, token: Token) -> None:
        node = token.node
        match node.kind:
            case "task" | "sub" | "call":
                self._begin_activity(token)
            case "end" | "terminate":
                self._end(token)
            case "throw":
                self._move(token, next(other for other in token.scope.level.nodes if other.kind == "catch" and other.link == node.link))
            case "xor" | "or":
                chosen = self._chosen(token)
                self._go(token, chosen if node.kind == "or" else chosen[:1]) if chosen else self._fail(token)
            case _:
                self._go(token, token.scope.level.after(node.id))

    def _fail(self, token: Token) -> None:
        token.state = "failed"

    def _flows(self, id: str, token: Token) -> list[Flow]:
        return token.scope.level.after(id)

    def _chosen(self, token: Token) -> list[Flow]:
        flows = self._flows(token.node.id, token)
        rest = [flow for flow in flows if flow.id != token.node.default]
        true = [flow for flow in rest if flow.condition is None or holds(flow.condition, token.data)]
        return true or [flow for flow in flows if flow.id == token.node.default]

    def _go(self, token: Token, flows: list[Flow]) -> None:
        """Along all ``flows``: one moves the token, several make a fork."""
        scope, place = token.scope, token.scope.tokens.index(token)
        token.state = "gone"
        fork = Fork(dict(token.data), token.fork) if len(flows) > 1 else token.fork
        branches = [self._new(scope, scope.level.node(flow.target), dict(token.data), fork) for flow in flows]
        scope.tokens[place : place + 1] = branches
        for branch, flow in zip(branches, flows, strict=True):
            branch.flow = flow.id
            self._arrive(branch)

    def _move(self, token: Token, target: Node) -> None:
        token.node, token.flow, token.arrived = target, None, self._next()
        self._ready.append(token)

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
        data, known = tokens[0].data, set(tokens[0].line)
        for token in tokens[1:]:
            data = merged(next(fork for fork in token.line if fork in known).data, data, token.data)
            known |= set(token.line)
        for token in earlier:
            self._remove(token)
        last.data, last.state = data, "ready"
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
        token.begun = token.begun or self._next()
        if many is not None and many.cardinality:
            token.state = "busy"
            for index in range(1 if many.sequential else many.cardinality):
                self._instance(token, index)
        elif many is not None or (loop is not None and (loop.maximum == 0 or (loop.test_before and not again(loop.condition, token.data)))):
            self._go(token, self._flows(token.node.id, token))
        else:
            self._work(token)

    def _instance(self, body: Token, index: int) -> None:
        instance = self._new(body.scope, body.node, {**body.data, "loopCounter": index}, None)
        instance.body = body
        body.instances.append(instance)
        self._work(instance)

    def _work(self, token: Token) -> None:
        token.state = "task" if token.node.kind == "task" else "busy"
        if token.node.kind == "sub":
            assert token.node.inner is not None
            token.inner = Scope(token.node.inner, token, False)
        elif token.node.call is not None:
            token.inner = Scope(self.model.levels[token.node.call.key], token, True)
        if token.inner is not None:
            self._begin(token.inner, dict(self.seen_at(token) if token.inner.isolated else token.data))

    def _leave_later(self, token: Token) -> None:
        token.state = "leaving"
        self._ready.append(token)

    def _left(self, token: Token) -> None:
        """The work of an activity is done: count instances and rounds, or go on."""
        body, loop, many = token.body, token.node.loop, token.node.many
        if body is not None and many is not None:
            body.instances.remove(token)
            token.state, body.done = "gone", body.done + 1
            if body.done == many.cardinality:
                self._leave_later(body)
            elif many.sequential:
                self._instance(body, body.done)
            return
        token.done += 1
        if loop is not None and token.done < loop.maximum and again(loop.condition, token.data):
            token.arrived = self._next()
            self._work(token)
        else:
            self._go(token, self._flows(token.node.id, token))

    # --- levels -------------------------------------------------------------------------------------------------------

    def _begin(self, scope: Scope, data: Variables) -> None:
        token = self._new(scope, next(node for node in scope.level.nodes if node.kind == "start"), data, None)
        scope.tokens.append(token)
        self._ready.append(token)

    def _end(self, token: Token) -> None:
        scope = token.scope
        if scope is self.root and token.node.id not in self.ends:
            self.ends.append(token.node.id)
        if token.node.kind == "terminate":
            data = self._view(scope, token)
            for other in list(scope.tokens):
                self._remove(other)
            self._finish(scope, data)
            return
        self._remove(token)
        if not scope.tokens:
            self._finish(scope, token.data)
            return
        fork = next(fork for fork in token.line if any(fork in other.line for other in scope.tokens))
        self._pass_on(scope, fork, changed(fork.data, token.data))

    def _finish(self, scope: Scope, data: Variables) -> None:
        host = scope.host
        if host is None:
            self.finished = data
            return
        if not scope.isolated:
            host.data = data
        elif host.node.call is not None:
            outs = host.node.call.outs
            host.data = {**host.data, **(data if outs is None else {name: data.get(name) for name in outs})}
        host.inner = None
        self._leave_later(host)

    def _remove(self, token: Token) -> None:
        for inside in [token, *self._below(token)]:
            inside.state = "gone"
        token.scope.tokens.remove(token)

    # --- variables ----------------------------------------------------------------------------------------------------

    def _pass_on(self, scope: Scope, fork: Fork, updates: Variables) -> None:
        """A branch of ``fork`` has ended: the others take its changes; inside of activities an own value stays."""
        old = dict(fork.data)
        branches = [token for token in scope.tokens if fork in token.line]
        inside = [below for token in branches for below in self._below(token, embedded_only=True)]
        inner_lines = {known for token in inside for known in token.line}
        own_lines = {known for token in branches for known in token.line[: token.line.index(fork) + 1]}
        for place in [*branches, *own_lines]:
            place.data = {**place.data, **updates}
        for place in [*inside, *inner_lines]:
            place.data = {**place.data, **{name: new for name, new in updates.items() if is_same(place.data, old, name)}}

    def _seen(self, token: Token) -> Variables:
        return self._view(token.inner) if token.inner is not None and not token.inner.isolated else token.data

    def _view(self, scope: Scope, last: Token | None = None) -> Variables:
        """As if all branches joined now, inner forks first, in order of arrival, ``last`` at the end."""
        if len(scope.tokens) == 1:
            return self._seen(scope.tokens[0])
        parts = [(token is last, token.arrived, self._seen(token), token.line) for token in scope.tokens]
        while len(parts) > 1:
            fork = max((part[3][0] for part in parts), key=lambda fork: len(fork.line))
            group = sorted((part for part in parts if part[3][0] is fork), key=lambda part: part[:2])
            data = group[0][2]
            for part in group[1:]:
                data = merged(fork.data, data, part[2])
            rest = [part for part in parts if part[3][0] is not fork]
            parts = [*rest, (group[-1][0], group[-1][1], data, fork.line[1:])]
        return parts[0][2]

    # --- tokens -------------------------------------------------------------------------------------------------------

    def _all(self, scope: Scope) -> Iterator[Token]:
        for token in scope.tokens:
            yield from (token, *self._below(token))

    def _below(self, token: Token, embedded_only: bool = False) -> Iterator[Token]:
        for instance in token.instances:
            yield from (instance, *self._below(instance, embedded_only))
        if token.inner is not None and not (embedded_only and token.inner.isolated):
            for inside in token.inner.tokens:
                yield from (inside, *self._below(inside, embedded_only))

    def _next(self) -> int:
        self._count += 1
        return self._count

    def _new(self, scope: Scope, node: Node, data: Variables, fork: Fork | None) -> Token:
        return Token(scope, node, data, fork, self._next())
