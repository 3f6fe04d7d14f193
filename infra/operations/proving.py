"""Proves the estate of the current backend, or of files: with what is shared on purpose, and what must be possible."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from infra.operations.estate_files import Given, of_backend, read_files
from infra.operations.exports import exports
from infra.operations.projects import PLATFORM_STACK, TENANTS
from infra.promises.controls import controls
from infra.promises.sharing import declared_sharing
from infra.proof.facts import Estate as Facts
from infra.proof.facts import Owners, assemble, read_owners
from infra.proof.facts.kinds import InputKind
from infra.proof.report import Report
from infra.proof.template import prove_all
from infra.proof.template.inputs import records_of_all
from infra.proof.theorem.inputs import Control, Sharing
from infra.settings import Settings
from infra.spec import Estate as Specs
from infra.spec import load_estate

#: Is told what is being done.
Progress = Callable[[str], None]


@dataclass(frozen=True, kw_only=True)
class Estate:
    """What is judged.

    Args:
        given: Its deployments, previews and folders.
        owners: Whose is what, beside the tags.
        sharing: What is shared on purpose.
        controls: What must be possible.
    """

    given: tuple[Given, ...]
    owners: Owners | None = None
    sharing: tuple[Sharing, ...] = ()
    controls: tuple[Control, ...] = ()

    @classmethod
    def read(
        cls,
        settings: Settings,
        paths: Sequence[Path] = (),
        *,
        stacks: Sequence[str] = (),
        owners: Path | None = None,
        report: Progress = lambda _: None,
    ) -> Estate:
        """Read files, or the current backend where there are none.

        The platform's spec tells what is shared wherever the platform's own stack is among what was read; the tenants'
        specs tell what they must be able to do where it is what the backend holds.

        Args:
            settings: Of this checkout.
            paths: Files and folders.
            stacks: Only these stacks; all where there are none.
            owners: The file of the owners.
            report: Is told what takes long.

        Raises:
            UserError: something cannot be read.
        """
        whose = None if owners is None else read_owners(owners)
        given = read_files(paths, stacks=stacks) if paths else of_backend(exports(settings, report), stacks=stacks)
        if all(one.stack != str(PLATFORM_STACK) for one in given):
            return cls(given=tuple(given), owners=whose)
        specs = load_estate(settings.platform_spec, settings.specs)
        return cls(
            given=tuple(given),
            owners=whose,
            sharing=declared_sharing(specs.platform),
            controls=() if paths else promised_controls(specs, given),
        )

    def facts(self) -> Facts:
        """Its facts.

        Raises:
            Unreadable: something is not what it should be.
        """
        return assemble(records_of_all(one.input for one in self.given), owners=self.owners)


def prove_estate(estate: Estate, *, cache: Path | None = None, progress: Progress = lambda _: None) -> Report:
    """Prove an estate.

    Args:
        estate: The estate.
        cache: The file that keeps what was proven.
        progress: Is told what is being done.

    Raises:
        Unreadable: something is not what it should be.
    """
    return prove_all(
        (one.input for one in estate.given),
        owners=estate.owners,
        sharing=estate.sharing,
        controls=estate.controls,
        cache=cache,
        progress=lambda done, all_: progress(f"proof: {done} of {all_}"),
    )


def promised_controls(specs: Specs, given: Sequence[Given]) -> tuple[Control, ...]:
    """What the tenants' specs promise, of those that are deployed.

    Args:
        specs: The specs.
        given: What is judged; of a stack that is only previewed nothing is promised yet.
    """
    deployed = {one.stack: one.input for one in given if one.kind is InputKind.EXPORT}
    return tuple(
        control
        for tenant in specs.tenants.values()
        if (stack := deployed.get(f"{TENANTS.name}/{tenant.id}")) is not None
        for control in controls(specs.platform, tenant, stack.read())
    )
