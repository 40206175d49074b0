"""What happens to tokens of the oracle: events that are awaited, thrown and caught, conditions, compensation. Moves none along flows."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

from tests.oracle.board import Board
from tests.oracle.drawing import AWAITED, CLIMBING, Boundary, Event, Model, Node, Trigger
from tests.oracle.places import Fork, Record, Scope, Token, Variables, Watch
from tests.oracle.rules import catcher, holds

#: The hidden element that undoes what was done in a completed sub-process.
UNDOER = Node("", "throw", Event("compensate"))


@dataclass(frozen=True)
class Thrown:
    """A message or signal that leaves the instance."""

    kind: str
    name: str | None
    key: str | None


class Events(Board):
    """A board on which things happen. ``_ready`` holds the tokens that will move."""

    def __init__(self, model: Model):
        super().__init__(model)
        self.thrown: list[Thrown] = []
        self._ready = deque[Token]()

    # --- waiting ------------------------------------------------------------------------------------------------------

    def _watch(self, id: str, event: Event, place: Token | Scope, caught: Boundary | Node | None, data: Variables) -> None:
        """From here on something is awaited; what it is, is told with the variables of this moment."""
        watch = Watch(id, event, place, caught, self._next(), key=self._key(event, data))
        timer = event.timer
        if timer is not None:
            watch.due = timer.minutes if timer.kind == "date" else self.now + timer.minutes
            watch.left = timer.times if timer.kind == "cycle" else 1
        place.watches.append(watch)

    @staticmethod
    def _key(event: Event, data: Variables) -> str | None:
        if event.key is None:
            return None
        value = data.get(event.key)
        return "none" if value is None else str(value)

    def _watch_borders(self, token: Token) -> None:
        for border in token.node.boundaries:
            if border.event.kind in AWAITED:
                self._watch(border.id, border.event, token, border, self.seen_at(token))

    def _watch_guards(self, scope: Scope) -> None:
        for guard in scope.level.guards:
            assert guard.event is not None and guard.inner is not None
            if guard.event.kind in AWAITED:
                self._watch(guard.inner.start.id, guard.event, scope, guard, self._view(scope))

    # --- occurring ----------------------------------------------------------------------------------------------------

    def _occur(self, watch: Watch, variables: Variables) -> None:
        if watch.caught is None:
            assert isinstance(watch.place, Token)
            self._take(watch, watch.place, variables)
            return
        if not watch.caught.interrupting:
            self._wait_again(watch)
        self._catch(watch.caught, watch.place, variables)

    def _take(self, watch: Watch, token: Token, variables: Variables) -> None:
        """An event in the flow, or the first of several behind an event-based gateway."""
        token.node = token.scope.level.node(watch.id)
        token.watches.clear()
        token.data = {**token.data, **variables}
        token.state = "leaving"
        self._ready.append(token)

    def _wait_again(self, watch: Watch) -> None:
        """Cycles that were missed are skipped, but do not use up repetitions."""
        if watch.event.timer is None:
            return
        if watch.left == 1:
            watch.place.watches.remove(watch)
            return
        assert watch.due is not None
        watch.left = watch.left and watch.left - 1
        missed = max(self.now - watch.due, 0) // watch.event.timer.minutes
        watch.due += (missed + 1) * watch.event.timer.minutes

    def _catch(self, event: Boundary | Node, place: Token | Scope, variables: Variables, thrower: Token | None = None) -> None:
        """An event at the border of an activity, or that of an event sub-process; ``thrower`` has the last word on variables."""
        if isinstance(place, Token):
            assert isinstance(event, Boundary)
            self._catch_at_border(event, place, variables, thrower)
        else:
            assert isinstance(event, Node)
            self._catch_in_level(event, place, variables, thrower)

    def _catch_at_border(self, event: Boundary, host: Token, variables: Variables, thrower: Token | None) -> None:
        seen = self._seen(host, thrower if event.interrupting else None)
        branch = self._new(host.scope, host.node, {**seen, **variables}, host.fork)
        branch.event, branch.met = event, host.met
        if event.interrupting:
            self._remove(host)
        else:
            branch.fork = host.fork = Fork(dict(seen), host.fork, host.met)
            host.data = dict(seen)
        host.scope.tokens.append(branch)
        self._ready.append(branch)

    def _catch_in_level(self, guard: Node, scope: Scope, variables: Variables, thrower: Token | None) -> None:
        fork = None
        if guard.interrupting:
            seen = self._view(scope, thrower)
            self._clear(scope)
        else:
            seen = self._view(scope)
            fork = self._branch_off_all(scope, dict(seen))
        token = self._new(scope, guard, {**seen, **variables}, fork)
        scope.tokens.append(token)
        self._ready.append(token)

    # --- throwing -----------------------------------------------------------------------------------------------------

    def _throw(self, token: Token, event: Event) -> None:
        """Afterwards the token may be gone."""
        if event.kind in ("message", "signal"):
            self.thrown.append(Thrown(event.kind, event.name, self._key(event, token.data)))
        elif event.kind in CLIMBING and not self._climb(token, event.kind, event.name) and event.kind == "error":
            token.state = "failed"

    def _climb(self, token: Token, kind: Trigger, name: str | None) -> bool:
        """To the nearest catcher: the borders of the activity, the event sub-processes of its level, then outwards."""
        place = token
        while True:
            place = place.body or place
            border = catcher(place.node.boundaries, kind, name)
            if border is not None:
                self._catch(border, place, {}, token)
                return True
            guard = catcher((guard for guard in place.scope.level.guards if guard is not place.node), kind, name)
            if guard is not None:
                self._catch(guard, place.scope, {}, token)
                return True
            if place.scope.host is None:
                return False
            place = place.scope.host

    # --- conditions ---------------------------------------------------------------------------------------------------

    def _look_at_conditions(self) -> None:
        """Each that has become true since the last look occurs; all branches then hold what it has seen."""
        for watch in self.watches():
            place = watch.place
            host = place if isinstance(place, Token) else place.host
            if watch.event.condition is None or watch not in place.watches or (host is not None and host.state == "gone"):
                continue
            scope = place if isinstance(place, Scope) else place.scope
            is_true = holds(watch.event.condition, self._seen_around(scope, place if isinstance(place, Token) else None))
            was_true, watch.was_true = watch.was_true, is_true
            if is_true and not was_true:
                self._publish(scope)
                self._occur(watch, {})

    # --- undoing ------------------------------------------------------------------------------------------------------

    def _remember(self, token: Token, inner: list[Record] | None = None) -> None:
        """An activity has been completed that can be undone; an instance with the variables that only it has."""
        own = token.data if token.body is not None else {}
        base = token.body.data if token.body is not None else {}
        only_own = {name: value for name, value in own.items() if name not in base or base[name] != value}
        token.scope.records.append((token.node, only_own, inner))

    def _undo(self, token: Token, scopes: list[Scope], activity: str | None) -> bool:
        """True when there is something to undo: everything, or only ``activity``; the last first."""
        todo: list[Record] = []
        for scope in scopes:
            todo += [record for record in scope.records if activity in (None, record[0].id)]
            scope.records = [record for record in scope.records if activity not in (None, record[0].id)]
        token.todo, token.state = todo, "busy"
        return self._undo_next(token)

    def _undo_next(self, token: Token) -> bool:
        if not token.todo:
            return False
        node, own, records = record = token.todo.pop()
        child = self._new(token.scope, node if records is not None else (node.handler or node), {**token.data, **own}, None)
        child.body, child.undoes = token, record
        token.instances.append(child)
        if records is None:
            self._ready.append(child)
        else:
            assert node.inner is not None
            child.state, child.inner = "busy", Scope(node.inner, child, False, records=records)
            first = self._new(child.inner, UNDOER, dict(child.data), None)
            child.inner.tokens.append(first)
            self._ready.append(first)
        return True

    def _undone(self, child: Token) -> None:
        """What the handler has set is kept; then comes the one before."""
        token, record = child.body, child.undoes
        assert token is not None and record is not None
        token.instances.remove(child)
        own = record[1]
        token.data = {**token.data, **{name: value for name, value in child.data.items() if name not in own or own[name] != value}}
        if not self._undo_next(token):
            token.state = "leaving"
            self._ready.append(token)

    @staticmethod
    def _scopes_to_undo(token: Token) -> list[Scope]:
        """Its own level; from an event sub-process also those around it, the outermost first."""
        scopes = [token.scope]
        while scopes[0].host is not None and scopes[0].host.node.kind == "guard":
            scopes.insert(0, scopes[0].host.scope)
        return scopes
