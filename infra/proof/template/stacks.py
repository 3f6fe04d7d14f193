"""What is kept of one deployment: its form, if it is one tenant's alone, and what ties it to others."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Iterable, Mapping
from hashlib import blake2b
from typing import TypeVar

import msgspec

from infra.proof.facts import Owners, assemble_alone, read_deployment
from infra.proof.template.forms import Form, Read
from infra.proof.template.units import units
from infra.proof.template.writing import form_of

_SIZE = 8
_Input = TypeVar("_Input", bound=Hashable)


class Summary(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """What is kept of a deployment instead of its facts.

    Args:
        tenant: The only tenant that anything in it is of; None where there are others, or something is shared.
        form: The tenant's form.
        names: Marks of the types and names of its records.
        asked: Marks of those that it looks for and does not have.
        arns: Marks of the ARNs of what it has.
        foreign: Marks of the ARNs that it holds policies for and does not have.
        stacks: The stacks that its records are of.
        arn_types: Whether its deployed resources of a type have an ARN.
        rules_accounts: Whether it says something about everything in an account.
    """

    tenant: str | None
    form: Form | None
    names: tuple[int, ...]
    asked: tuple[int, ...]
    arns: tuple[int, ...]
    foreign: tuple[int, ...]
    stacks: tuple[str, ...]
    arn_types: dict[str, bool]
    rules_accounts: bool


def summary(
    content: bytes,
    where: str,
    owners: Owners | None,
    managed: Mapping[str, str] | None,
    known: dict[bytes, Read] | None = None,
) -> Summary:
    """The summary of a deployment.

    Args:
        content: The output of `pulumi stack export`.
        where: Its file, for messages.
        owners: Whose is what.
        managed: The documents of policies that no stack holds, by ARN.
        known: What was found in documents before; those of this deployment are added.

    Raises:
        Unreadable: It is no export of a stack.
    """
    estate, ties = assemble_alone(read_deployment(content, where), owners=owners, managed=managed)
    found = units(estate)
    tenant = next(iter(found)) if len(found) == 1 and not estate.controls else None
    return Summary(
        tenant=tenant,
        form=None if tenant is None else form_of(tenant, found[tenant], known=known),
        names=_marks("\0".join(name) for name in ties.names),
        asked=_marks("\0".join(name) for name in ties.asked),
        arns=_marks(ties.arns),
        foreign=_marks(ties.foreign),
        stacks=ties.stacks,
        arn_types=dict(ties.arn_types),
        rules_accounts=ties.rules_accounts,
    )


def tied(summaries: Mapping[_Input, Summary]) -> frozenset[_Input]:
    """The inputs whose facts depend on others', or others' on theirs: these are read together.

    Two tenants that share a mark by accident are read together for nothing, and no tie is ever missed.

    Args:
        summaries: Every deployment's, by the input.
    """
    if any(one.rules_accounts for one in summaries.values()) and len(summaries) > 1:
        return frozenset(summaries)
    found = {name for name, one in summaries.items() if one.tenant is None}
    found |= _repeated({name: one.stacks for name, one in summaries.items()})
    found |= _repeated({name: one.arns for name, one in summaries.items()})
    found |= _repeated({name: (one.tenant,) for name, one in summaries.items() if one.tenant is not None})
    asked = {mark for one in summaries.values() for mark in one.asked}
    foreign = {mark for one in summaries.values() for mark in one.foreign}
    for name, one in summaries.items():
        found.update(_asking(summaries, asked.intersection(one.names), name, foreign=False))
        found.update(_asking(summaries, foreign.intersection(one.arns), name, foreign=True))
    return frozenset(found)


def _asking(summaries: Mapping[_Input, Summary], marks: set[int], has: _Input, *, foreign: bool) -> Iterable[_Input]:
    """Who looks for what an input has, and that input."""
    if not marks:
        return
    for name, one in summaries.items():
        if name != has and not marks.isdisjoint(one.foreign if foreign else one.asked):
            yield from (name, has)


def _repeated(listed: Mapping[_Input, Iterable[object]]) -> set[_Input]:
    """The inputs that have something that another one has too."""
    counted = Counter(one for those in listed.values() for one in set(those))
    return {name for name, those in listed.items() if any(counted[one] > 1 for one in those)}


def _marks(texts: Iterable[str]) -> tuple[int, ...]:
    """A number for each text, the same in every process."""
    digests = {blake2b(text.encode("utf-8", "surrogatepass"), digest_size=_SIZE).digest() for text in texts}
    return tuple(sorted(int.from_bytes(one) >> 1 for one in digests))
