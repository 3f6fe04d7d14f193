"""How long logs are kept."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from infra.constraints.values import number
from infra.policy_pack.expectations import Expectations
from infra.policy_pack.levels import Level, Regime
from infra.policy_pack.planned import StackResource
from infra.policy_pack.rule import Finding, Rule

#: Days. SOC 2 and HIPAA name no number for logs; 365 is the default of the control that the rule stands for.
_LEAST: Mapping[Regime, int] = {Regime.GDPR: 30, Regime.SOC2: 90, Regime.HIPAA: 365}
_LEAST_OF_ALL = 30


def least_days(expected: Expectations) -> int:
    """How long the logs of a stack must be kept, in days."""
    configured = expected.settings.get("days")
    if isinstance(configured, (int, float)):
        return int(configured)
    return max((_LEAST[regime] for regime in expected.regimes), default=_LEAST_OF_ALL)


def _log_group(resource: StackResource, expected: Expectations) -> Iterator[Finding]:
    days, least = number(resource.properties, "retentionInDays"), least_days(expected)
    # None or 0 is for ever: the constraint logs-group speaks about that.
    if days is not None and 0 < days < least:
        under = f" under {', '.join(sorted(expected.regimes))}" if expected.regimes else ""
        message = f"logs are gone after {days:.0f} days, and are wanted for {least}{under}"
        yield Finding(property="retentionInDays", message=message)


_SCHEMA: dict[str, dict[str, Any]] = {
    "days": {
        "type": "integer",
        "minimum": 1,
        "maximum": 3653,
        "description": "The least number of days, in place of the regimes' own.",
    }
}

RULES = (
    Rule(
        id="log-retention",
        title="Logs are kept for as long as the stack's compliance regimes ask.",
        source="AWS Security Hub User Guide, Security Hub CSPM controls for CloudWatch",
        remedy="set retentionInDays to that number or more: retention.logs_days of the specification",
        types=frozenset({"aws:cloudwatch/logGroup:LogGroup"}),
        resource=_log_group,
        level=Level.ADVISORY,
        levels={Regime.HIPAA: Level.MANDATORY, Regime.SOC2: Level.MANDATORY},
        standards=("CloudWatch.16",),
        schema=_SCHEMA,
    ),
)
