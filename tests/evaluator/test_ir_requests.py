"""Callers are read from how AWS writes principals, and verdicts say what they rest on."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from infra.evaluator.compiling import compile_policy
from infra.evaluator.decision import Decision, Layer, StatementRef, Verdict
from infra.evaluator.errors import AmbiguousContext, UnknownPrincipal
from infra.evaluator.evaluate import evaluate
from infra.evaluator.facts import Facts
from infra.evaluator.kinds import PolicyKind
from infra.evaluator.policies import Applicable
from infra.evaluator.request import Caller, CallerKind, ContextValue, Request, caller_of

ACCOUNT = "111122223333"
SESSION = caller_of(f"arn:aws:sts::{ACCOUNT}:assumed-role/acme/job")
BUCKET = "arn:aws:s3:::acme-data"


@pytest.mark.parametrize(
    ("written", "kind", "account"),
    [
        (f"arn:aws:sts::{ACCOUNT}:assumed-role/acme/job", CallerKind.ROLE_SESSION, ACCOUNT),
        (f"arn:aws-cn:iam::{ACCOUNT}:role/path/acme", CallerKind.ROLE, ACCOUNT),
        (f"arn:aws:iam::{ACCOUNT}:user/dana", CallerKind.USER, ACCOUNT),
        (f"arn:aws:sts::{ACCOUNT}:federated-user/dana", CallerKind.FEDERATED_USER, ACCOUNT),
        (f"arn:aws:iam::{ACCOUNT}:root", CallerKind.ROOT, ACCOUNT),
        (ACCOUNT, CallerKind.ROOT, ACCOUNT),
        (f"arn:aws:iam::{ACCOUNT}:oidc-provider/token.actions.githubusercontent.com", CallerKind.FEDERATED, ACCOUNT),
        (f"arn:aws:iam::{ACCOUNT}:saml-provider/corp", CallerKind.FEDERATED, ACCOUNT),
        ("cognito-identity.amazonaws.com", CallerKind.FEDERATED, None),
        ("sagemaker.amazonaws.com", CallerKind.SERVICE, None),
        ("logs.eu-central-1.amazonaws.com", CallerKind.SERVICE, None),
        ("79a59df900b949e55d96a1e698fbacedfd6e09d98eacf8f8d5218e7cd47ef2be", CallerKind.CANONICAL, None),
        ("*", CallerKind.ANONYMOUS, None),
    ],
)
def test_a_principal_is_read(written: str, kind: CallerKind, account: str | None) -> None:
    caller = caller_of(written)
    assert (caller.kind, caller.account) == (kind, account)


@pytest.mark.parametrize(
    "written",
    ["", "acme", "arn:aws:iam::1:role/acme", f"arn:aws:sts::{ACCOUNT}:assumed-role/acme", "arn:aws:s3:::acme", "x.y.z"],
)
def test_what_is_no_principal_is_refused_with_what_to_write(written: str) -> None:
    with pytest.raises(UnknownPrincipal, match="assumed-role/ROLE/SESSION") as refused:
        caller_of(written)
    assert repr(written) in refused.value.message


def test_the_path_of_a_session_s_role_is_known_only_if_it_is_told() -> None:
    told = f"arn:aws:iam::{ACCOUNT}:role/bulkhead/acme"
    assert SESSION.role_arn == f"arn:aws:iam::{ACCOUNT}:role/acme"
    assert not SESSION.path_known
    assert caller_of(SESSION.arn, told) == Caller(SESSION.arn, ACCOUNT, CallerKind.ROLE_SESSION, told)
    other = caller_of(SESSION.arn, f"arn:aws:iam::{ACCOUNT}:role/globex")
    assert other.role_arn == SESSION.role_arn


def test_a_reference_names_document_statement_and_sid() -> None:
    assert str(StatementRef("identity[0]", Layer.IDENTITY, 2, "ReadOwn")) == "identity[0].Statement[2] (ReadOwn)"
    assert str(StatementRef("boundary", Layer.BOUNDARY, 0, None)) == "boundary.Statement[0]"


def decide(*statements: Mapping[str, object], **context: str) -> Verdict:
    policy = compile_policy(
        {"Version": "2012-10-17", "Statement": list(statements)}, PolicyKind.IDENTITY, label="identity[0]"
    )
    request = Request(SESSION, "s3:GetObject", f"{BUCKET}/a:b/c", ACCOUNT, context)
    return evaluate(request, Applicable(identity=(policy,)))


ALLOW = {"Sid": "Own", "Effect": "Allow", "Action": "s3:*", "Resource": f"{BUCKET}/*"}
DENY = {"Sid": "No", "Effect": "Deny", "Action": "s3:*", "Resource": f"{BUCKET}/*"}


def test_an_allow_names_what_allowed() -> None:
    verdict = decide(ALLOW)
    assert (verdict.decision, verdict.layer, verdict.missing) == (Decision.ALLOWED, Layer.IDENTITY, None)
    assert [str(found) for found in verdict.statements] == ["identity[0].Statement[0] (Own)"]
    assert "Reading taken" not in verdict.reason


def test_a_denial_names_everything_that_denied() -> None:
    verdict = decide(ALLOW, DENY, {**DENY, "Sid": "Never"})
    assert verdict.decision is Decision.EXPLICITLY_DENIED
    assert [found.sid for found in verdict.statements] == ["No", "Never"]


def test_a_missing_allow_says_what_is_missing() -> None:
    verdict = decide({**ALLOW, "Action": "s3:PutObject"})
    assert verdict.decision is Decision.IMPLICITLY_DENIED
    assert verdict.statements == ()
    assert verdict.missing is not None
    assert verdict.missing.startswith("an identity-based policy or a resource-based policy that allows s3:GetObject on")


def test_an_open_reading_is_taken_for_an_allow_and_against_a_deny_and_said() -> None:
    within = f"{BUCKET}/*/c"
    counted = decide({**ALLOW, "Resource": within})
    assert counted.allowed
    assert "the Allow in identity[0].Statement[0] (Own) is taken to apply" in counted.reason
    spared = decide(ALLOW, {**DENY, "Resource": within})
    assert spared.allowed
    assert "the Deny in identity[0].Statement[1] (No) is taken not to apply" in spared.reason
    assert decide(ALLOW, {**DENY, "Resource": f"{BUCKET}/a*:b/c"}).decision is Decision.EXPLICITLY_DENIED


def test_one_key_in_two_cases_is_no_context() -> None:
    with pytest.raises(AmbiguousContext, match="aws:SourceIp"):
        decide(ALLOW, **{"aws:SourceIp": "10.0.0.1", "AWS:sourceip": "10.0.0.2"})


CHAIN = ["athena.amazonaws.com", "s3.amazonaws.com"]
DERIVED: list[tuple[str, dict[str, ContextValue], str, str | None]] = [
    (SESSION.arn, {}, "aws:PrincipalArn", f"arn:aws:iam::{ACCOUNT}:role/acme"),
    (SESSION.arn, {"aws:PrincipalArn": "given"}, "aws:PrincipalArn", "given"),
    (SESSION.arn, {}, "aws:PrincipalAccount", ACCOUNT),
    (SESSION.arn, {}, "aws:PrincipalType", "AssumedRole"),
    (SESSION.arn, {}, "aws:PrincipalIsAWSService", "false"),
    (SESSION.arn, {}, "aws:PrincipalServiceName", None),
    (SESSION.arn, {}, "aws:username", None),
    (SESSION.arn, {}, "aws:ResourceAccount", ACCOUNT),
    (SESSION.arn, {}, "aws:ViaAWSService", None),
    (SESSION.arn, {"aws:CalledVia": CHAIN}, "aws:ViaAWSService", "true"),
    (
        SESSION.arn,
        {"aws:CalledVia": ["athena.amazonaws.com", "s3.amazonaws.com"]},
        "aws:CalledViaLast",
        "s3.amazonaws.com",
    ),
    (f"arn:aws:iam::{ACCOUNT}:user/team/dana", {}, "aws:username", "dana"),
    (f"arn:aws:iam::{ACCOUNT}:root", {}, "aws:PrincipalType", "Account"),
    ("sagemaker.amazonaws.com", {}, "aws:PrincipalIsAWSService", "true"),
    ("sagemaker.amazonaws.com", {}, "aws:PrincipalServiceName", "sagemaker.amazonaws.com"),
    ("sagemaker.amazonaws.com", {}, "aws:PrincipalArn", None),
    ("*", {}, "aws:PrincipalAccount", "anonymous"),
    ("*", {}, "aws:PrincipalIsAWSService", None),
]


@pytest.mark.parametrize(("principal", "context", "key", "value"), DERIVED)
def test_what_the_request_tells_need_not_be_in_its_context(
    principal: str, context: dict[str, ContextValue], key: str, value: str | None
) -> None:
    request = Request(caller_of(principal), "s3:GetObject", f"{BUCKET}/x", ACCOUNT, context)
    assert Facts(request, has_boundary=False).text(key.lower()) == value


@pytest.mark.parametrize(
    ("resource_account", "resource", "context", "owner"),
    [
        ("444455556666", f"arn:aws:sqs:eu-central-1:{ACCOUNT}:q", {"aws:ResourceAccount": ACCOUNT}, "444455556666"),
        (None, "arn:aws:sqs:eu-central-1:444455556666:q", {"aws:ResourceAccount": ACCOUNT}, "444455556666"),
        (None, "arn:aws:s3:::acme-data", {"aws:ResourceAccount": "444455556666"}, "444455556666"),
        (None, "arn:aws:s3:::acme-data", {}, ACCOUNT),
    ],
)
def test_the_owner_is_told_by_the_request_the_arn_or_the_context_and_else_is_the_caller_s_account(
    resource_account: str | None, resource: str, context: dict[str, ContextValue], owner: str
) -> None:
    facts = Facts(Request(SESSION, "s3:GetObject", resource, resource_account, context), has_boundary=False)
    assert (facts.owner, facts.same_account) == (owner, owner == ACCOUNT)
