"""What a key's policy must let services do, seen together with what the key is used for.

Sources: Amazon CloudWatch Logs User Guide, "Encrypt log data in CloudWatch Logs using AWS KMS"; AWS KMS Developer
Guide, "Condition keys for AWS KMS", section on ``kms:GrantIsForAWSResource``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from fnmatch import fnmatchcase
from typing import Any, cast

from infra.constraints.policies import conditions, documents, strings
from infra.constraints.values import text
from infra.policy_pack.expectations import Expectations
from infra.policy_pack.planned import StackResource
from infra.policy_pack.rule import Finding, Rule
from infra.policy_pack.rules.parts import names, of_type

_KEY = "aws:kms/key:Key"
_GROUP = "aws:cloudwatch/logGroup:LogGroup"
_CONFIGURATION = "aws:sagemaker/endpointConfiguration:EndpointConfiguration"
_CONTEXT = "kms:encryptioncontext:aws:logs:arn"

Found = Iterator[tuple[StackResource, Finding]]


def _statements(resource: StackResource) -> list[Mapping[str, Any]] | None:
    """The allowing statements of a key's policy; None where the policy is not known."""
    if text(resource.properties, "policy") is None:
        return None
    allowed = [statement for document in documents(resource) for _, statement in document.statements()]
    return [statement for statement in allowed if statement.get("Effect") == "Allow"]


def _logs(stack: Sequence[StackResource], expected: Expectations) -> Found:
    del expected
    for group in of_type(stack, _GROUP):
        for key in of_type(stack, _KEY):
            statements = _statements(key) if names(group, "kmsKeyId", key, "arn") else None
            name, region = text(group.properties, "name"), group.region
            if statements is None or name is None or region is None:
                continue
            if not any(_lets_logs(statement, name, region) for statement in statements):
                message = f"the policy of {key.name} does not let logs.{region}.amazonaws.com use it for {name}"
                yield group, Finding(property="kmsKeyId", message=message)


def _lets_logs(statement: Mapping[str, Any], group: str, region: str) -> bool:
    principal: Any = statement.get("Principal")
    services = strings(cast("Mapping[str, Any]", principal).get("Service")) if isinstance(principal, Mapping) else []
    if f"logs.{region}.amazonaws.com" not in services:
        return False
    contexts = [values for _, key, values in conditions(statement) if key == _CONTEXT]
    # The account stands before log-group; it is the key's own.
    covered = any(
        fnmatchcase(f":log-group:{group}", ":log-group:" + pattern.partition(":log-group:")[2])
        for values in contexts
        for pattern in values
    )
    return covered or not contexts


def _volumes(stack: Sequence[StackResource], expected: Expectations) -> Found:
    """SageMaker attaches an encrypted volume by a grant that it makes as the execution role."""
    del expected
    roles = [
        statement
        for one in of_type(stack, "aws:iam/rolePolicy:RolePolicy", "aws:iam/policy:Policy", "aws:iam/role:Role")
        for document in documents(one)
        for _, statement in document.statements()
    ]
    for configuration in of_type(stack, _CONFIGURATION):
        for key in of_type(stack, _KEY):
            statements = _statements(key) if names(configuration, "kmsKeyArn", key, "arn") else None
            if statements is not None and not any(_lets_grant(each) for each in (*statements, *roles)):
                message = "no role of the stack may make the grant that attaches an encrypted volume"
                yield configuration, Finding(property="kmsKeyArn", message=message)


def _lets_grant(statement: Mapping[str, Any]) -> bool:
    allows = any(fnmatchcase("kms:creategrant", action.lower()) for action in strings(statement.get("Action")))
    return statement.get("Effect") == "Allow" and allows


RULES = (
    Rule(
        id="logs-key-policy",
        title="The key of a log group lets CloudWatch Logs use it for that group.",
        source="Amazon CloudWatch Logs User Guide, Encrypt log data in CloudWatch Logs using AWS KMS",
        remedy="allow logs.<region>.amazonaws.com under kms:EncryptionContext:aws:logs:arn with the group's ARN",
        stack=_logs,
    ),
    Rule(
        id="sagemaker-volume-grant",
        title="The key of an endpoint's volumes lets the execution role make SageMaker's grant.",
        source="Amazon SageMaker AI Developer Guide, SageMaker AI Roles",
        remedy="allow kms:CreateGrant to the execution role, where kms:GrantIsForAWSResource is true",
        stack=_volumes,
    ),
)
