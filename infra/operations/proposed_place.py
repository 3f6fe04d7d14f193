"""The place that a proposed spec would get which leaves it out: nothing is reserved by it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from infra.gitops.patching import new_spec
from infra.gitops.platform_file import PlatformFile, with_cell
from infra.operations.cell_opening import deployed_cells
from infra.operations.workspace import Workspace
from infra.placement import checked_alone, placed, site_of, sites_in, wants_place
from infra.settings import Settings
from infra.spec import SpecErrors, load_platform
from infra.spec.source import source_of


@dataclass(frozen=True, kw_only=True)
class Placed:
    """A proposed spec with its place.

    Args:
        content: Its file.
        platform: What the platform's file would hold by then.
        opens: The cell that would be opened for it; empty where none would.
    """

    content: bytes
    platform: bytes
    opens: str = ""


def with_place(settings: Settings, tenant: str, content: bytes) -> Placed:
    """A proposed spec with the place that its onboarding would choose now.

    Args:
        settings: Where the specs and the stacks are.
        tenant: Whose spec it is.
        content: The proposed file.

    Raises:
        SpecErrors: All that is wrong with it alone.
        NoRoom: No cell has room, and none may be opened.
    """
    file = Path(f"{tenant}.yaml")
    source, problems = source_of(file, content)
    if source is None or problems:
        raise SpecErrors(problems)
    before = PlatformFile(settings.platform_spec).read()
    platform = load_platform(settings.platform_spec, before)
    automatic = platform.open_cells == "automatically"
    if wants_place(source.data):
        spec = checked_alone(settings.platform_spec, file, source.data)
        with Workspace(settings) as workspace:
            deployed = deployed_cells(workspace)
        taken = list(sites_in(settings.specs, without=tenant))
        data, place = placed(source.data, spec, platform, taken, deployed=deployed)
        content, opens = new_spec(data), "" if place.opens is None else place.opens.name
    else:
        site = site_of(source.data)
        spare = {cell.name for cell in platform.spare_cells} if automatic else set[str]()
        opens = site.cell if site is not None and site.cell in spare else ""
    return Placed(content=content, platform=with_cell(settings.platform_spec, before, opens or ""), opens=opens or "")
