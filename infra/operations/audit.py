"""The live account against the stacks: read, compared with their state, and proven."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from time import perf_counter

from infra import naming
from infra.errors import UserError
from infra.live import Account, Comparison, Facts, Known, Live, WayIn, canonical, compare, exports, facts, read
from infra.live.report import Audit, about, audited
from infra.operations.cloud import CloudAccess
from infra.operations.projects import resolve
from infra.operations.proving import Estate
from infra.operations.workspace import Workspace
from infra.policies.reading import reading
from infra.proof.report import Report
from infra.proof.template import Input, prove_all
from infra.proof.template.inputs import records_of_all
from infra.spec import PlatformSpec

#: So many reads run at the same time: AWS throttles accounts, and the embedded cloud is one process.
_WORKERS = 8

#: Is told what is done now, a phrase at a time.
Said = Callable[[str], None]


def _silently(_: str) -> None:
    pass


@dataclass(frozen=True)
class Look:
    """The account against the stacks, before anything is proven.

    Args:
        live: The account.
        comparison: What differs.
        judged: What the proof judges.
        stacks: The stacks' state, what is shared on purpose, and what must be possible.
    """

    live: Live
    comparison: Comparison
    judged: Facts
    stacks: Estate


def audit(
    workspace: Workspace, *, known: Known | None = None, tenants: Collection[str] = (), said: Said = _silently
) -> Audit:
    """Audit the account that the stacks are in.

    Args:
        workspace: The specs, the cloud and the stacks' state.
        known: What the account's owners made besides the stacks; what the platform's spec names is known anyway.
        tenants: Only what is about these tenants is told; all where there are none.
        said: Is told how far it is.

    Raises:
        UserError: There is no such tenant, no stack is deployed, or the credentials are not valid, or of another
            account.
    """
    started = perf_counter()
    wanted = _wanted(workspace, tenants)
    found = look(workspace, known=known, tenants=wanted, said=said)
    proof = about(_proven(found, said), wanted)
    return audited(found.live, found.comparison, found.judged.from_state, proof, seconds=perf_counter() - started)


def look(
    workspace: Workspace, *, known: Known | None = None, tenants: frozenset[str] = frozenset(), said: Said = _silently
) -> Look:
    """Read the account and compare it with the stacks.

    Args:
        workspace: As for `audit`.
        known: As for `audit`.
        tenants: As for `audit`.
        said: As for `audit`.

    Raises:
        UserError: As for `audit`.
    """
    platform = workspace.estate.platform
    said("reading the stacks' state")
    stacks = Estate.read(workspace.settings, report=said)
    declared = canonical(records_of_all(one.input for one in stacks.given))
    live = _read(workspace.cloud, platform, said)
    said("comparing")
    comparison = compare(declared, live, known=_known(platform, known), tenants=tenants)
    return Look(live, comparison, facts(declared, live, comparison), stacks)


def ways_in(cloud: CloudAccess, platform: PlatformSpec) -> tuple[WayIn, ...]:
    """The credentials of the environment, and the provisioning role, whom tenants' buckets let in, held to reading.

    Args:
        cloud: The cloud.
        platform: The platform's spec.
    """
    role = naming.platform_role_arn(platform, "provisioning")
    return (
        WayIn("the credentials of the environment", cloud.session()),
        WayIn("the provisioning role, held to reading", cloud.reading_session(role, reading().render())),
    )


def _wanted(workspace: Workspace, tenants: Collection[str]) -> frozenset[str]:
    if not tenants:
        return frozenset()
    return frozenset(ref.stack for ref in resolve(tuple(tenants), workspace.estate, workspace.deployed_tenants()))


def _read(cloud: CloudAccess, platform: PlatformSpec, said: Said) -> Live:
    account = Account(ways_in(cloud, platform), cloud.endpoint_url, connections=_WORKERS)
    if account.id != platform.account:
        raise UserError(
            f"the credentials are of account {account.id}, and the platform is in {platform.account}",
            remedy="give credentials of the platform's account",
            where="the platform's spec, account",
        )

    def progress(done: int, of: int, what: str) -> None:
        said(f"reading account {account.id}: {done} of {of} resources, {what}")

    return read(account, workers=_WORKERS, progress=progress)


def _known(platform: PlatformSpec, known: Known | None) -> Known:
    """Whom the platform trusts with provisioning was there before any stack."""
    reason = "the platform's spec names it in provisioning.trusted_principals"
    named = dict.fromkeys(platform.provisioning.trusted_principals, reason)
    return Known({**(known.reasons if known else {}), **named})


def _proven(found: Look, said: Said) -> Report:
    return prove_all(
        [Input(stack, content) for stack, content in exports(found.judged.records).items()],
        owners=found.judged.owners,
        managed=found.live.managed,
        sharing=found.stacks.sharing,
        controls=found.stacks.controls,
        progress=lambda done, of: said(f"proving: {done} of {of}"),
    )
