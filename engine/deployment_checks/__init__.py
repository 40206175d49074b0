"""The public face of the checks before a deployment. Everybody else imports from here only."""

from engine.deployment_checks.checks import Surroundings, check_set, check_writing, definition_set, parse_files
from engine.deployment_checks.definition_set import DefinitionSet, Variable, variables_at
from engine.deployment_checks.layout import is_only_layout
from engine.deployment_checks.parsed import ParsedFile

__all__ = [
    "DefinitionSet",
    "ParsedFile",
    "Surroundings",
    "Variable",
    "check_set",
    "check_writing",
    "definition_set",
    "is_only_layout",
    "parse_files",
    "variables_at",
]
