"""Where the specs are kept, behind one interface: a folder, or a branch of a git repository.

Sources: RFC 9110, "HTTP Semantics", sections 8.8.3 (ETag) and 13.1.1 (If-Match).
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from dataclasses import dataclass
from typing import Protocol

from infra.errors import UserError
from infra.spec.common import RESERVED_IDS, TENANT_ID_PATTERN
from infra.spec.source import MAX_BYTES

_MOST_OF_A_NAME = 200
_MOST_OF_A_MESSAGE = 10_000
_EMAIL = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9.-]{1,190}")


class SpecMissing(UserError):
    """There is no spec of that tenant."""


class SpecConflict(UserError):
    """The spec is not the one that the change was made from.

    Args:
        message: What is different.
        remedy: What to do.
        where: The file or branch.
        current: The ETag of the spec as it is; None where there is none.
    """

    def __init__(self, message: str, remedy: str, where: str, current: str | None) -> None:
        super().__init__(message, remedy, where)
        self.current = current


@dataclass(frozen=True, kw_only=True)
class Author:
    """Who makes a change.

    Args:
        name: As people read it.
        email: The address.

    Raises:
        UserError: One of them would be something else in a commit's header.
    """

    name: str
    email: str

    def __post_init__(self) -> None:
        if not self.name.strip() or len(self.name) > _MOST_OF_A_NAME or not _plain(self.name) or {*"<>"} & {*self.name}:
            raise UserError(f"{self.name[:40]!r} is no name of an author", remedy="give one line without < and >")
        if not _EMAIL.fullmatch(self.email):
            raise UserError(f"{self.email[:40]!r} is no author's address", remedy="give it as name@example.com")


@dataclass(frozen=True, kw_only=True)
class StoredSpec:
    """A spec as it is kept.

    Args:
        tenant: Whose it is.
        content: The file.
    """

    tenant: str
    content: bytes

    @property
    def etag(self) -> str:
        """Its entity tag."""
        return etag(self.content)


@dataclass(frozen=True, kw_only=True)
class SpecChange:
    """What is to become of a tenant's spec.

    Args:
        tenant: Whose it is.
        content: The new file, at most 256 KiB; None removes it.
        expected: The ETag of the spec that the change was made from; None: there is none yet.
        author: Who changes it.
        message: Why, for the history; several lines may be given.
        opens: The spare cell of the platform's spec that is opened with it; empty for none. A repository that has the
            platform's spec gets that in the same commit.

    Raises:
        UserError: The tenant's id, the message or the size of the content cannot be taken.
    """

    tenant: str
    content: bytes | None
    expected: str | None
    author: Author
    message: str
    opens: str = ""

    def __post_init__(self) -> None:
        require_tenant_id(self.tenant)
        if not self.message.strip() or len(self.message) > _MOST_OF_A_MESSAGE or not _plain(self.message, "\n\t"):
            raise UserError(
                "the message of the change is empty, too long or has control characters",
                remedy=f"give 1 to {_MOST_OF_A_MESSAGE} characters of plain text",
            )
        if self.content is not None and len(self.content) > MAX_BYTES:
            raise UserError(
                f"the spec of {self.tenant} is larger than {MAX_BYTES // 1024} KiB",
                remedy="a spec is a small file; shorten it",
            )


@dataclass(frozen=True, kw_only=True)
class Written:
    """Where a change is now.

    Args:
        etag: The spec's ETag after it; None: the spec is gone.
        effective: Whether the specs hold the change already; False: it waits to be merged.
        branch: The branch that has it, in a git repository.
        commit: The commit that has it, likewise.
    """

    etag: str | None
    effective: bool
    branch: str | None = None
    commit: str | None = None


class SpecPlace(Protocol):
    """Keeps the tenants' specs; what it holds is the truth."""

    def tenants(self) -> list[str]:
        """The tenants that have a spec, in the order of the alphabet."""
        ...

    def read(self, tenant: str) -> StoredSpec:
        """A tenant's spec as it is in effect.

        Raises:
            SpecMissing: There is none.
            UserError: That is no tenant's id.
        """
        ...

    def claimed(self) -> list[StoredSpec]:
        """All specs that are in effect, and those of changes that wait to be; a tenant may be there twice."""
        ...

    def write(self, change: SpecChange) -> Written:
        """Make a change, as a whole or not at all.

        Raises:
            SpecConflict: The spec is not the one that the change was made from; nothing is changed.
        """
        ...


def etag(content: bytes) -> str:
    """The strong entity tag of a spec: its digest, in quotes."""
    return f'"{hashlib.sha256(content).hexdigest()}"'


def require_tenant_id(tenant: str) -> str:
    """The id, if it is one: it becomes part of paths and of names of branches.

    Raises:
        UserError: It is none.
    """
    if not re.fullmatch(TENANT_ID_PATTERN, tenant) or tenant in RESERVED_IDS:
        raise UserError(
            f"{tenant[:40]!r} is no tenant's id", remedy="give 2 to 19 lower-case letters and digits, a letter first"
        )
    return tenant


def require_expected(change: SpecChange, current: bytes | None, where: str) -> None:
    """Refuse a change that was made from another spec than the one that there is.

    Args:
        change: The change.
        current: The spec as it is; None: there is none.
        where: Its file or branch, for the message.

    Raises:
        SpecConflict: It was.
        SpecMissing: It changes a spec that is not there.
    """
    now = None if current is None else etag(current)
    if change.expected == now and (now is not None or change.content is not None):
        return
    if now is None:
        raise SpecMissing(f"{change.tenant} has no spec", remedy="create it first, without If-Match", where=where)
    if change.expected is None:
        raise SpecConflict(
            f"{change.tenant} has a spec already",
            remedy="read it, and change it with If-Match",
            where=where,
            current=now,
        )
    raise SpecConflict(
        f"the spec of {change.tenant} was changed since it was read",
        remedy="read it again, and make the change from what it is now",
        where=where,
        current=now,
    )


def _plain(text: str, besides: str = "") -> bool:
    """Whether no character controls how the text is read: no control, format or surrogate characters."""
    return not any(
        unicodedata.category(each) in ("Cc", "Cf", "Cs", "Zl", "Zp") and each not in besides for each in text
    )
