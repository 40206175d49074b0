"""The public face of FEEL, DMN and form validation. Everybody else imports from here only."""

from engine.feel.decisions import DecisionInfo, DecisionModel, DecisionOutcome, RuleInfo
from engine.feel.facade import Feel
from engine.feel.forms import FormOutcome
from engine.feel.limits import Limits
from engine.feel.outlines import DecisionOutline, decision_outlines
from engine.feel.problems import Examination, FeelFailed, Problem

__all__ = [
    "DecisionInfo",
    "DecisionModel",
    "DecisionOutcome",
    "DecisionOutline",
    "Examination",
    "Feel",
    "FeelFailed",
    "FormOutcome",
    "Limits",
    "Problem",
    "RuleInfo",
    "decision_outlines",
]
