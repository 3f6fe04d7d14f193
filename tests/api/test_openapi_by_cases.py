"""The whole OpenAPI document, tried with generated requests as every role: no failure, no answer across tenants.

Each request is sent as it was generated, and again for a tenant and an operation that are there: the caller's own where
it administers one, and another's.
"""

from __future__ import annotations

import json
from collections.abc import Generator
from pathlib import Path
from typing import Any, cast

import anyio
import pytest
import schemathesis
import schemathesis.checks
import schemathesis.specs.openapi.checks
from api_service import Clock, Issuer, bearer
from hypothesis import HealthCheck, Phase, given, settings
from joserfc.jwk import RSAKey
from schemathesis.core.failures import FailureGroup
from whole_service import Whole, adopted

from infra.store.database import open_store, sqlite_url

#: The library's own types are not told in full.
_OF: Any = schemathesis.specs.openapi.checks
CHECKS: list[Any] = [
    cast("Any", schemathesis.checks).not_a_server_error,
    _OF.status_code_conformance,
    _OF.content_type_conformance,
    _OF.response_headers_conformance,
    _OF.response_schema_conformance,
]
EXAMPLES = 6
OTHERS = "Globex Research"
GENERATED = settings(
    max_examples=EXAMPLES,
    derandomize=True,
    deadline=None,
    database=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.data_too_large],
)


@pytest.fixture(scope="module")
def tried(signing_keys: tuple[RSAKey, RSAKey], tmp_path_factory: pytest.TempPathFactory) -> Generator[Whole]:
    """The service with acme and globex, on each of which an operation is over."""
    folder: Path = tmp_path_factory.mktemp("tried")
    engine = open_store(sqlite_url(folder / "service.sqlite"))
    whole = Whole(engine, folder, Issuer(Clock(), [signing_keys[0]]))
    whole.operations = anyio.run(adopted, whole, "acme", "globex")
    whole.fleet.plan({"to": "1.1.0", "approval": "each"}, "ada", "begun")
    whole.fleet.run(engine)
    yield whole
    engine.dispose()


def _schema(tried: Whole) -> Any:
    """The document as the service gives it."""
    return cast("Any", schemathesis.openapi).from_asgi("/v1/openapi.json", tried.app)


@pytest.mark.parametrize("role", ["platform-admin", "operator", "auditor", "tenant-admin", None])
def test_all_operations(tried: Whole, role: str | None) -> None:
    """No generated request is answered with a 5xx, with what the document does not say, or with another tenant's."""
    schema = _schema(tried)
    sent = [_tried(tried, found.ok(), role) for found in schema.get_all_operations()]
    assert len(sent) == sum(len(methods) for methods in tried.app.openapi()["paths"].values())
    assert all(statuses for statuses in sent)
    if role == "platform-admin":
        assert {200, 202, 404, 409, 422} <= set().union(*sent)


def _tried(tried: Whole, operation: Any, role: str | None) -> set[int]:
    """Sends an operation's generated requests; returns the statuses of their answers."""
    tenant = "acme" if role == "tenant-admin" else None
    headers = {} if role is None else bearer(tried.issuer.token(roles=[role], tenant=tenant))
    statuses: set[int] = set()

    @GENERATED
    @given(case=operation.as_strategy())
    def send(case: Any) -> None:
        generated = dict(case.path_parameters or {})
        for place in ({}, *_places(tried)) if generated else ({},):
            case.path_parameters = {**generated, **{name: place[name] for name in generated if name in place}}
            response = case.call(headers=headers)
            case.validate_response(response, checks=CHECKS, headers=headers)
            if tenant is not None:
                asked = json.dumps([case.path_parameters, str(case.query), str(case.body)])
                assert not _of_others(response.text, asked, tried), (operation.label, response.text)
            if role is None:
                assert response.status_code in (200, 401, 404, 405, 422), (operation.label, response.text)
            statuses.add(response.status_code)

    send()
    return statuses


def _places(tried: Whole) -> list[dict[str, str]]:
    """The tenants that are there, each with an operation; and a rollout."""
    (rollout,) = tried.fleet.rollouts.ids()
    return [
        {"tenant_id": name, "operation_id": operation, "rollout_id": rollout}
        for name, operation in tried.operations.items()
    ]


def _of_others(text: str, asked: str, tried: Whole) -> list[str]:
    """What an answer tells of globex that the request did not say itself."""
    marks = (OTHERS, "platform@globex.example", '"globex"', tried.operations["globex"])
    return [mark for mark in marks if mark in text and mark.strip('"') not in asked]


def test_broken_twins_are_found(tried: Whole) -> None:
    """An answer with 500, one that the document does not know, and one with another tenant in it are all noticed."""
    schema = _schema(tried)
    case = schema["/v1/me"]["GET"].Case()
    headers = bearer(tried.issuer.token())
    for change in ({"status_code": 500}, {"content": b"{}"}):
        case.validate_response(case.call(headers=headers), checks=CHECKS)
        response = case.call(headers=headers)
        for name, value in change.items():
            setattr(response, name, value)
        with pytest.raises(FailureGroup):
            case.validate_response(response, checks=CHECKS)
    seen = schema["/v1/tenants/{tenant_id}"]["GET"].Case(path_parameters={"tenant_id": "globex"}).call(headers=headers)
    assert _of_others(seen.text, "", tried)
    assert not _of_others(case.call(headers=headers).text, "", tried)
