"""What the API has found out while a caller waits is found in other processes, and nothing of it outlives its time."""

from __future__ import annotations

import os
import shutil
import threading
from collections.abc import Generator
from pathlib import Path

import psutil
import pytest

from infra.engine.settings import inherited_environment
from infra.jobs.model import StepFailed
from infra.lifecycle.failures import FailureClass
from infra.provisioning.background import Background
from infra.settings import ROOT
from infra.spec import SpecErrors


@pytest.fixture(scope="module")
def specs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with the specs of acme and globex, in which nothing is deployed."""
    folder = tmp_path_factory.mktemp("background")
    shutil.copytree(ROOT / "tenant_stacks" / "specs", folder / "specs")
    shutil.copy(ROOT / "stacks" / "platform.yaml", folder)
    return folder / "specs"


@pytest.fixture(scope="module")
def background(specs: Path) -> Generator[Background]:
    environment = {
        **inherited_environment(),
        "BULKHEAD_HOME": str(specs.parent / "home"),
        "BULKHEAD_SPECS": str(specs),
        "BULKHEAD_PLATFORM_SPEC": str(specs.parent / "platform.yaml"),
    }
    found = Background(environment, at_once=1)
    yield found
    found.close()


def _content(specs: Path) -> bytes:
    return (specs / "acme.yaml").read_bytes()


def test_a_spec_beside_all_others(background: Background, specs: Path) -> None:
    """One that fits is accepted; one that takes a neighbour's range is refused, with what is wrong."""
    before = {file.name: file.read_bytes() for file in specs.iterdir()}
    background.check("acme", _content(specs))
    taken = _content(specs).replace(b"id: acme", b"id: umbra").replace(b"acme-", b"umbra-")
    with pytest.raises(SpecErrors, match=r"10\.64\.0\.0/24") as raised:
        background.check("umbra", taken)
    assert {str(each.file) for each in raised.value.problems} <= {"umbra.yaml", "acme.yaml"}
    assert all(each.remedy for each in raised.value.problems)
    assert {file.name: file.read_bytes() for file in specs.iterdir()} == before


def test_what_cannot_be_told_says_why(background: Background) -> None:
    """A spec that is wrong, and a tenant that has none, are the caller's to mend: no defect."""
    with pytest.raises(SpecErrors, match="cost_center is missing") as wrong:
        background.preview("absent", b"id: absent\n", 60.0)
    assert str(wrong.value.problems[0].file) == "absent.yaml"
    with pytest.raises(StepFailed, match="there is no spec of absent") as raised:
        background.preview("absent", None, 60.0)
    assert raised.value.failure_class is FailureClass.USER
    assert raised.value.remedy


def test_one_that_takes_too_long_is_ended(background: Background, specs: Path) -> None:
    """Its process is killed, the next caller is served, and meanwhile another is told to come later."""
    told: list[FailureClass] = []

    def ask(timeout: float) -> None:
        try:
            background.preview("acme", _content(specs), timeout)
        except StepFailed as failure:
            told.append(failure.failure_class)

    with background._turn():  # pyright: ignore[reportPrivateUsage]
        ask(60.0)
    assert told == [FailureClass.TRANSIENT]
    first = threading.Thread(target=ask, args=(0.0,))
    first.start()
    first.join()
    assert told == [FailureClass.TRANSIENT] * 2
    background.check("acme", _content(specs))
    waiting = [each for each in psutil.Process(os.getpid()).children(recursive=True) if "pulumi" in each.name()]
    assert waiting == []
