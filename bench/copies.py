"""Exports of many tenants, copied from the real export of one: every generated id, and the tenant's own, is another."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from random import Random

_WORD = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|[A-Za-z0-9]+")
#: What AWS generates: UUIDs, ids in hexadecimal, and the longer ids of other alphabets; no accounts.
_GENERATED = re.compile(r"(?!\d{12}$)[0-9a-f]{8,}|[0-9a-f-]{36}|[0-9A-Za-z]{20,}")
_DIGITS = "0123456789abcdef"


class Copies:
    """Makes tenants out of one.

    Args:
        export: The export of its stack, as text.
        tenant: Its id.
        shared: The export of the platform's stack: what is generated and in there too is the same for all tenants.
    """

    def __init__(self, export: str, tenant: str, shared: str) -> None:
        self._export = export
        common = set(_WORD.findall(shared))
        own = {word for word in set(_WORD.findall(export)) if _is_generated(word) and word not in common}
        self._tenant = tenant
        self._own = re.compile("|".join(map(re.escape, [*sorted(own, key=len, reverse=True), tenant])))

    def copy(self, number: int, tenant: str) -> str:
        """The export of another tenant.

        Args:
            number: Decides about what is generated.
            tenant: Its id.
        """
        random = Random(number)  # noqa: S311 - generates names of a measurement
        names = {self._tenant: tenant}

        def renamed(found: re.Match[str]) -> str:
            if found[0] not in names:
                names[found[0]] = re.sub("[0-9A-Za-z]", lambda _: random.choice(_DIGITS), found[0])
            return names[found[0]]

        return self._own.sub(renamed, self._export)

    def write(self, folder: Path, tenants: Iterable[str]) -> Iterator[Path]:
        """Write the exports of tenants; the file of each is called after it."""
        for number, tenant in enumerate(tenants):
            path = folder / f"{tenant}.json"
            path.write_text(self.copy(number, tenant))
            yield path


def _is_generated(word: str) -> bool:
    return _GENERATED.fullmatch(word) is not None and any(map(str.isdigit, word))
