"""The table of the controls is what the rules say, and claims no control twice for one rule."""

from __future__ import annotations

import re

from infra.policy_pack.documentation import FILE, controls
from infra.policy_pack.rules import RULES
from infra.settings import ROOT


def test_the_document_is_current() -> None:
    """After a change of a rule: python -m infra.policy_pack.documentation."""
    assert (ROOT / FILE).read_text(encoding="utf-8") == controls()


def test_every_rule_is_a_row() -> None:
    """Each rule is in the table once, with all its columns."""
    rows = [line for line in controls().splitlines() if line.startswith("| `")]
    named = [match[1] for row in rows if (match := re.match(r"\| `([a-z0-9-]+)`", row)) and row.count(" | ") == 8]
    assert named == [rule.id for rule in RULES if rule.resource] + [rule.id for rule in RULES if rule.stack]


def test_standards_are_written_as_aws_writes_them() -> None:
    """Service and number, as in S3.8, and each once a rule."""
    for rule in RULES:
        assert len(set(rule.standards)) == len(rule.standards)
        assert all(re.fullmatch(r"[A-Z][A-Za-z0-9]*\.[1-9][0-9]{0,2}", one) for one in rule.standards), rule.id
