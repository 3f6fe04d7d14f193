"""Policy documents inside planned properties: which properties hold one, and their statements."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal, cast

from infra.constraints.planned import PlannedResource
from infra.constraints.values import blocks, text

Kind = Literal["identity", "trust", "resource"]

#: Type token to the properties that hold a policy document, and the document's kind.
DOCUMENTS: Mapping[str, Mapping[str, Kind]] = {
    "aws:iam/policy:Policy": {"policy": "identity"},
    "aws:iam/rolePolicy:RolePolicy": {"policy": "identity"},
    "aws:iam/role:Role": {"assumeRolePolicy": "trust"},
    "aws:kms/key:Key": {"policy": "resource"},
    "aws:s3/bucketPolicy:BucketPolicy": {"policy": "resource"},
    "aws:ec2/vpcEndpoint:VpcEndpoint": {"policy": "resource"},
    "aws:ecr/repositoryPolicy:RepositoryPolicy": {"policy": "resource"},
    "aws:sns/topicPolicy:TopicPolicy": {"policy": "resource"},
    "aws:sagemaker/modelPackageGroupPolicy:ModelPackageGroupPolicy": {"resourcePolicy": "resource"},
}


@dataclass(frozen=True, kw_only=True)
class Document:
    """A policy document of a planned resource.

    Attributes:
        property: The property's path.
        kind: Whom it speaks of: the identity it is attached to, who may assume a role, or who may reach a resource.
        text: The document as it is sent to AWS.
        data: The parsed document; None where it is not a JSON object.
    """

    property: str
    kind: Kind
    text: str
    data: Mapping[str, Any] | None

    def statements(self) -> Iterator[tuple[str, Mapping[str, Any]]]:
        """The statements, each with its path, for example ``policy.Statement[0]``."""
        value: Any = (self.data or {}).get("Statement")
        for index, statement in enumerate(as_list(value)):
            if isinstance(statement, Mapping):
                yield f"{self.property}.Statement[{index}]", cast("Mapping[str, Any]", statement)


def documents(resource: PlannedResource) -> Iterator[Document]:
    """The policy documents of a resource whose text is known."""
    for key, kind in DOCUMENTS.get(resource.type, {}).items():
        written = text(resource.properties, key)
        if written is not None:
            yield _document(key, kind, written)
    if resource.type == "aws:iam/role:Role":
        for path, policy in blocks(resource.properties, "inlinePolicies"):
            written = text(policy, "policy")
            if written is not None:
                yield _document(f"{path}.policy", "identity", written)


def as_list(value: object) -> list[Any]:
    """The entries of an element of a policy, which may stand without brackets where there is one."""
    if value is None:
        return []
    return list(cast("list[Any]", value)) if isinstance(value, list) else [value]


def strings(value: object) -> list[str]:
    """The texts among an element's entries."""
    return [entry for entry in as_list(value) if isinstance(entry, str)]


def conditions(statement: Mapping[str, Any]) -> Iterator[tuple[str, str, list[str]]]:
    """The operator, key and values of each condition of a statement; keys in lower case, as AWS ignores their case."""
    block: Any = statement.get("Condition")
    if not isinstance(block, Mapping):
        return
    for operator, keys in cast("Mapping[str, Any]", block).items():
        if isinstance(keys, Mapping):
            for key, value in cast("Mapping[str, Any]", keys).items():
                yield operator, key.lower(), [str(entry) for entry in as_list(value)]


def _document(path: str, kind: Kind, written: str) -> Document:
    try:
        data: Any = json.loads(written)
    except ValueError:
        data = None
    mapping = cast("Mapping[str, Any]", data) if isinstance(data, Mapping) else None
    return Document(property=path, kind=kind, text=written, data=mapping)
