"""What a policy document may not say, beside what `infra.constraints` finds in one."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from fnmatch import fnmatchcase
from typing import Any, cast

from infra.constraints.policies import conditions, documents, strings
from infra.constraints.values import texts
from infra.evaluator.kinds import PolicyKind
from infra.policy_documents import DOCUMENTS
from infra.policy_pack.expectations import Expectations
from infra.policy_pack.planned import StackResource
from infra.policy_pack.rule import Finding, Rule

_IDENTITIES = frozenset(
    {
        "aws:iam/policy:Policy",
        "aws:iam/rolePolicy:RolePolicy",
        "aws:iam/userPolicy:UserPolicy",
        "aws:iam/groupPolicy:GroupPolicy",
        "aws:iam/role:Role",
    }
)


def _administrator(resource: StackResource, expected: Expectations) -> Iterator[Finding]:
    del expected
    for document in documents(resource):
        if document.kind is not PolicyKind.IDENTITY:
            continue
        for path, statement in document.statements():
            everything = "*" in strings(statement.get("Action")) or "*:*" in strings(statement.get("Action"))
            everywhere = "*" in strings(statement.get("Resource"))
            if statement.get("Effect") == "Allow" and everything and everywhere and not statement.get("Condition"):
                yield Finding(property=path, message="every action on every resource is allowed, under no condition")


#: Keys by which a policy says for whose resource a service acts; KMS knows it by its encryption context.
_ON_BEHALF = ("aws:sourcearn", "aws:sourceaccount", "aws:sourceorgid", "aws:sourceorgpaths")


def _service(resource: StackResource, expected: Expectations) -> Iterator[Finding]:
    del expected
    for document in documents(resource):
        if document.kind is not PolicyKind.RESOURCE:
            continue
        for path, statement in document.statements():
            principal: Any = statement.get("Principal")
            services = strings(principal.get("Service")) if isinstance(principal, Mapping) else []  # pyright: ignore[reportUnknownArgumentType, reportUnknownMemberType]
            keys = {key for operator, key, _ in conditions(statement) if not _is_negated(operator)}
            bound = keys & set(_ON_BEHALF) or any(key.startswith("kms:encryptioncontext:") for key in keys)
            if statement.get("Effect") == "Allow" and services and not bound:
                yield Finding(property=path, message=f"{services[0]} may act on it for anybody's resources")


def _is_negated(operator: str) -> bool:
    return "Not" in operator or operator.endswith("IfExists") or operator.startswith("ForAllValues:")


def _grant(resource: StackResource, expected: Expectations) -> Iterator[Finding]:
    """A grant passes on what its maker may do: only a service of AWS should make one, for its own use."""
    del expected
    for document in documents(resource):
        for path, statement in document.statements():
            named = [one for one in strings(statement.get("Action")) if one.lower() == "kms:creategrant"]
            bound = any(
                key == "kms:grantisforawsresource" and operator == "Bool" and values == ["true"]
                for operator, key, values in conditions(statement)
            )
            if statement.get("Effect") == "Allow" and named and not bound:
                yield Finding(property=path, message="kms:CreateGrant lets its holder pass the key on to anybody")


def _accounts(resource: StackResource) -> frozenset[str]:
    """The accounts of the stack, as its provider names them."""
    value: Any = resource.provider.get("allowedAccountIds")
    if isinstance(value, str):
        try:
            value = json.loads(value)
        except ValueError:
            value = None
    return frozenset(texts({"ids": value}, "ids"))


def _other_account(resource: StackResource, expected: Expectations) -> Iterator[Finding]:
    ours = _accounts(resource) | frozenset(cast("list[str]", expected.settings.get("accounts", [])))
    known = ", ".join(sorted(ours))
    if not _accounts(resource):
        return
    for document in documents(resource):
        for path, statement in document.statements():
            principal: Any = statement.get("Principal")
            if statement.get("Effect") != "Allow" or not isinstance(principal, Mapping):
                continue
            for named in strings(cast("Mapping[str, Any]", principal).get("AWS")):
                account = named if named.isdigit() else (named.split(":") + [""] * 6)[4]
                if account.isdigit() and account not in ours:
                    yield Finding(property=path, message=f"{named} is of another account: ours is {known}")


def _every_address(resource: StackResource, expected: Expectations) -> Iterator[Finding]:
    del expected
    for document in documents(resource):
        for path, statement in document.statements():
            for operator, key, values in conditions(statement):
                wide = [value for value in values if value.endswith("/0")]
                if operator.startswith("IpAddress") and wide and statement.get("Effect") == "Allow":
                    yield Finding(property=path, message=f"{wide[0]} is every address: the condition on {key} is none")


def _image_layers(resource: StackResource, expected: Expectations) -> Iterator[Finding]:
    """Images are pulled through S3: an endpoint's policy that leaves their bucket out makes every pull fail."""
    del expected
    service = resource.properties.get("serviceName")
    if not isinstance(service, str) or not service.startswith("com.amazonaws.") or not service.endswith(".s3"):
        return
    layers = f"arn:aws:s3:::prod-{service.split('.')[2]}-starport-layer-bucket/x"
    for document in documents(resource):
        allowed = any(
            statement.get("Effect") == "Allow"
            and any(fnmatchcase(layers, pattern) for pattern in strings(statement.get("Resource")))
            and any(fnmatchcase("s3:getobject", action.lower()) for action in strings(statement.get("Action")))
            for _, statement in document.statements()
        )
        if not allowed:
            message = f"nobody may read {layers.removesuffix('/x')}, through which ECR hands out the layers of images"
            yield Finding(property=document.property, message=message)


RULES = (
    Rule(
        id="policy-administrator",
        title="No identity's policy allows everything on everything.",
        source="AWS Security Hub User Guide, Security Hub CSPM controls for IAM",
        remedy="name the actions and resources that are needed",
        types=_IDENTITIES,
        resource=_administrator,
        standards=("IAM.1",),
    ),
    Rule(
        id="policy-service-source",
        title="A service that a resource's policy lets in acts for named resources or accounts only.",
        source="IAM User Guide, The confused deputy problem",
        remedy="add conditions on aws:SourceArn and aws:SourceAccount; in a key policy, on the encryption context",
        types=frozenset(DOCUMENTS),
        resource=_service,
    ),
    Rule(
        id="policy-grants",
        title="Only services of AWS get to make grants of a key, for their own use.",
        source="AWS KMS Developer Guide, Grants in AWS KMS",
        remedy="add a condition Bool kms:GrantIsForAWSResource true, in a statement of its own",
        types=frozenset(DOCUMENTS),
        resource=_grant,
    ),
    Rule(
        id="policy-other-account",
        title="Policies name principals of the stack's own account.",
        source="AWS Security Hub User Guide, Security Hub CSPM controls for Amazon S3",
        remedy="remove the principal, or configure its account in accounts",
        types=frozenset(DOCUMENTS),
        resource=_other_account,
        standards=("S3.6",),
        schema={
            "accounts": {
                "type": "array",
                "items": {"type": "string", "pattern": "^[0-9]{12}$"},
                "description": "The ids of further accounts that may be let in.",
            }
        },
    ),
    Rule(
        id="policy-every-address",
        title="A condition on addresses leaves some out.",
        source="IAM User Guide, IAM JSON policy elements: Condition operators",
        remedy="name the addresses, or the endpoint by aws:SourceVpce",
        types=frozenset(DOCUMENTS),
        resource=_every_address,
    ),
    Rule(
        id="vpc-endpoint-image-layers",
        title="An S3 endpoint lets images be pulled.",
        source="Amazon ECR User Guide, Amazon ECR interface VPC endpoints (AWS PrivateLink)",
        remedy="allow s3:GetObject on arn:aws:s3:::prod-<region>-starport-layer-bucket/*",
        types=frozenset({"aws:ec2/vpcEndpoint:VpcEndpoint"}),
        resource=_image_layers,
    ),
)
