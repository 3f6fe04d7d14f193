"""Reads deployments by themselves: each only if the cache does not know its content, and many on all processors."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor

from infra.proof.facts import Owners
from infra.proof.template.cache import Cache, digest
from infra.proof.template.forms import Read
from infra.proof.template.inputs import Input
from infra.proof.template.stacks import Summary
from infra.proof.template.worker import read_apart, read_one

#: Told how much of how much is done.
Progress = Callable[[int, int], None]
#: Reading and digesting let go of the interpreter.
_THREADS = 2
#: Below so many deployments another process takes longer to start than it saves.
_MANY = 250
_MOST_PROCESSES = 4


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
    known = listed if cache.has_summaries else []
    with ThreadPoolExecutor(max_workers=_THREADS) as pool:
        keys = list(pool.map(_key, known))
    for one, key in zip(known, keys, strict=True):
        kept = cache.summary(key)
        if kept is not None:
            found[one] = key, kept
    missing = [one for one in listed if one not in found]
    for one, key, read in _read(missing, owners, managed):
        cache.keep_summary(key, read)
        found[one] = key, read
        if progress is not None:
            progress(len(found), len(listed))
    return {one: found[one] for one in listed}


def _read(
    inputs: Sequence[Input], owners: Owners | None, managed: Mapping[str, str]
) -> Iterator[tuple[Input, bytes, Summary]]:
    """Read deployments, many of them by several processes; what these cannot do is done here."""
    mapping = None if owners is None else owners.mapping
    done = 0
    if len(inputs) >= _MANY and processes() > 1:
        for one, (key, read) in zip(inputs, _by_processes(inputs, mapping, managed), strict=False):
            yield one, key, read
            done += 1
    known: dict[bytes, Read] = {}
    for one in inputs[done:]:
        yield (one, *read_one(one, owners, managed, known))


def _by_processes(
    inputs: Sequence[Input], mapping: Mapping[str, str] | None, managed: Mapping[str, str]
) -> Iterator[tuple[bytes, Summary]]:
    """The digests and summaries of deployments in their order, up to the first that a process could not read."""
    size = -(-len(inputs) // processes())
    parts = [inputs[at : at + size] for at in range(0, len(inputs), size)]
    with ThreadPoolExecutor(max_workers=len(parts)) as pool:
        jobs = [pool.submit(read_apart, part, mapping, managed) for part in parts]
        for part, job in zip(parts, jobs, strict=True):
            read = job.result()
            yield from read
            if len(read) < len(part):
                return


def processes() -> int:
    """So many processes read."""
    return min(os.cpu_count() or 1, _MOST_PROCESSES)


def _key(one: Input) -> bytes:
    return digest(one.read())
