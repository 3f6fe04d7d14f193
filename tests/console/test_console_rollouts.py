"""Rollouts in the console: planned, confirmed, begun once, approved, halted and resumed, by nobody else."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
from console_estate import Console, Visitor
from page_reader import read

from infra.api.auth.roles import Role
from infra.fleet import Policy, plan_rollout
from tests.api.rollout_fleet import NAMES, OLD
from tests.fleet.fleets import tenant

FORM = "/console/fleet/upgrade"
WISH = {"to": "1.1.0", "canaries": "t000", "shares": "50", "tolerated": "2", "approval": "after the first"}


def _begun(client: Visitor, **changed: str) -> httpx.Response:
    """Fill the form in, look at the waves, and confirm."""
    wish = {**WISH, **changed}
    seen = client.post(FORM, {"form_token": read(client.get(FORM)).hidden("form_token"), **wish})
    return client.post(FORM, {"form_token": read(seen).hidden("form_token"), **wish, "confirmed": "yes"})


def _press(client: Visitor, address: str, do: str, **fields: str) -> httpx.Response:
    page = read(client.get(address if do == "resume" else f"{address}/{do}"))
    return client.post(f"{address}/{do}", {"form_token": page.hidden("form_token"), **fields})


def test_the_waves_are_seen_before_a_rollout_is_begun(own: Console) -> None:
    """The preview carries what was filled in, and begins nothing; confirmed twice it begins one."""
    with own.client(Role.OPERATOR) as client:
        page = read(client.get(FORM))
        seen = read(client.post(FORM, {"form_token": page.hidden("form_token"), **WISH}))
        assert {name: seen.hidden(name) for name in WISH} == WISH
        assert [name for name in ("canaries", "50 %", "all", *NAMES) if name not in seen.text] == []
        assert own.fleet.rollouts.ids() == []
        sent = {"form_token": seen.hidden("form_token"), **WISH, "confirmed": "yes"}
        answers = [client.post(FORM, sent) for _ in range(2)]
        (rollout,) = own.fleet.rollouts.ids()
        assert [each.headers["location"] for each in answers] == [f"/console/fleet/rollouts/{rollout}"] * 2
        refused = read(_begun(client), 409)
        assert "is not over" in refused.text
        assert rollout in read(client.get("/console/fleet")).text


def test_a_wave_is_approved_and_the_rest_refused(own: Console) -> None:
    """By an administrator only; the wave that was looked at, and no later one."""
    with own.client(Role.OPERATOR) as operator, own.client(Role.PLATFORM_ADMIN) as admin:
        address = _begun(operator).headers["location"]
        assert "No wave waits" in read(admin.get(f"{address}/approve")).text
        own.fleet.run(own.estate.store)
        assert not [each for each in read(operator.get(address)).all("a", "href") if each.endswith("/approve")]
        assert operator.get(f"{address}/approve").status_code == 403
        assert _press(admin, address, "approve", wave="50 %", answer="approve").status_code == 303
        own.fleet.run(own.estate.store)
        again = read(_press(admin, address, "approve", wave="canaries", answer="approve"), 409)
        assert "waits for an approval" in again.text
        assert _press(admin, address, "approve", wave="all", answer="refuse").status_code == 303
        own.fleet.run(own.estate.store)
        assert "did not approve wave" in read(operator.get(address)).text
    assert len(own.fleet.run_by(OLD)) > 2


def test_it_is_halted_with_a_reason(own: Console) -> None:
    with own.client(Role.OPERATOR) as client:
        address = _begun(client).headers["location"]
        for reason in ("", "two\nlines"):
            assert "say why" in read(_press(client, address, "halt", reason=reason), 422).text
        assert _press(client, address, "halt", reason="errors at globex").status_code == 303
        own.fleet.run(own.estate.store)
        assert "ada halted it: errors at globex" in read(client.get(address)).text
        assert "is over" in read(client.get(f"{address}/halt")).text
        assert own.fleet.run_by(OLD) == {*NAMES}


def test_one_that_a_command_line_left_is_resumed(own: Console) -> None:
    plan = plan_rollout([tenant(name) for name in NAMES], "1.1.0", Policy(shares=(50,), tolerated=2))
    rollout, journal = own.fleet.rollouts.begin(plan, own.fleet.now())
    journal.close()
    address = f"/console/fleet/rollouts/{rollout}"
    with own.client(Role.OPERATOR) as client:
        assert "Begun on a command line" in read(client.get(address)).text
        assert _press(client, address, "resume").status_code == 303
        own.fleet.run(own.estate.store)
        assert "incomplete" in read(client.get(address)).text
        refused = client.post(f"{address}/resume", {"form_token": read(client.get(address)).hidden("form_token")})
        assert "is over" in read(refused, 409).text


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"to": "--help"}, "the version"),
        ({"to": ""}, "the version"),
        ({"canaries": "../etc"}, "the list of canaries"),
        ({"shares": "5, x"}, "the list of shares"),
        ({"tolerated": "-1"}, "may fail"),
        ({"approval": "never"}, "for approvals"),
        ({"only": "*"}, "tiers and regions"),
    ],
)
def test_what_is_no_rollout_is_told_and_kept_in_the_form(own: Console, changed: dict[str, str], words: str) -> None:
    with own.client(Role.OPERATOR) as client:
        token = read(client.get(FORM)).hidden("form_token")
        page = read(client.post(FORM, {"form_token": token, **WISH, **changed, "confirmed": "yes"}), 422)
        assert words in page.text.lower()
        (name, value) = next(iter(changed.items()))
        if name != "approval":
            shown = {each.attributes["name"]: each.attributes.get("value") for each in _inputs(page)}
            assert shown[name] == value
    assert own.fleet.rollouts.ids() == []


def _inputs(page: Any) -> list[Any]:
    return [each for each in page.elements if each.tag == "input" and "name" in each.attributes]


def test_no_other_site_and_nobody_without_a_right_presses_the_buttons(own: Console) -> None:
    """Forged and foreign forms and callers without the right change nothing; the same form of our page does."""
    with own.client(Role.PLATFORM_ADMIN) as client, own.client(Role.AUDITOR) as auditor:
        address = _begun(client).headers["location"]
        own.fleet.run(own.estate.store)
        mine = read(client.get(f"{address}/approve")).hidden("form_token")
        theirs = read(auditor.get(address)).hidden("form_token")
        fields = {"wave": "50 %", "answer": "approve", "reason": "x"}
        for do in ("approve", "halt", "resume"):
            for token in ("", "x", theirs):
                assert client.post(f"{address}/{do}", {"form_token": token, **fields}).status_code == 403
            foreign = client.post(f"{address}/{do}", {"form_token": mine, **fields}, **{"Sec-Fetch-Site": "cross-site"})
            assert foreign.status_code == 403
            assert auditor.post(f"{address}/{do}", {"form_token": theirs, **fields}).status_code == 403
        assert auditor.get(FORM).status_code == 403
        # A token that starts nothing begins no rollout.
        assert client.post(FORM, {"form_token": mine, **WISH, "confirmed": "yes"}).status_code == 403
        assert own.fleet.rollouts.view(address.rpartition("/")[2]).verdict == "waiting"
        assert client.post(f"{address}/approve", {"form_token": mine, **fields}).status_code == 303
        assert own.fleet.rollouts.view(address.rpartition("/")[2]).verdict == "going on"


def test_a_rollout_that_is_not_there(own: Console) -> None:
    with own.client(Role.PLATFORM_ADMIN) as client:
        for path in ("20260301T000000-00000000", "x", "20260301T000000-00000000/approve", "x/halt"):
            assert client.get(f"/console/fleet/rollouts/{path}").status_code == 404
