"""The specs in a folder: each file is replaced as a whole, by one writer at a time."""

from __future__ import annotations

import contextlib
import fcntl
import os
import re
import stat
import tempfile
from collections.abc import Generator
from pathlib import Path

from infra.errors import UserError
from infra.gitops.place import SpecChange, SpecMissing, StoredSpec, Written, etag, require_expected, require_tenant_id
from infra.spec.common import TENANT_ID_PATTERN
from infra.spec.source import MAX_BYTES


class FolderSpecs:
    """A folder of files ``<tenant>.yaml``, as plain `pulumi` and the CLI read them.

    Writers through this class wait for each other, in other processes too. An editor does not; a file that it saved
    before a change was begun is seen as changed.

    Args:
        folder: The folder; it exists.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def tenants(self) -> list[str]:
        """The tenants that have a spec, in the order of the alphabet."""
        stems = (file.stem for file in self._folder.glob("*.yaml"))
        return sorted(stem for stem in stems if re.fullmatch(TENANT_ID_PATTERN, stem))

    def read(self, tenant: str) -> StoredSpec:
        """A tenant's spec.

        Raises:
            SpecMissing: There is none.
            UserError: That is no tenant's id, or the file is no regular one or too large.
        """
        file = self._file(tenant)
        content = content_of(file)
        if content is None:
            raise SpecMissing(f"{tenant} has no spec", remedy="create it first", where=str(file))
        return StoredSpec(tenant=tenant, content=content)

    def claimed(self) -> list[StoredSpec]:
        """All specs; none waits to be in effect.

        Raises:
            UserError: A file is no regular one, too large, or cannot be read.
        """
        found = ((tenant, content_of(self._file(tenant))) for tenant in self.tenants())
        return [StoredSpec(tenant=tenant, content=content) for tenant, content in found if content is not None]

    def write(self, change: SpecChange) -> Written:
        """Make a change; who made it and why is not kept here.

        Raises:
            SpecConflict: The spec is not the one that the change was made from; nothing is changed.
            UserError: The folder cannot be written.
        """
        file = self._file(change.tenant)
        try:
            with self._alone() as folder:
                require_expected(change, content_of(file), str(file))
                if change.content is None:
                    file.unlink()
                else:
                    replace_file(file, change.content)
                os.fsync(folder)
        except OSError as error:
            remedy = "make the folder of the specs writable"
            raise UserError(f"cannot be written: {error.strerror}", remedy=remedy, where=str(file)) from None
        return Written(etag=None if change.content is None else etag(change.content), effective=True)

    def _file(self, tenant: str) -> Path:
        return self._folder / f"{require_tenant_id(tenant)}.yaml"

    @contextlib.contextmanager
    def _alone(self) -> Generator[int]:
        descriptor = os.open(self._folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            yield descriptor
        finally:
            os.close(descriptor)


def content_of(file: Path) -> bytes | None:
    """The content of a spec's file; None: there is none.

    Raises:
        UserError: It is no regular file, too large, or cannot be read.
    """
    try:
        # Not blocking, for a pipe of that name; a link is not followed out of the folder.
        descriptor = os.open(file, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except FileNotFoundError:
        return None
    except OSError as error:
        remedy = "keep each spec in a file of its own that can be read"
        raise UserError(f"cannot be read: {error.strerror}", remedy=remedy, where=str(file)) from None
    try:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise UserError("it is no regular file", remedy="keep each spec in a regular file", where=str(file))
        content = os.read(descriptor, MAX_BYTES + 1)
    finally:
        os.close(descriptor)
    if len(content) > MAX_BYTES:
        raise UserError(f"larger than {MAX_BYTES // 1024} KiB", remedy="shorten the spec", where=str(file))
    return content


def replace_file(file: Path, content: bytes) -> None:
    """Put another file in the place of one, as a whole; it keeps its mode.

    Raises:
        OSError: The folder cannot be written.
    """
    mode = stat.S_IMODE(file.stat().st_mode) if file.exists() else 0o644
    descriptor, name = tempfile.mkstemp(prefix=f".{file.name}.", dir=file.parent)
    temporary = Path(name)
    try:
        with os.fdopen(descriptor, "wb") as stream:
            os.fchmod(stream.fileno(), mode)
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
        temporary.replace(file)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
