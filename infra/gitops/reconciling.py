"""What is to become of a tenant when the specs in effect and what was applied are compared: pure, a tenant at a time.

Nothing that somebody did by hand is overwritten, and nothing is erased because a file is gone: that is shown, with what
to do about it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

#: A spec as data: what its file says.
Data = Mapping[str, Any]

#: ``vanished``: the spec is gone. ``edited``: the file that the programs read is not the one that was applied.
#: ``by hand``: somebody ran the stack past the service. ``busy``: an operation is going on. ``failed``: the operation
#: for this very spec did not succeed. ``erased``: the tenant is gone for good. ``unknown``: a spec of which the service
#: has no tenant. ``invalid``: no operation makes the tenant what the spec says.
HoldKind = Literal["vanished", "edited", "by hand", "busy", "failed", "erased", "unknown", "invalid"]


@dataclass(frozen=True, kw_only=True)
class Applied:
    """A tenant as the service knows it.

    Args:
        state: Its state.
        spec: The spec that was applied last.
        onboarded: Whether its onboarding has succeeded once.
        busy: The operation that is going on; empty: none is.
        asked: How the operation for the spec in effect stands, where it was asked for already; empty: it was not.
        by_hand: What somebody ran past the service; empty: nothing.
    """

    state: str
    spec: Data
    onboarded: bool = True
    busy: str = ""
    asked: str = ""
    by_hand: str = ""


@dataclass(frozen=True, kw_only=True)
class Start:
    """An operation is to be asked for.

    Args:
        tenant: The tenant.
        new: Whether it is to be onboarded; otherwise its spec was changed.
    """

    tenant: str
    new: bool


@dataclass(frozen=True, kw_only=True)
class Hold:
    """Nothing is done, and somebody is to know.

    Args:
        tenant: The tenant.
        kind: What it is.
        note: What to tell, with what to do.
    """

    tenant: str
    kind: HoldKind
    note: str


def reconcile(tenant: str, effective: Data | None, folder: Data | None, applied: Applied | None) -> Start | Hold | None:
    """What is to become of a tenant, in GitOps mode.

    Args:
        tenant: The tenant.
        effective: The spec that is merged; None: there is none.
        folder: The file that the programs read; None: there is none.
        applied: The tenant as the service knows it; None: it does not.

    Returns:
        None: all is as it should be.
    """
    if applied is None:
        return _unknown(tenant, effective, folder)
    if applied.state == "erased":
        note = "the tenant is erased, and its id is not used again: remove the spec, or choose another id"
        return Hold(tenant=tenant, kind="erased", note=note) if effective is not None else None
    if applied.busy:
        return Hold(tenant=tenant, kind="busy", note=f"operation {applied.busy} is going on")
    held = _past_us(tenant, folder, applied) if applied.onboarded else None
    if effective is None:
        note = "its spec is not in the branch any more: the tenant stays; restore the spec, or erase the tenant"
        held = Hold(tenant=tenant, kind="vanished", note=note)
    if held is not None or effective is None:
        return held
    return _changed(tenant, effective, applied)


def _changed(tenant: str, effective: Data, applied: Applied) -> Start | Hold | None:
    if applied.onboarded and _same(effective, applied.spec) and applied.state != "failed":
        return None
    if applied.asked:
        note = f"the operation for this spec {applied.asked}; mend what it says, and change the spec"
        return Hold(tenant=tenant, kind="failed", note=note)
    return Start(tenant=tenant, new=not applied.onboarded)


def compare_folder(tenant: str, folder: Data | None, applied: Applied | None) -> Hold | None:
    """What somebody did to a tenant by hand, in direct mode, where the folder's specs are in effect.

    Args:
        tenant: The tenant.
        folder: The file that the programs read; None: there is none.
        applied: The tenant as the service knows it; None: it does not.

    Returns:
        None: nothing.
    """
    if applied is None:
        note = "the service has no tenant of this spec: onboard it, or keep it by the command line"
        return Hold(tenant=tenant, kind="unknown", note=note)
    if applied.state == "erased" or applied.busy or not applied.onboarded:
        return None
    if folder is None:
        note = "its spec was removed by hand: the tenant stays as it is; restore the file, or erase the tenant"
        return Hold(tenant=tenant, kind="vanished", note=note)
    return _past_us(tenant, folder, applied)


def _unknown(tenant: str, effective: Data | None, folder: Data | None) -> Start | Hold | None:
    if effective is None:
        note = "a spec that is not in the branch, and of no tenant: merge it, or remove the file"
        return Hold(tenant=tenant, kind="unknown", note=note)
    if folder is not None and not _same(folder, effective):
        note = "a file was written by hand that is not what is merged: remove it, or merge what it says"
        return Hold(tenant=tenant, kind="edited", note=note)
    return Start(tenant=tenant, new=True)


def _past_us(tenant: str, folder: Data | None, applied: Applied) -> Hold | None:
    if folder is None or not _same(folder, applied.spec):
        note = "its file was edited or removed by hand: put it back, or bring the change in as any other"
        return Hold(tenant=tenant, kind="edited", note=note)
    if applied.by_hand:
        note = f"{applied.by_hand}; accept it as it is with: bulkhead fleet accept {tenant}"
        return Hold(tenant=tenant, kind="by hand", note=note)
    return None


def _same(one: Data, other: Data) -> bool:
    """Whether two specs say the same, whatever the order of their keys."""
    return json.dumps(one, sort_keys=True, default=str) == json.dumps(other, sort_keys=True, default=str)
