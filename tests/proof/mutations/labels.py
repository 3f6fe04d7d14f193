"""The labels of all mutants, as the search by force found them, each harmful one with a request that passes.

Usage: ``python -m tests.proof.mutations.labels`` searches every mutant anew and writes the table; what it then says of
a mutant that is new, or of another label than before, is to be reviewed. Nothing of the proof is asked.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

import msgspec

from tests.proof.mutations.becoming import everybody, reached, services_for_others, strangers_who_become
from tests.proof.mutations.catalogue import mutants
from tests.proof.mutations.force import Found, search
from tests.proof.mutations.mutants import Mutant
from tests.proof.mutations.variant import Context, Somebody, Variant, administrator_of_the_account

TABLE = Path(__file__).with_name("labels.json")


@cache
def labels() -> dict[str, Found | None]:
    """The request that passes and must not, by the mutant's name; None for those that do no harm."""
    return msgspec.json.decode(TABLE.read_bytes(), type=dict[str, Found | None])


def passes(mutant: Mutant, found: Found) -> bool:
    """Whether the concrete evaluator lets a labelled request of a mutant pass, by its caller and the chain to it."""
    variant = Variant(mutant)
    resource = next(each for each in variant.resources if each.arn == found.resource)
    if found.action == "sts:AssumeRole" and found.claim == "outside":
        role = next(each for each in variant.roles if each.arn == found.resource)
        return found.principal in strangers_who_become(variant, role)
    endpoint = next((each for each in variant.deployed.endpoints if each.id == found.endpoint), None)
    return any(
        variant.allowed(who, found.action, resource, _said(found, who), endpoint)
        for who in _callers(variant, found)
        if (who.caller.role_arn or who.caller.arn) == found.principal
    )


def _said(found: Found, who: Somebody) -> Context:
    own = {key.lower() for key in who.context}
    return {key: value for key, value in found.context.items() if key.lower() not in own}


def _callers(variant: Variant, found: Found) -> list[Somebody]:
    """Those of whom one made the request."""
    starts = [each for each in everybody(variant) if each.owner == found.from_]
    if found.chain:
        return [who for start in starts for who in reached(variant, start) if who.chain]
    resource = next(each for each in variant.resources if each.arn == found.resource)
    return [*starts, *services_for_others(variant, resource), administrator_of_the_account()]


def main() -> None:
    """Search every mutant, and write the table."""
    found = {mutant.name: next(search(mutant), None) for mutant in mutants()}
    text = msgspec.json.format(msgspec.json.encode(found), indent=1)
    TABLE.write_bytes(text + b"\n")


if __name__ == "__main__":
    main()
