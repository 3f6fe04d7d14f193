"""The language host by itself: its protocol, its end, the interpreter that it chooses."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import grpc
import pytest
from google.protobuf import struct_pb2
from pulumi.runtime.proto import language_pb2, language_pb2_grpc

from infra.engine.language_host import bootstrap
from infra.engine.language_host.interpreter import install_commands, interpreter
from infra.errors import UserError


@pytest.fixture
def host() -> Iterator[subprocess.Popen[bytes]]:
    process = subprocess.Popen(
        [*bootstrap.command(sys.executable, "infra.engine.language_host"), "127.0.0.1:1"],
        env=dict(os.environ),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
    )
    yield process
    if process.poll() is None:
        process.kill()
    process.communicate()


def connect(host: subprocess.Popen[bytes]) -> Any:
    """A client of the host; the SDK's stubs leave its types open."""
    assert host.stdout is not None
    port = int(host.stdout.readline())
    return language_pb2_grpc.LanguageRuntimeStub(grpc.insecure_channel(f"127.0.0.1:{port}"))


def program(folder: Path, **options: str) -> language_pb2.ProgramInfo:
    values = struct_pb2.Struct()
    values.update(options)
    return language_pb2.ProgramInfo(
        root_directory=str(folder), program_directory=str(folder), entry_point=".", options=values
    )


def test_it_tells_about_itself(host: subprocess.Popen[bytes], tmp_path: Path) -> None:
    """Handshake, interpreter and installed packages, as `pulumi about` asks for them."""
    stub = connect(host)
    stub.Handshake(language_pb2.LanguageHandshakeRequest(engine_address="127.0.0.1:1"))
    assert stub.About(language_pb2.AboutRequest()).executable == sys.executable
    answer = stub.GetProgramDependencies(language_pb2.GetProgramDependenciesRequest(info=program(tmp_path)))
    assert "pulumi" in {dependency.name for dependency in answer.dependencies}


def test_a_plugins_output_and_exit_code_are_passed_on(host: subprocess.Popen[bytes], tmp_path: Path) -> None:
    """Both streams, the environment, the arguments, and the exit code last."""
    (tmp_path / "__main__.py").write_text(
        "import os, sys\nprint('out', os.environ['GREETING'], *sys.argv[1:])\n"
        "print('err', file=sys.stderr)\nsys.exit(7)\n"
    )
    request = language_pb2.RunPluginRequest(
        pwd=str(tmp_path), args=["one", "two words"], env=["GREETING=a=b"], info=program(tmp_path), kind="tool"
    )
    messages = list(connect(host).RunPlugin(request))
    assert b"".join(message.stdout for message in messages) == b"out a=b one two words\n"
    assert b"".join(message.stderr for message in messages) == b"err\n"
    assert messages[-1].exitcode == 7


@pytest.mark.parametrize("end", ["SIGINT", "SIGTERM", "the engine's death"])
def test_it_ends_quietly(host: subprocess.Popen[bytes], end: str) -> None:
    """Told to, or left alone by the engine that holds its standard input."""
    connect(host)
    if end == "the engine's death":
        assert host.stdin is not None
        host.stdin.close()
        host.stdin = None
    else:
        host.send_signal(signal.Signals[end])
    _, err = host.communicate()
    assert err == b""


def test_a_projects_own_interpreter_is_used(tmp_path: Path) -> None:
    """The virtualenv option names it; one that does not exist is an error that names the file and the remedy."""
    python = tmp_path / "venv" / "bin" / "python"
    with pytest.raises(UserError, match=r"Pulumi\.yaml") as caught:
        interpreter(program(tmp_path, virtualenv="venv"))
    assert "pulumi install" in caught.value.remedy
    python.parent.mkdir(parents=True)
    python.symlink_to(sys.executable)
    assert interpreter(program(tmp_path, virtualenv="venv")) == str(python)
    assert interpreter(program(tmp_path)) == sys.executable


def test_dependencies_are_installed_into_the_projects_environment_only(tmp_path: Path) -> None:
    """Without an environment of its own nothing is installed; with one, it is made and filled."""
    (tmp_path / "requirements.txt").write_text("")
    assert list(install_commands(program(tmp_path), tmp_path)) == []
    made, filled = install_commands(program(tmp_path, virtualenv="venv"), tmp_path)
    assert made[1:] == ["-m", "venv", str(tmp_path / "venv")]
    assert filled[0] == str(tmp_path / "venv" / "bin" / "python")
    assert filled[-1] == str(tmp_path / "requirements.txt")
