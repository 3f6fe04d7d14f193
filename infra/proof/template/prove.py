"""Proves an estate of any size: one proof for all tenants that are the same but for their names.

See the package for why what is found of a few tenants of a class holds for all of it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from time import perf_counter

import msgspec

from infra.proof.facts import Estate, Owners
from infra.proof.report import Report
from infra.proof.template.cache import Cache, Proof, digest
from infra.proof.template.classes import Class, classes
from infra.proof.template.expanding import Expansion
from infra.proof.template.forms import Form
from infra.proof.template.inputs import Input
from infra.proof.template.reading import Progress
from infra.proof.template.whole import Whole
from infra.proof.template.writing import form_of_texts, with_controls
from infra.proof.theorem.controls import controls as controls_of
from infra.proof.theorem.inputs import Control, Sharing
from infra.proof.theorem.prove import prove_common, prove_tenant, report_of
from infra.proof.theorem.sharing import Sharings
from infra.proof.world import World


def prove_all(
    inputs: Iterable[Input],
    *,
    owners: Owners | None = None,
    managed: Mapping[str, str] | None = None,
    sharing: Iterable[Sharing] = (),
    controls: Iterable[Control] = (),
    today: date | None = None,
    cache: Path | None = None,
    progress: Progress | None = None,
) -> Report:
    """Prove the estate that some inputs are.

    Args:
        inputs: The deployments, previews and folders.
        owners: Whose is what; by tags alone where it is None.
        managed: The documents of policies that no input holds, by ARN.
        sharing: What is shared on purpose.
        controls: What must be allowed.
        today: The day on which declarations must be in force; the present one in UTC where it is None.
        cache: The file that keeps what does not change; it may be deleted at any time.
        progress: Told how many of the deployments are read, and then how many of the tenants that stand for all are
            proven.

    Raises:
        Unreadable: An input is not what it should be.
    """
    started = perf_counter()
    mapping = owners.mapping if owners is not None else {}
    kept = Cache(cache, [repr([*mapping.items()]), repr(sorted((managed or {}).items()))])
    whole = Whole(inputs, owners=owners, managed=managed or {}, cache=kept, progress=progress)
    told = Told(tuple(sharing), tuple(controls), today or datetime.now(tz=UTC).date())
    found = classes_of(whole, told, kept)
    proof = _proof(whole, found, told, kept, progress)
    tenants = tuple(sorted(tenant for one in found for tenant in one.tenants))
    return Expansion(found, proof.standing).report(proof.report, tenants, perf_counter() - started)


@dataclass(frozen=True, slots=True)
class Told:
    """What the proof is told beside the facts.

    Args:
        sharing: What is shared on purpose.
        controls: What must be allowed.
        today: The day on which declarations must be in force.
    """

    sharing: tuple[Sharing, ...]
    controls: tuple[Control, ...]
    today: date

    def of(self, tenants: Iterable[str]) -> dict[str, list[Control]]:
        """The controls by tenant; those of nobody, who then has no name, are under the empty one."""
        found: dict[str, list[Control]] = defaultdict(list)
        known = frozenset(tenants)
        for one in self.controls:
            found[one.owner if one.owner in known else ""].append(one)
        return found

    def digest(self, tenants: Iterable[str]) -> bytes:
        """A digest of what is not in the forms of tenants."""
        unowned = self.of(tenants).get("", [])
        day = self.today.isoformat() if self.sharing else ""
        return digest(day, *map(repr, self.sharing), "controls", *map(repr, unowned))


def classes_of(whole: Whole, told: Told, cache: Cache) -> tuple[Class, ...]:
    """The classes of an estate's tenants, in the order of their digests."""
    controls = told.of(whole.forms)
    forms = {owner: _with_controls(owner, form, controls.get(owner, []), cache) for owner, form in whole.forms.items()}
    texts = [text for one in told.sharing for text in (one.from_, one.to, *one.actions, *one.resources)]
    texts += [repr(one) for one in controls.get("", [])]
    found = classes(forms, [*whole.shared, form_of_texts(texts)])
    return tuple(sorted(found, key=lambda one: one.digest))


def _with_controls(owner: str, form: Form, controls: list[Control], cache: Cache) -> Form:
    if not controls:
        return form
    key = digest(owner, msgspec.msgpack.encode(form), *sorted(map(repr, controls)))
    found = cache.told(key)
    if found is None:
        found = with_controls(owner, form, controls)
        cache.keep_told(key, found)
    return found


def _proof(whole: Whole, found: tuple[Class, ...], told: Told, cache: Cache, progress: Progress | None) -> Proof:
    """What is found of the tenants that stand for all; from the cache, if it has the same but for names."""
    sizes = (f"{one.digest.hex()} {len(one.representatives)}" for one in found)
    key = digest(whole.digest, told.digest(whole.forms), *sizes)
    proof = cache.proof(key)
    if proof is None:
        standing = tuple({tenant: one.names[tenant] for tenant in one.representatives} for one in found)
        estate = whole.estate({tenant for each in standing for tenant in each})
        proof = Proof(_proven(estate, [one.tenants[0] for one in found], told, whole.forms, progress), standing)
    cache.write(key, proof)
    return proof


def _proven(
    estate: Estate, first: Sequence[str], told: Told, tenants: Iterable[str], progress: Progress | None
) -> Report:
    """What is found of the first tenant of every class, and of what is no tenant's, beside all that stand for others.

    What the others of a class do to anybody is what the first one does, with other names.
    """
    started = perf_counter()
    world, sharings = World(estate), Sharings(told.sharing, told.today)
    findings = [*prove_common(world, sharings=sharings)]
    for done, tenant in enumerate(first, start=1):
        findings.extend(prove_tenant(world, tenant, sharings=sharings))
        if progress is not None:
            progress(done, len(first))
    by_owner = told.of(tenants)
    findings.extend(controls_of(world, [one for owner in ("", *first) for one in by_owner.get(owner, ())]))
    findings.extend(sharings.findings())
    return report_of(world, findings, sharings, perf_counter() - started)
