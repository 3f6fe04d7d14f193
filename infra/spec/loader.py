"""Load the estate: the platform's spec and every tenant's, each parsed once, checked one by one and against each other.

Every problem of every file is reported at once, as `SpecErrors`.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any, cast

from pydantic import ValidationError

from infra.spec.draft import Draft, Loaded, M
from infra.spec.errors import SpecErrors, SpecProblem
from infra.spec.origin import Origin
from infra.spec.partial import merged
from infra.spec.platform import PlatformSpec
from infra.spec.rules import problems_between
from infra.spec.source import Source, read_source, source_of
from infra.spec.tenant import TenantSpec
from infra.spec.translate import problems_of


@dataclass(frozen=True, kw_only=True)
class Estate:
    """Everything that is to exist: the platform and its tenants by id.

    Attributes:
        tenants: The tenants, ordered by id.
        tenant_files: The file of each tenant.
    """

    platform: PlatformSpec
    tenants: Mapping[str, TenantSpec]
    platform_file: Path
    tenant_files: Mapping[str, Path]


def load_estate(platform_file: Path, specs: Path, contents: Mapping[Path, bytes] | None = None) -> Estate:
    """The estate that `platform_file` and the tenants' files, ``*.yaml`` in the folder `specs`, describe.

    Args:
        platform_file: The platform's file.
        specs: The folder of the tenants' files.
        contents: What some of these files would hold, the platform's too, be they there or not; they are not read then.

    Raises:
        SpecErrors: All that is wrong, in any of the files or between them.
    """
    problems: list[SpecProblem] = []
    given = contents or {}
    files = sorted({*_tenant_files(specs, problems), *given} - {platform_file})
    return _checked(platform_file, files, problems, whole=True, contents=given)


def load_tenant(
    platform_file: Path, tenant_file: Path, content: bytes | None = None, *, platform: bytes | None = None
) -> tuple[PlatformSpec, TenantSpec]:
    """The platform and one tenant, without the other tenants' files: what concerns several tenants is not checked.

    Args:
        platform_file: The platform's file.
        tenant_file: The tenant's file.
        content: What the tenant's file would hold; it is not read then.
        platform: Likewise, what the platform's would.

    Raises:
        SpecErrors: All that is wrong in the two files.
    """
    given = {tenant_file: content, platform_file: platform}
    contents = {file: each for file, each in given.items() if each is not None}
    estate = _checked(platform_file, [tenant_file], [], contents=contents)
    (tenant,) = estate.tenants.values()
    return estate.platform, tenant


def load_platform(platform_file: Path, content: bytes | None = None) -> PlatformSpec:
    """The platform alone.

    Args:
        platform_file: The platform's file.
        content: What it would hold; it is not read then.

    Raises:
        SpecErrors: All that is wrong in the file.
    """
    return _checked(platform_file, [], [], contents={} if content is None else {platform_file: content}).platform


def _checked(
    platform_file: Path,
    tenant_files: list[Path],
    problems: list[SpecProblem],
    *,
    whole: bool = False,
    contents: Mapping[Path, bytes] = MappingProxyType({}),
) -> Estate:
    source = _read(platform_file, problems, contents.get(platform_file))
    platform = None if source is None else _parse(PlatformSpec, Origin(data=source.data, own=source), problems)
    tenants = [tenant for file in tenant_files if (tenant := _tenant(file, contents.get(file), source, problems))]
    if platform is None:
        raise SpecErrors(problems)
    draft = Draft(platform=platform, tenants=tuple(sorted(tenants, key=lambda tenant: tenant.spec.id)), whole=whole)
    problems.extend(problems_between(draft))
    if problems:
        raise SpecErrors(problems)
    return Estate(
        platform=platform.spec,
        tenants={tenant.spec.id: tenant.spec for tenant in draft.tenants},
        platform_file=platform_file,
        tenant_files={tenant.spec.id: tenant.origin.own.file for tenant in draft.tenants},
    )


def _tenant_files(specs: Path, problems: list[SpecProblem]) -> list[Path]:
    if not specs.is_dir():
        remedy = "create the folder, or name another one in BULKHEAD_SPECS"
        problems.append(
            SpecProblem(file=specs, message="the folder of the tenants' specs does not exist", remedy=remedy)
        )
        return []
    files = sorted(file for file in specs.iterdir() if not file.name.startswith("."))
    for file in files:
        if file.suffix == ".yml":
            remedy = f"rename it to {file.stem}.yaml"
            problems.append(SpecProblem(file=file, message="a tenant's file ends in .yaml", remedy=remedy))
    return [file for file in files if file.suffix == ".yaml"]


def _tenant(
    file: Path, content: bytes | None, platform: Source | None, problems: list[SpecProblem]
) -> Loaded[TenantSpec] | None:
    source = _read(file, problems, content)
    if source is None:
        return None
    tier = source.data.get("tier")
    if platform is None or not isinstance(tier, str) or ("tiers", tier) not in platform:
        return _parse(TenantSpec, Origin(data=source.data, own=source), problems)
    defaults = _mapping(_mapping(platform.data["tiers"]).get(tier))
    origin = Origin(data=merged(defaults, source.data), own=source, defaults=platform, prefix=("tiers", tier))
    return _parse(TenantSpec, origin, problems)


def _read(file: Path, problems: list[SpecProblem], content: bytes | None = None) -> Source | None:
    source, found = read_source(file) if content is None else source_of(file, content)
    problems.extend(found)
    return source


def _parse(model: type[M], origin: Origin, problems: list[SpecProblem]) -> Loaded[M] | None:
    # As JSON and strictly: "no" is no false and "5" no number, but a list is a tuple and text an address range.
    try:
        spec = model.model_validate_json(json.dumps(origin.data), strict=True)
    except ValidationError as error:
        problems.extend(problems_of(error, model, origin))
        return None
    return Loaded(spec=spec, origin=origin)


def _mapping(value: object) -> Mapping[str, Any]:
    return cast("Mapping[str, Any]", value) if isinstance(value, Mapping) else {}
