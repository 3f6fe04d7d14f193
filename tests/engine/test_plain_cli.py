"""Plain ``pulumi`` commands in a project's folder, with our language host and an installed plugin."""

from __future__ import annotations

import dataclasses
import shlex
import subprocess
import sys
import tarfile
from pathlib import Path

import pytest

from infra.engine import Operation
from infra.engine.errors import PluginInstallFailed
from infra.engine.pulumi_home import LANGUAGE_HOST, PulumiHome
from tests.engine.notes_bench import Bench

ROOT = Path(__file__).parents[2]
POLICY_PACK = Path(__file__).with_name("no_notes_policy.py")


def plugin_archive(folder: Path) -> Path:
    """The notes provider as a plugin archive."""
    executable = folder / "pulumi-resource-notes"
    start = (
        f"import runpy, sys; sys.path.insert(0, {str(ROOT)!r});"
        " runpy.run_module('tests.engine.notes_provider', run_name='__main__')"
    )
    executable.write_text(f"#!/bin/sh\nexec {shlex.quote(sys.executable)} -c {shlex.quote(start)}\n")
    executable.chmod(0o755)
    archive = folder / "notes.tgz"
    with tarfile.open(archive, "w:gz") as tar:
        tar.add(executable, executable.name)
    return archive


@pytest.fixture
def plain(bench: Bench) -> Bench:
    """A bench whose home has the language host and the notes plugin."""
    home = PulumiHome(bench.settings.pulumi_home)
    command = home.adopt_engine(bench.settings.command)
    home.install_plugin(command, "notes", "1.0.0", plugin_archive(bench.folder))
    offline = {**bench.settings.environment, "PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION": "true"}
    settings = dataclasses.replace(bench.settings, command=command, attach={}, environment=offline)
    return dataclasses.replace(bench, settings=settings)


def pulumi(bench: Bench, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run a command in the project's folder, as a user would."""
    return subprocess.run(
        [str(bench.settings.command), *arguments, "--non-interactive", "--color", "never"],
        cwd=bench.project.folder,
        env=bench.settings.cli_environment(),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )


def test_preview_up_and_destroy_work_without_a_warning(plain: Bench) -> None:
    """The whole life of a stack, by hand; the program is found by ``main`` of Pulumi.yaml, paths have spaces."""
    plain.want("acme", first={"text": "one"}, second={"chained": True})
    (plain.folder / "state").mkdir()
    outputs = [
        pulumi(plain, "stack", "init", "acme"),
        pulumi(plain, "preview", "--stack", "acme"),
        pulumi(plain, "up", "--yes", "--stack", "acme"),
    ]
    assert plain.names() == ["acme-first", "acme-second"]
    outputs += [pulumi(plain, "destroy", "--yes", "--stack", "acme")]
    assert plain.names() == []
    for finished in outputs:
        assert finished.returncode == 0, finished
        assert "warning" not in (finished.stdout + finished.stderr).lower(), finished


def test_stacks_of_the_engine_and_of_the_plain_cli_are_the_same(plain: Bench) -> None:
    """What the engine made, the plain command sees as unchanged, and the other way round."""
    ref = plain.want("acme", first={"text": "one"})
    with plain.engine() as engine:
        assert engine.run(ref, Operation.UP).outcome == "succeeded"
        finished = pulumi(plain, "up", "--yes", "--stack", "acme")
        assert finished.returncode == 0, finished
        assert "unchanged" in finished.stdout
        assert "created" not in finished.stdout
        again = engine.run(ref, Operation.UP)
    assert (again.outcome, again.changed) == ("succeeded", False)
    assert plain.names() == ["acme-first"]


@pytest.mark.parametrize(
    ("spec", "shown", "trace"), [("mistake", "the spec is wrong", False), ("bug", "ValueError", True)]
)
def test_errors_of_the_program_are_shown(plain: Bench, spec: str, shown: str, *, trace: bool) -> None:
    """A user's mistake is its text and remedy, without a stack trace; a bug keeps its own."""
    wanted: dict[str, dict[str, str]] = {spec: {}}
    plain.want("acme", **wanted)
    (plain.folder / "state").mkdir()
    pulumi(plain, "stack", "init", "acme")
    finished = pulumi(plain, "preview", "--stack", "acme")
    printed = finished.stdout + finished.stderr
    assert finished.returncode != 0
    assert shown in printed
    assert ("Traceback" in printed) is trace, printed


def test_a_policy_pack_in_python_is_run(plain: Bench) -> None:
    """Our host starts policy packs: one that forbids a note stops the preview; without it the preview passes."""
    plain.want("acme", forbidden={})
    (plain.folder / "state").mkdir()
    pack = plain.folder / "the pack"
    pack.mkdir()
    (pack / "PulumiPolicy.yaml").write_text("runtime: python\nversion: 1.0.0\n")
    (pack / "__main__.py").write_text(POLICY_PACK.read_text())
    pulumi(plain, "stack", "init", "acme")
    assert pulumi(plain, "preview", "--stack", "acme").returncode == 0
    finished = pulumi(plain, "preview", "--stack", "acme", "--policy-pack", str(pack))
    assert finished.returncode != 0, finished
    assert "no note may be called forbidden" in finished.stdout + finished.stderr


def test_the_users_own_home_is_left_alone(plain: Bench, tmp_path: Path) -> None:
    """Everything goes to our home: that of the user stays empty."""
    home = tmp_path / "home of the user"
    home.mkdir()
    settings = dataclasses.replace(plain.settings, environment={**plain.settings.environment, "HOME": str(home)})
    user = dataclasses.replace(plain, settings=settings)
    ref = user.want("acme", first={})
    with user.engine() as engine:
        result = engine.run(ref, Operation.UP)
    assert result.outcome == "succeeded", result
    assert not (home / ".pulumi").exists()
    assert (user.settings.pulumi_home / "plugins").is_dir()


def test_the_official_host_is_preferred(tmp_path: Path, engine_command: Path) -> None:
    """Where a language host is beside the engine, the engine is used as it is; else it is linked beside ours."""
    home = PulumiHome(tmp_path / "home")
    official = tmp_path / "official"
    official.mkdir()
    (official / "pulumi").write_text("")
    (official / LANGUAGE_HOST).write_text("")
    assert home.adopt_engine(official / "pulumi") == official / "pulumi"
    adopted = home.adopt_engine(engine_command)
    assert adopted.parent.parent == tmp_path / "home"
    assert (adopted.parent / LANGUAGE_HOST).stat().st_mode & 0o111
    assert home.adopt_engine(engine_command) == adopted, "twice is once"


def test_an_archive_that_is_none_is_refused(bench: Bench) -> None:
    """A broken archive is an error that names it."""
    archive = bench.folder / "broken.tgz"
    archive.write_bytes(b"this is no archive")
    with pytest.raises(PluginInstallFailed, match=r"broken\.tgz"):
        PulumiHome(bench.settings.pulumi_home).install_plugin(bench.settings.command, "notes", "1.0.0", archive)
