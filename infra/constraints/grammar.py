"""What a policy document must look like for AWS to take it, and to mean what it says.

What AWS refuses is said in `infra.evaluator.grammar`; here it becomes a finding of a plan.
Source of all rules here: IAM User Guide, "Grammar of the IAM JSON policy language" and the pages of its elements.
"""

from __future__ import annotations

from collections.abc import Iterator

from infra.constraints.planned import PlannedResource
from infra.constraints.policies import documents
from infra.constraints.rule import Check, Finding, Rule
from infra.evaluator.grammar import Subject
from infra.policy_documents import DOCUMENTS

_SAID_ELSEWHERE = frozenset({("sns", Subject.ACTION)})


def _well_formed(resource: PlannedResource) -> Iterator[Finding]:
    for document in documents(resource):
        for subject in (Subject.SYNTAX, Subject.ELEMENT, Subject.ACTION, Subject.CONDITION):
            if (document.service, subject) not in _SAID_ELSEWHERE:
                for path, message in document.refusals(subject):
                    yield Finding(property=path, message=message)


def _version(resource: PlannedResource) -> Iterator[Finding]:
    """Stricter than AWS, which evaluates older documents without variables."""
    for document in documents(resource):
        version = None if document.data is None else document.data.get("Version")
        if document.data is not None and version != "2012-10-17":
            message = f"Version is {version!r}: policy variables like ${{aws:PrincipalTag/tenant}} are plain text there"
            yield Finding(property=document.property, message=message)


def _sids(resource: PlannedResource) -> Iterator[Finding]:
    for document in documents(resource):
        for path, message in document.refusals(Subject.SID):
            yield Finding(property=path, message=message)


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
