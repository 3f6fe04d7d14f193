"""Whom a policy may name as a principal.

Sources: IAM User Guide, "AWS JSON policy elements: Principal" and "AWS JSON policy elements: NotPrincipal".
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, cast

from infra.constraints.planned import PlannedResource
from infra.constraints.policies import DOCUMENTS, conditions, documents, strings
from infra.constraints.rule import Finding, Rule

_PARTITION = r"arn:aws(?:-[a-z]+)*"
_PRINCIPAL_NAME = r"(?:[\w+=,.@-]+/)*[\w+=,.@-]+"
#: What may stand as an AWS principal: everyone, an account, a role, a user, a session of a role, a federated user.
_AWS = re.compile(
    rf"\*|\d{{12}}|AROA[A-Z0-9]+|AIDA[A-Z0-9]+"
    rf"|{_PARTITION}:iam::\d{{12}}:(?:root|(?:role|user)/{_PRINCIPAL_NAME})"
    rf"|{_PARTITION}:sts::\d{{12}}:(?:assumed-role/[\w+=,.@-]{{1,64}}/[\w+=,.@-]{{2,64}}|federated-user/[\w+=,.@-]+)"
    rf"|{_PARTITION}:iam::cloudfront:user/.+"
)
_SERVICE = re.compile(r"(?:[a-z0-9-]+\.)+amazonaws\.com(?:\.cn)?|[a-z0-9-]+\.amazonaws\.com")
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
        for path, statement in document.statements():
            for kind, value in _named(statement):
                if kind not in ("AWS", "Service", "Federated", "CanonicalUser"):
                    yield Finding(property=path, message=f"{kind!r} is no kind of principal")
                elif kind == "AWS" and not _AWS.fullmatch(value):
                    yield Finding(
                        property=path, message=f"{value!r} cannot be a principal: it must name one that exists"
                    )
                elif kind == "Service" and not _SERVICE.fullmatch(value):
                    yield Finding(property=path, message=f"{value!r} is no service principal")


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
