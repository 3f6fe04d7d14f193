"""A cell is opened on the real engine: judged first, gone on with after a kill, and once."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from infra.engine import Operation
from infra.errors import UserError
from infra.gitops import patched
from infra.jobs.model import StepFailed
from infra.lifecycle.failures import FailureClass
from infra.operations import run
from infra.operations.cell_opening import PlatformDiffers, deployed_cells, open_cell
from infra.operations.projects import PLATFORM_STACK
from infra.provisioning.context import Work
from infra.provisioning.steps.validate import validate
from infra.settings import ROOT
from infra.spec import load_platform
from infra.store import audit_log, events
from infra.store.database import reading
from tests.acceptance.land import Land
from tests.provisioning.step_calls import call_of, failure_of
from tests.provisioning.umbrella import SPEC, TENANT

_SPARE = [{"name": "second", "cidr": "10.65.0.0/16"}, {"name": "third", "cidr": "10.66.0.0/16"}]
#: Opens a cell, and is killed as soon as the engine has made its VPC.
_OPENS = """
import os, signal
from infra.operations.cell_opening import open_cell
from infra.settings import load_settings
def end(event):
    if event.change is not None and event.phase == "done" and event.change.type == "aws:ec2/vpc:Vpc":
        os.kill(os.getpid(), signal.SIGKILL)
open_cell(load_settings(), "second", on_event=end)
"""
_UNPLACED = {key: value for key, value in SPEC.items() if key != "network"}


class Place:
    """A platform whose one cell is full.

    Args:
        land: Its home and specs.
    """

    def __init__(self, land: Land) -> None:
        self.land = land
        self.change(quotas={"interface_endpoints_per_vpc": 8, "vpcs_per_region": 4})
        self.work = Work(land.settings)

    def change(self, **patch: Any) -> None:
        """Edit the platform's spec by hand."""
        self.land.platform.write_bytes(patched(self.land.platform, self.land.platform.read_bytes(), patch))

    def cells(self) -> tuple[list[str], list[str]]:
        """The cells of the platform's spec, and the spare ones."""
        spec = load_platform(self.land.platform)
        return [cell.name for cell in spec.cells], [cell.name for cell in spec.spare_cells]

    def ranges(self) -> list[str]:
        """The VPCs that the cloud has."""
        vpcs = self.work.cloud.client("ec2").describe_vpcs()["Vpcs"]
        return sorted(each["CidrBlock"] for each in vpcs if not each["IsDefault"])

    def onboard(self) -> Mapping[str, Any]:
        """The first step of an onboarding that leaves the place out."""
        with Work(self.land.settings) as work:
            return validate(work, call_of("validate", TENANT, {"spec": _UNPLACED}))

    def failed(self) -> StepFailed:
        """How that step fails."""
        with pytest.raises(Exception) as caught:  # noqa: PT011 - `failure_of` judges it
            self.onboard()
        return failure_of(caught.value)


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory, engine_command: Path) -> Iterator[Place]:
    """The platform is up; acme's spec takes the one place of its cell."""
    del engine_command  # made before, if it has to be
    land = Land(tmp_path_factory.mktemp("cells"))
    (land.specs / "globex.yaml").unlink()
    sandbox = land.sandbox
    sandbox.up()
    place = Place(land)
    try:
        [result] = place.work.workspace.engine.run_many([PLATFORM_STACK], Operation.UP)
        assert result.outcome == "succeeded", result.error
        yield place
    finally:
        place.work.close()
        sandbox.down()


def test_a_full_platform_opens_a_cell_for_who_has_no_place(place: Place) -> None:
    """Refused by default, by a quota, and beside other changes, with nothing written; else opened once, and told."""
    assert place.failed().failure_class is FailureClass.CAPACITY
    place.change(spare_cells=_SPARE, open_cells="automatically", quotas={"vpcs_per_region": 1})
    before = place.land.platform.read_bytes()
    refused = place.failed()
    assert refused.failure_class is FailureClass.QUOTA
    assert "vpcs_per_region: 2" in refused.remedy
    place.change(quotas={"vpcs_per_region": 2})  # the account's default VPC is one of them
    refused = place.failed()
    assert refused.failure_class is FailureClass.QUOTA
    assert "VPCs per Region" in refused.message
    place.change(quotas={"vpcs_per_region": 4}, cost_center="another")
    with pytest.raises(PlatformDiffers, match="update"):
        open_cell(place.land.settings, "second")
    place.land.platform.write_bytes(patched(place.land.platform, before, {"quotas": {"vpcs_per_region": 4}}))
    assert place.cells() == (["main"], ["second", "third"])
    assert place.ranges() == ["10.64.0.0/16"]

    _kill_an_opening(place)
    assert place.cells() == (["main", "second"], ["third"])
    assert deployed_cells(place.work.workspace) == {"main"}
    result = place.onboard()
    assert (result["opened"], result["spec"]["network"]) == (["second"], {"cell": "second", "cidr": "10.65.0.0/24"})
    assert deployed_cells(place.work.workspace) == {"main", "second"}
    assert place.ranges() == ["10.64.0.0/16", "10.65.0.0/16"]
    names = [each["urn"] for each in run.resources(place.work.workspace, PLATFORM_STACK)]
    assert len(names) == len(set(names))
    assert "# What a tenant of a tier gets" in place.land.platform.read_text()  # comments stay
    assert "opened" not in place.onboard()
    assert not open_cell(place.land.settings, "second").changed
    with pytest.raises(UserError, match="no cell 'fourth'"):
        open_cell(place.land.settings, "fourth")
    with reading(place.work.store) as connection:
        told = [each for each in events.after(connection, 0) if each.name == "platform.cell_opened"]
        entries = [each for each in audit_log.entries(connection, limit=10) if each.action == "cells.open"]
    assert [json.loads(each.data)["cell"] for each in told] == ["second"]
    assert [each.subject for each in entries] == ["cells/second"]


def _kill_an_opening(place: Place) -> None:
    """While the engine makes the cell."""
    opening = subprocess.run(
        [sys.executable, "-c", _OPENS], cwd=ROOT, env=place.land.environment(), start_new_session=True, check=False
    )
    assert opening.returncode == -signal.SIGKILL
    assert "10.65.0.0/16" in place.ranges()
