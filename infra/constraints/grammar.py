"""What a policy document must look like for AWS to take it, and to mean what it says.

Source of all rules here: IAM User Guide, "Grammar of the IAM JSON policy language" and the pages of its elements.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from infra.constraints.planned import PlannedResource
from infra.constraints.policies import DOCUMENTS, Document, documents, strings
from infra.constraints.rule import Check, Finding, Rule

_SID = re.compile(r"[0-9A-Za-z]*")
_ACTION = re.compile(r"\*|[a-z0-9-]+:[A-Za-z0-9*?]+", re.IGNORECASE)


def _well_formed(resource: PlannedResource) -> Iterator[Finding]:
    for document in documents(resource):
        if document.data is None:
            yield Finding(property=document.property, message="not a JSON object")
        elif not list(document.statements()):
            yield Finding(property=document.property, message="there is no statement in the policy")
        else:
            for path, statement in document.statements():
                yield from _statement(document, path, statement)


def _statement(document: Document, path: str, statement: Mapping[str, Any]) -> Iterator[Finding]:
    if statement.get("Effect") not in ("Allow", "Deny"):
        yield Finding(property=path, message=f"Effect is {statement.get('Effect')!r}, and must be Allow or Deny")
    if ("Action" in statement) == ("NotAction" in statement):
        yield Finding(property=path, message="a statement has either Action or NotAction")
    yield from _elements(document, path, statement)
    for action in strings(statement.get("Action")) + strings(statement.get("NotAction")):
        if not _ACTION.fullmatch(action):
            yield Finding(property=path, message=f"{action!r} is no action: write service:Action")


def _elements(document: Document, path: str, statement: Mapping[str, Any]) -> Iterator[Finding]:
    has_principal = "Principal" in statement or "NotPrincipal" in statement
    has_resource = "Resource" in statement or "NotResource" in statement
    if document.kind == "identity" and has_principal:
        yield Finding(property=path, message="a policy of an identity has no Principal: the identity is the principal")
    if document.kind != "identity" and not has_principal:
        yield Finding(property=path, message="the statement needs a Principal")
    if document.kind == "trust" and has_resource:
        yield Finding(property=path, message="a trust policy has no Resource: the role is the resource")
    if document.kind == "identity" and not has_resource:
        yield Finding(property=path, message="the statement needs a Resource")
    if "Resource" in statement and "NotResource" in statement:
        yield Finding(property=path, message="a statement has either Resource or NotResource")


def _version(resource: PlannedResource) -> Iterator[Finding]:
    for document in documents(resource):
        version = None if document.data is None else document.data.get("Version")
        if document.data is not None and version != "2012-10-17":
            message = f"Version is {version!r}: policy variables like ${{aws:PrincipalTag/tenant}} are plain text there"
            yield Finding(property=document.property, message=message)


def _sids(resource: PlannedResource) -> Iterator[Finding]:
    for document in documents(resource):
        seen: set[str] = set()
        for path, statement in document.statements():
            sid = statement.get("Sid")
            if not isinstance(sid, str):
                continue
            if document.kind != "resource" and not _SID.fullmatch(sid):
                yield Finding(property=path, message=f"Sid {sid!r} is not letters and digits only")
            if sid in seen:
                yield Finding(property=path, message=f"Sid {sid!r} is there twice")
            seen.add(sid)


def _rule(name: str, title: str, source: str, remedy: str, check: Check) -> Rule:
    return Rule(id=name, title=title, types=frozenset(DOCUMENTS), source=source, remedy=remedy, check=check)


RULES = (
    _rule(
        "policy-grammar",
        "A policy is a JSON object whose statements have the elements that their kind of policy needs.",
        "IAM User Guide, Grammar of the IAM JSON policy language",
        "build the policy by infra.policies",
        _well_formed,
    ),
    _rule(
        "policy-version",
        "A policy is of version 2012-10-17.",
        "IAM User Guide, IAM JSON policy elements: Version",
        'write "Version": "2012-10-17"',
        _version,
    ),
    _rule(
        "policy-sids",
        "Statement ids are unique in a policy; those of identity and trust policies are letters and digits.",
        "IAM User Guide, IAM JSON policy elements: Sid",
        "choose an id of letters and digits that no other statement has",
        _sids,
    ),
)
