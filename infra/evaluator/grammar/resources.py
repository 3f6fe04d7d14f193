"""The resources of a statement.

Sources: IAM User Guide, "IAM JSON policy elements: Resource" and "Identify AWS resources with Amazon Resource Names".
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any

from infra.evaluator import catalogue
from infra.evaluator.grammar.elements import entries
from infra.evaluator.grammar.profiles import Need, Profile
from infra.evaluator.grammar.refusal import Refusal, Subject

_PAGE = "IAM User Guide, IAM JSON policy elements: Resource"
#: The partitions of AWS. Source: AWS General Reference, "AWS service endpoints".
_PARTITIONS = frozenset(
    {"aws", "aws-cn", "aws-us-gov", "aws-iso", "aws-iso-b", "aws-iso-e", "aws-iso-f", "aws-eusc"}
)  # fmt: skip
_WILDCARD = re.compile(r"[*?]|\$\{")


def of_resources(statement: Mapping[str, Any], path: str, profile: Profile) -> Iterator[Refusal]:
    """Everything for which AWS refuses the entries of Resource and NotResource."""
    if profile.resource is Need.PROHIBITED:
        return
    for element in ("Resource", "NotResource"):
        if element in statement:
            for place, resource in entries(statement[element], f"{path}.{element}"):
                problem = _problem(resource, profile)
                if problem is not None:
                    yield Refusal(place, problem, _PAGE, Subject.RESOURCE)


def _problem(resource: object, profile: Profile) -> str | None:
    if not isinstance(resource, str):
        return profile.dialect.refuse(Subject.SYNTAX, f"{resource!r} is no text")
    if resource == "*":
        return None
    if profile.iam_arns:
        return _problem_for_iam(resource)
    parts = resource.split(":", 2)
    if len(parts) < 3 or parts[0] != "arn":
        return profile.dialect.refuse(Subject.RESOURCE, f'{resource!r} must be in ARN format or "*"')
    return None


def _problem_for_iam(resource: str) -> str | None:
    """What IAM refuses in the policies that it keeps itself."""
    scheme, partition, service, _ = (*resource.split(":", 3), "", "", "")[:4]
    if scheme != "arn" or ":" not in resource:
        return f'Resource {resource} must be in ARN format or "*".'
    if partition != "*" and partition not in _PARTITIONS:
        return f'Partition "{partition}" is not valid for resource "{resource}".'
    if not service or _WILDCARD.search(service):
        return f"Resource vendor must be fully qualified and cannot contain regexes. Resource {resource}"
    if "::" in resource and resource.count(":") < 5:
        return f"The policy failed legacy parsing. Resource {resource} has too few parts"
    return _problem_of_service(resource, service)


def _problem_of_service(resource: str, service: str) -> str | None:
    """What IAM refuses in the ARNs of the two services whose forms it knows."""
    _, _, _, region, _, identifier = (*resource.split(":", 5), "", "", "")[:6]
    regional = region != "" and not _WILDCARD.search(region)
    if service == "s3" and regional and not _may_start(identifier, _starts_in_a_region("s3")):
        return f"Resource {resource} can not contain region information."
    if service == "iam" and regional:
        return f"IAM resource {resource} cannot contain region information."
    if service == "iam" and identifier and not _may_start(identifier, _starts("iam", "sts")):
        starts = ", ".join(sorted(_starts("iam", "sts")))
        return f'IAM resource path must either be "*" or start with {starts}. Resource {resource}'
    return None


def _may_start(identifier: str, starts: frozenset[str]) -> bool:
    """Whether an identifier with wildcards can be one that starts so."""
    wildcard = _WILDCARD.search(identifier)
    known = identifier if wildcard is None else identifier[: wildcard.start()]
    return any(known.startswith(start) or (wildcard and start.startswith(known)) for start in starts)


@lru_cache(maxsize=8)
def _starts(service: str, *others: str) -> frozenset[str]:
    """How the identifiers of a service's ARNs start: the type of the resource and its delimiter."""
    return frozenset(_start(arn) for arn in _templates(service, *others))


@lru_cache(maxsize=8)
def _starts_in_a_region(service: str) -> frozenset[str]:
    return frozenset(_start(arn) for arn in _templates(service) if arn.split(":")[3])


def _templates(service: str, *others: str) -> Iterator[str]:
    for asked in (service, *others):
        for resource_type in catalogue.resource_types(asked):
            if resource_type.template.split(":")[2] == service:
                yield resource_type.template


def _start(template: str) -> str:
    identifier = template.split(":", 5)[5].partition("$")[0]
    kind, slash, _ = identifier.partition("/")
    return kind + slash
