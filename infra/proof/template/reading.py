"""Reads deployments by themselves: each only if the cache does not know its content."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor

from infra.proof.facts import Owners
from infra.proof.template.cache import Cache, digest
from infra.proof.template.forms import Read
from infra.proof.template.inputs import Input
from infra.proof.template.stacks import Summary, summary

#: Told how much of how much is done.
Progress = Callable[[int, int], None]
#: Reading and digesting let go of the interpreter.
_THREADS = 2


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
    with ThreadPoolExecutor(max_workers=_THREADS) as pool:
        keys = list(pool.map(_key, listed))
    for one, key in zip(listed, keys, strict=True):
        kept = cache.summary(key)
        found[one] = (key, kept) if kept is not None else _read(one, owners, managed, cache, known)
        if progress is not None:
            progress(len(found), len(listed))
    return found


def _read(
    one: Input, owners: Owners | None, managed: Mapping[str, str], cache: Cache, known: dict[bytes, Read]
) -> tuple[bytes, Summary]:
    content = one.read()
    key, read = digest(content, one.where), summary(content, one.where, owners, managed, known)
    cache.keep_summary(key, read)
    return key, read


def _key(one: Input) -> bytes:
    return digest(one.read(), one.where)
