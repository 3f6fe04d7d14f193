"""The platform's spec as a file, which is replaced as a whole where it is still the one that was read."""

from __future__ import annotations

import fcntl
import os
from pathlib import Path
from typing import Any, cast

from infra.errors import UserError
from infra.gitops.folder import content_of, replace_file
from infra.gitops.patching import patched
from infra.gitops.place import SpecConflict, SpecMissing, etag
from infra.spec.errors import SpecErrors
from infra.spec.source import source_of


def with_cell(file: Path, content: bytes, cell: str) -> bytes:
    """The platform's file with a spare cell among the cells; as it is where the cell is not a spare one.

    Args:
        file: The platform's file, for messages.
        content: What it holds.
        cell: The cell's name.

    Raises:
        SpecErrors: The content is no YAML.
        UserError: The layout of the file is beyond a change in place.
    """
    source, problems = source_of(file, content)
    if source is None or problems:
        raise SpecErrors(problems)
    spare, cells = (_cells(source.data.get(key)) for key in ("spare_cells", "cells"))
    moved = [each for each in spare if each.get("name") == cell]
    left = [each for each in spare if each not in moved]
    return patched(file, content, {"cells": [*cells, *moved], "spare_cells": left or None}) if moved else content


class PlatformFile:
    """The file.

    Writers through this class wait for each other, in other processes too; an edit that somebody saved before is seen.

    Args:
        path: Where it is.
    """

    def __init__(self, path: Path) -> None:
        self.path = path

    def read(self) -> bytes:
        """What it holds.

        Raises:
            SpecMissing: There is none.
            UserError: It is no regular file, or too large.
        """
        content = content_of(self.path)
        if content is None:
            raise SpecMissing("the platform has no spec", remedy="create it first", where=str(self.path))
        return content

    def write(self, content: bytes, expected: str) -> None:
        """Replace it.

        Args:
            content: What it is to hold.
            expected: The ETag of what it held when the change was made.

        Raises:
            SpecConflict: It holds something else now; nothing is changed.
            UserError: It cannot be written.
        """
        try:
            descriptor = os.open(self.path.parent, os.O_RDONLY | os.O_DIRECTORY)
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX)
                current = etag(self.read())
                if current != expected:
                    raise SpecConflict(
                        "the platform's spec was changed since it was read",
                        remedy="nothing: the change is made again from what it is now",
                        where=str(self.path),
                        current=current,
                    )
                replace_file(self.path, content)
                os.fsync(descriptor)
            finally:
                os.close(descriptor)
        except OSError as error:
            remedy = "make the folder of the platform's spec writable"
            raise UserError(f"cannot be written: {error.strerror}", remedy=remedy, where=str(self.path)) from None


def _cells(listed: object) -> list[dict[str, Any]]:
    found = cast("list[Any]", listed) if isinstance(listed, list) else []
    return [cast("dict[str, Any]", each) for each in found if isinstance(each, dict)]
