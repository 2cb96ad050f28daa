"""The rules of publication: one table, in the order in which a page lists them.

What the law closes and asks, law by law, then what the portal needs to know. To add a
rule, add a row to the table of its law and a story to ``tests/test_rules.py``.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from . import completeness, law_05_20, law_09_08, law_31_13, questions
from .rule import Outcome, Rule

__all__ = ["RULES", "Outcome", "Rule", "find"]

RULES: tuple[Rule, ...] = (
    *law_05_20.RULES,
    *law_31_13.RULES,
    *law_09_08.RULES,
    *questions.RULES,
    *completeness.RULES,
)

_BY_ID: Mapping[str, Rule] = MappingProxyType({each.id: each for each in RULES})


def find(rule_id: str) -> Rule | None:
    """Return the rule that has this id, or None."""
    return _BY_ID.get(rule_id)
