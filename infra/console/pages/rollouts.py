"""Rollouts of the fleet: the form that begins one after its waves were seen, one as it goes on, and its buttons."""

from __future__ import annotations

from typing import Any

from pydantic import ValidationError
from starlette.responses import RedirectResponse, Response

from infra.api.rollout_documents import RolloutRequest
from infra.console import reads
from infra.console.forms import FieldRefused, Fields
from infra.console.sessions import FormRefused
from infra.console.visit import Visit, note_of
from infra.errors import UserError
from infra.fleet import Plan
from infra.operations.rollout_view import RolloutView
from infra.store.database import reading

_LONGEST_LIST = 4_000


def ask(visit: Visit) -> Response:
    """The form that begins a rollout."""
    return _form(visit, 200)


def begin(visit: Visit, fields: Fields, operation: str) -> Response:
    """Show the waves that a rollout would have; once they are confirmed, begin it."""
    if not operation:
        raise FormRefused
    desk, asking = visit.parts.rollouts, visit.asking(operation)
    try:
        wish = _wish(fields)
        if not fields.ticked("confirmed"):
            return _form(visit, 200, fields, plan=desk.plan(asking, wish))
        view = desk.start(asking, wish)
    except UserError as refusal:
        return _form(visit, 422 if isinstance(refusal, FieldRefused) else 409, fields, refusal)
    return _to(visit, view)


def show(visit: Visit) -> Response:
    """One rollout."""
    return _page(visit, "rollout.html.jinja", 200)


def ask_approval(visit: Visit) -> Response:
    """The page that asks whether the wave that waits may be upgraded."""
    return _page(visit, "rollout_approve.html.jinja", 200)


def approve(visit: Visit, fields: Fields, _started: str) -> Response:
    """Approve the wave that was shown, or refuse to."""
    rollout, granted = visit.path("rollout_id"), fields.text("answer") == "approve"
    try:
        view = visit.parts.rollouts.approve(visit.asking(""), rollout, fields.text("wave"), granted=granted)
    except UserError as refusal:
        return _page(visit, "rollout_approve.html.jinja", 409, refusal)
    return _to(visit, view, granted=granted)


def ask_halt(visit: Visit) -> Response:
    """The page that asks why a rollout is halted."""
    return _page(visit, "rollout_halt.html.jinja", 200)


def halt(visit: Visit, fields: Fields, _started: str) -> Response:
    """Halt a rollout."""
    try:
        reason = fields.text("reason", most=500)
        if not (reason and reason.isprintable()):
            raise FieldRefused("there is no reason", "say why it is halted, in a line", "reason")
        view = visit.parts.rollouts.halt(visit.asking(""), visit.path("rollout_id"), reason)
    except UserError as refusal:
        status = 422 if isinstance(refusal, FieldRefused) else 409
        return _page(visit, "rollout_halt.html.jinja", status, refusal)
    return _to(visit, view)


def resume(visit: Visit, _fields: Fields, _started: str) -> Response:
    """Have the service go on with a rollout."""
    try:
        view = visit.parts.rollouts.resume(visit.asking(""), visit.path("rollout_id"))
    except UserError as refusal:
        return _page(visit, "rollout.html.jinja", 409, refusal)
    return _to(visit, view)


def _to(visit: Visit, view: RolloutView, **noted: object) -> Response:
    note_of(visit.request).detail |= {"rollout": view.id, "to": view.to, **noted}
    return RedirectResponse(visit.address(f"/fleet/rollouts/{view.id}"), 303)


def _wish(fields: Fields) -> dict[str, Any]:
    """What the form wishes; a field that is empty is as the platform's spec says."""
    given: dict[str, Any] = {"to": fields.text("to", most=128)}
    for name in ("canaries", "shares", "only"):
        text = fields.text(name, most=_LONGEST_LIST)
        if text:
            given[name] = [each.strip() for each in text.split(",") if each.strip()]
    for name in ("tolerated", "approval"):
        if text := fields.text(name, most=40):
            given[name] = text
    try:
        return RolloutRequest.model_validate(given).wish()
    except ValidationError as error:
        problem = error.errors()[0]
        name = str(problem["loc"][0])
        raise FieldRefused(f"{_LABELS[name]} is not what it must be", _REMEDIES[name], name) from None


_LABELS = {
    "to": "the version",
    "canaries": "the list of canaries",
    "shares": "the list of shares",
    "tolerated": "the number of tenants that may fail",
    "approval": "the word for approvals",
    "only": "the list of tenants, tiers and Regions",
}
_REMEDIES = {
    "to": "give a release or a git ref, such as v1.4.0",
    "canaries": "give ids of tenants with commas between them, such as acme, globex",
    "shares": "give rising percents with commas between them, such as 5, 25",
    "tolerated": "give a number from 0 to 1000",
    "approval": "choose one of the list",
    "only": "give names with commas between them, such as silo, eu-central-1",
}


def _form(
    visit: Visit, status: int, fields: Fields | None = None, refusal: UserError | None = None, plan: Plan | None = None
) -> Response:
    return visit.page(
        "rollout_form.html.jinja",
        status=status,
        fields=fields,
        refusal=refusal,
        plan=plan,
        start_token=visit.desk.sessions.start_token(visit.session),
    )


def _page(visit: Visit, template: str, status: int, refusal: UserError | None = None) -> Response:
    with reading(visit.parts.store) as connection:
        last = reads.last_event(connection)
    view = visit.parts.rollouts.rollouts.view(visit.path("rollout_id"))
    over = view.verdict in ("complete", "incomplete", "halted")
    awaited = next((wave for wave in view.waves if wave.awaits_approval), None)
    return visit.page(
        template, status=status, rollout=view, over=over, awaited=awaited, refusal=refusal, last_event=last
    )
