"""The table of kinds, in the order in which what is left is removed: keys last; what a thing holds goes before it."""

from collections.abc import Iterable, Iterator

from infra.erasure.kinds import identity, machine_learning, network, observability, storage
from infra.erasure.kinds.entry import Kind

TABLE: tuple[Kind, ...] = (
    *machine_learning.SERVING,
    *machine_learning.WORK,
    *observability.TABLE,
    *network.TABLE,
    *storage.TABLE,
    *identity.IDENTITIES,
    *identity.KEYS,
)


def in_order(table: Iterable[Kind]) -> Iterator[Kind]:
    """The kinds in the order of removal: those that are parts of another go right before it."""
    kinds = tuple(table)

    def from_within(kind: Kind) -> Iterator[Kind]:
        for part in kinds:
            if part.within == kind.name:
                yield from from_within(part)
        yield kind

    for kind in kinds:
        if not kind.within:
            yield from from_within(kind)


#: What the embedded cloud serves of it.
EMBEDDED: tuple[Kind, ...] = tuple(kind for kind in TABLE if kind.served)

__all__ = ["EMBEDDED", "TABLE", "Kind", "in_order"]
