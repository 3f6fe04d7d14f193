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
from infra.policy_pack.levels import Level
from infra.policy_pack.reading import read_resource, read_stack
from infra.policy_pack.rule import Finding, Rule

_STACK = "pulumi:pulumi:Stack"


def policies(rules: Sequence[Rule]) -> list[Policy]:
    """The policies of the pack, in the order in which the SDK has to run them.

    Args:
        rules: The rules; each becomes the policy of its id.
    """
    configured, advice = Configured(), _Advice()
    return [
        _Compliance(configured),
        *(_ResourceRule(rule, configured, advice) for rule in rules if rule.resource is not None),
        _ResourceAdvice(advice),
        *(_StackRule(rule, configured, advice) for rule in rules if rule.stack is not None),
        _StackAdvice(advice),
    ]


class _Advice(threading.local):
    """What the rules found in the call that runs on this thread and only advise on."""

    def __init__(self) -> None:
        self.found: list[tuple[Rule, Finding, str]] = []

    def report(self, report_violation: ReportViolation) -> None:
        found, self.found = self.found, []
        for rule, finding, urn in found:
            report_violation(f"{rule.id}: {rule.title}\n{_shown(rule, finding)}", urn)


class _Compliance(ResourceValidationPolicy):
    """Takes in what is configured for the whole pack; comes first."""

    def __init__(self, configured: Configured) -> None:
        super().__init__(
            name="compliance",
            description="A stack's specification says which compliance regimes it is under.",
            enforcement_level=EnforcementLevel.MANDATORY,
            config_schema=configuration.OF_THE_PACK,
        )
        self._configured = configured

    def validate(self, args: ResourceValidationArgs, report_violation: ReportViolation) -> None:
        self._configured.take(args.get_config())
        if args.resource_type == _STACK:
            try:
                self._configured.expectations(args.urn)
            except UserError as error:
                report_violation(f"the specification cannot be read: {error}", args.urn)


class _ResourceRule(ResourceValidationPolicy):
    def __init__(self, rule: Rule, configured: Configured, advice: _Advice) -> None:
        super().__init__(
            name=rule.id,
            description=rule.title,
            enforcement_level=_initial(rule),
            config_schema=configuration.of_rule(rule),
            remediation_steps=rule.remedy,
        )
        self._rule, self._configured, self._advice = rule, configured, advice

    def validate(self, args: ResourceValidationArgs, report_violation: ReportViolation) -> None:
        rule = self._rule
        if not rule.applies_to(args.resource_type):
            return
        level, expected = self._configured.of_rule(rule, args.get_config(), args.urn)
        if level is Level.DISABLED:
            return
        for finding in rule.examine(read_resource(args), expected):
            if level is Level.ADVISORY:
                self._advice.found.append((rule, finding, args.urn))
            else:
                report_violation(_shown(rule, finding), args.urn)


class _StackRule(StackValidationPolicy):
    def __init__(self, rule: Rule, configured: Configured, advice: _Advice) -> None:
        super().__init__(
            name=rule.id,
            description=rule.title,
            validate=self._validate,
            enforcement_level=_initial(rule),
            config_schema=configuration.of_rule(rule),
            remediation_steps=rule.remedy,
        )
        self._rule, self._configured, self._advice = rule, configured, advice

    def _validate(self, args: StackValidationArgs, report_violation: ReportViolation) -> None:
        rule = self._rule
        if not args.resources:
            return
        level, expected = self._configured.of_rule(rule, args.get_config(), args.resources[0].urn)
        if level is Level.DISABLED:
            return
        for resource, finding in rule.examine_stack(read_stack(args.resources), expected):
            if level is Level.ADVISORY:
                self._advice.found.append((rule, finding, resource.urn))
            else:
                report_violation(_shown(rule, finding), resource.urn)


class _ResourceAdvice(ResourceValidationPolicy):
    def __init__(self, advice: _Advice) -> None:
        super().__init__(
            name="advice",
            description="What the stack's compliance regimes do not demand, and is good practice.",
            enforcement_level=EnforcementLevel.ADVISORY,
        )
        self._advice = advice

    def validate(self, args: ResourceValidationArgs, report_violation: ReportViolation) -> None:
        del args
        self._advice.report(report_violation)


class _StackAdvice(StackValidationPolicy):
    def __init__(self, advice: _Advice) -> None:
        super().__init__(
            name="stack-advice",
            description="What the stack's compliance regimes do not demand, and is good practice.",
            validate=self._validate,
            enforcement_level=EnforcementLevel.ADVISORY,
        )
        self._advice = advice

    def _validate(self, args: StackValidationArgs, report_violation: ReportViolation) -> None:
        del args
        self._advice.report(report_violation)


def _initial(rule: Rule) -> EnforcementLevel:
    """A rule that no regime turns on is off as a whole, so that the engine says so."""
    strictest = {rule.level, *rule.levels.values()}
    return EnforcementLevel.DISABLED if strictest == {Level.DISABLED} else EnforcementLevel.MANDATORY


def _shown(rule: Rule, finding: Finding) -> str:
    standards = f"; {', '.join(rule.standards)}" if rule.standards else ""
    return (
        f"{finding.property}: {finding.message} ({rule.id}; {rule.source}{standards})\n"
        f"    remedy: {finding.remedy or rule.remedy}"
    )
