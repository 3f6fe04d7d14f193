"""What a request passes through on its way to moto: a chain of small WSGI layers, outermost first in `build`."""

from __future__ import annotations

import json
import logging
import re
import threading
import time
from collections.abc import Callable, Iterable
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, TypeAlias

from infra.sandbox import error_shapes
from infra.sandbox.error_shapes import service_of
from infra.sandbox.request_ids import REQUEST_ID

if TYPE_CHECKING:
    from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

Layer: TypeAlias = "Callable[[WSGIApplication], WSGIApplication]"

HEALTH_PATH = "/_bulkhead/health"
DECISION_MILLISECONDS = "bulkhead.decision_milliseconds"
"""Where the enforcement says what it added to a request. No header of HTTP becomes such a key."""

_log = logging.getLogger("sandbox.requests")
_LOCAL_HOST = re.compile(r"(127\.0\.0\.1|localhost|[a-z0-9.-]+\.localhost)(:\d+)?", re.IGNORECASE)
# Both wait in their handler, for a model's answer or a message, and would hold up every other request.
_UNSERIALISED = re.compile(r"/(?:[^/]+/)?invocations$|/async-invocations$")


def build(application: WSGIApplication, layers: Iterable[Layer]) -> WSGIApplication:
    """The application behind the layers; the first layer sees a request first."""
    for layer in reversed(list(layers)):
        application = layer(application)
    return application


def _answer(start_response: StartResponse, status: str, content_type: str, body: bytes) -> list[bytes]:
    start_response(status, [("Content-Type", content_type), ("Content-Length", str(len(body)))])
    return [body]


def health(facts: dict[str, Any]) -> Layer:
    """Answers the health check itself, without waiting for any other request.

    Args:
        facts: What it says, besides that the server is up: at least the cloud's `instance`.
    """
    body = json.dumps(facts).encode()

    def layer(application: WSGIApplication) -> WSGIApplication:
        def handle(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
            if environ["PATH_INFO"] == HEALTH_PATH:
                return _answer(start_response, "200 OK", "application/json", body)
            return application(environ, start_response)

        return handle

    return layer


def local_names_only(application: WSGIApplication) -> WSGIApplication:
    """Refuses any other Host than this machine's, and moto's own pages: no web page can reach the cloud by a name.

    The source of the rule is the attack called DNS rebinding, and moto's `/moto-api/reset`, which takes a plain POST.
    """

    def handle(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        if not _LOCAL_HOST.fullmatch(environ.get("HTTP_HOST", "")) or environ["PATH_INFO"].startswith("/moto-api"):
            return _answer(start_response, "403 Forbidden", "text/plain", b"the sandbox answers for this machine only")
        return application(environ, start_response)

    return handle


def access_log(application: WSGIApplication) -> WSGIApplication:
    """One line a request, without query, headers and body: they may hold secrets."""

    def handle(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        began = time.perf_counter()
        status = "000"

        def start(code: str, headers: list[tuple[str, str]], exc_info: Any = None) -> Callable[[bytes], object]:
            nonlocal status
            status = code[:3]
            return start_response(code, headers, exc_info)

        try:
            return application(environ, start)
        finally:
            _log.info(
                "%s %s %s %s %.1f ms (%.2f ms to decide)",
                environ["REQUEST_METHOD"],
                service_of(environ) or "-",
                environ.get("HTTP_X_AMZ_TARGET") or environ["PATH_INFO"],
                status,
                1000 * (time.perf_counter() - began),
                environ.get(DECISION_MILLISECONDS, 0.0),
            )

    return handle


def aws_errors(application: WSGIApplication) -> WSGIApplication:
    """Turns an exception of moto into an AWS error in the form that the caller's protocol can read.

    What moto has not implemented is answered with 501, which AWS SDKs do not retry.
    """

    def handle(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        try:
            return application(environ, start_response)
        except NotImplementedError as error:
            what = f"the embedded cloud cannot do this: {error}. Add it in infra/sandbox/moto_extensions."
            return _aws_error(environ, start_response, HTTPStatus.NOT_IMPLEMENTED, "NotImplemented", what)
        except Exception as error:  # noqa: BLE001 - the last resort of a server
            _log.exception("%s %s failed", environ["REQUEST_METHOD"], environ["PATH_INFO"])
            what = f"the embedded cloud failed: {type(error).__name__}: {error}"
            return _aws_error(environ, start_response, HTTPStatus.INTERNAL_SERVER_ERROR, "InternalFailure", what)

    return handle


def _aws_error(
    environ: WSGIEnvironment, start_response: StartResponse, status: int, code: str, message: str
) -> list[bytes]:
    error = error_shapes.AwsError(code=code, message=message, status=status)
    answer = error_shapes.write(environ, error, environ[REQUEST_ID], protocol=error_shapes.protocol_of(environ))
    start_response(answer.status, answer.headers)
    return [answer.body]


def one_at_a_time(lock: threading.RLock) -> Layer:
    """Runs requests one after the other: moto's backends are plain dictionaries, which break under concurrent changes.

    Little is lost, for moto computes and never waits; the calls that do wait pass by.
    """

    def layer(application: WSGIApplication) -> WSGIApplication:
        def handle(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
            if _UNSERIALISED.search(environ["PATH_INFO"]) or service_of(environ) == "sqs":
                return application(environ, start_response)
            with lock:
                return application(environ, start_response)

        return handle

    return layer
