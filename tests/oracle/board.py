"""The board of the oracle: which tokens there are, what each sees, what passes from one to others. Moves none."""

from __future__ import annotations

from collections.abc import Iterator

from tests.oracle.drawing import Model, Node
from tests.oracle.places import Fork, Scope, Token, Variables, Watch
from tests.oracle.rules import changed, disputed, is_same, latest, merged


class Board:
    """The running levels of a model. A branch does not see what others set until they join or end."""

    def __init__(self, model: Model):
        self.model = model
        self.finished: Variables | None = None
        self.now = 0
        self._count = 0
        self.root = Scope(model.levels["P"], None, True)

    # --- who is there -------------------------------------------------------------------------------------------------

    def _all(self, scope: Scope) -> Iterator[Token]:
        for token in scope.tokens:
            yield from (token, *self._below(token))

    def _below(self, token: Token) -> Iterator[Token]:
        for child in token.instances:
            yield from (child, *self._below(child))
        if token.inner is not None:
            yield from self._all(token.inner)

    def watches(self) -> list[Watch]:
        """All that is awaited, in the order in which the waiting began."""
        tokens = list(self._all(self.root))
        scopes = [self.root, *(token.inner for token in tokens if token.inner is not None)]
        return sorted((watch for place in (*tokens, *scopes) for watch in place.watches), key=lambda watch: watch.since)

    def _next(self) -> int:
        self._count += 1
        return self._count

    def _new(self, scope: Scope, node: Node, data: Variables, fork: Fork | None) -> Token:
        return Token(scope, node, data, fork, self._next())

    def _remove(self, token: Token) -> None:
        for inside in [token, *self._below(token)]:
            inside.state = "gone"
        token.scope.tokens.remove(token)

    def _clear(self, scope: Scope) -> None:
        for token in list(scope.tokens):
            self._remove(token)
        scope.watches.clear()

    # --- what is seen -------------------------------------------------------------------------------------------------

    @property
    def variables(self) -> Variables:
        return self.finished if self.finished is not None else self._view(self.root)

    def seen_at(self, token: Token) -> Variables:
        """What a person at this task sees."""
        return {**token.data, "loopCounter": token.done} if token.node.loop else token.data

    def _seen(self, token: Token, last: Token | None = None) -> Variables:
        """The variables of an activity are those of the level that runs in it."""
        return self._view(token.inner, last) if token.inner is not None and not token.inner.isolated else token.data

    def _view(self, scope: Scope, last: Token | None = None, quarrels: set[str] | None = None) -> Variables:
        """As if all branches joined now, inner forks first, in order of arrival, ``last`` at the end."""
        if len(scope.tokens) == 1:
            return self._seen(scope.tokens[0])
        parts = [(token is last, token.arrived, self._seen(token), token.line, token.known) for token in scope.tokens]
        while len(parts) > 1:
            fork = max((part[3][0] for part in parts), key=lambda fork: len(fork.line))
            group = sorted((part for part in parts if part[3][0] is fork), key=lambda part: part[:2])
            _, _, data, _, known = group[0]
            for part in group[1:]:
                bases = latest(known & part[4])
                if quarrels is not None:
                    quarrels |= disputed(data, part[2], *bases)
                data, known = merged(data, part[2], *bases), known | part[4]
            rest = [part for part in parts if part[3][0] is not fork]
            parts = [*rest, (any(part[0] for part in group), group[-1][1], data, fork.line[1:], known)]
        return parts[0][2]

    def _seen_around(self, scope: Scope, last: Token | None) -> Variables:
        """What has been set in this level and in those around it; inner values win."""
        own, host = self._view(scope, last), scope.host
        if scope.isolated or host is None:
            return own
        base = host.body or host
        return merged(self._seen_around(host.scope, host), own, base.data)

    # --- what is passed on --------------------------------------------------------------------------------------------

    def _joined(self, tokens: list[Token]) -> Variables:
        """What a join makes of ``tokens``, which are in order of arrival."""
        data, known = self._seen(tokens[0]), tokens[0].known
        for token in tokens[1:]:
            data = merged(data, self._seen(token), *latest(known & token.known))
            known |= token.known
        return data

    def _end_branch(self, ended: Token) -> None:
        """A branch has ended: the others of its fork take what it changed."""
        scope = ended.scope
        fork = next(fork for fork in ended.line if any(fork in other.line for other in scope.tokens))
        self._pass_on(scope, fork, changed(ended.data, fork.data), ended.known)

    def _pass_on(self, scope: Scope, fork: Fork, updates: Variables, known: frozenset[Fork] = frozenset()) -> None:
        """All branches of ``fork`` take ``updates``; inside of activities an own value stays.

        What comes from a branch that descends from the forks ``known`` does not replace what is newer.
        """
        old = dict(fork.data)
        branches = [token for token in scope.tokens if fork in token.line]
        self._keep_for_others(scope, fork, branches)
        below = self._at_or_below(fork, branches)
        undoing = [child for token in branches for child in token.instances if child.undoes is not None]
        given = {place: changed(updates, *latest(known & place.known)) for place in (*branches, *below)}
        for place, new in given.items():
            self._set([place], new)
        for child in undoing:
            assert child.body is not None
            self._set([child], given[child.body])
        for token in branches:
            self._pass_in(token, old, given[token])

    @staticmethod
    def _at_or_below(fork: Fork, tokens: list[Token]) -> set[Fork]:
        return {known for token in tokens for known in token.known if fork in known.known}

    def _keep_for_others(self, scope: Scope, fork: Fork, branches: list[Token]) -> None:
        """``branches`` will differ from what was at ``fork`` and below. Others who know these forks know them as they were."""
        others = [token for token in scope.tokens if token not in branches]
        theirs = {known for token in others for known in token.known}
        ours = {known for token in branches for known in token.known}
        old = {known: Fork(known.data, known.parent, known.met) for known in self._at_or_below(fork, branches) & theirs}
        for place in (*others, *(theirs - ours), *old.values()):
            place.met = frozenset(old.get(known, known) for known in place.met)
            if isinstance(place, Fork) and place.parent is not None:
                place.parent = old.get(place.parent, place.parent)
        for place in (*branches, *ours):
            place.met |= {old[known] for known in place.known if known in old}

    def _pass_in(self, token: Token, old: Variables, updates: Variables) -> None:
        """To what runs in an activity; called processes have variables of their own."""
        inside = list(token.instances)
        if token.inner is not None and not token.inner.isolated:
            inside += token.inner.tokens
        for place in {*inside, *(known for child in inside for known in child.line)}:
            self._set([place], {name: new for name, new in updates.items() if is_same(place.data, old, name)})
        for child in inside:
            self._pass_in(child, old, updates)

    @staticmethod
    def _set(places: list[Token | Fork], updates: Variables) -> None:
        for place in places:
            place.data = {**place.data, **updates}

    def _share(self, scope: Scope, updates: Variables) -> None:
        """Everybody in this level takes ``updates``."""
        if len(scope.tokens) == 1:
            old = dict(scope.tokens[0].data)
            self._set([*scope.tokens, *(child for child in scope.tokens[0].instances if child.undoes is not None)], updates)
            self._pass_in(scope.tokens[0], old, updates)
        else:
            self._pass_on(scope, self._common(scope), updates)

    @staticmethod
    def _common(scope: Scope) -> Fork:
        """Where the branches that are still there parted."""
        return next(fork for fork in scope.tokens[0].line if all(fork in token.line for token in scope.tokens))

    def _publish(self, scope: Scope) -> None:
        """What a condition has seen holds for all branches, except what two of them have set differently."""
        if not scope.isolated and scope.host is not None:
            self._publish(scope.host.scope)
        quarrels: set[str] = set()
        seen = self._view(scope, quarrels=quarrels)
        base = scope.tokens[0].data if len(scope.tokens) == 1 else self._common(scope).data
        self._share(scope, {name: value for name, value in changed(seen, base).items() if name not in quarrels})

    @staticmethod
    def _branch_off_all(scope: Scope, data: Variables) -> Fork:
        """A fork around everything in this level."""
        fork = Fork(data, None)
        for token in scope.tokens:
            if token.fork is None:
                token.fork = fork
            elif fork not in token.line:
                token.line[-1].parent = fork
        return fork

    @staticmethod
    def _is_outermost(scope: Scope) -> bool:
        """The process itself, or an event sub-process of it."""
        while scope.host is not None and scope.host.node.kind == "guard":
            scope = scope.host.scope
        return scope.host is None
