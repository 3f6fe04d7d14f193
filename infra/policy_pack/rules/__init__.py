"""Every rule of the pack: one file a subject, `RULES` for all of them."""

from infra.policy_pack.rule import Rule
from infra.policy_pack.rules import adopted, residency, retention, terminators

__all__ = ["RULES"]

RULES: tuple[Rule, ...] = (
    *adopted.RULES,
    *residency.RULES,
    *retention.RULES,
    *terminators.RULES,
)
