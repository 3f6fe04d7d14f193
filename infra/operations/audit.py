"""The live account against the stacks: read, compared with their state, and proven."""

from __future__ import annotations

from collections.abc import Callable, Collection
from time import perf_counter

from infra import naming
from infra.errors import UserError
from infra.live import Account, Facts, Known, Live, WayIn, canonical, compare, facts, read
from infra.live.report import Audit, about, audited
from infra.operations.cloud import CloudAccess
from infra.operations.exports import StackExport, exports
from infra.operations.projects import TENANTS, resolve
from infra.operations.workspace import Workspace
from infra.policies.reading import reading
from infra.promises.controls import controls
from infra.proof.facts import assemble, read_deployment
from infra.proof.report import Report
from infra.proof.theorem.inputs import Sharing
from infra.proof.theorem.prove import prove
from infra.spec import PlatformSpec

#: So many reads run at the same time: AWS throttles accounts, and the embedded cloud is one process.
_WORKERS = 8

#: Is told what is done now, a phrase at a time.
Said = Callable[[str], None]


def audit(
    workspace: Workspace,
    *,
    known: Known | None = None,
    tenants: Collection[str] = (),
    said: Said = lambda _: None,
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
    platform = workspace.estate.platform
    wanted = _wanted(workspace, tenants)
    said("reading the stacks' state")
    stacks = exports(workspace.settings)
    declared = canonical(record for one in stacks for record in read_deployment(one.content, str(one.ref)))
    live = _read(workspace.cloud, platform, said)
    said("comparing")
    comparison = compare(declared, live, known=_known(platform, known), tenants=wanted)
    judged = facts(declared, live, comparison)
    proof = _proven(workspace, judged, live, stacks, said)
    return audited(live, comparison, judged.from_state, about(proof, wanted), seconds=perf_counter() - started)


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


def _proven(workspace: Workspace, judged: Facts, live: Live, stacks: list[StackExport], said: Said) -> Report:
    said("proving")
    platform, specs = workspace.estate.platform, workspace.estate.tenants
    promised = [
        control
        for one in stacks
        if one.ref.project == TENANTS and one.ref.stack in specs
        for control in controls(platform, specs[one.ref.stack], one.content)
    ]
    return prove(
        assemble(judged.records, owners=judged.owners, managed=live.managed),
        sharing=[
            Sharing(
                from_=each.from_,
                to=each.to,
                actions=each.actions,
                resources=each.resources,
                reason=each.reason,
                expires=each.expires,
            )
            for each in platform.sharing
        ],
        controls=promised,
        progress=lambda done, of: said(f"proving: {done} of {of} tenants"),
    )
