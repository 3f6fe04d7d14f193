"""Credentials for code that AWS would run: a task of ECS, a job of SageMaker, a function of Lambda.

On AWS such code asks an address that only it can reach, and gets a session of its role. Here the address is the
sandbox's, and a token in the sandbox's folder stands for being on that machine: see `workload_token`.

Sources: AWS SDKs and Tools Reference Guide, "Container credential provider"; Amazon ECS Developer Guide, "Amazon ECS
task IAM role".
"""

from __future__ import annotations

import hmac
import json
import re
import secrets
from collections.abc import Callable, Iterable, Mapping
from http import HTTPStatus
from typing import TYPE_CHECKING
from urllib.parse import parse_qs

from botocore.exceptions import BotoCoreError, ClientError

from infra.sandbox.enforcement.callers import ServiceCall
from infra.sandbox.service_roles import ServiceRoles
from infra.sandbox.workload_token import PATH

if TYPE_CHECKING:
    from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

#: The service in a workload's ARN -> the principal that becomes the workload's role.
SERVICES: Mapping[str, str] = {
    "ecs": "ecs-tasks.amazonaws.com",
    "lambda": "lambda.amazonaws.com",
    "sagemaker": "sagemaker.amazonaws.com",
}
_WORKLOAD = re.compile(r"arn:aws:(?P<service>[a-z-]+):(?P<region>[a-z0-9-]+):(?P<account>\d{12}):[\w/:.-]+")


def workload_credentials(roles: Callable[[], ServiceRoles], token: str) -> Callable[[WSGIApplication], WSGIApplication]:
    """The layer that answers such requests itself.

    Args:
        roles: By which services become roles.
        token: What a workload must know.
    """

    def layer(application: WSGIApplication) -> WSGIApplication:
        def handle(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
            if environ["PATH_INFO"] != PATH:
                return application(environ, start_response)
            status, document = _answer(environ, roles(), token)
            body = json.dumps(document).encode()
            headers = [("Content-Type", "application/json"), ("Content-Length", str(len(body)))]
            start_response(f"{status.value} {status.phrase}", headers)
            return [body]

        return handle

    return layer


def _answer(environ: WSGIEnvironment, roles: ServiceRoles, token: str) -> tuple[HTTPStatus, Mapping[str, str]]:
    if not hmac.compare_digest(environ.get("HTTP_AUTHORIZATION", "").encode(), token.encode()):
        return HTTPStatus.UNAUTHORIZED, {"code": "AccessDenied", "message": "the token is not this sandbox's"}
    query = parse_qs(environ.get("QUERY_STRING", ""))
    role, workload = query.get("role", [""])[0], query.get("workload", [""])[0]
    found = _WORKLOAD.fullmatch(workload)
    if found is None or found["service"] not in SERVICES:
        what = f"{workload!r} is no ARN of a workload of {', '.join(SERVICES)}"
        return HTTPStatus.BAD_REQUEST, {"code": "InvalidParameter", "message": what}
    call = ServiceCall(service=SERVICES[found["service"]], source_account=found["account"], source_arn=workload)
    try:
        made = roles.assume(call, role, region=found["region"], session_name=secrets.token_hex(16))
    except (ClientError, BotoCoreError) as error:
        return HTTPStatus.FORBIDDEN, {"code": "AccessDenied", "message": str(error)}
    return HTTPStatus.OK, {
        "AccessKeyId": made["AccessKeyId"],
        "SecretAccessKey": made["SecretAccessKey"],
        "Token": made["SessionToken"],
        "Expiration": made["Expiration"].strftime("%Y-%m-%dT%H:%M:%SZ"),
        "RoleArn": role,
    }
