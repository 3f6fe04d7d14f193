"""Runs the embedded cloud's server with a side door: sessions of roles whose callers cannot prove themselves here.

Nobody can verify a SAML assertion without its provider, nor be AWS Config, so the door makes the session that AWS would
make for either. What such a session may do is decided as ever; whether the role trusts the caller is not asked.

Usage: ``python -m tests.isolation.side_door infra.sandbox.server <arguments of the server>``. The secret that opens
the door is in the server's folder, readable by its owner only.
"""

from __future__ import annotations

import argparse
import contextlib
import hmac
import json
import os
import secrets
import sys
from collections.abc import Callable, Generator, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from infra.sandbox import server
from infra.sandbox.record import SERVER_MODULE

if TYPE_CHECKING:
    from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

#: The file of the secret, in the sandbox's folder.
SECRET_FILE = "side-door"
SECRET_HEADER = "x-test-secret"
#: Where a POST of a role, a session's name and its provider is answered with credentials.
PATH = "/_test/session"


def main() -> None:
    """Run the server."""
    if sys.argv[1:2] != [SERVER_MODULE]:
        sys.exit(f"usage: side_door {SERVER_MODULE} ...")
    sys.argv = sys.argv[1:]
    parser = argparse.ArgumentParser(add_help=False)
    parser.add_argument("--home", type=Path, required=True)
    known, _ = parser.parse_known_args()
    _install(_secret(known.home / SECRET_FILE))
    server.main()


def _secret(path: Path) -> str:
    made = secrets.token_urlsafe(30)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        file.write(made)
    return made


def _install(secret: str) -> None:
    """Put the door in front of the cloud, which the server imports when it is on its own."""
    from infra.sandbox import cloud  # noqa: PLC0415  it imports moto, which reads its settings then

    original: Callable[..., Any] = cloud.embedded_cloud

    @contextlib.contextmanager
    def with_door(**arguments: Any) -> Generator[WSGIApplication]:
        with original(**arguments) as application:
            yield _door(application, secret)

    cloud.embedded_cloud = with_door


def _door(application: WSGIApplication, secret: str) -> WSGIApplication:
    def handle(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        if environ["PATH_INFO"] != PATH:
            return application(environ, start_response)
        opened = hmac.compare_digest(environ.get("HTTP_X_TEST_SECRET", ""), secret)
        body = json.dumps(_session(json.loads(environ["wsgi.input"].read())) if opened else {}).encode()
        headers = [("Content-Type", "application/json"), ("Content-Length", str(len(body)))]
        start_response("200 OK" if opened else "403 Forbidden", headers)
        return [body]

    return handle


def _session(asked: dict[str, str]) -> dict[str, str]:
    from moto.sts.models import sts_backends  # noqa: PLC0415

    from infra.sandbox.account import ACCOUNT  # noqa: PLC0415
    from infra.sandbox.moto_extensions.sts_roles import remember_session  # noqa: PLC0415

    made = sts_backends[ACCOUNT]["aws"].assume_role(
        region_name="us-east-1",
        role_arn=asked["role"],
        role_session_name=asked["name"],
        policy="",
        duration=3600,
        external_id="",
    )
    remember_session(made, provider=asked.get("provider"))
    return {
        "AccessKeyId": made.access_key_id,
        "SecretAccessKey": made.secret_access_key,
        "SessionToken": made.session_token,
    }


if __name__ == "__main__":
    main()
