"""Reads deployments by themselves: each only if the cache does not know its content."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from infra.proof.facts import Owners
from infra.proof.template.cache import Cache, digest
from infra.proof.template.forms import Read
from infra.proof.template.inputs import Input
from infra.proof.template.stacks import Summary, summary

#: Told how much of how much is done.
Progress = Callable[[int, int], None]


def read_alone(
    inputs: Iterable[Input],
    owners: Owners | None,
    managed: Mapping[str, str],
    cache: Cache,
    progress: Progress | None = None,
) -> dict[Input, tuple[bytes, Summary]]:
    """The digest of every deployment's content, and its summary.

    Args:
        inputs: The deployments.
        owners: Whose is what.
        managed: The documents of policies that no input holds, by ARN.
        cache: What is known already; what is read is added.
        progress: Told how many are read.

    Raises:
        Unreadable: One is no export of a stack.
    """
    listed = list(inputs)
    found: dict[Input, tuple[bytes, Summary]] = {}
    known: dict[bytes, Read] = {}
    for one in listed:
        content = one.read()
        key = digest(content, one.where)
        kept = cache.summary(key)
        if kept is None:
            kept = summary(content, one.where, owners, managed, known)
            cache.keep_summary(key, kept)
        found[one] = key, kept
        if progress is not None:
            progress(len(found), len(listed))
    return found
