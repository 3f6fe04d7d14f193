"""What an attacker can make of a request's context: the way it comes, its tags, headers and the service it comes by.

A set of choices names what the attacker would like the policies to see. A request gets those keys of it that AWS's
catalogue has for the action, and what AWS itself says of the principal and the resource, which nobody chooses.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import lru_cache

from infra import naming
from infra.evaluator import catalogue
from infra.evaluator.catalogue import Action
from infra.evaluator.request import ContextValue
from infra.promises import roles as promises
from infra.tags import MANAGED_BY, MANAGED_TAG, STAGE_TAG, TENANT_TAG
from tests.isolation.deployed import Endpoint, Role
from tests.isolation.inventory import Inventory, Resource

Context = Mapping[str, ContextValue]

#: Keys by which the deployed policies bind, and that only AWS sets: of the principal, the resource, a service's call.
SET_BY_AWS = frozenset(
    {
        "aws:principalaccount",
        "aws:principalarn",
        "aws:principalisawsservice",
        "aws:resourceaccount",
        "aws:sourceaccount",
        "aws:sourcearn",
        "aws:viaawsservice",
        "token.actions.githubusercontent.com:aud",
        "token.actions.githubusercontent.com:sub",
        "saml:aud",
        "saml:edupersonentitlement",
        "kms:encryptioncontext:aws:cloudtrail:arn",
        "kms:encryptioncontext:aws:logs:arn",
    }
)
#: The same for families of keys.
SET_BY_AWS_FAMILIES = ("aws:resourcetag/",)
#: The keys that the route decides: an endpoint gives them.
OF_THE_ROUTE = frozenset({"aws:sourcevpce", "aws:sourcevpc", "aws:securetransport", "s3:tlsversion"})


def choices(inventory: Inventory, tenant: str) -> Context:
    """Everything that a request can say in favour of a tenant."""
    region = inventory.platform.region

    def first(kind: str) -> str:
        return next((each.arn for each in inventory.of(tenant, kind)), "none")

    key, subnet = first("kms key"), first("ec2 subnet")
    return {
        f"aws:RequestTag/{TENANT_TAG}": tenant,
        f"aws:RequestTag/{STAGE_TAG}": inventory.platform.stage,
        f"aws:RequestTag/{MANAGED_TAG}": MANAGED_BY,
        "aws:TagKeys": [TENANT_TAG, STAGE_TAG, MANAGED_TAG],
        "application-autoscaling:service-namespace": "sagemaker",
        "cloudwatch:namespace": f"Bulkhead/{inventory.platform.stage}/{tenant}",
        "ec2:CreateAction": "CreateSubnet",
        "ec2:Subnet": subnet,
        "ec2:Vpc": first("ec2 vpc"),
        "iam:AWSServiceName": "sagemaker.application-autoscaling.amazonaws.com",
        "iam:PassedToService": "sagemaker.amazonaws.com",
        "iam:PermissionsBoundary": first("iam policy"),
        "kms:BypassPolicyLockoutSafetyCheck": False,
        "kms:EncryptionContext:aws:s3:arn": first("s3 bucket"),
        "kms:GrantIsForAWSResource": True,
        "kms:ViaService": f"s3.{region}.amazonaws.com",
        "s3:delimiter": "/",
        "s3:prefix": "private/",
        "s3:x-amz-acl": "bucket-owner-full-control",
        "s3:x-amz-server-side-encryption": "aws:kms",
        "s3:x-amz-server-side-encryption-aws-kms-key-id": key,
        "s3:x-amz-server-side-encryption-customer-algorithm": "AES256",
        "sagemaker:NetworkIsolation": True,
        "sagemaker:OutputKmsKey": key,
        "sagemaker:TargetModel": "model.tar.gz",
        "sagemaker:VolumeKmsKey": key,
        "sagemaker:VpcSecurityGroupIds": [first("ec2 security-group").rpartition("/")[2]],
        "sagemaker:VpcSubnets": [subnet.rpartition("/")[2]],
    }


def for_a_service(inventory: Inventory) -> Context:
    """A call that says it is for SageMaker."""
    return promises.for_a_service(inventory.platform)


def contexts(
    role: Role, action: Action, resource: Resource, wishes: Mapping[str, Context], ways: Mapping[str, Endpoint | None]
) -> Iterator[tuple[str, Endpoint | None, Context]]:
    """A name, the endpoint and the context of each different request that the wishes and ways make.

    Args:
        role: Who asks.
        action: For what.
        resource: On what.
        wishes: Sets of choices by name.
        ways: Endpoints by the name of the way; None from anywhere.
    """
    for way, endpoint in ways.items():
        seen: list[Context] = []
        for wish, chosen in wishes.items():
            wanted = {key: value for key, value in chosen.items() if _has(action, key)}
            if wanted in seen:
                continue
            seen.append(wanted)
            yield f"{way}, {wish}", endpoint, {**given(role, action, resource, endpoint), **wanted}


def given(role: Role, action: Action, resource: Resource, endpoint: Endpoint | None) -> dict[str, ContextValue]:
    """What AWS says of a request by itself."""
    context: dict[str, ContextValue] = {
        "aws:SecureTransport": True,
        "aws:ViaAWSService": False,
        "s3:TlsVersion": "1.3",
        **{f"aws:PrincipalTag/{key}": value for key, value in role.tags.items()},
        **{key: value for key, value in _tags(resource) if _has(action, key)},
    }
    if endpoint is not None:
        context |= {"aws:SourceVpce": endpoint.id, "aws:SourceVpc": endpoint.vpc}
    return context


def _tags(resource: Resource) -> Iterator[tuple[str, str]]:
    """The resource's tags as keys. A bucket's are none: they count only where its owner has switched that on."""
    if not resource.arn.startswith("arn:aws:s3:"):
        yield from ((f"aws:ResourceTag/{key}", value) for key, value in resource.tags.items())


def unknown_keys(inventory: Inventory, tested: frozenset[str]) -> frozenset[str]:
    """Those of the keys that policies test which no request here would ever have."""
    chosen = {key.lower() for key in choices(inventory, naming.PLATFORM)}
    known = chosen | SET_BY_AWS | OF_THE_ROUTE
    return frozenset(key for key in tested - known if not key.startswith(SET_BY_AWS_FAMILIES))


def _has(action: Action, key: str) -> bool:
    return _family(key) in _families(action.service, action.name)


@lru_cache(None)
def _families(service: str, name: str) -> frozenset[str]:
    """The families of keys that a request for an action can have, those of its resource types included."""
    known = catalogue.action(service, name)
    assert known is not None
    kinds = filter(None, (catalogue.resource_type(service, kind) for kind in known.resource_types))
    keys = known.all_condition_keys.union(*(kind.condition_keys for kind in kinds))
    return frozenset(map(_family, keys))


def _family(key: str) -> str:
    """A key without its variable part; SageMaker's keys of keys have two spellings."""
    lowered = key.lower().removesuffix("arn")
    return lowered.split("/")[0] if "/" in lowered else ":".join(lowered.split(":")[:2])
