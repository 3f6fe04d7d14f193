"""The actions that name a family of resources, from the catalogue; and the forms of what is not there yet."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache

from infra.evaluator import catalogue
from infra.evaluator.catalogue import Action, ResourceType
from infra.evaluator.document import Policy
from infra.evaluator.glob import glob
from infra.proof.facts import Family

_ARN_PARTS = 6
_SEPARATOR = re.compile("[/:]")
_NAME = re.compile("[^/:]+")
_WILDCARD = re.compile("[*?]")
_VARIABLE = re.compile(r"\$\{\w+\}")
#: The service in an ARN -> the other services whose actions name such resources.
#: Source: Service Authorization Reference, Resource types.
ELSEWHERE: dict[str, tuple[str, ...]] = {
    "acm": ("ec2",),
    "amplify": ("wafv2",),
    "apigateway": ("wafv2",),
    "app-integrations": ("connect",),
    "apprunner": ("wafv2",),
    "appsync": ("wafv2",),
    "bedrock-agentcore": ("wafv2",),
    "billing": ("bcm-data-exports", "ce"),
    "catalog": ("servicecatalog",),
    "cloudfront": ("cloudfront-keyvaluestore",),
    "cloudtrail": ("cloudtrail-data",),
    "codewhisperer": ("q",),
    "cognito-idp": ("wafv2",),
    "compute-optimizer": ("aco-automation",),
    "ds": ("ds-data",),
    "ec2": ("ebs", "ec2-instance-connect", "route53", "ssm", "vpce", "wafv2", "workspaces-instances"),
    "ecs": ("ssm",),
    "eks": ("aps", "eks-auth"),
    "elastic-inference": ("ec2",),
    "elasticloadbalancing": ("arc-zonal-shift", "waf-regional", "wafv2"),
    "iam": ("ec2", "es", "ssm", "sts"),
    "iot": ("greengrass", "iotjobsdata", "iotwireless"),
    "iq-permission": ("iq",),
    "kafka": ("kafka-cluster",),
    "kms": ("events", "kinesis"),
    "license-manager": ("ec2",),
    "mpa": ("payment-cryptography",),
    "opensearch": ("es",),
    "qbusiness": ("qapps",),
    "qdeveloper": ("q",),
    "rds": ("rds-data",),
    "redshift": ("redshift-data",),
    "redshift-serverless": ("redshift-data",),
    "resource-groups": ("ec2",),
    "route53-recovery-control": ("route53-recovery-cluster", "route53-recovery-control-config"),
    "s3": ("ssm",),
    "s3-object-lambda": ("s3",),
    "sagemaker": ("sagemaker-mlflow",),
    "sns": ("devops-guru",),
    "sso": ("sso-oauth",),
    "vpc-lattice": ("vpc-lattice-svcs",),
    "wafv2": ("apprunner", "cognito-idp"),
    "wisdom": ("connect",),
}


def actions_for(family: Family) -> tuple[str, ...]:
    """All actions that name resources of a family; all of its service where the catalogue does not know its type.

    Empty where the catalogue does not know the service.
    """
    return tuple(one.full_name for one, _ in named_by(family))


def actions_written(service: str, policies: Iterable[Policy]) -> tuple[str, ...]:
    """Actions of a service that the catalogue does not know: one for every way in which policies write them.

    Args:
        service: The service in the resource's ARN.
        policies: The policies.
    """
    found = {f"{service}:any"}
    for policy in policies:
        for statement in policy.statements:
            for text in (*(statement.actions or ()), *(statement.not_actions or ())):
                prefix, _, name = text.partition(":")
                if name and glob(prefix)(service):
                    found.add(f"{service}:{_WILDCARD.sub('x', name)}")
    return tuple(sorted(found))


@lru_cache(maxsize=4096)
def named_by(family: Family) -> tuple[tuple[Action, ResourceType | None], ...]:
    """All actions that name resources of a family, each with the type that it is to the action's service."""
    return _named_by(family.service, family.type, _form(family.pattern))


@lru_cache(maxsize=4096)
def _named_by(service: str, kind: str | None, form: str) -> tuple[tuple[Action, ResourceType | None], ...]:
    found: list[tuple[Action, ResourceType | None]] = []
    for prefix in (service, *ELSEWHERE.get(service, ())):
        types = {one.name.lower(): one for one in catalogue.resource_types_of_arn(form, prefix)}
        own = catalogue.resource_type(service, kind) if prefix == service and kind is not None else None
        if own is not None:
            types[own.name.lower()] = own
        for action in catalogue.actions(prefix):
            fitting = next((types[name.lower()] for name in action.resource_types if name.lower() in types), None)
            if fitting is not None or (not types and prefix == service):
                found.append((action, fitting))
    return tuple(found)


@lru_cache(maxsize=8192)
def lowered(actions: tuple[str, ...]) -> tuple[str, ...]:
    """Actions in lower case."""
    return tuple(action.lower() for action in actions)


@lru_cache(maxsize=1024)
def form_of(kind: ResourceType, account: str, partition: str = "aws") -> str:
    """What the ARNs of all resources of a type in an account match."""
    given = kind.template.replace("${Partition}", partition).replace("${Account}", account)
    return _VARIABLE.sub("?*", given)


def _form(pattern: str) -> str:
    """A family's pattern as an ARN of the same form: of its last part only what separates names is kept."""
    parts = pattern.split(":", _ARN_PARTS - 1)
    if len(parts) < _ARN_PARTS:
        return pattern
    region = parts[3] if "*" not in parts[3] else "r"
    account = parts[4] if "*" not in parts[4] else "0" * 12
    first = _SEPARATOR.search(parts[5])
    kind = parts[5][: first.start()] if first else ""
    name = _NAME.sub("x", parts[5][len(kind) :])
    return ":".join([*parts[:3], region, account, f"{kind}{name}"])
