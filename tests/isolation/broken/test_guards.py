"""Without any one of its guards the blueprint breaks a promise, or the guard is reviewed and listed with its reason.

The guards come from the documents. A test is called by document, statement and what was done to it.
"""

from __future__ import annotations

from dataclasses import replace

import pytest

from infra.evaluator.kinds import PolicyKind
from infra.policies.document import PolicyDocument, Statement
from tests.isolation.broken.attempts import compiled
from tests.isolation.broken.blueprint import Document, broken_documents
from tests.isolation.broken.checks import broken_by, without_document
from tests.isolation.broken.guards import Broken, without_each_guard
from tests.isolation.broken.reviewed import REVIEWED, reason

BROKEN = {
    f"{document.name} {broken.guard}": (document, broken)
    for document in broken_documents()
    for broken in without_each_guard(document.policy)
    if document.guarded is None or broken.guard.partition(":")[0] in document.guarded
}
#: Without one of these the request meets one layer less. A role without policies, or without trust, can do nothing.
WHOLE = {
    document.name: document
    for document in broken_documents()
    if document.kind in (PolicyKind.BOUNDARY, PolicyKind.ENDPOINT, PolicyKind.RESOURCE)
}


@pytest.mark.parametrize("guard", BROKEN, ids=BROKEN)
def test_without_the_guard(guard: str) -> None:
    """A promise is broken; or none is, and the guard is listed with the reason why it is kept."""
    document, broken = BROKEN[guard]
    found = broken_by(document.name, compiled(replace(document, policy=broken.policy)), broken.actions)
    why = reason(document.name, broken.guard)
    if why is None:
        assert found is not None, "no promise needs this guard: promise what it protects, or remove it"
    else:
        assert found is None, f"listed as reviewed ({why}), but it protects: {found}"


@pytest.mark.parametrize("name", WHOLE)
def test_without_the_document(name: str) -> None:
    """Each boundary, endpoint policy and resource policy protects something as a whole."""
    assert broken_by(name, without_document(WHOLE[name])) is not None


def test_every_review_is_about_a_guard() -> None:
    """A line of the list that matches no guard is left over."""
    guards = [(document.name, broken.guard) for document, broken in BROKEN.values()]
    for line in REVIEWED:
        assert any(reason(name, guard) == line[2] for name, guard in guards), line


def planted(document: Document, statement: Statement) -> list[Broken]:
    """The guards that a document has more with another statement."""
    more = PolicyDocument((*document.policy.statements, statement))
    return [broken for broken in without_each_guard(more) if broken.guard.startswith(statement.sid)]


def test_a_new_guard_is_found_and_must_be_promised() -> None:
    """A denial that somebody adds tomorrow is removed tomorrow; as no promise needs it, its test would fail."""
    document = next(each for each in broken_documents() if each.name == "acme.boundary")
    unpromised = Statement(
        sid="NewGuard",
        effect="Deny",
        actions=("braket:CancelJob", "braket:CreateJob"),
        resources=("*",),
        conditions={"StringNotEquals": {"aws:RequestedRegion": "eu-central-1"}},
    )
    found = planted(document, unpromised)
    assert {broken.guard.partition(": ")[2] for broken in found} >= {
        "without the denial",
        "actions without braket:CancelJob",
        "without StringNotEquals aws:RequestedRegion",
        "StringNotEquals aws:RequestedRegion eu-central-1 as everything",
    }
    for broken in found:
        assert broken_by(document.name, compiled(replace(document, policy=broken.policy)), broken.actions) is None


#: Rights that would be content or a change, for who reads an account.
_FOR_READERS = (
    "*",
    "dynamodb:GetItem",
    "ecr:BatchGetImage",
    "iam:*",
    "kms:*",
    "lambda:GetFunction",
    "logs:FilterLogEvents",
    "s3:Get*",
    "s3:PutBucketPolicy",
    "sagemaker:InvokeEndpoint",
    "secretsmanager:GetSecretValue",
    "sqs:ReceiveMessage",
    "ssm:GetParameter",
    "sts:AssumeRole",
)
#: Rights that would be content or a change, for the roles whose policies have no guard but what they do not list.
TOO_MUCH = {
    "platform.identity.auditor": _FOR_READERS,
    "platform.identity.capacity": _FOR_READERS,
    "platform.identity.preview": (
        "*",
        "guardduty:*",
        "iam:PassRole",
        "kms:Encrypt",
        "logs:FilterLogEvents",
        "s3:GetObjectVersion",
        "s3:ListBucket",
        "s3:PutObject",
        "sagemaker:InvokeEndpoint",
        "secretsmanager:GetSecretValue",
        "sts:AssumeRole",
    ),
}


@pytest.mark.parametrize(
    ("name", "action"), [(name, action) for name, actions in TOO_MUCH.items() for action in actions]
)
def test_a_reader_that_may_more_breaks_a_promise(name: str, action: str) -> None:
    document = next(each for each in broken_documents() if each.name == name)
    more = Statement(sid="More", actions=(action,), resources=("*",))
    policy = PolicyDocument((*document.policy.statements, more))
    assert broken_by(name, compiled(replace(document, policy=policy)), (action,)) is not None
