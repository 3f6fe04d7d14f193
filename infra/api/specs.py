"""Tenants' specs as the API reads and checks them: the file is the truth, whoever wrote it."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from hashlib import sha256
from pathlib import Path
from typing import Any, cast

import msgspec

from infra.api.etags import etag_of
from infra.api.problems.kinds import Kind
from infra.api.problems.problem import ProblemError
from infra.gitops import SpecMissing, SpecPlace
from infra.lifecycle.states import State
from infra.spec import SpecErrors, TenantSpec, load_tenant
from infra.spec.source import source_of
from infra.store.tenants import TenantRecord

_CACHED = 2_048
_BIDI = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


@dataclass(frozen=True, kw_only=True)
class CurrentSpec:
    """A tenant's spec as it is.

    Attributes:
        content: Its file; None where it is not written yet, or not any more.
        data: What it says.
    """

    content: bytes | None
    data: Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class Specs:
    """The specs.

    Attributes:
        place: Where they are kept.
        platform_file: The platform's spec, with the defaults of each tier.
    """

    place: SpecPlace
    platform_file: Path

    def current(self, record: TenantRecord) -> CurrentSpec:
        """A tenant's spec: from its file, else as it was asked for.

        Raises:
            SpecErrors: The file is no YAML.
        """
        try:
            content = self.place.read(record.id).content
        except SpecMissing:
            return CurrentSpec(content=None, data=msgspec.json.decode(record.spec))
        return CurrentSpec(content=content, data=data_of(record.id, content))

    def check(self, tenant: str, content: bytes) -> TenantSpec:
        """A spec, checked alone; the operation checks it beside all others.

        Args:
            tenant: Whose it is.
            content: Its file.

        Raises:
            SpecErrors: All that is wrong with it.
        """
        return load_tenant(self.platform_file, file_of(tenant), content)[1]


def require_plain(value: Any) -> None:
    """Refuses text that is not what it looks like: control characters, halves of characters, changes of direction.

    Args:
        value: JSON, as it came.

    Raises:
        ProblemError: 422; it has such text in a key or value.
    """
    pending = [value]
    while pending:
        found = pending.pop()
        if isinstance(found, str):
            if any(each in _BIDI or unicodedata.category(each) in ("Cc", "Cs") for each in found):
                raise ProblemError(
                    Kind.INVALID,
                    "A text in the body holds control characters.",
                    remedy="Send plain text: no control characters, and none that change the direction of writing.",
                )
        elif isinstance(found, dict):
            pending += [each for pair in cast("dict[str, Any]", found).items() for each in pair]
        elif isinstance(found, list):
            pending += cast("list[Any]", found)


def file_of(tenant: str) -> Path:
    """The name of a tenant's file, as messages have it."""
    return Path(f"{tenant}.yaml")


def data_of(tenant: str, content: bytes) -> Mapping[str, Any]:
    """What a spec's file says.

    Raises:
        SpecErrors: It is no YAML.
    """
    return _parsed(tenant, content)


def etag_of_tenant(spec: CurrentSpec, state: State) -> str:
    """The tag of a tenant: another one when its spec's file or its state is.

    Args:
        spec: Its spec.
        state: Its state.
    """
    digest = "" if spec.content is None else sha256(spec.content).hexdigest()
    return etag_of(f"{digest} {state}".encode())


@lru_cache(maxsize=_CACHED)
def _parsed(tenant: str, content: bytes) -> Mapping[str, Any]:
    source, problems = source_of(file_of(tenant), content)
    if source is None or problems:
        raise SpecErrors(problems)
    return source.data
