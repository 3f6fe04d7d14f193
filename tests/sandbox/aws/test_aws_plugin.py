"""The installed plugin: the engine starts it by itself, and it ends with the engine."""

from __future__ import annotations

import contextlib
from pathlib import Path

import psutil
import pulumi
import pulumi_aws as aws
import pytest
from aws_contract import Engine
from pulumi import automation as auto
from sandbox_clients import Clients

from infra.engine.errors import PluginInstallFailed
from infra.engine.pulumi_home import PulumiHome
from infra.operations.plugins import install_offline_plugin
from infra.sandbox import Sandbox


@pytest.fixture
def installed(engine: Engine, cloud: Sandbox, engine_command: Path, tmp_path: Path) -> Engine:
    """The engine with the plugin in its Pulumi home, nothing attached, and the cloud by environment variables."""
    install_offline_plugin(PulumiHome(tmp_path / "home"), engine_command)
    environment = {key: value for key, value in engine.environment.items() if key != "PULUMI_DEBUG_PROVIDERS"}
    environment |= {"PULUMI_HOME": str(tmp_path / "home"), **cloud.environment()}
    return Engine(engine.command, tmp_path, environment, {})


def plugins(home: Path) -> list[psutil.Process]:
    """The running plugins of this home."""
    found: list[psutil.Process] = []
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error):
            if "infra.sandbox.aws" in str(process.cmdline()) and process.environ().get("PULUMI_HOME") == str(home):
                found.append(process)
    return found


def test_engine_starts_the_installed_plugin(installed: Engine, aws: Clients) -> None:
    """With AWS's usual environment variables and no configuration, a stack is created and destroyed."""
    stack = installed.stack("plugin", _program)
    name = stack.up().outputs["bucket"].value
    assert name in {bucket["Name"] for bucket in aws("s3").list_buckets()["Buckets"]}
    stack.destroy()
    assert name not in {bucket["Name"] for bucket in aws("s3").list_buckets()["Buckets"]}
    assert plugins(installed.folder / "home") == []


def _program() -> None:
    pulumi.export("bucket", aws.s3.Bucket("plugin").bucket)


def test_installs_once(engine_command: Path, tmp_path: Path) -> None:
    """A second installation leaves the first in place; a plugin that is not ours is replaced."""
    install_offline_plugin(PulumiHome(tmp_path), engine_command)
    script = next((tmp_path / "plugins").glob("resource-aws-v*/pulumi-resource-aws"))
    first = script.stat()
    install_offline_plugin(PulumiHome(tmp_path), engine_command)
    assert script.stat().st_ino == first.st_ino
    script.write_text("#!/bin/sh\nexit 1\n")
    install_offline_plugin(PulumiHome(tmp_path), engine_command)
    assert "infra.sandbox.aws" in script.read_text()


def test_an_engine_that_fails_is_reported(tmp_path: Path) -> None:
    """What the engine says comes with a remedy."""
    broken = tmp_path / "pulumi"
    broken.write_text("#!/bin/sh\necho no space left >&2\nexit 3\n")
    broken.chmod(0o755)
    with pytest.raises(PluginInstallFailed, match="no space left"):
        install_offline_plugin(PulumiHome(tmp_path / "home"), broken)


def test_command_error_of_an_engine_without_the_plugin(installed: Engine, tmp_path: Path) -> None:
    """The control: without the installed plugin the same stack fails."""
    installed.environment["PULUMI_HOME"] = str(tmp_path / "empty")
    with pytest.raises(auto.CommandError, match="aws"):
        installed.stack("none", _program).up()
