"""The rules as CrossGuard policies: one policy a rule, and what a stack's regimes make advisory through two more.

Pulumi knows one enforcement level a policy, while ours follows from the regimes that a stack is under. So each rule is
a mandatory policy, unless the configuration says otherwise, and hands what is only advisory to ``advice``, which runs
after all others.

Source: Pulumi documentation, "Policy as Code", "Policy authoring".
"""

from __future__ import annotations

import threading
from collections.abc import Sequence

from pulumi_policy import (
    EnforcementLevel,
    Policy,
    ReportViolation,
    ResourceValidationArgs,
    ResourceValidationPolicy,
    StackValidationArgs,
    StackValidationPolicy,
)

from infra.errors import UserError
from infra.policy_pack import configuration
from infra.policy_pack.configuration import Configured
from infra.policy_pack.isolation.policy import isolation
from infra.policy_pack.levels import Level
from infra.policy_pack.reading import read_resource, read_stack
from infra.policy_pack.rule import Finding, Rule

_STACK = "pulumi:pulumi:Stack"


_GOOD_PRACTICE = "What the stack's compliance regimes do not demand, and is good practice."


def policies(rules: Sequence[Rule]) -> list[Policy]:
    """The policies of the pack, in the order in which the SDK has to run them.

    Args:
        rules: The rules; each becomes the policy of its id.
    """
    configured, advice = Configured(), _Advice()
    return [
        _compliance(configured),
        *(_of_resources(rule, configured, advice) for rule in rules if rule.resource is not None),
        ResourceValidationPolicy(
            name="advice",
            description=_GOOD_PRACTICE,
            validate=lambda _, report_violation: advice.report(report_violation),
            enforcement_level=EnforcementLevel.ADVISORY,
        ),
        *(_of_stacks(rule, configured, advice) for rule in rules if rule.stack is not None),
        isolation(advice.take),
        StackValidationPolicy(
            name="stack-advice",
            description=_GOOD_PRACTICE,
            validate=lambda _, report_violation: advice.report(report_violation),
            enforcement_level=EnforcementLevel.ADVISORY,
        ),
    ]


class _Advice(threading.local):
    """What the rules found in the call that runs on this thread and only advise on."""

    def __init__(self) -> None:
        self._found: list[tuple[str, str | None]] = []

    def take(self, message: str, urn: str | None) -> None:
        """Keep what was found."""
        self._found.append((message, urn))

    def report(self, report_violation: ReportViolation) -> None:
        """Report what was found since the last time."""
        found, self._found = self._found, []
        for message, urn in found:
            report_violation(message, urn)


def _compliance(configured: Configured) -> Policy:
    """Takes in what is configured for the whole pack, and says where a stack's regimes cannot be known."""

    def validate(args: ResourceValidationArgs, report_violation: ReportViolation) -> None:
        configured.take(args.get_config())
        if args.resource_type == _STACK:
            try:
                configured.expectations(args.urn)
            except UserError as error:
                report_violation(f"the specification cannot be read: {error}", args.urn)

    return ResourceValidationPolicy(
        name="compliance",
        description="A stack's specification says which compliance regimes it is under.",
        validate=validate,
        enforcement_level=EnforcementLevel.MANDATORY,
        config_schema=configuration.OF_THE_PACK,
    )


def _of_resources(rule: Rule, configured: Configured, advice: _Advice) -> Policy:
    def validate(args: ResourceValidationArgs, report_violation: ReportViolation) -> None:
        if not rule.applies_to(args.resource_type):
            return
        level, expected = configured.of_rule(rule, args.get_config(), args.urn)
        if level is Level.DISABLED:
            return
        for finding in rule.examine(read_resource(args), expected):
            _hand_on(rule, finding, args.urn, level, advice, report_violation)

    return ResourceValidationPolicy(
        name=rule.id,
        description=rule.title,
        validate=validate,
        enforcement_level=EnforcementLevel.MANDATORY,
        config_schema=configuration.of_rule(rule),
        remediation_steps=rule.remedy,
    )


def _of_stacks(rule: Rule, configured: Configured, advice: _Advice) -> Policy:
    def validate(args: StackValidationArgs, report_violation: ReportViolation) -> None:
        if not args.resources:
            return
        level, expected = configured.of_rule(rule, args.get_config(), args.resources[0].urn)
        if level is Level.DISABLED:
            return
        for resource, finding in rule.examine_stack(read_stack(args.resources), expected):
            _hand_on(rule, finding, resource.urn, level, advice, report_violation)

    return StackValidationPolicy(
        name=rule.id,
        description=rule.title,
        validate=validate,
        enforcement_level=EnforcementLevel.MANDATORY,
        config_schema=configuration.of_rule(rule),
        remediation_steps=rule.remedy,
    )


def _hand_on(
    rule: Rule, finding: Finding, urn: str, level: Level, advice: _Advice, report_violation: ReportViolation
) -> None:
    if level is Level.ADVISORY:
        advice.take(f"{rule.title}\n{_shown(rule, finding)}", urn)
    else:
        report_violation(_shown(rule, finding), urn)


def _shown(rule: Rule, finding: Finding) -> str:
    standards = f"; {', '.join(rule.standards)}" if rule.standards else ""
    return (
        f"{finding.property}: {finding.message} ({rule.id}; {rule.source}{standards})\n"
        f"    remedy: {finding.remedy or rule.remedy}"
    )
