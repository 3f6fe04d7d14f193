"""How services of the embedded cloud become the roles that they are given, as each role's trust policy allows."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any, cast

import boto3
from botocore.config import Config

from infra.sandbox.enforcement.callers import ServiceCall
from infra.sandbox.serving.loopback import Loopback

if TYPE_CHECKING:
    from mypy_boto3_sts import STSClient
    from mypy_boto3_sts.type_defs import CredentialsTypeDef

# A service has no key: its call is known by the mark that it carries. Boto3 wants to sign with something.
_NOBODY = "service"


class ServiceRoles:
    """Assumes roles in the name of services.

    Args:
        loopback: The way to the embedded cloud.
        endpoint_url: The embedded cloud's address.
    """

    def __init__(self, loopback: Loopback, endpoint_url: str) -> None:
        self._loopback = loopback
        self._endpoint_url = endpoint_url
        # Making clients from one session is not safe in several threads at once.
        self._lock = threading.Lock()

    def assume(self, call: ServiceCall, role_arn: str, *, region: str, session_name: str) -> CredentialsTypeDef:
        """A session of a role.

        Args:
            call: The service, and for which resource of whom it acts.
            role_arn: The role.
            region: The Region of that resource.
            session_name: The session's name.

        Raises:
            ClientError: The role does not exist, or does not trust the service.
        """
        sts: STSClient = self.client(
            "sts", region, {"AccessKeyId": _NOBODY, "SecretAccessKey": _NOBODY, "SessionToken": None}, call
        )
        return sts.assume_role(RoleArn=role_arn, RoleSessionName=session_name)["Credentials"]

    def client(self, service: str, region: str, credentials: Any, acting: ServiceCall | None = None) -> Any:
        """A boto3 client that reaches the embedded cloud without a connection.

        Args:
            service: Boto3's name of the service.
            region: The Region.
            credentials: As STS answers them.
            acting: The service that calls as itself, if not the credentials say who calls.
        """
        with self._lock:
            client = cast("Any", boto3).client(
                service,
                region_name=region,
                endpoint_url=self._endpoint_url,
                aws_access_key_id=credentials["AccessKeyId"],
                aws_secret_access_key=credentials["SecretAccessKey"],
                aws_session_token=credentials["SessionToken"],
                config=Config(s3={"addressing_style": "path"}, retries={"total_max_attempts": 1}),
            )
        self._loopback.attach(client, acting)
        return client
