"""The buttons: what they start, who may press them, what is asked before, and that no other site presses them."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from console_estate import Console, Visitor
from page_reader import read

from infra.api.auth.roles import Role
from infra.jobs import tickets
from infra.lifecycle.operations import OperationState
from infra.lifecycle.states import OperationKind
from infra.store import audit_log, operations
from infra.store.database import reading
from infra.store.operations import OperationRecord

_ERASE = {"confirmation": "acme", "export": "yes", "grace_hours": "48", "window_days": "7"}


def _on(own: Console, tenant: str) -> OperationRecord | None:
    with reading(own.estate.store) as connection:
        return operations.running(connection, tenant)


def _press(client: Visitor, path: str, **fields: str) -> Any:
    """Send the form of a page, as its button does."""
    page = read(client.get(path))
    return client.post(path, {"form_token": page.hidden("form_token"), **fields}, **{"Sec-Fetch-Site": "same-origin"})


@pytest.mark.parametrize(
    ("kind", "fields"),
    [(OperationKind.SUSPEND, {}), (OperationKind.UPGRADE, {"to": "1.4.0"}), (OperationKind.ERASE, _ERASE)],
)
def test_a_command_starts_its_operation_once_and_is_in_the_audit_log(
    own: Console, kind: OperationKind, fields: dict[str, str]
) -> None:
    with own.client(Role.PLATFORM_ADMIN) as client:
        path = f"/console/tenants/acme/{kind}"
        sent = {"form_token": read(client.get(path)).hidden("form_token"), **fields}
        answers = [client.post(path, sent) for _ in range(2)]
        started = _on(own, "acme")
        assert started is not None
        assert started.operation.kind is kind
        assert started.caller == "ada"
        assert [each.headers["location"] for each in answers] == [f"/console/operations/{started.operation.id}"] * 2
        shown = read(client.get(answers[0].headers["location"]))
        assert f"{kind} of acme" in shown.text.lower()
    with reading(own.estate.store) as connection:
        (entry,) = audit_log.entries(connection)
        arguments = tickets.get(connection, started.operation.id).request.arguments
    assert (entry.actor, entry.action, entry.subject, entry.outcome) == (
        "ada",
        f"tenants.{kind}",
        "tenants/acme",
        "allowed",
    )
    assert msgspec.json.decode(entry.detail)["operation"] == started.operation.id
    if kind is OperationKind.ERASE:
        assert arguments == {"export": True, "grace_seconds": 172_800, "window_days": 7, "requested_by": "ada"}
    if kind is OperationKind.UPGRADE:
        assert arguments == {"to": "1.4.0", "former": "1.3.2"}
    if kind is OperationKind.SUSPEND:
        assert "state: suspended" in arguments["content"]
        assert "suspended" not in arguments["former"]


def test_a_suspended_tenant_is_resumed(own: Console) -> None:
    with own.client(Role.OPERATOR) as client:
        _press(client, "/console/tenants/acme/suspend")
        suspended = _on(own, "acme")
        assert suspended is not None
        own.estate.write_spec("acme", lifecycle={"state": "suspended", "prevent_deletion": True})
        own.estate.run(suspended.operation.id)
        assert _press(client, "/console/tenants/acme/resume").status_code == 303
    resumed = _on(own, "acme")
    assert resumed is not None
    assert resumed.operation.kind is OperationKind.RESUME


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({**_ERASE, "confirmation": "globex"}, "type acme to confirm"),
        ({**_ERASE, "confirmation": ""}, "type acme to confirm"),
        ({**_ERASE, "window_days": "6"}, "a number from 7 to 30"),
        ({**_ERASE, "window_days": "7.5"}, "a number from 7 to 30"),
        ({**_ERASE, "grace_hours": "-1"}, "a number from 0 to 2160"),
        ({**_ERASE, "grace_hours": "9" * 19}, "a number from 0 to 2160"),
    ],
)
def test_an_erasure_that_is_not_confirmed_erases_nothing(own: Console, fields: dict[str, str], words: str) -> None:
    with own.client(Role.PLATFORM_ADMIN) as client:
        page = read(_press(client, "/console/tenants/acme/erase", **fields), 422)
        assert words in page.text
        assert _on(own, "acme") is None
        # The control: the same form, confirmed.
        assert _press(client, "/console/tenants/acme/erase", **_ERASE).status_code == 303
    assert _on(own, "acme") is not None


@pytest.mark.parametrize("to", ["", "--force", "a b", "1.4.0;rm", "<b>", "x" * 101, "1\n2"])
def test_a_version_is_the_name_of_a_version(own: Console, to: str) -> None:
    with own.client(Role.OPERATOR) as client:
        page = read(_press(client, "/console/tenants/acme/upgrade", to=to), 422)
        assert _on(own, "acme") is None
        assert not [
            each
            for each in page.elements
            if each.tag == "b" and not each.attributes and "<b>" in page.text and to != "<b>"
        ]
        assert _press(client, "/console/tenants/acme/upgrade", to="release/1.4").status_code == 303


def test_what_is_refused_says_why_and_what_to_do(own: Console) -> None:
    with own.client(Role.PLATFORM_ADMIN) as client:
        forms = {
            kind: read(client.get(f"/console/tenants/acme/{kind}")).hidden("form_token")
            for kind in ("suspend", "erase")
        }
        assert client.post("/console/tenants/acme/suspend", {"form_token": forms["suspend"]}).status_code == 303
        page = read(client.post("/console/tenants/acme/erase", {"form_token": forms["erase"], **_ERASE}), 409)
        assert "runs on tenant acme" in page.text
        assert "wait until it is over, or cancel it" in page.text
        asked = read(client.get("/console/tenants/acme/erase"))
        assert "suspend runs on it now" in asked.text
        assert "Type acme to confirm" not in asked.text
    running = _on(own, "acme")
    assert running is not None
    assert running.operation.kind is OperationKind.SUSPEND


def test_an_operation_is_cancelled(own: Console) -> None:
    with own.client(Role.OPERATOR) as client:
        _press(client, "/console/tenants/acme/upgrade", to="1.4.0")
        running = _on(own, "acme")
        assert running is not None
        path = f"/console/operations/{running.operation.id}"
        form_token = read(client.get(path)).hidden("form_token")
        assert client.post(f"{path}/cancel", {"form_token": form_token}).headers["location"] == path
        assert "Cancel the upgrade" not in read(client.get(path)).text
        again = read(client.post(f"{path}/cancel", {"form_token": form_token}), 409)
        assert "has already cancelled" in again.text
    with reading(own.estate.store) as connection:
        ended = operations.get(connection, running.operation.id)
        actions = [each.action for each in audit_log.entries(connection)]
    assert ended.operation.state is OperationState.CANCELLED
    assert actions == ["tenants.upgrade", "operations.cancel"]


@pytest.mark.parametrize(
    ("role", "tenant", "kind"),
    [
        (Role.OPERATOR, None, "erase"),
        (Role.AUDITOR, None, "suspend"),
        (Role.AUDITOR, None, "upgrade"),
        (Role.TENANT_ADMIN, "acme", "suspend"),
        (Role.TENANT_ADMIN, "acme", "erase"),
        (Role.TENANT_ADMIN, "globex", "erase"),
    ],
)
def test_who_may_not_is_refused_by_the_server_too(own: Console, role: Role, tenant: str | None, kind: str) -> None:
    with own.client(role, tenant) as client:
        form_token = read(client.get("/console/tenants")).hidden("form_token")
        page = read(client.post(f"/console/tenants/acme/{kind}", {"form_token": form_token, **_ERASE}), 403)
        assert "may not do this" in page.text
    assert _on(own, "acme") is None


def test_a_tenants_administrator_cancels_only_its_own_update(own: Console) -> None:
    """What an operator started on its tenant is the operator's to take back."""
    suspended = own.estate.start("acme", OperationKind.SUSPEND)
    with own.client(Role.TENANT_ADMIN, "acme") as client:
        path = f"/console/operations/{suspended}"
        page = read(client.get(path))
        assert "Cancel the suspend" not in page.text
        assert client.post(f"{path}/cancel", {"form_token": page.hidden("form_token")}).status_code == 403
    with own.client(Role.TENANT_ADMIN, "globex") as client:
        form_token = read(client.get("/console/tenants")).hidden("form_token")
        assert client.post(f"{path}/cancel", {"form_token": form_token}).status_code == 404
    assert _on(own, "acme") is not None


def test_no_other_site_and_no_other_session_sends_our_forms(own: Console) -> None:
    path = "/console/tenants/acme/suspend"
    with own.client(Role.OPERATOR) as other:
        others = read(other.get(path)).hidden("form_token")
    with own.client(Role.OPERATOR) as client:
        mine = read(client.get(path)).hidden("form_token")
        signing_out = read(client.get("/console/tenants")).hidden("form_token")
        for token in (None, "", others, signing_out, mine[:-1], "x"):
            fields = {"other": "x"} if token is None else {"form_token": token}
            assert client.post(path, fields).status_code == 403, token
        sources = (
            {"Sec-Fetch-Site": "cross-site"},
            {"Sec-Fetch-Site": "same-site"},
            {"Origin": "https://evil.example"},
            {"Origin": "null"},
        )
        for headers in sources:
            assert client.post(path, {"form_token": mine}, **headers).status_code == 403, headers
        assert client.post(path, {"form_token": mine}, **{"Content-Type": "text/plain"}).status_code == 415
        assert client.get(f"{path}?form_token={mine}").status_code == 200
        assert _on(own, "acme") is None
        # The control: the same form, sent as our page sends it.
        assert client.post(path, {"form_token": mine}, Origin="https://console.test").status_code == 303
    assert _on(own, "acme") is not None


def test_nobody_is_signed_in_by_another_site(own: Console) -> None:
    with own.client() as client:
        fields = {"token": own.token(Role.OPERATOR)}
        refused = client.post("/console/session", fields, Origin="https://evil.example")
        assert refused.status_code == 403
        assert "set-cookie" not in refused.headers
        assert client.post("/console/session", fields, Origin="https://console.test").status_code == 303
