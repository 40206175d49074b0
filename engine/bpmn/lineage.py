"""Branches that cross: from which forks a token descends, also by way of joins, and so what it has changed that another does not know.

In a tree of forks two branches have parted at the nearest fork above both. Where branches of different forks join, the token that
goes on descends from the forks of all of them: it has *met* those that are not above it. Two tokens are then compared with the latest
forks that both descend from. Only levels where that has happened come here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

from engine.bpmn.data import Variables, is_same

if TYPE_CHECKING:
    from engine.bpmn.process import Level, Process
    from engine.bpmn.token import Token

#: The variables at a fork, and the forks from which it descends itself.
Base = tuple[Variables, frozenset[int]]
OnConflict = Callable[[str, Any, Any], None]
_MISSING = object()


def known(token: Token) -> set[int]:
    """The forks from which a token descends."""
    found = set(token.met)
    for above in token.ancestors():
        found |= above.met
        if above.id > 0:
            found.add(above.id)
    return found


def meet(last: Token, others: Iterable[Token]) -> None:
    """``last`` goes on for ``others``, which a join is about to take."""
    new = {fork for other in others for fork in known(other)} - known(last)
    if new:
        last.met |= new
        last.workflow.is_crossed = True


def tidy(level: Process | Level) -> None:
    """Forget the forks that fewer than two tokens know: nothing will be compared with them."""
    if not level.is_crossed:
        return
    lines = [known(token) for token in level.leaves()]
    needed = {fork for line in lines for fork in line if sum(fork in other for other in lines) > 1}
    level.bases = {fork: base for fork, base in level.bases.items() if fork in needed}
    for token in level.tasks.values():
        if token.met:
            token.met &= needed
    level.is_crossed = any(token.met for token in level.tasks.values())


def straightened(fork: Token, only: Token) -> None:
    """A fork leaves the tree because only one of its branches is left in it; who has met it may still be compared with that one."""
    level = fork.workflow
    if any(fork.id in token.met for token in level.tasks.values()):
        level.bases[fork.id] = (dict(fork.data), frozenset(known(fork)))
        only.met |= {fork.id}


def joined(level: Process | Level, tokens: list[Token], on_conflict: Callable[[Token], OnConflict]) -> Variables:
    """The merged data of ``tokens`` in order of arrival."""
    data, line = level.seen_at(tokens[0]), known(tokens[0])
    for token in tokens[1:]:
        own = known(token)
        data = _merged(_latest(level, line & own), data, level.seen_at(token), on_conflict(token))
        line |= own
    return data


def view(level: Process | Level, standing: list[Token], last: Token | None, on_conflict: OnConflict) -> Variables:
    """What ``standing`` (forks before their branches) would give if all branches joined now; inner forks first, ``last`` at the end."""
    seen: dict[int, tuple[bool, int, Variables, set[int]]] = {}
    for token in reversed(standing):
        parts = sorted((seen[child] for child in token._children if child in seen), key=lambda part: part[:2])
        if not parts:
            seen[token.id] = (token is last, token.id, level.seen_at(token), known(token))
            continue
        _, _, data, line = parts[0]
        for part in parts[1:]:
            data = _merged(_latest(level, line & part[3]), data, part[2], on_conflict)
            line = line | part[3]
        seen[token.id] = (token is last or any(part[0] for part in parts), parts[-1][1], data, line)
    return seen[standing[0].id][2] if standing else {}


def newer(updates: Variables, line: set[int], token: Token) -> tuple[Variables, Variables]:
    """Those of ``updates``, from a branch that descended from the forks ``line``, that ``token`` does not know already.

    And its own values that the branch knew, which are thus replaced without a conflict.
    """
    own = known(token) if token.is_open else known(token) | {token.id}
    bases = _latest(token.workflow, line & own)
    mine = {name: token.data[name] for name in updates if name in token.data}
    changed = _changes(bases, mine)
    return _changes(bases, updates), {name: value for name, value in mine.items() if name not in changed}


def part(fork: Token) -> None:
    """Something is about to be set below ``fork``. Who stands elsewhere and knows the same forks keeps them as they were.

    The forks below then descend from what they were, which is therefore the latest that both sides have in common.
    """
    level, inside = fork.workflow, {token.id for token in fork.subtree()}
    known_inside, known_elsewhere = _known_by(level, inside)
    below = {id for id in known_inside & known_elsewhere if id == fork.id or fork.id in _line(level, id)}
    copies = {id: fork.top.issue_id() for id in sorted(below)}
    if copies:
        _put_copies(level, copies, inside, known_inside)


def base_updates(fork: Token, updates: Variables, line: set[int] | None) -> list[tuple[Variables, Variables]]:
    """Which of ``updates``, spread from ``fork``, also hold for the forks below it that have left the tree."""
    level = fork.workflow
    return [
        (data, updates if line is None else _changes(_latest(level, line & {id, *known_to_it}), updates))
        for id, (data, known_to_it) in level.bases.items()
        if fork.parent.id <= 0 or fork.id in known_to_it
    ]


def _known_by(level: Process | Level, inside: set[int]) -> tuple[set[int], set[int]]:
    """The forks that the tokens ``inside`` know, and those that the others know."""
    found: tuple[set[int], set[int]] = (set(), set())
    for token in level.leaves():
        found[token.id not in inside].update(known(token))
    return found


def _put_copies(level: Process | Level, copies: dict[int, int], inside: set[int], known_inside: set[int]) -> None:
    """Inside, the ``copies`` come before their forks; elsewhere they take their place."""

    def before(forks: Iterable[int]) -> set[int]:
        return {copies[id] for id in forks if id in copies}

    def instead(forks: Iterable[int]) -> frozenset[int]:
        return frozenset(copies.get(id, id) for id in forks)

    old = {copy: (dict(base[0]), instead(base[1])) for id, copy in copies.items() if (base := _base(level, id)) is not None}
    for id, (data, line) in level.bases.items():
        level.bases[id] = (data, line | before({id, *line})) if id in known_inside else (data, instead(line))
    for token in level.tasks.values():
        if token.id in inside:
            token.met |= before({token.id, *token.met})
        elif token.met:
            token.met = instead(token.met)
    level.bases |= old


def _latest(level: Process | Level, forks: set[int]) -> list[Variables]:
    """The variables at those of ``forks`` from which none of the others descends."""
    bases = {fork: base for fork in forks if (base := _base(level, fork)) is not None}
    older = {fork for _, line in bases.values() for fork in line}
    latest = {fork: data for fork, (data, _) in bases.items() if fork not in older}
    for outermost in level.task_tree._children:  # it may be younger than what it now is above
        if len(latest) > 1:
            latest.pop(outermost, None)
    return list(latest.values())


def _line(level: Process | Level, fork: int) -> frozenset[int]:
    base = _base(level, fork)
    return frozenset() if base is None else base[1]


def _base(level: Process | Level, fork: int) -> Base | None:
    token = level.tasks.get(fork)
    return level.bases.get(fork) if token is None else (token.data, frozenset(known(token)))


def _merged(bases: list[Variables], ours: Variables, theirs: Variables, on_conflict: OnConflict) -> Variables:
    merged, mine = dict(ours), _changes(bases, ours)
    for name, value in _changes(bases, theirs).items():
        if name in mine and not is_same(mine[name], value):
            on_conflict(name, value, mine[name])
        merged[name] = value
    return merged


def _changes(bases: list[Variables], data: Variables) -> Variables:
    return {name: value for name, value in data.items() if not any(is_same(base.get(name, _MISSING), value) for base in bases)}
