"""Every page as every role: who sees what, that no text of others becomes markup, and the headers of all answers."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest
from anyio.to_thread import run_sync
from console_documents import FLEET, HOSTILE
from console_estate import Console
from page_reader import read

from infra.api.auth.roles import GRANTS, ApiOperation, Role
from infra.console.latest import Latest
from infra.console.security_headers import POLICY

_PAGES = {
    "/tenants": ApiOperation.TENANTS_LIST,
    "/tenants/acme": ApiOperation.TENANTS_READ,
    "/tenants/acme/suspend": ApiOperation.TENANTS_SUSPEND,
    "/tenants/initech/resume": ApiOperation.TENANTS_RESUME,
    "/tenants/acme/upgrade": ApiOperation.TENANTS_UPGRADE,
    "/tenants/acme/erase": ApiOperation.TENANTS_ERASE,
    "/operations": ApiOperation.OPERATIONS_LIST,
    "/operations/{updating}": ApiOperation.OPERATIONS_READ,
    "/fleet": ApiOperation.FLEET_READ,
    "/fleet/upgrade": ApiOperation.FLEET_UPGRADE,
    "/fleet/rollouts/{rollout}": ApiOperation.FLEET_READ,
    "/fleet/rollouts/{rollout}/approve": ApiOperation.FLEET_APPROVE,
    "/fleet/rollouts/{rollout}/halt": ApiOperation.FLEET_HALT,
    "/capacity": ApiOperation.CAPACITY_READ,
    "/audit": ApiOperation.AUDIT_READ,
    "/signed-in": ApiOperation.SESSIONS_END,
}
_MORE = (
    "/tenants/hooli",
    "/tenants/zorg",
    "/tenants/wonka",
    "/tenants/vandelay",
    "/tenants/stark",
    "/tenants/tyrell",
    "/operations/{failed}",
    "/operations/{hostile}",
    "/operations/{waiting}",
    "/tenants?q=clinic&state=active",
)


def _address(console: Console, path: str) -> str:
    return "/console" + path.format(**vars(console.named))


@pytest.mark.parametrize("role", Role)
def test_each_role_sees_what_the_table_of_roles_gives_it(console: Console, role: Role) -> None:
    tenants = {"/tenants/initech/resume": "initech", "/operations/{updating}": "umbrella"}
    for path, operation in _PAGES.items():
        tenant = tenants.get(path, "acme") if role is Role.TENANT_ADMIN else None
        with console.client(role, tenant) as client:
            answer = client.get(_address(console, path))
            assert answer.status_code == (200 if role in GRANTS[operation] else 403), path
            page = read(answer, answer.status_code)
            shown = {each for each in page.all("a", "href") if each.count("/") == 2}
            if answer.status_code == 200:
                wanted = {"/tenants", "/operations", "/fleet", "/capacity", "/audit"}
                wanted = {f"/console{each}" for each in wanted if role in GRANTS[_PAGES[each]]}
                menu = {f"/console/{each}" for each in ("tenants", "operations", "fleet", "capacity", "audit")}
                assert shown & menu == wanted


def test_a_tenants_administrator_sees_nothing_of_another(console: Console) -> None:
    with console.client(Role.TENANT_ADMIN, "acme") as client:
        assert read(client.get("/console/tenants")).all("a", "href").count("/console/tenants/acme") == 1
        for path in ("/console/tenants", "/console/operations", "/console/tenants?q=globex", "/console/tenants/acme"):
            assert "globex" not in read(client.get(path)).text.replace("Search", ""), path
        answers = {name: client.get(f"/console/tenants/{name}") for name in ("globex", "nobody", "umbrella")}
        assert {answer.status_code for answer in answers.values()} == {403}
        assert len({answer.text for answer in answers.values()}) == 1
        assert client.get("/console/tenants/globex/erase").status_code == 403
        unknown, others = (client.get(f"/console/operations/{each}") for each in ("none", console.named.updating))
        assert unknown.status_code == others.status_code == 404
        assert others.text.replace(console.named.updating, "none") == unknown.text
        listed = client.get("/console/operations?tenant=globex")
        assert "There was no operation." in read(listed).text
    with console.client(Role.OPERATOR) as client:
        assert "Globex" in read(client.get("/console/tenants/globex")).text


@pytest.mark.parametrize("path", [*_PAGES, *_MORE])
def test_no_text_of_others_becomes_markup_and_nothing_is_inline(console: Console, path: str) -> None:
    with console.client(Role.PLATFORM_ADMIN) as client:
        page = read(client.get(_address(console, path)))
    assert [each for each in page.all("script", "src") if not each.startswith("/console/static/live.")] == []
    assert len(page.all("script", "src")) == sum(each.tag == "script" for each in page.elements) == 1
    assert all(each.startswith("/console/static/icon.") for each in page.all("img", "src"))
    for each in page.elements:
        assert not [name for name in each.attributes if name == "style" or name.startswith("on")], each
        assert each.tag != "style"
    assert all(each.startswith(("/console/", "#")) for each in page.all("a", "href"))
    assert "\u202e" not in page.text


def test_the_hostile_texts_are_shown_as_they_are(console: Console) -> None:
    """The control of the test above: the texts are there, as text."""
    shown = HOSTILE.replace("\u202e", "\N{REPLACEMENT CHARACTER}")
    with console.client(Role.PLATFORM_ADMIN) as client:
        for path in ("/tenants/zorg", "/operations/{hostile}", "/fleet", "/audit"):
            assert shown in read(client.get(_address(console, path))).text, path


def test_every_answer_has_the_headers(console: Console) -> None:
    with console.client(Role.OPERATOR) as client:
        style = read(client.get("/console/tenants")).all("link", "href")[-1]
        paths = ["/tenants", "/audit", "/nothing", "/static/none.css", "/", "/sign-in", "/tenants/nobody"]
        for path in [f"/console{each}" for each in paths] + [style]:
            headers = client.get(path).headers
            assert headers["content-security-policy"] == POLICY, path
            assert headers["x-content-type-options"] == "nosniff"
            assert headers["referrer-policy"] == "same-origin"
            assert headers["x-frame-options"] == "DENY"
            assert headers["cache-control"] == ("no-store" if path != style else "public, max-age=31536000, immutable")
    assert {"default-src 'none'", "script-src 'self'", "style-src 'self'", "connect-src 'self'"} <= set(
        POLICY.split("; ")
    )
    assert "unsafe" not in POLICY
    assert "*" not in POLICY


def test_the_list_is_filtered_and_paged_both_ways(console: Console) -> None:
    with console.client(Role.AUDITOR) as client:

        def names(address: str) -> tuple[list[str], dict[str, str]]:
            page = read(client.get(address))
            ids = [each.rpartition("/")[2] for each in page.all("a", "href") if each.startswith("/console/tenants/")]
            ways = {
                each.attributes["rel"]: each.attributes["href"] for each in page.elements if "rel" in each.attributes
            }
            return ids, ways

        first, ways = names("/console/tenants")
        second, back = names(ways["next"])
        assert len(first) == 25
        assert len({*first, *second}) == len(first) + len(second) == 28
        assert "next" not in back
        assert names(back["prev"])[0] == first
        assert names("/console/tenants?state=failed")[0] == ["hooli", "zorg"]
        assert names("/console/tenants?q=DIAGNOSTICS")[0] == ["acme"]
        assert names("/console/tenants?q=clinic0&state=verifying")[0] == ["clinic07"]
        assert names("/console/tenants?q=%25")[0] == []
        assert names("/console/tenants?q=_c_")[0] == []
        assert names("/console/tenants?after='%20OR%201=1--&state=%3Cx%3E")[0] == first


def test_a_failure_says_what_to_do(console: Console) -> None:
    with console.client(Role.OPERATOR) as client:
        for path in ("/console/tenants/hooli", f"/console/operations/{console.named.failed}"):
            text = read(client.get(path)).text
            assert "the account has 2 VPC endpoints left" in text
            assert "request-service-quota-increase" in text
            assert "quota a limit of the AWS account must be raised" in text
            assert "preflight of onboard" in text


def test_a_tenants_page_waits_for_nothing_that_takes_long(own: Console) -> None:
    """What the fleet's document says is added when it is known; the page is there before."""
    begun, go_on = threading.Event(), threading.Event()

    async def slow() -> Mapping[str, Any]:
        begun.set()
        await run_sync(go_on.wait)
        return FLEET

    desk = own.desk
    own.mounted.state.desk = replace(desk, fleet=Latest(slow, patience=0.01))
    with own.client(Role.OPERATOR) as client:
        assert "412.50 USD" not in read(client.get("/console/tenants/acme")).text
        assert begun.is_set()
        go_on.set()
        own.mounted.state.desk = replace(desk, fleet=Latest(slow, patience=60))
        assert "412.50 USD" in read(client.get("/console/tenants/acme")).text


def test_progress_is_that_of_the_operation(console: Console) -> None:
    with console.client(Role.OPERATOR) as client:
        page = read(client.get(f"/console/operations/{console.named.updating}"))
    assert page.all("progress", "value") == ["42"]
    assert "apply running, 47 % of it" in page.text
    assert "verify to come" in page.text


def test_only_what_can_be_done_and_may_be_done_is_offered(console: Console) -> None:
    def offered(role: Role, tenant: str, of: str | None = None) -> list[str]:
        with console.client(role, of) as client:
            page = read(client.get(f"/console/tenants/{tenant}"))
        return [
            each.rpartition("/")[2] for each in page.all("a", "href") if each.startswith(f"/console/tenants/{tenant}/")
        ]

    assert offered(Role.PLATFORM_ADMIN, "acme") == ["suspend", "upgrade", "erase"]
    assert offered(Role.PLATFORM_ADMIN, "initech") == ["suspend", "resume", "upgrade", "erase"]
    assert offered(Role.OPERATOR, "acme") == ["suspend", "upgrade"]
    assert offered(Role.AUDITOR, "acme") == offered(Role.TENANT_ADMIN, "acme", "acme") == []
    assert offered(Role.PLATFORM_ADMIN, "umbrella") == [], "an operation runs on it"
    assert offered(Role.PLATFORM_ADMIN, "wonka") == ["certificate.pdf", "certificate.json"], "it is erased"


def test_the_audit_log_is_shown_and_verified(console: Console) -> None:
    with console.client(Role.AUDITOR) as client:
        assert "refused" in read(client.get("/console/audit?actor=mallory")).text
        assert "mallory" not in read(client.get("/console/audit?actor=ada&subject=tenants/acme")).text
        assert "The chain holds: 3 entries" in read(client.get("/console/audit?verify=1")).text
        assert "There is no such entry." in read(client.get("/console/audit?after=1")).text
        assert "mallory" in read(client.get("/console/audit?after=x")).text


def test_the_certificate_of_an_erasure_is_given_out(console: Console) -> None:
    with console.client(Role.AUDITOR) as client:
        page = read(client.get("/console/tenants/wonka"))
        links = [each for each in page.all("a", "href") if "certificate" in each]
        answers = [client.get(each) for each in links]
        assert [each.content for each in answers] == [b"%PDF-1.7", b'{"signed": true}']
        assert [each.headers["content-type"] for each in answers] == ["application/pdf", "application/json"]
        assert answers[0].headers["content-disposition"] == 'attachment; filename="wonka-erasure-certificate.pdf"'
        assert client.get("/console/tenants/acme/certificate.pdf").status_code == 404
    with console.client(Role.TENANT_ADMIN, "acme") as client:
        assert {client.get(each).status_code for each in links} == {403}


def test_what_goes_wrong_is_told_and_the_menu_stays(console: Console) -> None:
    with console.client(Role.OPERATOR) as client, console.client() as stranger:
        for path, status in (("/tenants/nobody", 404), ("/nothing", 404), ("/audit", 403)):
            page = read(client.get(f"/console{path}"), status)
            assert "What to do: " in page.text
            assert "/console/fleet" in page.all("a", "href")
        assert "/console/fleet" not in read(stranger.get("/console/nothing"), 404).all("a", "href")
        assert read(client.get("/console/tenants/nobody"), 404).text.count("There is no tenant nobody.") == 1
