"""`bulkhead serve` as a newcomer uses it: one command, a token, a call; and what it refuses."""

from __future__ import annotations

import json
import os
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Generator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import psutil
import pytest
from typer.testing import CliRunner, Result
from waiting import lives, wait_for

from infra.cli.main import app
from infra.errors import UserError
from infra.sandbox import Sandbox
from infra.service.supervision.status import read_status

pytestmark = pytest.mark.xdist_group("serve")

BULKHEAD = Path(sys.executable).with_name("bulkhead")


def environment(home: Path, **changed: str) -> dict[str, str]:
    return {"PATH": os.environ["PATH"], "HOME": os.environ["HOME"], "BULKHEAD_HOME": str(home), **changed}


def run(home: Path, *arguments: str, **changed: str) -> Result:
    """A command, in this process: most of the time that one takes is that of its imports."""
    return CliRunner().invoke(app, arguments, env={"BULKHEAD_HOME": str(home), **changed})


@dataclass(frozen=True)
class Serving:
    home: Path
    address: str
    children: list[str]
    process: subprocess.Popen[str]

    def token(self, *arguments: str) -> str:
        made = run(self.home, "token", *arguments)
        assert made.exit_code == 0, made.exception
        return made.stdout.strip()

    def get(self, path: str, token: str | None = None) -> httpx.Response:
        headers = {} if token is None else {"Authorization": f"Bearer {token}"}
        return httpx.get(self.address + path, headers=headers, trust_env=False, timeout=60)


@pytest.fixture(scope="module")
def serving(tmp_path_factory: pytest.TempPathFactory) -> Generator[Serving]:
    """A service in a sandbox of its own; when it is told to stop, nothing of it is left but the sandbox."""
    home = tmp_path_factory.mktemp("serve")
    command = [str(BULKHEAD), "serve", "--port", "0", "--workers", "1", "--json"]
    with (home / "errors").open("w") as errors:
        process = subprocess.Popen(command, env=environment(home), stdout=subprocess.PIPE, stderr=errors, text=True)
    try:
        said = read_document(process)
        assert said is not None, (home / "errors").read_text()
        yield Serving(home, said["address"], said["children"], process)
        left = [each.pid for each in psutil.Process(process.pid).children(recursive=True)]
        process.send_signal(signal.SIGINT)
        assert process.wait() == 0
        for pid in left:
            wait_for(lambda pid=pid: not lives(pid), f"the end of {pid}")
    finally:
        process.kill()
        process.communicate()
        Sandbox(home / "sandbox").down()


def read_document(process: subprocess.Popen[str]) -> dict[str, Any] | None:
    """The one document that it prints, some lines long, when all processes work."""
    assert process.stdout is not None
    lines: list[str] = []
    for line in process.stdout:
        lines.append(line)
        if line == "}\n":
            return json.loads("".join(lines))
    return None


def test_it_serves_what_has_a_token_and_refuses_what_has_none(serving: Serving) -> None:
    assert serving.children == ["api", "worker-1", "scheduler", "rollouts"]
    assert serving.address.startswith("http://127.0.0.1:")
    token = serving.token("--role", "operator", "--subject", "ada")
    assert serving.get("/v1/tenants", token).json() == {"items": [], "next_page_token": ""}
    assert serving.get("/v1/tenants").status_code == 401
    forged = token[:-8] + ("A" * 8 if token[-8:] != "A" * 8 else "B" * 8)
    assert serving.get("/v1/tenants", forged).status_code == 401


def test_a_tenants_administrator_sees_its_own_only(serving: Serving) -> None:
    token = serving.token("--role", "tenant-admin", "--tenant", "acme")
    assert serving.get("/v1/tenants/globex", token).status_code == 403
    assert serving.get("/v1/tenants/acme", token).status_code == 404


def test_readiness_names_every_process_and_what_they_need(serving: Serving) -> None:
    assert serving.get("/healthz").json()["status"] == "ok"
    assert serving.get("/readyz").json() == {
        "status": "ok",
        "checks": ["database", "rollouts", "sandbox", "scheduler", "worker-1"],
    }


def test_the_api_comes_before_all_other_processes(serving: Serving) -> None:
    """So that callers are answered while the workers and their steps take all processors."""
    found = read_status(serving.home / "service")
    niceness = {name: psutil.Process(status.pid).nice() for name, status in found.items()}
    ahead = niceness.pop("api")
    assert all(each > ahead for each in niceness.values()), niceness
    worker = psutil.Process(found["worker-1"].pid)
    assert all(child.nice() > ahead for child in worker.children(recursive=True))


def test_a_killed_worker_is_told_and_comes_back(serving: Serving) -> None:
    folder = serving.home / "service"
    before = read_status(folder)["worker-1"]
    os.kill(before.pid, signal.SIGKILL)
    wait_for(lambda: serving.get("/readyz").status_code == 503, "readiness to fail")
    problem = serving.get("/readyz").json()
    if problem.get("status") == 503:  # it may be back already
        assert [error["field"] for error in problem["errors"]] == ["worker-1"]
    wait_for(lambda: serving.get("/readyz").status_code == 200, "readiness")
    after = read_status(folder)["worker-1"]
    assert (after.restarts, after.last_exit) == (before.restarts + 1, -signal.SIGKILL)


def test_a_second_service_of_the_home_is_refused(serving: Serving) -> None:
    command = [str(BULKHEAD), "serve", "--port", "0"]
    second = subprocess.run(command, env=environment(serving.home), capture_output=True, text=True, check=False)
    assert second.returncode == 2
    assert f"runs already, in process {serving.process.pid}" in second.stderr
    assert "Traceback" not in second.stderr


def test_the_audit_log_holds_and_an_entry_that_is_changed_breaks_it(serving: Serving, tmp_path: Path) -> None:
    token = serving.token("--role", "auditor", "--subject", "eve")
    serving.get("/v1/tenants", token)
    listed = json.loads(run(serving.home, "audit-log", "list", "--json").stdout)
    assert [entry["action"] for entry in listed if entry["actor"] == "eve"]
    verified = run(serving.home, "audit-log", "verify", "--json")
    assert verified.exit_code == 0
    head = json.loads(verified.stdout)["head"]
    serving.get("/v1/tenants", token)
    assert run(serving.home, "audit-log", "verify", "--head", head).exit_code == 0
    unknown = run(serving.home, "audit-log", "verify", "--head", "0" * 63 + "1")
    assert (unknown.exit_code, "no entry has the hash" in unknown.stdout) == (1, True)
    broken = run(forged_log(serving.home, tmp_path), "audit-log", "verify")
    assert (broken.exit_code, "broken at entry 1" in broken.stdout) == (1, True)


def forged_log(home: Path, copy: Path) -> Path:
    """A copy of the service's database in which somebody else did what entry 1 tells."""
    (copy / "service").mkdir()
    with (
        closing(sqlite3.connect(home / "service" / "service.sqlite")) as source,
        closing(sqlite3.connect(copy / "service" / "service.sqlite")) as target,
    ):
        source.backup(target)
        for (trigger,) in target.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            target.execute(f"DROP TRIGGER {trigger}")
        target.execute("UPDATE audit_log SET actor = 'mallory' WHERE sequence = 1")
        target.commit()
    return copy


def test_no_secret_is_in_what_others_of_the_machine_see(serving: Serving) -> None:
    """Neither in the arguments of a process nor in a log; files are the owner's only."""
    token = serving.token("--role", "operator")
    serving.get("/v1/tenants", token)
    (secret,) = (serving.home / "service" / "page-token-keys").read_text().split()
    processes = [psutil.Process(serving.process.pid), *psutil.Process(serving.process.pid).children(recursive=True)]
    seen = " ".join(" ".join(each.cmdline()) for each in processes)
    logs = "".join(log.read_text() for log in (serving.home / "service").glob("*.log"))
    assert all(word not in seen + logs for word in (secret, token))
    assert (serving.home / "service").stat().st_mode & 0o077 == 0
    assert (serving.home / "service" / "page-token-keys").stat().st_mode & 0o077 == 0


@pytest.mark.parametrize(
    ("arguments", "variables", "says"),
    [
        (("serve", "--only", "console"), {}, "is no part of the service"),
        (("serve", "--only", "outbox"), {}, "nobody to tell"),
        (("serve",), {"BULKHEAD_CLOUD": "aws"}, "an OpenID Connect issuer are required"),
        (("serve", "--host", "192.0.2.1"), {}, "accepted at 127.0.0.1 only"),
        (("serve", "--port", "0"), {"DATABASE_URL": "mysql://root:hunter2@db/x"}, "DATABASE_URL"),
        (("serve",), {"BULKHEAD_SERVICE_WORKERS": "0"}, "workers"),
        (("serve",), {"BULKHEAD_SERVICE_EVENT_BUS": "a bus"}, "event_bus"),
        (("serve",), {"BULKHEAD_SERVICE_PAGE_TOKEN_KEYS_FILE": "/nowhere"}, "cannot be read"),
        (("serve",), {"BULKHEAD_PLATFORM_SPEC": "/nowhere.yaml"}, "/nowhere.yaml"),
        (("token", "--role", "king"), {}, "is no role"),
        (("token", "--role", "tenant-admin"), {}, "--tenant"),
        (("token", "--role", "operator", "--tenant", "acme"), {}, "--tenant"),
        (("token", "--role", "operator", "--lifetime", "25h"), {}, "--lifetime"),
        (("token", "--role", "operator", "--lifetime", "soon"), {}, "no duration"),
        (("token", "--role", "operator"), {"BULKHEAD_CLOUD": "aws"}, "for the embedded cloud only"),
        (("audit-log", "verify"), {}, "no service has run"),
    ],
)
def test_mistakes_are_refused_before_anything_starts(
    tmp_path: Path, arguments: tuple[str, ...], variables: dict[str, str], says: str
) -> None:
    refused = run(tmp_path, *arguments, **variables)
    assert isinstance(refused.exception, UserError), refused.exception
    assert says in str(refused.exception)
    assert "remedy: " in str(refused.exception)
    assert "hunter2" not in str(refused.exception)
    assert not (tmp_path / "sandbox" / "server.json").exists()


def test_state_of_an_earlier_cloud_is_told_at_once(serving: Serving, tmp_path: Path) -> None:
    """Not by the first operation: the embedded cloud that the stacks were made in is gone."""
    (tmp_path / "sandbox").symlink_to(serving.home / "sandbox")
    (tmp_path / "sandbox-instance").write_text("another one\n")
    state = tmp_path / "state" / ".pulumi" / "stacks" / "bulkhead-platform" / "platform.json"
    state.parent.mkdir(parents=True)
    state.write_text("{}")
    refused = run(tmp_path, "serve", "--port", "0")
    assert isinstance(refused.exception, UserError), refused.exception
    assert "made in an earlier one" in str(refused.exception)
    assert "bulkhead sandbox reset" in refused.exception.remedy
