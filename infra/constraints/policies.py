"""Policy documents inside planned properties: which properties hold one, and their statements."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, cast

from infra.constraints.planned import PlannedResource
from infra.constraints.values import blocks, text
from infra.evaluator.grammar import Refusal, Subject, refusals
from infra.evaluator.grammar.text import Unreadable, Written, read
from infra.evaluator.kinds import PolicyKind
from infra.policy_documents import DOCUMENTS

_STATEMENT = re.compile(r"Statement\[\d+\]")


@dataclass(frozen=True, kw_only=True)
class Document:
    """A policy document of a planned resource.

    Attributes:
        property: The property's path.
        kind: Where it is attached.
        service: The prefix of the service that keeps it.
        written: The document as it is sent to AWS; None where it is not a JSON object.
        data: Its elements; None where it is not a JSON object.
        text: Its text.
    """

    property: str
    kind: PolicyKind
    service: str
    written: Written | None
    data: Mapping[str, Any] | None
    text: str

    def refusals(self, *subjects: Subject) -> Iterator[tuple[str, str]]:
        """What AWS refuses about these subjects: the path of the statement, or of the document, and AWS's reason."""
        for refusal in _refusals(self.text, self.kind, self.service):
            if refusal.subject in subjects:
                statement = _STATEMENT.match(refusal.path)
                yield f"{self.property}.{statement[0]}" if statement else self.property, refusal.message

    def statements(self) -> Iterator[tuple[str, Mapping[str, Any]]]:
        """The statements, each with its path, for example ``policy.Statement[0]``."""
        value: Any = (self.data or {}).get("Statement")
        for index, statement in enumerate(as_list(value)):
            if isinstance(statement, Mapping):
                yield f"{self.property}.Statement[{index}]", cast("Mapping[str, Any]", statement)


def documents(resource: PlannedResource) -> Iterator[Document]:
    """The policy documents of a resource whose text is known."""
    for key, (kind, service) in DOCUMENTS.get(resource.type, {}).items():
        written = text(resource.properties, key)
        if written is not None:
            yield _document(key, kind, service, written)
    if resource.type == "aws:iam/role:Role":
        for path, policy in blocks(resource.properties, "inlinePolicies"):
            written = text(policy, "policy")
            if written is not None:
                yield _document(f"{path}.policy", PolicyKind.IDENTITY, "iam", written)


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


def _document(path: str, kind: PolicyKind, service: str, text: str) -> Document:
    try:
        written = read(text)
    except Unreadable:
        written = None
    data = None if written is None else written.elements
    return Document(property=path, kind=kind, service=service, written=written, data=data, text=text)


@lru_cache(maxsize=256)
def _refusals(text: str, kind: PolicyKind, service: str) -> tuple[Refusal, ...]:
    """Several rules ask about the same document."""
    return refusals(text, kind, service)
