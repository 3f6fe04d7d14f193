"""The demo's third tenant: onboarded by one HTTP call, upgraded with the others, erased with a certificate."""

from __future__ import annotations

import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import httpx
from httpx_sse import connect_sse

from infra.cli.output import out
from infra.demo.next_release import make_next_release
from infra.demo.running_service import BULKHEAD, running_service
from infra.errors import UserError
from infra.provisioning.certificates import public_key
from infra.settings import ROOT, Settings

_NAME = "initech"
#: The longest that an operation says nothing, in seconds.
_SILENCE = 600.0
#: The service chooses the cell and the range.
_SPEC: dict[str, Any] = {
    "display_name": "Initech",
    "owner": "ml@initech.example",
    "tier": "pool",
    "region": "eu-central-1",
    "data_residency": ["eu-central-1"],
    "compliance": ["gdpr"],
    "cost_center": "initech-1",
    "monthly_budget": {"limit_usd": 300, "contacts": ["finops@initech.example"]},
    "identity": {
        "deploy": {"repository": "initech/models", "environment": "production"},
        "data_scientists": "initech-data-scientists",
    },
}


def show_service(settings: Settings) -> None:
    """Start the service, onboard a tenant, upgrade the fleet in waves, and erase the tenant again.

    Args:
        settings: Of the checkout.

    Raises:
        UserError: one of these failed.
    """
    with running_service(settings) as client:
        tenant = _free_name(client)
        out.print(f"POST {client.base_url.join('/v1/tenants')}  {tenant}", markup=False)
        _follow(client, client.post("/v1/tenants", json={"id": tenant, **_SPEC}, headers={"Idempotency-Key": tenant}))
        _upgrade(tenant)
        _erase(client, tenant)
        _certificate(settings, client, tenant)


def _free_name(client: httpx.Client) -> str:
    """A name that no tenant has or had: that of an erased tenant is never used again.

    What a demo that was cut off has left of its third tenant is erased first.
    """
    number = 1
    while (found := client.get(f"/v1/tenants/{(name := _NAME + (str(number) if number > 1 else ''))}")).is_success:
        if found.json()["state"] != "erased":
            out.print(f"erasing {name}, which an earlier demo has left", markup=False)
            _settle(client, found.json()["operation"])
            _erase(client, name)
        number += 1
    return name


def _settle(client: httpx.Client, running: str | None) -> None:
    """Wait for the end of what still runs."""
    if running is not None:
        with connect_sse(client, "GET", f"/v1/operations/{running}/events", timeout=_SILENCE) as stream:
            for _ in stream.iter_sse():
                pass


def _erase(client: httpx.Client, tenant: str) -> None:
    path = f"/v1/tenants/{tenant}:erase"
    out.print(f"POST {client.base_url.join(path)}", markup=False)
    _follow(client, client.post(path, json={"export": True, "window_days": 7}))


def _follow(client: httpx.Client, accepted: httpx.Response) -> None:
    """Print what happens in an operation while it does."""
    if accepted.status_code != int(httpx.codes.ACCEPTED):
        raise _refused(accepted)
    operation = accepted.headers["location"]
    with connect_sse(client, "GET", f"{operation}/events", timeout=_SILENCE) as stream:
        for event in stream.iter_sse():
            if not event.data:
                continue
            told = event.json()
            out.print(f"  {told['at'][11:19]}  {event.event:<30}{_said(told['data'])}", markup=False, highlight=False)
    ended = client.get(operation).json()
    if ended["state"] != "succeeded":
        failure: Mapping[str, str] = ended["failure"] or {"message": ended["state"], "remedy": "see the events above"}
        raise UserError(f"{ended['kind']} of {ended['tenant']}: {failure['message']}", failure["remedy"])


def _said(data: Mapping[str, Any]) -> str:
    if "percent" in data:
        return f"{data['percent']:>3} %  {data['step'] or ''}"
    return f"{data.get('from') or 'new'} -> {data['to']}" if "to" in data else ""


def _upgrade(canary: str) -> None:
    """Upgrade the fleet to the next release: the new tenant first, then half of the others, then all."""
    if not (ROOT / ".git").exists():
        out.print("not shown: an upgrade in waves, as this checkout has no git history to take versions from")
        return
    release = make_next_release(ROOT)
    command = [BULKHEAD, "fleet", "upgrade", "--to", release, "--canary", canary, "--waves", "50"]
    out.print(f"bulkhead fleet upgrade --to {release} --canary {canary} --waves 50", markup=False)
    if subprocess.run(command, cwd=ROOT, check=False).returncode != 0:
        raise UserError("the fleet was not upgraded", "see what the rollout said above")


def _certificate(settings: Settings, client: httpx.Client, tenant: str) -> None:
    """Fetch the certificate of the erasure as JSON and PDF, and verify it as its reader would."""
    files: dict[str, Path] = {}
    for kind in ("json", "pdf"):
        answer = client.get(f"/v1/tenants/{tenant}/certificate", params={"format": kind})
        if not answer.is_success:
            raise _refused(answer)
        files[kind] = settings.home / f"{tenant}-erased.{kind}"
        files[kind].write_bytes(answer.content)
    key = settings.home / "certificates.pub.pem"
    key.write_text(public_key(settings))
    command = [BULKHEAD, "certificate", "verify", files["json"], "--key", key]
    if subprocess.run(command, cwd=ROOT, check=False).returncode != 0:
        raise UserError("the certificate does not verify", "see what was said above")
    out.print(f"the certificate: {files['pdf']}", markup=False, highlight=False)


def _refused(answer: httpx.Response) -> UserError:
    problem: Mapping[str, Any] = answer.json()
    return UserError(f"{answer.status_code}: {problem.get('detail')}", str(problem.get("remedy")))
