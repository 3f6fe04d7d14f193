"""Builds the engine from the Go module proxy: the modules and their checksums are those of the files in ``module``."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from collections import deque
from collections.abc import Iterator, Mapping
from pathlib import Path

from semver import VersionInfo

from infra.engine.find.go_toolchain import NoGo, find_go
from infra.engine.find.progress import Reporter

_MODULE = Path(__file__).with_name("module")
_PACKAGE = "github.com/pulumi/pulumi/pkg/v3/cmd/pulumi"
_VERSION_VARIABLE = "github.com/pulumi/pulumi/sdk/v3/go/common/version.Version"


class CannotBuild(Exception):
    """The build failed; the message says why."""


def build(version: VersionInfo, root: Path, tools: Path, environment: Mapping[str, str], reporter: Reporter) -> None:
    """Build the engine.

    Args:
        version: The version that it is to report; the sources are those that ``module/go.mod`` names.
        root: The folder that gets ``bin/pulumi``.
        tools: Where a Go toolchain is put if there is none on PATH.
        environment: The whole environment of the build.
        reporter: Gets the steps.

    Raises:
        CannotBuild: no toolchain, no module proxy, or the compiler failed.
    """
    try:
        go = find_go(tools, environment, reporter)
    except NoGo as error:
        raise CannotBuild(str(error)) from None
    settings = {"GOTOOLCHAIN": "local", "GOFLAGS": "-mod=readonly", "GOWORK": "off", "CGO_ENABLED": "0"}
    with tempfile.TemporaryDirectory() as temporary:
        module = Path(temporary) / "module"
        shutil.copytree(_MODULE, module)
        compiler = _Compiler(go, module, {**environment, **settings}, reporter)
        compiler.download()
        target = root / "bin" / "pulumi"
        target.parent.mkdir(parents=True, exist_ok=True)
        compiler.compile(target, version)


class _Compiler:
    def __init__(self, go: Path, module: Path, environment: Mapping[str, str], reporter: Reporter) -> None:
        self._go = str(go)
        self._module = module
        self._environment = dict(environment)
        self._reporter = reporter

    def download(self) -> None:
        """Fetch the modules, whose number ``go.mod`` tells; ``-x`` names each file that is fetched."""
        expected = (self._module / "go.mod").read_text().count("\n\t")
        fetched = 0
        self._reporter.report("downloading the engine's sources")
        for line in self._lines(["mod", "download", "-x"]):
            if ".zip: 200" in line:
                fetched += 1
                self._reporter.report("downloading the engine's sources", min(1.0, fetched / expected))

    def compile(self, target: Path, version: VersionInfo) -> None:
        """Compile; ``-v`` names each package as it is compiled, those in the build cache not at all."""
        packages = sum(1 for _ in self._lines(["list", "-deps", _PACKAGE]))
        self._reporter.report("compiling the engine", 0.0)
        flags = f"-s -w -X {_VERSION_VARIABLE}=v{version}"
        arguments = ["build", "-v", "-trimpath", "-ldflags", flags, "-o", str(target), _PACKAGE]
        for done, _ in enumerate(self._lines(arguments), start=1):
            self._reporter.report("compiling the engine", min(1.0, done / packages))

    def _lines(self, arguments: list[str]) -> Iterator[str]:
        """What a command prints, by line while it runs."""
        command = [self._go, *arguments]
        last: deque[str] = deque(maxlen=5)
        with subprocess.Popen(
            command,
            cwd=self._module,
            env=self._environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        ) as process:
            assert process.stdout is not None  # noqa: S101 - it was asked for
            for line in process.stdout:
                last.append(line.strip())
                yield line
        if process.returncode != 0:
            raise CannotBuild(f"`go {' '.join(arguments[:2])}` failed: {'; '.join(last)}")
