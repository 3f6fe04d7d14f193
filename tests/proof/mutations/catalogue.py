"""All mutants that are tried: single statements, several layers at once, grants, and what changes nothing."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator
from functools import cache
from itertools import islice

from tests.proof.mutations.attacks import attacks
from tests.proof.mutations.harmless import CHANGES, harmless_mutants
from tests.proof.mutations.layered import layered_mutants, role_arn
from tests.proof.mutations.mutants import Addition, Mutant, Place, documents, outputs, without_boundary
from tests.proof.mutations.reviewed import undecided
from tests.proof.mutations.weaker import single_mutants

#: Of the ways to weaken one document, so many of each kind are tried: most for what lets strangers in.
_OF_A_KIND = {"Role": 9, "Key": 2}
#: Documents of one shape as another's, of which one is enough.
_ALIKE = ("buckets-models", "buckets-capture", "network-access-serving")


@cache
def mutants() -> tuple[Mutant, ...]:
    """Every mutant, each with a name of its own and unlike all others."""
    own = [place for place in documents() if place.owner == "acme" and place.name not in _ALIKE]
    made = (*_singles(own), *layered_mutants([*attacks()]), *_grants(), *_harmless(own))
    unlike = {(frozenset(one.edits), one.added): one for one in reversed(made)}
    return tuple(one for one in reversed(unlike.values()) if undecided(one.name) is None)


def owners_of(mutant: Mutant) -> tuple[str, ...]:
    """The stacks that a mutant is proven with: the platform's, those that it changes, and two tenants in any case."""
    touched = {edit.place.owner for edit in mutant.edits} | {each.owner for each in mutant.added}
    return tuple(sorted({"platform", "acme", "globex", *touched} | ({"acmeeu"} if _extends(mutant) else set())))


def _extends(mutant: Mutant) -> bool:
    """Whether it is about names that extend others."""
    return "un-terminate" in mutant.kind


def _singles(places: Iterable[Place]) -> Iterator[Mutant]:
    for place in places:
        seen: Counter[str] = Counter()
        for one in single_mutants([place]):
            seen[one.kind] += 1
            if seen[one.kind] <= _OF_A_KIND.get(place.type, 1):
                yield one


def _harmless(places: Iterable[Place]) -> Iterator[Mutant]:
    """Each change of some documents of every type; documents and changes take turns."""
    names, listed = [*CHANGES], [*places]
    for at, name in enumerate(names):
        turned = [*listed[at * 3 % len(listed) :], *listed[: at * 3 % len(listed)]]
        yield from islice(harmless_mutants(turned, [name]), 3)


def _grants() -> Iterator[Mutant]:
    key = outputs("globex", "Key", "key")["arn"]
    for who, owner, bounded in (("globex", "globex", True), ("acme", "acme", True), ("acme", "acme", False)):
        grantee = role_arn(owner, "roles-training")
        grant = {"grantId": "g", "keyId": key, "granteePrincipal": grantee, "operations": ["Decrypt", "DescribeKey"]}
        yield Mutant(
            name=f"a grant of globex' key to {who} training{'' if bounded else ' without boundary'}",
            kind="add a grant" if bounded else "add a grant + remove a boundary",
            edits=() if bounded else (without_boundary(owner, "roles-training"),),
            added=(Addition("globex", "aws:kms/grant:Grant", "grant", json.dumps(grant)),),
        )
