"""Callers are read from how AWS writes principals, and verdicts say what they rest on."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from infra.evaluator.compiling import compile_policy
from infra.evaluator.decision import Decision, Layer, StatementRef, Verdict
from infra.evaluator.errors import AmbiguousContext, UnknownPrincipal
from infra.evaluator.evaluate import evaluate
from infra.evaluator.kinds import PolicyKind
from infra.evaluator.policies import Applicable
from infra.evaluator.request import Caller, CallerKind, Request, caller_of

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
