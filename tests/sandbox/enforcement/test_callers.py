"""Whose a request is: every kind of credentials, with its positive control and what makes it worthless."""

from __future__ import annotations

import base64
import time
from collections.abc import Generator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError
from caller_cloud import ACCOUNT, OUTSIDER, ROOT, CallerCloud, statement
from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor.totp import TOTP
from moto.core.base_backend import BackendDict
from moto.iam.models import iam_backends

from infra.evaluator.request import CallerKind
from infra.sandbox.enforcement.callers import ServiceCall, of_role, of_service
from infra.sandbox.moto_extensions.sts_sessions import find_key, remember


@pytest.fixture
def cloud() -> Generator[CallerCloud]:
    yield CallerCloud()
    BackendDict.reset()


def code(caught: pytest.ExceptionInfo[ClientError]) -> str:
    return str(caught.value.response.get("Error", {}).get("Code"))


def test_the_accounts_own_key_is_its_root_user(cloud: CallerCloud) -> None:
    caller = cloud.caller().caller
    assert (caller.arn, caller.kind) == (f"arn:aws:iam::{ACCOUNT}:root", CallerKind.ROOT)


def test_the_accounts_own_key_may_name_another_account(cloud: CallerCloud) -> None:
    """So that a test can set up an outsider; nobody else's header counts."""
    cloud.headers = {"HTTP_X_MOTO_ACCOUNT_ID": OUTSIDER}
    assert cloud.caller().account == OUTSIDER
    cloud.headers = {}
    credentials = cloud.assume(cloud.role("one"))
    cloud.headers = {"HTTP_X_MOTO_ACCOUNT_ID": OUTSIDER}
    assert cloud.caller(credentials).account == ACCOUNT
    assert cloud.client("sts", credentials).get_caller_identity()["Account"] == ACCOUNT
    cloud.headers = {"HTTP_X_MOTO_ACCOUNT_ID": "12"}
    with pytest.raises(ClientError):
        cloud.caller()


def test_unknown_keys_are_refused(cloud: CallerCloud) -> None:
    """A key that was never made is nobody's, in the words of each service."""
    unknown = {"AccessKeyId": "AKIAAAAAAAAAAAAAAAAA", "SecretAccessKey": "x"}
    for service, operation, wanted in (
        ("sts", "get_caller_identity", "InvalidClientTokenId"),
        ("s3", "list_buckets", "InvalidAccessKeyId"),
    ):
        with pytest.raises(ClientError) as caught:
            getattr(cloud.client(service, unknown), operation)()
        assert code(caught) == wanted


def test_a_wrong_secret_and_a_stray_token_are_refused(cloud: CallerCloud) -> None:
    with pytest.raises(ClientError) as caught:
        cloud.caller({"AccessKeyId": ROOT.access_key_id, "SecretAccessKey": "guess"})
    assert code(caught) == "SignatureDoesNotMatch"
    with pytest.raises(ClientError) as caught:
        cloud.caller(
            {"AccessKeyId": ROOT.access_key_id, "SecretAccessKey": ROOT.secret_access_key, "SessionToken": "t"}
        )
    assert code(caught) == "InvalidClientTokenId"


def test_a_user_is_known_by_an_active_key(cloud: CallerCloud) -> None:
    """A user's key works until it is deactivated or deleted, or its user is."""
    iam = cloud.client("iam")
    iam.create_user(UserName="ann", Path="/people/", Tags=[{"Key": "team", "Value": "blue"}])
    key = iam.create_access_key(UserName="ann")["AccessKey"]
    identified = cloud.caller(key)
    assert identified.caller.arn == f"arn:aws:iam::{ACCOUNT}:user/people/ann"
    assert identified.context["aws:username"] == "ann"
    assert identified.context["aws:PrincipalTag/team"] == "blue"
    assert "aws:MultiFactorAuthPresent" not in identified.context
    iam.update_access_key(UserName="ann", AccessKeyId=key["AccessKeyId"], Status="Inactive")
    with pytest.raises(ClientError) as caught:
        cloud.caller(key)
    assert code(caught) == "InvalidClientTokenId"
    iam.update_access_key(UserName="ann", AccessKeyId=key["AccessKeyId"], Status="Active")
    assert cloud.caller(key).context["aws:username"] == "ann"
    iam.delete_access_key(UserName="ann", AccessKeyId=key["AccessKeyId"])
    with pytest.raises(ClientError):
        cloud.caller(key)


def test_a_session_is_its_role_and_remembers_itself(cloud: CallerCloud) -> None:
    arn = cloud.role("reader", Path="/teams/", Tags=[{"Key": "team", "Value": "red"}, {"Key": "cost", "Value": "1"}])
    credentials = cloud.assume(
        arn,
        RoleSessionName="ann@example",
        Tags=[{"Key": "Team", "Value": "green"}],
        SourceIdentity="ann",
        Policy=statement(Action="s3:*", Resource="*"),
    )
    identified = cloud.caller(credentials)
    assert identified.caller.arn == f"arn:aws:sts::{ACCOUNT}:assumed-role/reader/ann@example"
    assert (identified.caller.role_arn, identified.caller.path_known) == (arn, True)
    role_id = cloud.client("iam").get_role(RoleName="reader")["Role"]["RoleId"]
    context = identified.context
    assert context["aws:userid"] == f"{role_id}:ann@example"
    assert context["aws:SourceIdentity"] == "ann"
    assert context["aws:MultiFactorAuthPresent"] is False
    assert str(context["aws:TokenIssueTime"]).endswith("Z")
    tags = {key: value for key, value in context.items() if key.startswith("aws:PrincipalTag/")}
    assert tags == {"aws:PrincipalTag/Team": "green", "aws:PrincipalTag/cost": "1"}
    assert identified.session is not None
    assert identified.session.bounded
    assert cloud.client("sts", credentials).get_caller_identity()["Arn"] == identified.caller.arn


def test_a_session_without_its_token_or_with_anothers_is_refused(cloud: CallerCloud) -> None:
    first, second = (cloud.assume(cloud.role(name)) for name in ("one", "two"))
    assert cloud.caller(first).caller.arn.endswith("/one/session")
    for token in (None, "", second["SessionToken"]):
        with pytest.raises(ClientError) as caught:
            cloud.caller({**first, "SessionToken": token} if token else {k: first[k] for k in list(first)[:2]})
        assert code(caught) == "InvalidClientTokenId"


def test_an_expired_session_is_refused(cloud: CallerCloud) -> None:
    """A session ends when its credentials say: the clock of the server counts."""
    credentials = cloud.assume(cloud.role("short"), DurationSeconds=900)
    session = cloud.caller(credentials).session
    assert session is not None
    assert session.expires_at - session.issued_at <= timedelta(seconds=901)
    found = find_key(credentials["AccessKeyId"])
    assert found is not None
    remember(found[1], replace(session, expires_at=session.issued_at))
    with pytest.raises(ClientError) as caught:
        cloud.caller(credentials)
    assert code(caught) == "ExpiredToken"


def test_a_session_of_a_deleted_role_is_worthless(cloud: CallerCloud) -> None:
    """Also when a role of the same name is made again: it is another role."""
    credentials = cloud.assume(cloud.role("brief"))
    assert cloud.caller(credentials).caller.arn.endswith("/brief/session")
    cloud.client("iam").delete_role(RoleName="brief")
    with pytest.raises(ClientError) as caught:
        cloud.caller(credentials)
    assert code(caught) == "InvalidClientTokenId"
    cloud.role("brief")
    with pytest.raises(ClientError):
        cloud.caller(credentials)


def test_in_a_chain_only_transitive_tags_and_the_source_identity_stay(cloud: CallerCloud) -> None:
    first, second, third = (cloud.role(name) for name in ("one", "two", "three"))
    one = cloud.assume(
        first,
        Tags=[{"Key": "tenant", "Value": "acme"}, {"Key": "mood", "Value": "good"}],
        TransitiveTagKeys=["tenant"],
        SourceIdentity="ann",
    )
    two = cloud.assume(second, one, Tags=[{"Key": "extra", "Value": "1"}])
    context = cloud.context(two)
    assert context["aws:PrincipalTag/tenant"] == "acme"
    assert context["aws:PrincipalTag/extra"] == "1"
    assert "aws:PrincipalTag/mood" not in context
    assert context["aws:SourceIdentity"] == "ann"
    three = cloud.context(cloud.assume(third, two))
    assert three["aws:PrincipalTag/tenant"] == "acme"
    assert "aws:PrincipalTag/extra" not in three
    with pytest.raises(ClientError) as caught:
        cloud.assume(second, one, Tags=[{"Key": "Tenant", "Value": "globex"}])
    assert code(caught) == "InvalidParameterValue"
    with pytest.raises(ClientError) as caught:
        cloud.assume(second, one, SourceIdentity="bob")
    assert code(caught) == "AccessDenied"
    with pytest.raises(ClientError) as caught:
        cloud.assume(second, one, DurationSeconds=3601)
    assert code(caught) == "ValidationError"


@pytest.mark.parametrize(
    "given",
    [
        {"RoleSessionName": "with space"},
        {"RoleSessionName": "a" * 65},
        {"DurationSeconds": 3601},
        {"Tags": [{"Key": "aws:tenant", "Value": "acme"}]},
        {"Tags": [{"Key": "a", "Value": "1"}, {"Key": "A", "Value": "2"}]},
        {"TransitiveTagKeys": ["tenant"]},
        {"PolicyArns": [{"arn": "arn:aws:iam::123456789012:policy/none"}]},
        {"SerialNumber": "arn:aws:iam::123456789012:mfa/none", "TokenCode": "123456"},
    ],
)
def test_what_sts_would_refuse_is_refused(cloud: CallerCloud, given: dict[str, Any]) -> None:
    """Each beside the same call without it, which works."""
    arn = cloud.role("plain")
    assert cloud.assume(arn)["SessionToken"]
    with pytest.raises(ClientError):
        cloud.assume(arn, **given)


def test_mfa_is_proved_by_the_code_of_the_callers_device(cloud: CallerCloud) -> None:
    iam = cloud.client("iam")
    iam.create_user(UserName="ann")
    key = iam.create_access_key(UserName="ann")["AccessKey"]
    serial = iam.create_virtual_mfa_device(VirtualMFADeviceName="phone")["VirtualMFADevice"]["SerialNumber"]
    iam.enable_mfa_device(
        UserName="ann", SerialNumber=serial, AuthenticationCode1="123456", AuthenticationCode2="654321"
    )
    seed = iam_backends[ACCOUNT]["aws"].virtual_mfa_devices[serial].base32_string_seed
    totp = TOTP(base64.b32decode(seed), 6, SHA1(), 30, enforce_key_length=False)  # noqa: S303
    good = totp.generate(int(time.time())).decode()
    arn = cloud.role("guarded")
    context = cloud.context(cloud.assume(arn, key, SerialNumber=serial, TokenCode=good))
    assert context["aws:MultiFactorAuthPresent"] is True
    bad = f"{(int(good) + 1) % 1_000_000:06}"
    with pytest.raises(ClientError) as caught:
        cloud.assume(arn, key, SerialNumber=serial, TokenCode=bad)
    assert code(caught) == "AccessDenied"


def test_without_a_signature_a_request_is_anonymous(cloud: CallerCloud) -> None:
    cloud.bucket("some-bucket")
    cloud.anonymous("s3").list_objects_v2(Bucket="some-bucket")
    assert cloud.identified is not None
    assert cloud.identified.caller.kind is CallerKind.ANONYMOUS


def test_a_service_calls_in_process_only(cloud: CallerCloud) -> None:
    """A service's mark is an object of this process; a header of that name is a header like any other."""
    call = ServiceCall(
        service="sagemaker.amazonaws.com",
        source_account=ACCOUNT,
        source_arn=f"arn:aws:sagemaker:eu-central-1:{ACCOUNT}:endpoint/acme",
    )
    nobody = {"AccessKeyId": "service", "SecretAccessKey": "service"}
    sts = cloud.client("sts", nobody, call)
    sts.assume_role(RoleArn=cloud.role("serving"), RoleSessionName="SageMaker")
    identified = cloud.identified
    assert identified is not None
    assert (identified.caller.kind, identified.caller.arn) == (CallerKind.SERVICE, "sagemaker.amazonaws.com")
    assert identified.context == {"aws:SourceAccount": ACCOUNT, "aws:SourceArn": call.source_arn}
    for name in ("bulkhead.service", "HTTP_BULKHEAD_SERVICE", "HTTP_BULKHEAD.SERVICE"):
        cloud.headers = {name: "sagemaker.amazonaws.com"}
        with pytest.raises(ClientError) as caught:
            cloud.caller(nobody)
        assert code(caught) in {"InvalidClientTokenId", "IncompleteSignature"}


def test_roles_and_services_that_act_for_a_call(cloud: CallerCloud) -> None:
    arn = cloud.role("execution", Tags=[{"Key": "tenant", "Value": "acme"}])
    acting = of_role(arn)
    assert acting.caller.role_arn == arn
    assert acting.context["aws:PrincipalTag/tenant"] == "acme"
    missing = of_role(arn + "-not")
    assert (missing.caller.kind, missing.context) == (CallerKind.ROLE, {})
    assert of_service("logs.eu-central-1.amazonaws.com").caller.kind is CallerKind.SERVICE


@pytest.mark.parametrize("operation", ["get_session_token", "get_federation_token"])
def test_keys_that_would_be_nobodys_are_not_handed_out(cloud: CallerCloud, operation: str) -> None:
    given = {"Name": "ann"} if operation == "get_federation_token" else {}
    with pytest.raises(NotImplementedError):
        getattr(cloud.client("sts"), operation)(**given)
