"""The layer in front of moto: who asks, for what, may they, and the answer of AWS if not.

Every request passes it, also those that services of the sandbox make. What it cannot read or map is denied to
everybody but the account's own key.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from io import BytesIO
from typing import TYPE_CHECKING

from joserfc.jwk import RSAKey

from infra.evaluator.request import CallerKind
from infra.sandbox import error_shapes
from infra.sandbox.credentials import AccessKey
from infra.sandbox.enforcement.callers import Identified, hand_on, identify
from infra.sandbox.enforcement.deciding import Check, decide, surroundings
from infra.sandbox.enforcement.decisions import Decisions
from infra.sandbox.enforcement.denials import Refused, denial, not_mapped
from infra.sandbox.enforcement.deployed.endpoints import EndpointRoute, route_of
from infra.sandbox.enforcement.lookup import Lookup
from infra.sandbox.enforcement.outcome import Outcome
from infra.sandbox.enforcement.records import record_of
from infra.sandbox.enforcement.refusals import CredentialsRefused
from infra.sandbox.enforcement.requests import read_operation, required
from infra.sandbox.enforcement.requests.operation import Operation, Unmapped
from infra.sandbox.error_shapes import AwsError
from infra.sandbox.pipeline import DECISION_MILLISECONDS
from infra.sandbox.request_ids import REQUEST_ID

if TYPE_CHECKING:
    from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

_log = logging.getLogger("sandbox.denials")


@dataclass(frozen=True, kw_only=True)
class Enforcement:
    """Enforces the deployed policies of one cloud.

    Args:
        root: The access key of the account itself.
        issuer: The key of the sandbox's issuer of tokens.
        lookup: The deployed state.
        lock: Held while the deployed state is read.
        decisions: Where decisions are recorded.
        clock: The time, with a time zone.
    """

    root: AccessKey
    issuer: RSAKey
    lookup: Lookup
    lock: threading.RLock
    decisions: Decisions
    clock: Callable[[], datetime] = field(default=lambda: datetime.now(UTC))

    def layer(self, application: WSGIApplication) -> WSGIApplication:
        """The application behind the enforcement."""

        def handle(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
            began = time.perf_counter()
            body: bytes = environ["wsgi.input"].read()
            environ["wsgi.input"] = BytesIO(body)
            environ["CONTENT_LENGTH"] = str(len(body))
            with self.lock:
                outcome = self._outcome(environ, body)
            self.decisions.record(record_of(outcome, environ[REQUEST_ID], self.clock()))
            environ[DECISION_MILLISECONDS] = 1000 * (time.perf_counter() - began)
            if outcome.error is None and outcome.identified is not None:
                hand_on(environ, outcome.identified)
                return application(environ, start_response)
            return _refuse(environ, start_response, outcome)

        return handle

    def _outcome(self, environ: WSGIEnvironment, body: bytes) -> Outcome:
        now = self.clock()
        operation = read_operation(environ, body)
        route: EndpointRoute | None = None
        try:
            identified = identify(environ, body, root=self.root, issuer=self.issuer, now=now)
            if operation is not None:
                route = route_of(environ, operation.service, operation.region)
        except CredentialsRefused as refused:
            return Outcome(operation=operation, error=_refusal(environ, operation, refused))
        if operation is None:
            return self._unmapped(environ, identified, None, "the request is of no service or operation that is known")
        needs = required(operation, self.lookup, identified.caller)
        if isinstance(needs, Unmapped):
            return self._unmapped(environ, identified, operation, needs.why)
        checks = decide(needs, identified, surroundings(environ, now), route)
        refused_check = next((check for check in checks if not check.verdict.allowed), None)
        error = None if refused_check is None else _denial(environ, identified, operation, refused_check)
        return Outcome(identified=identified, operation=operation, route=route, checks=checks, error=error)

    def _unmapped(
        self, environ: WSGIEnvironment, identified: Identified, operation: Operation | None, why: str
    ) -> Outcome:
        error = None
        if identified.caller.kind is not CallerKind.ROOT:
            service = operation.service if operation else error_shapes.service_of(environ) or "an unknown service"
            protocol = error_shapes.protocol_of(environ, operation.service if operation else None)
            name = operation.name if operation else "an unknown operation"
            error = not_mapped(identified.caller, service, name, protocol)
        return Outcome(identified=identified, operation=operation, unmapped=why, error=error)


def _refusal(environ: WSGIEnvironment, operation: Operation | None, refused: CredentialsRefused) -> AwsError:
    service = operation.service if operation else None
    protocol = error_shapes.protocol_of(environ, service)
    signed_for = error_shapes.service_of(environ) or ("s3" if protocol == "s3" else service or "")
    status, code = refused.code(signed_for, protocol)
    return AwsError(code=code, message=refused.message, status=status)


def _denial(environ: WSGIEnvironment, identified: Identified, operation: Operation, check: Check) -> AwsError:
    protocol = error_shapes.protocol_of(environ, operation.service)
    account = check.needed.resource_account
    refused = Refused(
        caller=check.actor.caller,
        action=check.needed.action,
        resource=check.needed.resource,
        verdict=check.verdict,
        foreign=account is not None and account != identified.caller.account,
        role=_role_of(check),
    )
    return denial(refused, operation.service, protocol, environ[REQUEST_ID])


def _role_of(check: Check) -> str | None:
    """The role that acts for the call, or that a service would become for it."""
    if check.needed.principal is None:
        return None
    return check.actor.caller.role_arn or check.needed.resource


def _refuse(environ: WSGIEnvironment, start_response: StartResponse, outcome: Outcome) -> list[bytes]:
    error, operation = outcome.error, outcome.operation
    if error is None:
        raise ValueError("a request that is refused needs an error")
    service = operation.service if operation else None
    _log.info("%s %s: %s: %s", environ[REQUEST_ID], _name_of(outcome), error.code, error.message)
    protocol = error_shapes.protocol_of(environ, service)
    answer = error_shapes.write(environ, error, environ[REQUEST_ID], protocol=protocol, service=service)
    start_response(answer.status, answer.headers)
    return [answer.body]


def _name_of(outcome: Outcome) -> str:
    return f"{outcome.operation.service}:{outcome.operation.name}" if outcome.operation else "-"
