"""What AWS refuses, or takes and then does not do, checked on planned resources before anything is made.

Each file holds the rules of one subject. `RULES` is the table of all of them; `violations` applies it.
"""

from __future__ import annotations

from collections.abc import Iterator

from infra.constraints import (
    bucket_policies,
    bucket_settings,
    deployments,
    ecr,
    governance,
    grammar,
    iam_settings,
    identity_statements,
    kms,
    names,
    network,
    observability,
    principals,
    sagemaker,
    sizes,
    tags,
    trust,
    vpc_endpoints,
)
from infra.constraints.planned import UNKNOWN, PlannedResource
from infra.constraints.rule import Finding, Rule, Violation

__all__ = ["RULES", "UNKNOWN", "Finding", "PlannedResource", "Rule", "Violation", "violations"]

RULES: tuple[Rule, ...] = (
    *names.RULES,
    *tags.RULES,
    *sizes.RULES,
    *grammar.RULES,
    *principals.RULES,
    *trust.RULES,
    *identity_statements.RULES,
    *iam_settings.RULES,
    *kms.RULES,
    *bucket_policies.RULES,
    *bucket_settings.RULES,
    *network.RULES,
    *vpc_endpoints.RULES,
    *ecr.RULES,
    *sagemaker.RULES,
    *deployments.RULES,
    *observability.RULES,
    *governance.RULES,
)


def violations(resource: PlannedResource) -> Iterator[Violation]:
    """Every rule that `resource` breaks, as far as its values are known."""
    if not resource.type.startswith("aws:"):
        return
    for rule in RULES:
        if not rule.types or resource.type in rule.types:
            for finding in rule.check(resource):
                yield Violation(
                    rule=rule,
                    resource=resource,
                    property=finding.property,
                    message=finding.message,
                    remedy=finding.remedy or rule.remedy,
                )
