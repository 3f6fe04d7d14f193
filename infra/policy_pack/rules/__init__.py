"""Every rule of the pack: one file a subject, `RULES` for all of them."""

from infra.policy_pack.rule import Rule
from infra.policy_pack.rules import (
    account,
    adopted,
    buckets,
    keys,
    networks,
    protection,
    residency,
    retention,
    routes,
    serving,
    settings,
    statements,
    tagging,
    terminators,
)

__all__ = ["RULES"]

RULES: tuple[Rule, ...] = (
    *adopted.RULES,
    *account.RULES,
    *buckets.RULES,
    *keys.RULES,
    *networks.RULES,
    *protection.RULES,
    *residency.RULES,
    *retention.RULES,
    *routes.RULES,
    *serving.RULES,
    *settings.RULES,
    *statements.RULES,
    *tagging.RULES,
    *terminators.RULES,
)
