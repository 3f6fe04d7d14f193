"""The console in the API's process: its calls are in the audit log, and the API's own routes are as they were."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

import httpx
import pytest
from anyio.from_thread import start_blocking_portal
from console_documents import FLEET
from console_estate import PLATFORM, TOKENS, Console
from page_reader import read
from pydantic import SecretStr

from infra.api.auth.roles import Role
from infra.api.build import ServiceParts, build_app
from infra.api.rollouts import RolloutDesk
from infra.api.settings import ApiSettings
from infra.console.mount import mount_console
from infra.gitops import FolderSpecs
from infra.operations.fleet_rollouts import Rollouts
from infra.store import audit_log
from infra.store.database import reading


def _never(*_: object) -> Any:
    pytest.fail("the console asks for no preview")


def _no_preview(tenant: str, content: bytes | None, timeout: float) -> Mapping[str, Any]:
    return _never(tenant, content, timeout)


def _no_rollout(wish: Mapping[str, Any], by: str, reference: str) -> Mapping[str, Any]:
    return _never(wish, by, reference)


def _no_link(url: str, seconds: int) -> str:
    return str(_never(url, seconds))


def _fleet() -> Mapping[str, Any]:
    return FLEET


def test_calls_are_in_the_audit_log_and_the_api_knows_no_cookie(own: Console) -> None:
    keys = (SecretStr("k" * 32),)
    settings = ApiSettings(tokens=TOKENS, page_token_keys=keys)
    clock = own.estate.clock
    parts = ServiceParts(
        store=own.estate.store,
        specs=FolderSpecs(own.estate.folder),
        platform_file=PLATFORM,
        keys=own.issuer,
        preview=_no_preview,
        check=_never,
        capacity=_never,
        fleet=_fleet,
        rollouts=RolloutDesk(rollouts=Rollouts(own.estate.folder), planner=_no_rollout),
        certificate_key=_never,
        version_of=_never,
        export_link=_no_link,
        utc=clock.now,
        clock=clock.seconds,
        authenticator=own.authenticator,
    )
    app = build_app(settings, parts)
    mount_console(app, keys)
    with start_blocking_portal() as portal:
        client = httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="https://console.test")

        def get(path: str) -> httpx.Response:
            return portal.call(client.get, path)

        signed_in = {"token": own.token(Role.OPERATOR)}
        assert portal.call(partial(client.post, "/console/session", data=signed_in)).status_code == 303
        page = read(get("/console/tenants/acme"))
        assert "1.4.0" in page.text, "the fleet's document is the API's"
        for path in page.all("link", "href"):
            assert get(path).status_code == 200
        assert get("/console/audit").status_code == 403
        assert get("/v1/tenants").status_code == 401, "a session is no token"
        assert get("/v1/openapi.json").json()["paths"].keys() & {"/console/tenants", "/console"} == set()
        portal.call(client.aclose)
    with reading(own.estate.store) as connection:
        entries = [(each.actor, each.action, each.subject, each.outcome) for each in audit_log.entries(connection)]
    assert entries == [
        ("ada", "POST", "/session", "allowed"),
        ("ada", "tenants.read", "tenants/acme", "allowed"),
        ("ada", "audit.read", "/audit", "refused"),
        ("", "tenants.list", "tenants", "refused"),
    ]
