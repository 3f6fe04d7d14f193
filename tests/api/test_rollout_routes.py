"""Rollouts by HTTP: planned, started once, approved, halted and resumed by who may, followed live, and in the log."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import httpx
import pytest
from api_service import problem
from rollout_fleet import NAMES, OLD
from whole_service import Whole

from infra.fleet import Policy, plan_rollout
from tests.fleet.fleets import tenant

pytestmark = pytest.mark.anyio
NEW = "1.1.0"
WISH = {"to": NEW, "canaries": ["t000"], "shares": [50], "tolerated": 2}
WITH_APPROVALS = {**WISH, "approval": "after the first"}
ROLLOUTS = "/v1/fleet/rollouts"


async def _started(client: httpx.AsyncClient, wish: dict[str, Any] = WITH_APPROVALS) -> str:
    answer = await client.post(ROLLOUTS, json=wish)
    assert answer.status_code == 202, answer.text
    return answer.headers["location"]


def _awaited(document: dict[str, Any]) -> list[str]:
    return [wave["name"] for wave in document["waves"] if wave["awaits_approval"]]


def _events(text: str) -> list[tuple[int, str, dict[str, Any]]]:
    found: list[tuple[int, str, dict[str, Any]]] = []
    for block in text.split("\n\n"):
        fields = dict(line.split(": ", 1) for line in block.splitlines() if not line.startswith(":"))
        if "id" in fields:
            found.append((int(fields["id"]), fields["event"], json.loads(fields["data"])))
    return found


async def test_a_plan_begins_nothing(whole: Whole) -> None:
    """With validate_only the answer is the waves, and there is no rollout."""
    async with whole.client("operator") as client:
        answer = await client.post(f"{ROLLOUTS}?validate_only=true", json=WITH_APPROVALS)
        assert answer.status_code == 200
        waves = answer.json()["waves"]
        assert [wave["name"] for wave in waves] == ["canaries", "50 %", "all"]
        assert [wave["approval"] for wave in waves] == [False, True, True]
        assert sorted(one["tenant"] for wave in waves for one in wave["tenants"]) == NAMES
        assert (await client.get(ROLLOUTS)).json() == {"items": [], "next_page_token": ""}
    assert whole.fleet.rollouts.ids() == []


async def test_a_rollout_from_its_start_to_its_end(whole: Whole) -> None:
    """Started, carried out by the service's runner, approved wave by wave by an administrator, and over."""
    async with whole.client("operator") as operator, whole.client(sub="root") as admin:
        address = await _started(operator)
        begun = (await operator.get(address)).json()
        assert (begun["verdict"], begun["by"], begun["to"]) == ("going on", "ada", NEW)
        problem(await operator.post(ROLLOUTS, json=WISH), 409, "conflict")
        whole.fleet.run(whole.store)
        waiting = await operator.get(address)
        assert waiting.json()["verdict"] == "waiting"
        assert waiting.headers["retry-after"]
        assert whole.fleet.run_by(NEW) == {"t000"}
        assert _awaited(waiting.json()) == ["50 %"]
        problem(await admin.post(f"{address}:approve", json={"wave": "all"}), 409, "conflict")
        problem(await operator.post(f"{address}:approve", json={"wave": "50 %"}), 403, "forbidden")
        for wave in ("50 %", "all"):
            assert _awaited((await operator.get(address)).json()) == [wave]
            answer = await admin.post(f"{address}:approve", json={"wave": wave})
            assert answer.status_code == 202, answer.text
            whole.fleet.run(whole.store)
        ended = await operator.get(address)
        assert ended.json()["verdict"] == "incomplete"
        assert "retry-after" not in ended.headers
        assert whole.fleet.run_by(OLD) == {"t003", "t004"}
        assert ended.json()["troubles"].keys() == {"t003", "t004"}
        problem(await operator.post(f"{address}:halt", json={"reason": "late"}), 409, "conflict")
        problem(await operator.post(f"{address}:resume"), 409, "conflict")


async def test_the_same_request_begins_one(whole: Whole) -> None:
    """By its key; also when the process died before it could keep the answer. Another body under the key is refused."""
    headers = {"Idempotency-Key": "rollout-1"}
    async with whole.client("operator") as client:
        answers = [await client.post(ROLLOUTS, json=WISH, headers=headers) for _ in range(2)]
        assert [each.status_code for each in answers] == [202, 202]
        assert answers[0].json() == answers[1].json()
        assert answers[1].headers["idempotency-replayed"] == "true"
        assert answers[1].headers["location"] == answers[0].headers["location"]
        reused = await client.post(ROLLOUTS, json={**WISH, "to": "2.0.0"}, headers=headers)
        problem(reused, 422, "idempotency-key-reused")
    (rollout,) = whole.fleet.rollouts.ids()
    handed = whole.fleet.rollouts.handovers.read(rollout)
    assert handed is not None
    assert whole.fleet.plan(WISH, "ada", handed.reference) == {"rollout": rollout}


async def test_a_halt_takes_the_wave_back_and_keeps_those_before(whole: Whole) -> None:
    """While it waits; the first reason stays. A refusal to approve halts as well."""
    async with whole.client("operator") as operator, whole.client() as admin:
        address = await _started(operator)
        whole.fleet.run(whole.store)
        for reason in ("errors at globex", "again"):
            assert (await operator.post(f"{address}:halt", json={"reason": reason})).status_code == 202
        whole.fleet.run(whole.store)
        document = (await operator.get(address)).json()
        assert (document["verdict"], document["why"]) == ("halted", "ada halted it: errors at globex")
        assert whole.fleet.run_by(NEW) == {"t000"}
        whole.issuer.clock.seconds += 60
        second = await _started(operator)
        whole.fleet.run(whole.store)
        answer = await admin.post(f"{second}:approve", json={"wave": "50 %", "granted": False})
        assert (answer.status_code, answer.json()["verdict"]) == (202, "halted")


async def test_what_a_command_line_left_is_given_to_the_service(whole: Whole) -> None:
    """It is shown as stopped until somebody resumes it; a second one is refused meanwhile."""
    fleet = whole.fleet
    plan = plan_rollout([tenant(name) for name in NAMES], NEW, Policy(canaries=("t000",), shares=(50,), tolerated=2))
    rollout, journal = fleet.rollouts.begin(plan, fleet.now())
    async with whole.client("operator") as client:
        with journal:
            assert (await client.get(f"{ROLLOUTS}/{rollout}")).json()["verdict"] == "going on"
            problem(await client.post(ROLLOUTS, json=WISH), 409, "conflict")
        stopped = (await client.get(f"{ROLLOUTS}/{rollout}")).json()
        assert (stopped["verdict"], stopped["by"]) == ("stopped", "")
        fleet.run(whole.store)
        assert fleet.run_by(NEW) == set()
        assert (await client.post(f"{ROLLOUTS}/{rollout}:resume")).json()["verdict"] == "going on"
        fleet.run(whole.store)
        assert (await client.get(f"{ROLLOUTS}/{rollout}")).json()["verdict"] == "incomplete"


async def test_a_tag_names_what_was_seen(whole: Whole) -> None:
    """304 until something has happened."""
    async with whole.client("auditor") as auditor, whole.client("operator") as operator:
        address = await _started(operator)
        tag = (await auditor.get(address)).headers["etag"]
        same = await auditor.get(address, headers={"If-None-Match": tag})
        assert (same.status_code, same.content) == (304, b"")
        whole.fleet.run(whole.store)
        changed = await auditor.get(address, headers={"If-None-Match": tag})
        assert changed.status_code == 200
        assert changed.headers["etag"] != tag


async def test_it_is_followed_as_it_happens_and_resumed(whole: Whole) -> None:
    """Each entry once, by its number; after the last one of a rollout that is over there is nothing to come for."""
    async with whole.client("operator") as client:
        address = await _started(client, WISH)
        whole.fleet.run(whole.store)
        answer = await client.get(f"{address}/events")
        assert answer.headers["content-type"].startswith("text/event-stream")
        found = _events(answer.text)
        assert [number for number, _, _ in found] == list(range(1, len(found) + 1))
        assert found[0][1:] == (
            "rollout.started",
            {"wave": "canaries", "entry": "started", "action": {"kind": "check", "tenant": "t000", "wave": 0}},
        )
        ended = [data["outcome"] for _, name, data in found if name == "rollout.ended"]
        assert {"passed", "failed"} == set(ended)
        rest = await client.get(f"{address}/events", headers={"Last-Event-ID": "3"})
        assert _events(rest.text) == found[3:]
        over = await client.get(f"{address}/events", headers={"Last-Event-ID": str(len(found))})
        assert over.status_code == 204
        problem(await client.get(f"{address}/events", headers={"Last-Event-ID": "x"}), 400, "malformed-request")


async def test_they_are_listed_the_newest_first_by_pages(whole: Whole) -> None:
    async with whole.client("operator") as client:
        addresses: list[str] = []
        for version in ("1.1.0", "1.2.0", "1.3.0"):
            addresses.insert(0, (await _started(client, {**WISH, "to": version})).rpartition("/")[2])
            whole.fleet.run(whole.store)
            whole.issuer.clock.seconds += timedelta(minutes=1).total_seconds()
        first = (await client.get(f"{ROLLOUTS}?page_size=2")).json()
        assert [each["id"] for each in first["items"]] == addresses[:2]
        rest = (await client.get(f"{ROLLOUTS}?page_size=2&page_token={first['next_page_token']}")).json()
        assert ([each["id"] for each in rest["items"]], rest["next_page_token"]) == (addresses[2:], "")


async def test_who_did_what_is_in_the_audit_log(whole: Whole) -> None:
    """With the rollout's id, and neither the reason nor anything else that was sent."""
    async with whole.client("operator") as operator, whole.client(sub="root") as admin:
        address = await _started(operator)
        whole.fleet.run(whole.store)
        await admin.post(f"{address}:approve", json={"wave": "50 %"})
        await operator.post(f"{address}:halt", json={"reason": "sesame"})
        await operator.post(f"{address}:approve", json={"wave": "all"})
    rollout = address.rpartition("/")[2]
    entries = [each for each in whole.log() if each.action.startswith("fleet.")]
    assert [(each.actor, each.action, each.subject, each.outcome) for each in entries] == [
        ("ada", "fleet.upgrade", "fleet/rollouts", "allowed"),
        ("root", "fleet.approve", f"rollouts/{rollout}", "allowed"),
        ("ada", "fleet.halt", f"rollouts/{rollout}", "allowed"),
        ("ada", "fleet.approve", f"rollouts/{rollout}", "refused"),
    ]
    assert json.loads(entries[0].detail)["rollout"] == rollout
    assert json.loads(entries[1].detail)["granted"] is True
    assert "sesame" not in "".join(each.detail for each in entries)


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"to": "--upload-pack=x"},
        {"to": "a b"},
        {**WISH, "shares": [0]},
        {**WISH, "shares": [5, "x"]},
        {**WISH, "canaries": ["../x"]},
        {**WISH, "approval": "never"},
        {**WISH, "only": ["*"]},
        {**WISH, "set_aside": {"t000": ""}},
        {**WISH, "more": 1},
    ],
)
async def test_what_is_no_rollout_is_refused(whole: Whole, body: dict[str, Any]) -> None:
    async with whole.client() as client:
        problem(await client.post(ROLLOUTS, json=body), 422, "invalid-request")
    assert whole.fleet.rollouts.ids() == []


async def test_a_fleet_that_is_not_ready_is_told(whole: Whole) -> None:
    """A tenant in an unknown state refuses the plan, by its name; it is never skipped in silence."""
    whole.fleet.conditions["t002"] = "unknown"
    async with whole.client("operator") as client:
        for query in ("?validate_only=true", ""):
            document = problem(await client.post(f"{ROLLOUTS}{query}", json=WISH), 409, "conflict")
            assert "t002: it is in an unknown state" in document["detail"]
    assert whole.fleet.rollouts.ids() == []


@pytest.mark.parametrize("rollout", ["20260301T000000-00000000", "..%2F..%2Fservice", "x", "20260301T000000-0000000G"])
async def test_what_is_not_there_is_not_found(whole: Whole, rollout: str) -> None:
    async with whole.client() as client:
        for answer in (
            await client.get(f"{ROLLOUTS}/{rollout}"),
            await client.post(f"{ROLLOUTS}/{rollout}:halt", json={"reason": "x"}),
        ):
            assert answer.status_code in (404, 422), answer.text
