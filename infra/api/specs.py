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
from infra.gitops import SpecMissing, SpecPlace, StoredSpec
from infra.lifecycle.states import State
from infra.placement import checked_alone, is_placed, placed, site_of, wants_place
from infra.spec import SpecErrors, TenantSpec, load_platform, load_tenant
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
        """A spec, checked alone; the operation checks it beside all others, and gives it a place where it has none.

        Args:
            tenant: Whose it is.
            content: Its file.

        Raises:
            SpecErrors: All that is wrong with it.
        """
        data = data_of(tenant, content)
        if wants_place(data):
            return checked_alone(self.platform_file, file_of(tenant), data)
        try:
            return load_tenant(self.platform_file, file_of(tenant), content)[1]
        except SpecErrors as errors:
            if all(each.path != ("network", "cell") for each in errors.problems):
                raise
        # The cell may be one that is opened for it.
        return checked_alone(self.platform_file, file_of(tenant), data)

    def placed(self, tenant: str, spec: Mapping[str, Any]) -> tuple[dict[str, Any], str]:
        """A new spec that leaves its place out with one that nobody else's has, merged or proposed.

        Proposed again it has the same place. Cells count as open that the platform's spec has.

        Args:
            tenant: Whose it is.
            spec: As data.

        Returns:
            The spec with its place, and the spare cell that is opened for it; empty where none is.

        Raises:
            SpecErrors: All that is wrong with it.
            NoRoom: No cell has room, and none may be opened.
        """
        checked = checked_alone(self.platform_file, file_of(tenant), spec)
        platform = load_platform(self.platform_file)
        claimed = [(each.tenant, _data_or_nothing(each)) for each in self.place.claimed()]
        kept = next((data for other, data in claimed if other == tenant and is_placed(spec, data)), None)
        if kept is not None:
            site = site_of(kept)
            spare = [cell.name for cell in platform.spare_cells if site is not None and cell.name == site.cell]
            return dict(kept), "".join(spare)
        sites = {(other, site_of(data)) for other, data in claimed if other != tenant}
        taken = [site for _, site in sites if site is not None]
        data, place = placed(spec, checked, platform, taken, deployed=None)
        return data, "" if place.opens is None else place.opens.name


def _data_or_nothing(stored: StoredSpec) -> Mapping[str, Any]:
    """What a spec says; nothing where it is no YAML, which stops its own tenant only."""
    try:
        return data_of(stored.tenant, stored.content)
    except SpecErrors:
        return {}


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
