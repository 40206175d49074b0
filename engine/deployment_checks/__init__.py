"""The public face of the checks before a deployment. Everybody else imports from here only."""

from engine.deployment_checks.checks import Surroundings, check_set, check_writing, parse_files
from engine.deployment_checks.layout import is_only_layout
from engine.deployment_checks.parsed import ParsedFile
from engine.deployment_checks.variables import variables_set_by

__all__ = ["ParsedFile", "Surroundings", "check_set", "check_writing", "is_only_layout", "parse_files", "variables_set_by"]
