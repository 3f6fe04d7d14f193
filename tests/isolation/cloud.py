"""An embedded cloud with a side door, and the ways in by which each kind of caller gets its credentials."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast
from urllib.request import Request, urlopen

import boto3
from botocore import UNSIGNED
from botocore.config import Config

from infra.sandbox import Sandbox
from infra.sandbox.credentials import access_key
from tests.isolation.side_door import PATH, SECRET_FILE, SECRET_HEADER

ENDPOINT_HEADER = "x-bulkhead-vpc-endpoint"
ACCOUNT_HEADER = "x-moto-account-id"
#: One session, so that the models of a service are read once.
_SESSION = boto3.Session(aws_access_key_id="none", aws_secret_access_key="none")
#: A denied call is not tried again, and whatever the parameters are, it is sent.
_ONCE = Config(retries={"total_max_attempts": 1}, parameter_validation=False)


@dataclass(frozen=True)
class Credentials:
    """A caller's access key; all None for an anonymous one."""

    key_id: str | None = None
    secret: str | None = None
    token: str | None = None

    @classmethod
    def of(cls, answer: Mapping[str, str]) -> Credentials:
        """From the member ``Credentials`` of an answer of STS, or ``AccessKey`` of one of IAM."""
        return cls(answer["AccessKeyId"], answer["SecretAccessKey"], answer.get("SessionToken"))


@dataclass(frozen=True)
class Door:
    """The ways into one cloud.

    Args:
        home: The sandbox's folder.
        url: Where it answers.
        region: The Region of the calls.
    """

    home: Path
    url: str
    region: str

    @property
    def root(self) -> Credentials:
        """The account's own key."""
        key = access_key(self.home / "credentials.json")
        return Credentials(key.access_key_id, key.secret_access_key)

    def client(
        self, service: str, credentials: Credentials, *, endpoint: str | None = None, headers: Mapping[str, str] = {}
    ) -> Any:
        """A boto3 client.

        Args:
            service: boto3's name of the service.
            credentials: Whose calls these are.
            endpoint: The VPC endpoint that they go through; None from anywhere.
            headers: Further headers, added after the signature.
        """
        unsigned = Config(signature_version=UNSIGNED) if credentials.key_id is None else None
        make = cast("Callable[..., Any]", _SESSION.client)
        made = make(
            service,
            region_name=self.region,
            endpoint_url=self.url,
            aws_access_key_id=credentials.key_id,
            aws_secret_access_key=credentials.secret,
            aws_session_token=credentials.token,
            config=_ONCE.merge(unsigned) if unsigned else _ONCE,
        )
        more = {**headers, **({ENDPOINT_HEADER: endpoint} if endpoint else {})}
        if more:

            def add(request: Any, **_: Any) -> None:
                request.headers.update(more)

            made.meta.events.register("before-send", add)
        return made

    def as_workload(self, role: str, workload: str) -> Credentials:
        """What an AWS service gives to code that it runs; the role's trust policy decides.

        Args:
            role: The role's ARN.
            workload: The ARN of the job, task or function.
        """
        variables = Sandbox(self.home).workload_environment(role, workload)
        authorization = {"Authorization": variables["AWS_CONTAINER_AUTHORIZATION_TOKEN"]}
        answer = _fetch(Request(variables["AWS_CONTAINER_CREDENTIALS_FULL_URI"], headers=authorization))  # noqa: S310
        return Credentials(answer["AccessKeyId"], answer["SecretAccessKey"], answer["Token"])

    def by_side_door(self, role: str, name: str, provider: str | None = None) -> Credentials:
        """The session that AWS makes for a caller that cannot prove itself here: see `side_door`.

        Args:
            role: The role's ARN.
            name: The session's name.
            provider: The ARN of the SAML provider that vouches for it, if one does.
        """
        secret = (self.home / SECRET_FILE).read_text()
        body = json.dumps({"role": role, "name": name, **({"provider": provider} if provider else {})}).encode()
        return Credentials.of(_fetch(Request(self.url + PATH, body, {SECRET_HEADER: secret})))  # noqa: S310

    def by_token(self, role: str, token: str) -> Credentials:
        """A CI job assumes a role with its OIDC token; the role's trust policy decides."""
        sts = self.client("sts", Credentials())
        answer = sts.assume_role_with_web_identity(RoleArn=role, RoleSessionName="ci", WebIdentityToken=token)
        return Credentials.of(answer["Credentials"])

    def assume(self, source: Credentials, role: str, **more: Any) -> Credentials:
        """A principal assumes a role."""
        sts = self.client("sts", source)
        return Credentials.of(sts.assume_role(RoleArn=role, RoleSessionName="attacker", **more)["Credentials"])

    def outsider(self, account: str) -> Credentials:
        """The access key of an administrator of another account."""
        iam = self.client("iam", self.root, headers={ACCOUNT_HEADER: account})
        iam.create_user(UserName="outsider")
        everything = {"Effect": "Allow", "Action": "*", "Resource": "*"}
        document = json.dumps({"Version": "2012-10-17", "Statement": [everything]})
        iam.put_user_policy(UserName="outsider", PolicyName="everything", PolicyDocument=document)
        return Credentials.of(iam.create_access_key(UserName="outsider")["AccessKey"])


def _fetch(request: Request) -> Mapping[str, str]:
    with urlopen(request) as answer:  # noqa: S310  a sandbox's own address
        return json.load(answer)
