"""The capacity of the platform's account: read from it, from the stacks' state, and from what is planned."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import boto3

from infra.engine import StackRef
from infra.errors import UserError
from infra.live import Account, WayIn
from infra.operations.cloud import CloudAccess
from infra.operations.exports import exports
from infra.operations.projects import PLATFORM_STACK
from infra.operations.workspace import Workspace
from infra.proof.facts import Record, read_deployment, read_preview
from infra.quotas.basis import Basis, platform_of
from infra.quotas.check import Checked, check
from infra.quotas.counting import Counts, Place, added, counted
from infra.quotas.limits import Limits
from infra.quotas.profiles import Profile, largest, profile_of, recorded
from infra.quotas.reading_limits import read_limits
from infra.quotas.reading_use import read_present
from infra.quotas.records import resources_of
from infra.quotas.table import quotas

_GLOBAL = "us-east-1"

#: Is told what is done now, a phrase at a time.
Said = Callable[[str], None]


def _silently(_: str) -> None:
    pass


def basis(workspace: Workspace, *, said: Said = _silently) -> Basis:
    """What capacity is reckoned from: the account as it is, and what platform and tenants take as they are deployed.

    A tier of which no tenant is deployed counts as it was recorded. The embedded cloud has no quotas of its own: its
    limits are those of the platform's spec, and AWS's defaults.

    Args:
        workspace: The specs, the cloud and the stacks' state.
        said: Is told how far it is.

    Raises:
        UserError: The platform is not deployed, or the credentials are not valid, or of another account.
    """
    spec = workspace.estate.platform
    said("reading the stacks' state")
    stacks = {one.ref: read_deployment(one.content, str(one.ref)) for one in exports(workspace.settings)}
    if PLATFORM_STACK not in stacks:
        raise UserError("the platform is not deployed yet", "bring it up first with: bulkhead up platform")
    account = _account(workspace.cloud, workspace.cloud.session())
    if account.id != spec.account:
        raise UserError(
            f"the credentials are of account {account.id}, and the platform is in {spec.account}",
            remedy="give credentials of the platform's account",
            where="the platform's spec, account",
        )
    said(f"reading the use of account {account.id}")
    used = read_present(account)
    return Basis(
        spec=spec,
        platform=platform_of(resources_of(stacks[PLATFORM_STACK]), region=spec.region),
        limits=_limits(workspace, account, said),
        present=used,
        tiers=_tiers(workspace, stacks),
    )


def check_plan(
    reckoned: Basis, stack: StackRef, *, deployed: Sequence[Record], events: bytes | None, said: Said = _silently
) -> Checked:
    """Whether a stack's preview fits in the account's quotas.

    Args:
        reckoned: The account.
        stack: The stack.
        deployed: Its resources as they are; none where it is not deployed.
        events: The engine's events of its preview.
        said: Is told how far it is.
    """
    said(f"counting what {stack} wants")
    return check(wanted(stack, deployed, events), reckoned.limits, reckoned.present, fits=reckoned.fits())


def wanted(stack: StackRef, deployed: Sequence[Record], events: bytes | None) -> Counts:
    """What a stack's preview uses more of each quota; nothing is read of the account for it.

    Args:
        stack: The stack.
        deployed: Its resources as they are; none where it is not deployed.
        events: The engine's events of its preview.
    """
    planned = deployed if events is None else read_preview(events, f"the preview of {stack}", deployed=deployed)
    return added(counted(resources_of(deployed)), counted(resources_of(planned)))


def wants_more(counts: Counts) -> bool:
    """Whether a plan uses more of anything that the account shares out; a document has its quota for itself.

    Args:
        counts: What it wants, as `wanted` says.
    """
    return any(count > 0 and quotas()[place.quota].per != "document" for place, count in counts.items())


def require_room(reckoned: Basis, tiers: Sequence[str]) -> None:
    """Refuse new tenants that do not fit in the account, before anything of them is made.

    Args:
        reckoned: The account.
        tiers: The tier of each new tenant: a tenant counts as the largest of its tier that is deployed.

    Raises:
        UserError: they do not fit: which quota, what is left, how many fit, and the request to raise it.
    """
    total: Counter[Place] = Counter()
    for tier in tiers:
        total.update(reckoned.tiers[tier].takes)
    found = check(total, reckoned.limits, reckoned.present, fits=reckoned.fits())
    if found.refusals:
        raise UserError(
            "the new tenants do not fit in the account: " + "; ".join(map(str, found.refusals)),
            remedy="; ".join(dict.fromkeys(each.remedy for each in found.refusals)),
        )


def _limits(workspace: Workspace, account: Account, said: Said) -> Limits:
    spec: dict[str, Any] = workspace.estate.platform.quotas.model_dump()
    declared = {key: int(value) for key, value in spec.items() if key in quotas()}
    if workspace.cloud.sandbox is not None:
        return Limits(region=account.region, spec=declared)
    said("reading the limits of the account")
    elsewhere = replace(workspace.cloud, region=_GLOBAL).session()
    return read_limits(account, _account(workspace.cloud, elsewhere), spec=declared)


def _account(cloud: CloudAccess, session: boto3.Session) -> Account:
    return Account((WayIn("the credentials of the environment", session),), cloud.endpoint_url)


def _tiers(workspace: Workspace, stacks: dict[StackRef, tuple[Record, ...]]) -> dict[str, Profile]:
    estate = workspace.estate
    found: dict[str, list[Profile]] = {}
    for ref, records in stacks.items():
        tenant = estate.tenants.get(ref.stack)
        if ref != PLATFORM_STACK and tenant is not None:
            profile = profile_of(resources_of(records), source=ref.stack, region=estate.platform.region)
            found.setdefault(tenant.tier, []).append(profile)
    return {**recorded(), **{tier: largest(profiles) for tier, profiles in found.items()}}
