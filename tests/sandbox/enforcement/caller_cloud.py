"""Moto in this process behind `identify` alone: callers are resolved, and nothing is decided."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from functools import cache
from io import BytesIO
from typing import TYPE_CHECKING, Any, cast

import boto3
from botocore import UNSIGNED
from botocore.config import Config
from joserfc import jwt
from joserfc.jwk import RSAKey
from moto.core.base_backend import BackendDict

from infra.sandbox import moto_extensions
from infra.sandbox.credentials import AccessKey
from infra.sandbox.dispatcher import Dispatcher
from infra.sandbox.enforcement.callers import Identified, ServiceCall, hand_on, identify
from infra.sandbox.enforcement.refusals import CredentialsRefused
from infra.sandbox.moto_extensions import sts_web_identity
from infra.sandbox.serving.loopback import Loopback

if TYPE_CHECKING:
    from wsgiref.types import StartResponse, WSGIEnvironment

ROOT = AccessKey(access_key_id="AKIAROOTROOTROOTROOT", secret_access_key="root-secret")
REGION = "eu-central-1"
ACCOUNT = "123456789012"
OUTSIDER = "999988887777"


class CallerCloud:
    """An empty cloud; `identified` is the caller of the last request."""

    def __init__(self) -> None:
        moto_extensions.apply()
        _apply_web_identity()
        BackendDict.reset()
        self.identified: Identified | None = None
        self.headers: dict[str, str] = {}
        self._dispatcher = Dispatcher()
        self._loopback = Loopback(self._handle)

    def client(
        self, service: str, credentials: Mapping[str, str] | None = None, acting: ServiceCall | None = None
    ) -> Any:
        """A boto3 client; without credentials the account's own key's."""
        given = credentials or {"AccessKeyId": ROOT.access_key_id, "SecretAccessKey": ROOT.secret_access_key}
        client = cast("Any", boto3).client(
            service,
            region_name=REGION,
            endpoint_url="http://127.0.0.1:4566",
            aws_access_key_id=given["AccessKeyId"],
            aws_secret_access_key=given["SecretAccessKey"],
            aws_session_token=given.get("SessionToken"),
            config=Config(s3={"addressing_style": "path"}, retries={"total_max_attempts": 1}),
        )
        self._loopback.attach(client, acting)
        return client

    def anonymous(self, service: str) -> Any:
        """A boto3 client that does not sign."""
        client = cast("Any", boto3).client(
            service,
            region_name=REGION,
            endpoint_url="http://127.0.0.1:4566",
            config=Config(signature_version=UNSIGNED, s3={"addressing_style": "path"}),
        )
        self._loopback.attach(client)
        return client

    def role(self, name: str, trusted: str | None = None, **given: Any) -> str:
        """Makes a role that trusts a principal's ARN, by default everybody in the account; its ARN."""
        principal = trusted or f"arn:aws:iam::{ACCOUNT}:root"
        trust = statement(Principal={"AWS": principal}, Action=["sts:AssumeRole", "sts:TagSession"])
        made = self.client("iam").create_role(RoleName=name, AssumeRolePolicyDocument=trust, **given)
        return made["Role"]["Arn"]

    def bucket(self, name: str) -> str:
        """Makes a bucket; its ARN."""
        self.client("s3").create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": REGION})
        return f"arn:aws:s3:::{name}"

    def assume(self, role_arn: str, credentials: Mapping[str, str] | None = None, **given: Any) -> dict[str, str]:
        """Credentials of a session of a role."""
        sts = self.client("sts", credentials)
        return sts.assume_role(RoleArn=role_arn, **{"RoleSessionName": "session", **given})["Credentials"]

    def caller(self, credentials: Mapping[str, str] | None = None) -> Identified:
        """Whom a call with these credentials is taken for."""
        self.client("sts", credentials).get_caller_identity()
        assert self.identified is not None
        return self.identified

    def context(self, credentials: Mapping[str, str]) -> dict[str, Any]:
        """The context keys of a call with these credentials."""
        return dict(self.caller(credentials).context)

    def _handle(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        body = environ["wsgi.input"].read()
        environ["wsgi.input"] = BytesIO(body)
        environ.update(self.headers)
        try:
            self.identified = identify(environ, body, root=ROOT, issuer=issuer(), now=datetime.now(UTC))
        except CredentialsRefused as refused:
            s3 = "/s3/" in environ.get("HTTP_AUTHORIZATION", "")
            status, code = refused.code("s3" if s3 else "sts", "query")
            start_response(f"{status.value} {status.phrase}", [("Content-Type", "text/xml")])
            error = f"<Error><Code>{code}</Code><Message>{refused.message}</Message></Error>"
            return [(error if s3 else f"<ErrorResponse>{error}</ErrorResponse>").encode()]
        hand_on(environ, self.identified)
        return self._dispatcher(environ, start_response)


@cache
def issuer() -> RSAKey:
    """The key of the issuer of tokens in this process."""
    return RSAKey.generate_key(2048)


@cache
def _apply_web_identity() -> None:
    sts_web_identity.apply(issuer())


def token(key: RSAKey | None = None, **claims: Any) -> str:
    """A token of GitHub Actions for acme's repository, with other claims as given; None leaves one out."""
    now = int(datetime.now(UTC).timestamp())
    usual = {
        "iss": "https://token.actions.githubusercontent.com",
        "aud": "sts.amazonaws.com",
        "sub": "repo:acme/models:environment:production",
        "repository": "acme/models",
        "iat": now,
        "exp": now + 300,
    }
    kept = {name: value for name, value in {**usual, **claims}.items() if value is not None}
    return jwt.encode({"alg": "RS256"}, kept, key or issuer())


def statement(effect: str = "Allow", **elements: Any) -> str:
    """A policy document of one statement."""
    return json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": effect, **elements}]})
