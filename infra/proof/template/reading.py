"""Reads deployments by themselves: each only if the cache does not know its content, and many on all processors."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import suppress
from multiprocessing import get_context

from infra.proof.facts import Owners, Unreadable
from infra.proof.template.cache import Cache, digest
from infra.proof.template.forms import Read
from infra.proof.template.inputs import Input
from infra.proof.template.stacks import Summary, summary

#: Told how much of how much is done.
Progress = Callable[[int, int], None]
#: Reading and digesting let go of the interpreter.
_THREADS = 2
#: Below so many deployments another process takes longer to start than it saves.
_MANY = 250
_MOST_PROCESSES = 4
_CHUNK = 20


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
    with ThreadPoolExecutor(max_workers=_THREADS) as pool:
        keys = list(pool.map(_key, listed))
    for one, key in zip(listed, keys, strict=True):
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
        with suppress(BrokenProcessPool):
            for one, (key, read) in zip(inputs, _by_processes(inputs, mapping, managed), strict=False):
                yield one, key, read
                done += 1
    known: dict[bytes, Read] = {}
    for one in inputs[done:]:
        yield (one, *_summary(one, owners, managed, known))


def _by_processes(
    inputs: Sequence[Input], mapping: Mapping[str, str] | None, managed: Mapping[str, str]
) -> Iterator[tuple[bytes, Summary]]:
    """The digests and summaries of deployments in their order, up to the first that is none."""
    chunks = [inputs[at : at + _CHUNK] for at in range(0, len(inputs), _CHUNK)]
    with ProcessPoolExecutor(max_workers=processes(), mp_context=get_context("spawn")) as pool:
        jobs = [pool.submit(_chunk, chunk, mapping, managed) for chunk in chunks]
        for job, chunk in zip(jobs, chunks, strict=True):
            read = job.result()
            yield from read
            if len(read) < len(chunk):
                pool.shutdown(cancel_futures=True)
                return


def processes() -> int:
    """So many processes read."""
    return min(os.cpu_count() or 1, _MOST_PROCESSES)


#: What a process found in documents so far.
_KNOWN: dict[bytes, Read] = {}


def _chunk(
    inputs: Sequence[Input], mapping: Mapping[str, str] | None, managed: Mapping[str, str]
) -> list[tuple[bytes, Summary]]:
    """The digests and summaries of some deployments, in a process of its own; it stops at one that is none."""
    owners = None if mapping is None else Owners(mapping)
    found: list[tuple[bytes, Summary]] = []
    with suppress(Unreadable):
        for one in inputs:
            found.append(_summary(one, owners, managed, _KNOWN))  # noqa: PERF401 - what was found before one fails counts
    return found


def _summary(
    one: Input, owners: Owners | None, managed: Mapping[str, str], known: dict[bytes, Read]
) -> tuple[bytes, Summary]:
    content = one.read()
    return digest(content), summary(content, one.where, owners, managed, known)


def _key(one: Input) -> bytes:
    return digest(one.read())
