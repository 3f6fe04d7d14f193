"""Tokens of identity providers: a valid one of a registered provider counts, and every other is refused."""

from __future__ import annotations

import time
from collections.abc import Generator
from typing import Any

import pytest
from botocore.exceptions import ClientError
from caller_cloud import ACCOUNT, CallerCloud, token
from joserfc import jwt
from joserfc.jwk import OctKey, RSAKey
from moto.core.base_backend import BackendDict

from infra.evaluator.request import CallerKind

HOST = "token.actions.githubusercontent.com"
PROVIDER = f"arn:aws:iam::{ACCOUNT}:oidc-provider/{HOST}"


@pytest.fixture
def cloud() -> Generator[CallerCloud]:
    made = CallerCloud()
    made.client("iam").create_open_id_connect_provider(Url=f"https://{HOST}", ClientIDList=["sts.amazonaws.com"])
    yield made
    BackendDict.reset()


def assume(cloud: CallerCloud, given: str, role: str = "deploy") -> dict[str, Any]:
    arn = f"arn:aws:iam::{ACCOUNT}:role/{role}"
    sts = cloud.anonymous("sts")
    return sts.assume_role_with_web_identity(RoleArn=arn, RoleSessionName="ci", WebIdentityToken=given)


def test_a_valid_token_makes_its_bearer_the_provider_and_then_the_role(cloud: CallerCloud) -> None:
    cloud.role("deploy")
    answer = assume(cloud, token())
    before = cloud.identified
    assert before is not None
    assert (before.caller.kind, before.caller.arn) == (CallerKind.FEDERATED, PROVIDER)
    assert before.context == {
        "aws:FederatedProvider": PROVIDER,
        f"{HOST}:aud": "sts.amazonaws.com",
        f"{HOST}:sub": "repo:acme/models:environment:production",
        f"{HOST}:repository": "acme/models",
    }
    assert (answer["Provider"], answer["Audience"]) == (PROVIDER, "sts.amazonaws.com")
    assert answer["SubjectFromWebIdentityToken"] == "repo:acme/models:environment:production"
    after = cloud.context(answer["Credentials"])
    assert after["aws:FederatedProvider"] == PROVIDER
    assert after[f"{HOST}:sub"] == "repo:acme/models:environment:production"
    assert f"{HOST}:repository" not in after, "claims of GitHub's own are for the trust policy only"


def test_tags_and_source_identity_come_from_the_token(cloud: CallerCloud) -> None:
    cloud.role("deploy")
    claims: dict[str, Any] = {
        "https://aws.amazon.com/tags": {"principal_tags": {"tenant": ["acme"]}, "transitive_tag_keys": ["tenant"]},
        "https://aws.amazon.com/source_identity": "ann",
    }
    credentials = assume(cloud, token(**claims))["Credentials"]
    assert cloud.identified is not None
    assert cloud.identified.context["aws:RequestTag/tenant"] == "acme"
    context = cloud.context(credentials)
    assert (context["aws:PrincipalTag/tenant"], context["aws:SourceIdentity"]) == ("acme", "ann")
    chained = cloud.context(cloud.assume(cloud.role("next"), credentials))
    assert (chained["aws:PrincipalTag/tenant"], chained["aws:SourceIdentity"]) == ("acme", "ann")


NOW = int(time.time())

BAD: dict[str, tuple[dict[str, Any], str]] = {
    "another issuer": ({"iss": "https://elsewhere.example"}, "InvalidIdentityToken"),
    "no https": ({"iss": f"http://{HOST}"}, "InvalidIdentityToken"),
    "another audience": ({"aud": "other"}, "InvalidIdentityToken"),
    "no audience": ({"aud": None}, "InvalidIdentityToken"),
    "several audiences": ({"aud": ["sts.amazonaws.com", "other"]}, "InvalidIdentityToken"),
    "another authorized party": ({"azp": "other"}, "InvalidIdentityToken"),
    "no subject": ({"sub": None}, "InvalidIdentityToken"),
    "expired": ({"exp": NOW - 1}, "ExpiredTokenException"),
    "no expiry": ({"exp": None}, "InvalidIdentityToken"),
    "from the future": ({"iat": NOW + 3600, "exp": NOW + 7200}, "InvalidIdentityToken"),
    "old": ({"iat": NOW - 100_000}, "InvalidIdentityToken"),
    "not yet": ({"nbf": NOW + 3600}, "InvalidIdentityToken"),
    "malformed tags": ({"https://aws.amazon.com/tags": {"principal_tags": "x"}}, "InvalidIdentityToken"),
}


@pytest.mark.parametrize("name", BAD)
def test_other_tokens_are_refused(cloud: CallerCloud, name: str) -> None:
    cloud.role("deploy")
    claims, wanted = BAD[name]
    with pytest.raises(ClientError) as caught:
        assume(cloud, token(**claims))
    assert caught.value.response.get("Error", {}).get("Code") == wanted


def test_a_token_that_another_key_signed_is_refused(cloud: CallerCloud) -> None:
    """Also one without a signature, and one whose signature is made with what is public of the key."""
    cloud.role("deploy")
    claims: dict[str, Any] = {
        "iss": f"https://{HOST}",
        "aud": "sts.amazonaws.com",
        "sub": "s",
        "iat": NOW,
        "exp": NOW + 300,
    }
    forged = [
        token(RSAKey.generate_key(2048)),
        jwt.encode({"alg": "HS256"}, claims, OctKey.import_key("x" * 64)),
        token().rpartition(".")[0] + ".",
        "eyJhbGciOiJub25lIn0." + token().split(".")[1] + ".",
        "nonsense" * 2,
    ]
    for each in forged:
        with pytest.raises(ClientError) as caught:
            assume(cloud, each)
        assert caught.value.response.get("Error", {}).get("Code") == "InvalidIdentityToken"


def test_a_provider_must_be_registered_in_the_roles_account(cloud: CallerCloud) -> None:
    cloud.role("deploy")
    assert assume(cloud, token())["Provider"] == PROVIDER
    cloud.client("iam").delete_open_id_connect_provider(OpenIDConnectProviderArn=PROVIDER)
    with pytest.raises(ClientError) as caught:
        assume(cloud, token())
    assert caught.value.response.get("Error", {}).get("Code") == "InvalidIdentityToken"
