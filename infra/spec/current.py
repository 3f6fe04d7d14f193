"""The estate as its files are now: loaded once a process for as long as none of them changes.

A process that starts many others loads it before it forks them, so that none of these has to.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

from infra.spec.loader import Estate, load_estate

#: A file, when it was written, how long it is, and which one it is: files are replaced as a whole.
_Mark = tuple[Path, int, int, int]


def current_estate(platform_file: Path, specs: Path) -> Estate:
    """The estate that the files describe, as `infra.spec.load_estate`.

    Args:
        platform_file: The platform's file.
        specs: The folder of the tenants' files.

    Raises:
        SpecErrors: All that is wrong, in any of the files or between them.
    """
    return _loaded(platform_file, specs, tuple(_marks(platform_file, specs)))


@lru_cache(maxsize=1)
def _loaded(platform_file: Path, specs: Path, marks: tuple[_Mark, ...]) -> Estate:
    del marks  # the key
    return load_estate(platform_file, specs)


def _marks(platform_file: Path, specs: Path) -> Iterator[_Mark]:
    for file in (platform_file, *sorted(specs.glob("*"))):
        with contextlib.suppress(FileNotFoundError):
            status = file.stat()
            yield file, status.st_mtime_ns, status.st_size, status.st_ino
