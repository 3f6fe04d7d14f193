"""The sandbox's process: started once, found again, replaced when it is gone, and never mistaken for another."""

from __future__ import annotations

import json
import os
import signal
import socket
import stat
import subprocess
import sys
import threading
import time
from pathlib import Path

import psutil
import pytest
from sandbox_clients import Clients

from infra.sandbox import PortTaken, Sandbox, SandboxDown, SandboxStartFailed, SandboxStatus
from infra.sandbox.errors import HomeUnusable, OtherPort, PortUnusable


def _process(status: SandboxStatus) -> psutil.Process:
    assert status.pid
    return psutil.Process(status.pid)


def _kill(process: psutil.Process) -> None:
    process.kill()
    while process.is_running() and process.status() != psutil.STATUS_ZOMBIE:
        time.sleep(0.01)


def test_a_sandbox_that_was_never_started_is_down(home: Path) -> None:
    sandbox = Sandbox(home)
    assert not sandbox.status().running
    sandbox.down()
    sandbox.reset()
    with pytest.raises(SandboxDown, match="bulkhead sandbox up"):
        sandbox.environment()
    assert not home.exists()


def test_up_down_and_up_again(home: Path) -> None:
    """A second up changes nothing; after down nothing is left; the next cloud is empty, on the same port."""
    sandbox = Sandbox(home)
    lines: list[str] = []
    first = sandbox.up(progress=lines.append)
    assert first.running
    assert first.healthy
    assert lines
    assert stat.S_IMODE(home.stat().st_mode) == 0o700
    assert stat.S_IMODE((home / "credentials.json").stat().st_mode) == 0o600
    server = _process(first)
    assert os.getsid(server.pid) == server.pid, "it lives in a session of its own"
    assert [c.laddr.ip for c in server.net_connections() if c.status == psutil.CONN_LISTEN] == ["127.0.0.1"]
    Clients(sandbox.environment())("sns").create_topic(Name="kept")

    assert sandbox.up() == first
    assert Sandbox(home).status() == first

    sandbox.down()
    assert not server.is_running() or server.status() == psutil.STATUS_ZOMBIE
    assert not sandbox.status().running

    again = sandbox.up()
    assert again.port == first.port
    assert again.instance != first.instance
    assert Clients(sandbox.environment())("sns").list_topics()["Topics"] == []


def test_reset_empties_the_cloud_and_keeps_the_address(home: Path) -> None:
    sandbox = Sandbox(home)
    before = sandbox.up()
    environment = sandbox.environment()
    Clients(environment)("sns").create_topic(Name="gone")
    sandbox.reset()
    after = sandbox.status()
    assert after.healthy
    assert after.port == before.port
    assert after.instance != before.instance
    assert Clients(environment)("sns").list_topics()["Topics"] == []


def test_concurrent_ups_start_one_server(home: Path) -> None:
    found: list[SandboxStatus] = []
    threads = [threading.Thread(target=lambda: found.append(Sandbox(home).up())) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 4
    assert len({status.pid for status in found}) == 1


def test_a_killed_server_is_noticed_and_replaced(home: Path) -> None:
    sandbox = Sandbox(home)
    before = sandbox.up()
    _kill(_process(before))
    assert not sandbox.status().running
    after = sandbox.up()
    assert after.healthy
    assert after.instance != before.instance


def test_a_stopped_server_is_not_healthy_and_is_replaced(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("infra.sandbox.sandbox.HEALTH_SECONDS", 0.3)
    monkeypatch.setattr("infra.sandbox.sandbox.STOP_SECONDS", 0.3)
    sandbox = Sandbox(home)
    before = sandbox.up()
    os.kill(before.pid or 0, signal.SIGSTOP)
    status = sandbox.status()
    assert status.running
    assert not status.healthy
    after = sandbox.up()
    assert after.healthy
    assert after.pid != before.pid


@pytest.mark.parametrize(
    "content", ["", "no json", '{"pid": 1}', '{"pid": 4194300, "port": 1, "instance": "x", "started": ""}']
)
def test_a_stale_or_broken_pid_file_does_no_harm(home: Path, content: str) -> None:
    home.mkdir()
    (home / "server.json").write_text(content)
    assert not Sandbox(home).status().running
    Sandbox(home).down()


def test_a_reused_pid_is_not_taken_for_the_server_and_not_ended(home: Path) -> None:
    """The pid file names a live process of another program: it is not running, and down leaves that program alone."""
    home.mkdir()
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as stranger:
        record = {"pid": stranger.pid, "port": 1, "instance": "11111111-0000-0000-0000-000000000000", "started": ""}
        (home / "server.json").write_text(json.dumps(record))
        assert not Sandbox(home).status().running
        Sandbox(home).down()
        assert stranger.poll() is None
        stranger.kill()


def test_a_taken_port_is_named_with_the_remedy(home: Path) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        with pytest.raises(PortTaken) as caught:
            Sandbox(home).up(port=port)
    assert str(port) in caught.value.message
    assert "--port" in caught.value.remedy
    assert not Sandbox(home).status().running
    assert Sandbox(home).up(port=port).port == port, "the port is free now"


def test_impossible_ports_are_refused(home: Path) -> None:
    with pytest.raises(PortUnusable, match="70000"):
        Sandbox(home).up(port=70000)


def test_another_port_than_the_running_one_is_refused(home: Path) -> None:
    status = Sandbox(home).up()
    with pytest.raises(OtherPort, match=str(status.port)):
        Sandbox(home).up(port=(status.port or 0) + 1)


def test_a_server_that_cannot_start_says_why(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("infra.sandbox.sandbox.SERVER_MODULE", "infra.sandbox.no_such_module")
    with pytest.raises(SandboxStartFailed, match="no_such_module"):
        Sandbox(home).up()
    assert not Sandbox(home).status().running


def test_a_folder_that_cannot_be_used_is_named_with_the_remedy(home: Path) -> None:
    home.write_text("in the way")
    with pytest.raises(HomeUnusable, match="remedy: remove it") as caught:
        Sandbox(home).up()
    assert str(home) in caught.value.where
    home.unlink()
    home.mkdir()
    (home / "credentials.json").write_text("{}")
    with pytest.raises(HomeUnusable, match="credentials"):
        Sandbox(home).up()


def test_the_log_is_rotated(tmp_path: Path) -> None:
    program = """
import logging, pathlib, sys
from infra.sandbox import server
server.LOG_BYTES = 1000
server.log_to(pathlib.Path(sys.argv[1]))
for number in range(500):
    logging.info("line %d", number)
"""
    subprocess.run([sys.executable, "-c", program, str(tmp_path / "server.log")], check=True)
    files = sorted(tmp_path.iterdir())
    assert [path.name for path in files] == ["server.log", "server.log.1", "server.log.2"]
    assert max(path.stat().st_size for path in files) <= 1000
    assert files[0].read_text().endswith("line 499\n")


def test_environment_shuts_out_the_users_own_aws_configuration(home: Path) -> None:
    """A program with the user's profile and that environment reaches the sandbox, by the SDK's own rules."""
    sandbox = Sandbox(home)
    sandbox.up()
    program = "import boto3; print(boto3.client('sts').get_caller_identity()['Account'], boto3.Session().region_name)"
    mine = {"AWS_PROFILE": "production", "AWS_SESSION_TOKEN": "mine", "HTTP_PROXY": "http://127.0.0.1:9"}
    done = subprocess.run(
        [sys.executable, "-c", program],
        env={"PATH": os.environ["PATH"]} | mine | sandbox.environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout.split() == ["123456789012", "eu-central-1"], done.stderr
