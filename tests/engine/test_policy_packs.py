"""Policy packs in runs: they have their say in previews and updates, from a process that was forked warm."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from pathlib import Path

import pytest

from infra.engine import Engine, Operation
from infra.engine.pulumi_home import PulumiHome
from tests.engine.notes_bench import Bench, wait_for

_PACK = Path(__file__).with_name("no_notes_policy.py")


def _pack(folder: Path, program: str) -> Path:
    folder.mkdir()
    (folder / "PulumiPolicy.yaml").write_text("runtime: python\nversion: 1.0.0\n")
    (folder / "__main__.py").write_text(program)
    return folder


def _judged(bench: Bench, *packs: Path) -> Bench:
    """The bench with packs; the engine wants a language host beside it before it starts any."""
    command = PulumiHome(bench.settings.pulumi_home).adopt_engine(bench.settings.command)
    settings = dataclasses.replace(bench.settings, command=command, packs=packs, preload=("pulumi.policy",))
    return dataclasses.replace(bench, settings=settings)


@pytest.fixture(name="judged")
def _fixture(bench: Bench) -> Iterator[tuple[Bench, Engine]]:
    judged = _judged(bench, _pack(bench.folder / "the pack", _PACK.read_text()))
    with judged.engine() as engine:
        yield judged, engine


def test_a_pack_ends_what_it_forbids_and_lets_the_rest_pass(judged: tuple[Bench, Engine]) -> None:
    """The violation is the run's error, in previews and updates, and nothing of the run is left over."""
    bench, engine = judged
    ref = bench.want("acme", forbidden={"text": "one"})
    for operation in (Operation.PREVIEW, Operation.UP):
        refused = engine.run(ref, operation)
        assert refused.outcome == "failed"
        assert refused.error is not None
        assert "no note may be called forbidden" in str(refused.error)
    assert bench.names() == []
    ref = bench.want("acme", allowed={"text": "one"})
    assert engine.run(ref, Operation.PREVIEW).outcome == "succeeded"
    assert engine.run(ref, Operation.UP).outcome == "succeeded"
    assert bench.names() == ["acme-allowed"]
    assert engine.run(ref, Operation.DESTROY).outcome == "succeeded", "packs have no say in the end of a stack"
    wait_for(lambda: not bench.processes())


def test_several_packs_run(bench: Bench) -> None:
    """Each has a process of its own; the second one's violation counts as well."""
    harmless = _PACK.read_text().replace('"forbidden"', '"nothing is called so"').replace("no-notes", "harmless")
    packs = (_pack(bench.folder / "one", harmless), _pack(bench.folder / "two", _PACK.read_text()))
    judged = _judged(bench, *packs)
    with judged.engine() as engine:
        refused = engine.run(judged.want("acme", forbidden={"text": "one"}), Operation.PREVIEW)
    assert "no note may be called forbidden" in str(refused.error)


def test_a_pack_that_cannot_start_is_reported(bench: Bench) -> None:
    """Its error reaches the user, and the run ends."""
    judged = _judged(bench, _pack(bench.folder / "broken", "raise RuntimeError('this pack is broken')\n"))
    with judged.engine() as engine:
        refused = engine.run(judged.want("acme", first={"text": "one"}), Operation.PREVIEW)
    assert refused.outcome == "failed"
    assert any("this pack is broken" in each.message for each in refused.diagnostics) or (
        "this pack is broken" in str(refused.error)
    )
    wait_for(lambda: not judged.processes())
