"""Whether somebody is there for each user task: groups with active members, accounts that exist. Reads no database."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from engine.bpmn.drawing import Drawing, Node
from engine.bpmn.settings import Text, UserTask
from engine.deployment_checks.advice import Advice


def check_people(process: Drawing, members: Mapping[str, int] | None, accounts: frozenset[str], advice: Advice) -> None:
    """Findings about who may do the user tasks of one process.

    ``members``: active accounts by group. None, or nobody in any group yet: an installation being set up, of which nothing is said.
    """
    is_staffed = members is not None and any(members.values())
    for node in (node for level in process.levels() for node in level.nodes.values()):
        if not isinstance(node.settings, UserTask):
            continue
        task = node.settings
        if task.assignee is None and task.candidate_users is None and task.candidate_groups is None:
            advice.at("nobody", node)
        if is_staffed and members is not None:
            _empty_groups(node, task, members, advice)
            _unknown_accounts(node, task, accounts, advice)


def _empty_groups(node: Node, task: UserTask, members: Mapping[str, int], advice: Advice) -> None:
    groups = list(_literals(task.candidate_groups))
    empty = [group for group in groups if group in members and not members[group]]
    for group in empty:
        is_alone = len(empty) == len(groups) and task.assignee is None and task.candidate_users is None
        advice.at("group-empty" if is_alone else "group-empty-too", node, group=group)


def _unknown_accounts(node: Node, task: UserTask, accounts: frozenset[str], advice: Advice) -> None:
    for name in (*_literals(task.assignee), *_literals(task.candidate_users)):
        if name not in accounts:
            advice.at("no-account", node, account=name)


def _literals(text: Text | None) -> Iterator[str]:
    """Names written in the diagram; what an expression gives is known only when it runs."""
    if text is not None and not text.is_feel:
        yield from filter(None, (part.strip() for part in text.source.split(",")))
