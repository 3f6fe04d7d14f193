"""Signing in and out: the cookie, its end, who is let in, and where one comes back to."""

from __future__ import annotations

from datetime import timedelta
from http.cookies import SimpleCookie
from pathlib import Path
from typing import cast

import anyio
import pytest
from console_estate import TOKENS, Console, console_over
from joserfc.jwk import RSAKey
from page_reader import read
from pydantic import SecretStr
from starlette.requests import Request
from starlette.responses import StreamingResponse
from starlette.routing import Route

from infra.api.auth.caller import Caller
from infra.api.auth.roles import Role
from infra.api.auth.scope import TenantScope
from infra.api.auth.tokens import VerifiedToken
from infra.console.live import LivePages
from infra.console.sessions import FormRefused, Sessions
from infra.console.visit import Visit
from infra.store import audit_log, sessions
from infra.store.database import reading, transaction

_NAME = "__Host-bulkhead-console"


def test_the_cookie_is_for_this_host_and_no_script_and_ends_with_the_token(own: Console) -> None:
    with own.client() as client:
        token = own.token(Role.OPERATOR, minutes=12)
        answer = client.post("/console/session", {"token": f"Bearer {token}\n", "next": ""})
        assert (answer.status_code, answer.headers["location"]) == (303, "/console/tenants")
        (header,) = answer.headers.get_list("set-cookie")
        cookie = SimpleCookie(header)[_NAME]
        assert (cookie["path"], cookie["samesite"], cookie["httponly"], cookie["secure"]) == ("/", "strict", True, True)
        assert cookie["domain"] == ""
        assert 700 < int(cookie["max-age"]) <= 720
        assert token not in answer.text + str(answer.headers)
        assert client.get("/console/tenants").status_code == 200
        own.estate.clock.tick(12 * 60)
        ended = client.get("/console/tenants?state=active")
        assert ended.status_code == 303
        assert ended.headers["location"] == "/console/sign-in?next=%2Fconsole%2Ftenants%3Fstate%3Dactive"


def test_without_tls_only_this_machine_is_served_without_the_prefix(own: Console) -> None:
    names: list[str] = []
    for base in ("http://127.0.0.1:8080", "http://console.test"):
        with own.client(base=base) as client:
            answer = client.post("/console/session", {"token": own.token(Role.OPERATOR)})
            names.append(answer.headers["set-cookie"].partition("=")[0])
            assert ("secure" in answer.headers["set-cookie"].lower()) == ("127.0.0.1" not in base)
    assert names == ["bulkhead-console", _NAME]


@pytest.mark.parametrize("path", ["/tenants", "/tenants/acme", "/operations", "/fleet", "/capacity", "/audit"])
def test_nobody_gets_in_without_a_session(own: Console, path: str) -> None:
    with own.client() as client:
        for cookie in ("", "x", "W10.c2ln", f"{own.token(Role.PLATFORM_ADMIN)}"):
            client.client.cookies.set(_NAME, cookie)
            answer = client.get(f"/console{path}")
            assert answer.status_code == 303
            assert answer.headers["location"].startswith("/console/sign-in")
            assert "acme" not in answer.text
        client.client.cookies.clear()
        # A token opens the API, not the console.
        bearer = f"Bearer {own.token(Role.PLATFORM_ADMIN)}"
        assert client.get(f"/console{path}", authorization=bearer).status_code == 303


def test_a_session_of_other_keys_is_none_and_keys_can_be_rotated(own: Console) -> None:
    old, new, other = (SecretStr(letter * 32) for letter in "abc")
    clock = own.estate.clock
    caller = Caller(issuer="i", subject="ada", roles=frozenset({Role.AUDITOR}), tenant=None)
    verified = VerifiedToken(caller=caller, expires_at=clock.seconds() + 60)
    sealed = Sessions([old], clock.now).seal(verified)
    opened = Sessions([old, new], clock.now).open(sealed)
    assert opened is not None
    assert opened.caller == caller
    assert Sessions([new], clock.now).open(sealed) is None
    assert Sessions([other], clock.now).open(sealed) is None
    assert Sessions([old], clock.now).open(sealed[:-1] + ("A" if sealed[-1] != "A" else "B")) is None


def test_a_form_is_of_its_session(own: Console) -> None:
    sessions = Sessions([SecretStr("a" * 32)], own.estate.clock.now)
    caller = Caller(issuer="i", subject="ada", roles=frozenset({Role.AUDITOR}), tenant=None)
    verified = VerifiedToken(caller=caller, expires_at=own.estate.clock.seconds() + 60)
    mine, others = (sessions.open(sessions.seal(verified)) for _ in range(2))
    assert mine
    assert others
    assert sessions.operation_of(mine, sessions.form_token(mine)) == ""
    assert len(sessions.operation_of(mine, sessions.start_token(mine))) == 36
    for token in (sessions.form_token(others), sessions.start_token(others), "", "x.y", sessions.seal(verified)):
        with pytest.raises(FormRefused):
            sessions.operation_of(mine, token)


def test_a_token_that_is_not_valid_opens_nothing(own: Console) -> None:
    good = own.token(Role.OPERATOR)
    late = own.token(Role.OPERATOR, minutes=-5)
    none = own.issuer.token("ada", [], None, own.estate.clock.at - own.estate.clock.at)
    head, body, signature = good.split(".")
    with own.client() as client:
        for token in ("", "x", late, none, f"{head}.{body}.{signature[:-4]}AAAA", f"{head}.{body}.", "<script>"):
            answer = client.post("/console/session", {"token": token})
            page = read(answer, 401)
            assert "set-cookie" not in answer.headers
            assert [each for each in page.elements if each.attributes.get("role") == "alert"]
            assert "<script>" not in answer.text
        assert client.post("/console/session", {"token": "x" * 9_000}).status_code == 422


def test_guessing_is_slowed_down(tmp_path: Path, issuer_key: RSAKey) -> None:
    with console_over(tmp_path, issuer_key, full=False, burst=3) as made, made.client() as client:
        answers = [client.post("/console/session", {"token": "x"}) for _ in range(5)]
        assert [each.status_code for each in answers] == [401, 401, 401, 429, 429]
        assert int(answers[-1].headers["retry-after"]) > 0


def test_one_comes_back_to_a_page_of_the_console_only(own: Console) -> None:
    wanted = {
        "/console/tenants/acme": "/console/tenants/acme",
        "/console/tenants?state=failed": "/console/tenants?state=failed",
        "//evil.example/console/": "/console/tenants",
        "https://evil.example/console/": "/console/tenants",
        "/console/\\evil.example": "/console/tenants",
        "/console/../v1/tenants": "/console/tenants",
        "/console/tenants\r\nSet-Cookie: a=b": "/console/tenants",
        "javascript:alert(1)": "/console/tenants",
        "/v1/tenants": "/console/tenants",
    }
    with own.client() as client:
        for asked, location in wanted.items():
            answer = client.post("/console/session", {"token": own.token(Role.OPERATOR), "next": asked})
            assert answer.headers["location"] == location, asked


def test_signing_out_forgets_the_session(own: Console) -> None:
    with own.client(Role.OPERATOR) as client:
        form_token = read(client.get("/console/tenants")).hidden("form_token")
        assert client.post("/console/sign-out", {"other": "x"}).status_code == 403
        answer = client.post("/console/sign-out", {"form_token": form_token})
        assert answer.status_code == 303
        assert "Max-Age=0" in answer.headers["set-cookie"]
        assert client.get("/console/tenants").status_code == 303
        assert client.post("/console/sign-out", {"other": "x"}).status_code == 303, "nothing is wrong without a session"


def test_no_route_was_forgotten(own: Console) -> None:
    """Every route but the ways in lets nobody pass who has no session, whatever its method."""
    public = {"/", "/sign-in", "/session", "/sign-out", "/static/{name}"}
    met: set[str] = set()
    with own.client() as client:
        for route in own.mounted.routes:
            assert isinstance(route, Route)
            if route.path in public:
                continue
            path = "/console" + route.path.format(tenant_id="acme", operation_id="x", rollout_id="x")
            answer = client.post(path, {"x": "y"}) if route.methods == {"POST"} else client.get(path)
            assert answer.status_code == 303, path
            assert answer.headers["location"].startswith("/console/sign-in")
            met.add(route.path)
    assert len(met) == 20


def test_a_cookie_that_somebody_kept_is_nothing_after_signing_out(own: Console) -> None:
    """The session is over at the server; another one of the same person goes on."""
    with own.client(Role.OPERATOR) as client, own.client(Role.OPERATOR) as other:
        kept = client.client.cookies[_NAME]
        form_token = read(client.get("/console/tenants")).hidden("form_token")
        assert client.post("/console/sign-out", {"form_token": form_token}).status_code == 303
        client.client.cookies.set(_NAME, kept)
        answer = client.get("/console/tenants")
        assert (answer.status_code, "acme" in answer.text) == (303, False)
        assert client.post("/console/tenants/acme/suspend", {"form_token": form_token}).status_code == 303
        missing = read(client.get("/console/nothing"), 404)
        assert missing.all("form", "action") == [], "no menu on the page of an error either"
        assert other.get("/console/tenants").status_code == 200
        assert read(other.get("/console/nothing"), 404).all("form", "action") == ["/console/sign-out"]


def test_all_sessions_of_a_caller_are_ended(own: Console) -> None:
    """By a platform administrator, with an entry in the audit log; whoever else is signed in stays so."""
    with own.client(Role.AUDITOR) as first, own.client(Role.AUDITOR) as second, own.client() as admin:
        root = own.issuer.token("root", [Role.PLATFORM_ADMIN], None, timedelta(minutes=30))
        assert admin.post("/console/session", {"token": root}).status_code == 303
        page = read(admin.get("/console/signed-in"))
        assert "ada" in page.text
        fields = {"form_token": page.hidden("form_token"), "subject": "ada"}
        caller = Caller(issuer=TOKENS.issuer, subject="ada", roles=frozenset(), tenant=None).key
        assert caller in page.all("input", "value")
        assert admin.post("/console/signed-in", {**fields, "caller": "nobody"}).status_code == 303
        assert first.get("/console/fleet").status_code == 200
        mine = read(first.get("/console/fleet")).hidden("form_token")
        assert first.post("/console/signed-in", {**fields, "form_token": mine, "caller": caller}).status_code == 403
        assert admin.post("/console/signed-in", {**fields, "caller": caller}).status_code == 303
        assert [each.get("/console/fleet").status_code for each in (first, second)] == [303, 303]
        assert "ada" not in read(admin.get("/console/signed-in")).text
    with reading(own.estate.store) as connection:
        entries = [each for each in audit_log.entries(connection, limit=1_000) if each.action == "sessions.end"]
    assert [(each.actor, each.subject, '"ended":2' in each.detail) for each in entries] == [
        ("root", "sessions/ada", False),
        ("root", "sessions/ada", True),
    ]


def test_a_live_page_ends_with_its_session(own: Console) -> None:
    """Also one that was open before the session was revoked: nothing that happens afterwards is told."""
    with own.client(Role.OPERATOR) as client:
        session = own.desk.sessions.open(client.client.cookies[_NAME])
        assert session is not None
        with transaction(own.estate.store) as connection:
            assert sessions.close_all_of(connection, session.caller.key) == 1
        visit = Visit(_request(own), own.desk, session, TenantScope(None))

        async def stream() -> list[str]:
            answer = cast("StreamingResponse", LivePages().answer(visit, lambda _: pytest.fail("it shows a page")))
            return [str(part) async for part in answer.body_iterator]

        assert anyio.run(stream) == ["retry: 1000\n\n"]


def _request(own: Console) -> Request:
    scope: dict[str, object] = {"type": "http", "method": "GET", "path": "/tenants", "headers": [], "app": own.mounted}
    return Request({**scope, "query_string": b"", "path_params": {}})
