"""Whom a policy may name as a principal.

Sources: IAM User Guide, "AWS JSON policy elements: Principal" and "AWS JSON policy elements: NotPrincipal".
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, cast

from infra.constraints.planned import PlannedResource
from infra.constraints.policies import conditions, documents, strings
from infra.constraints.rule import Finding, Rule
from infra.evaluator.grammar import Subject
from infra.policy_documents import DOCUMENTS

_ENDPOINT = "aws:ec2/vpcEndpoint:VpcEndpoint"
#: Condition keys that say who calls: a statement for everyone that has one of them in a positive operator is bounded.
_WHO = frozenset(
    {
        "aws:principalarn", "aws:principalaccount", "aws:principalorgid", "aws:principalorgpaths", "aws:userid",
        "aws:sourceaccount", "aws:sourcearn", "aws:sourcevpce", "kms:calleraccount", "aws:principalservicename",
    }
    | {"aws:principaltag/tenant", "aws:resourceaccount"}
)  # fmt: skip


def _named(statement: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """The kind and value of each principal of a statement; everyone is an AWS principal."""
    for element in ("Principal", "NotPrincipal"):
        principal: Any = statement.get(element)
        if isinstance(principal, Mapping):
            for kind, values in cast("Mapping[str, Any]", principal).items():
                yield from ((kind, value) for value in strings(values))
        else:
            yield from (("AWS", value) for value in strings(principal))


def _exist(resource: PlannedResource) -> Iterator[Finding]:
    for document in documents(resource):
        for path, message in document.refusals(Subject.PRINCIPAL):
            yield Finding(property=path, message=message)


def _bounded(resource: PlannedResource) -> Iterator[Finding]:
    for document in documents(resource):
        for path, statement in document.statements():
            everyone = ("AWS", "*") in set(_named(statement))
            positive = {key for operator, key, _ in conditions(statement) if _is_positive(operator)}
            # An endpoint's policy gives nobody a right: there it is enough to name what may be reached through it.
            bounded = positive & _WHO or (resource.type == _ENDPOINT and "*" not in strings(statement.get("Resource")))
            if statement.get("Effect") == "Allow" and everyone and not bounded:
                yield Finding(property=path, message="everyone is allowed, and no condition says who")


def _is_positive(operator: str) -> bool:
    return "Not" not in operator and not operator.endswith("IfExists") and not operator.startswith("ForAllValues:")


def _not_principal(resource: PlannedResource) -> Iterator[Finding]:
    for document in documents(resource):
        for path, statement in document.statements():
            if "NotPrincipal" in statement:
                yield Finding(
                    property=path,
                    message="NotPrincipal with Deny hits every principal that has a permission boundary, and with Allow"
                    " lets everyone else in",
                )


RULES = (
    Rule(
        id="policy-principals",
        title="A principal is an account, a role, user or session by its whole ARN, a service, or everyone.",
        types=frozenset(DOCUMENTS),
        source="IAM User Guide, AWS JSON policy elements: Principal",
        remedy="name the whole ARN; for a pattern allow everyone under a condition on aws:PrincipalArn",
        check=_exist,
    ),
    Rule(
        id="policy-everyone",
        title="A statement that allows everyone has a condition that says who.",
        types=frozenset(DOCUMENTS),
        source="IAM User Guide, AWS JSON policy elements: Principal",
        remedy="name the principals, or add a condition on aws:PrincipalArn, aws:PrincipalAccount or aws:SourceArn",
        check=_bounded,
    ),
    Rule(
        id="policy-not-principal",
        title="NotPrincipal is not used.",
        types=frozenset(DOCUMENTS),
        source="IAM User Guide, AWS JSON policy elements: NotPrincipal",
        remedy="deny everyone under a condition ArnNotEquals on aws:PrincipalArn",
        check=_not_principal,
    ),
)
