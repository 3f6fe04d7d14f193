"""Starts, watches and stops the embedded cloud of one home folder."""

from __future__ import annotations

import contextlib
import errno
import json
import os
import select
import signal
import socket
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Generator
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import BinaryIO, cast

import psutil
from filelock import FileLock, Timeout

from infra.sandbox.credentials import access_key
from infra.sandbox.errors import (
    HomeUnusable,
    OtherPort,
    PortTaken,
    PortUnusable,
    SandboxBusy,
    SandboxDown,
    SandboxStartFailed,
)
from infra.sandbox.pipeline import HEALTH_PATH
from infra.sandbox.record import SERVER_MODULE, ServerRecord, read_record
from infra.sandbox.server import READY, moto_settings
from infra.sandbox.workload_token import workload_token, workload_variables

DEFAULT_REGION = "eu-central-1"
HEALTH_SECONDS = 5.0
START_SECONDS = 90.0
STOP_SECONDS = 15.0
KILL_SECONDS = 10.0
LOCK_SECONDS = 120.0
INHERITED = ("PATH", "HOME", "LANG", "LC_ALL", "TMPDIR")


@dataclass(frozen=True, kw_only=True)
class SandboxStatus:
    """What is known of the embedded cloud.

    Attributes:
        running: Its process is alive.
        healthy: It answers, and as the instance that it should be.
        instance: A uuid, new with each empty cloud; None if it is not running, as pid, port and endpoint_url are.
        log: Its log file; older parts end in .1 and .2.
    """

    running: bool
    healthy: bool
    pid: int | None
    port: int | None
    endpoint_url: str | None
    instance: str | None
    log: Path


class Sandbox:
    """One embedded cloud under one home folder.

    Args:
        home: Its folder (made with mode 0700): pid file, logs, access key, and the models of endpoints in service.
    """

    def __init__(self, home: Path) -> None:
        self._home = home.absolute()
        self._record_file = self._home / "server.json"
        self._port_file = self._home / "port"
        self._credentials_file = self._home / "credentials.json"
        self._config_file = self._home / "aws-config"
        self._log = self._home / "server.log"
        self._startup_log = self._home / "startup.log"

    def up(self, *, port: int = 0, progress: Callable[[str], None] | None = None) -> SandboxStatus:
        """Starts the cloud, empty, unless it runs already.

        Args:
            port: TCP port of 127.0.0.1; 0 takes the last one again if it is free, else any free one.
            progress: Called with a line for people about each step.

        Raises:
            PortTaken: Another program listens on that port.
            PortUnusable: The port is out of range or reserved.
            OtherPort: The cloud runs already, on another port than the one asked for.
            SandboxStartFailed: The server ended or did not answer in time.
            SandboxBusy: Another command holds the sandbox's lock for too long.
        """
        say = progress or _say_nothing
        with self._locked():
            status = self.status()
            if status.healthy:
                if port and status.port != port:
                    raise OtherPort(port, cast("int", status.port))
                return status
            if status.running:
                say(f"the sandbox (pid {status.pid}) does not answer; replacing it")
                self._stop()
            return self._start(port, say)

    def down(self) -> None:
        """Stops the cloud and its endpoints' processes, if it runs; what was in it is lost."""
        if not self._home.exists():
            return
        with self._locked():
            self._stop()

    def reset(self) -> None:
        """Empties the cloud: replaces a running one by a new instance on the same port (a stopped one is empty)."""
        status = self.status()
        if not status.running:
            return
        with self._locked():
            self._stop()
            self._start(status.port or 0, _say_nothing)

    def status(self) -> SandboxStatus:
        """What is known of the cloud now; also right after a crash, a kill, or when the pid is another program's."""
        record = read_record(self._record_file)
        if record is None or record.process() is None:
            return SandboxStatus(
                running=False, healthy=False, pid=None, port=None, endpoint_url=None, instance=None, log=self._log
            )
        return SandboxStatus(
            running=True,
            healthy=_answers(record),
            pid=record.pid,
            port=record.port,
            endpoint_url=record.endpoint_url,
            instance=record.instance,
            log=self._log,
        )

    def environment(self, *, region: str = DEFAULT_REGION) -> dict[str, str]:
        """The variables with which programs, plugins and boto3 users reach this cloud, and nothing else by mistake.

        Set them over the environment of a process; the user's own AWS profile and configuration are shut out.

        Args:
            region: The AWS region of calls that name none.

        Raises:
            SandboxDown: The cloud is not running.
        """
        record = read_record(self._record_file)
        if record is None or record.process() is None:
            raise SandboxDown(self._home)
        key = access_key(self._credentials_file)
        direct = ",".join(filter(None, [os.environ.get("NO_PROXY") or os.environ.get("no_proxy"), "127.0.0.1"]))
        return {
            "AWS_ENDPOINT_URL": record.endpoint_url,
            "AWS_ACCESS_KEY_ID": key.access_key_id,
            "AWS_SECRET_ACCESS_KEY": key.secret_access_key,
            "AWS_SESSION_TOKEN": "",
            "AWS_REGION": region,
            "AWS_DEFAULT_REGION": region,
            "AWS_PROFILE": "default",
            "AWS_CONFIG_FILE": str(self._config_file),
            "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
            "AWS_EC2_METADATA_DISABLED": "true",
            "NO_PROXY": direct,
            "no_proxy": direct,
        }

    def workload_environment(self, role_arn: str, workload_arn: str) -> dict[str, str]:
        """The variables by which code that AWS would run gets the credentials of its role, from any AWS SDK.

        Args:
            role_arn: The role, which must trust the workload's service.
            workload_arn: An ECS task, SageMaker job or Lambda function, for which the service assumes it.

        Raises:
            SandboxDown: The cloud is not running.
        """
        record = read_record(self._record_file)
        if record is None or record.process() is None:
            raise SandboxDown(self._home)
        return workload_variables(record.endpoint_url, workload_token(self._home), role_arn, workload_arn)

    @contextlib.contextmanager
    def _locked(self) -> Generator[None]:
        try:
            self._home.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as error:
            raise HomeUnusable(self._home, error.strerror or str(error)) from None
        lock = FileLock(self._home / "command.lock", timeout=LOCK_SECONDS)
        try:
            lock.acquire()
        except Timeout:
            raise SandboxBusy(Path(lock.lock_file), LOCK_SECONDS) from None
        except OSError as error:
            raise HomeUnusable(Path(lock.lock_file), error.strerror or str(error)) from None
        try:
            yield
        finally:
            lock.release()

    def _start(self, port: int, say: Callable[[str], None]) -> SandboxStatus:
        with self._listener(port) as listener:
            actual = int(listener.getsockname()[1])
            say(f"starting the sandbox on 127.0.0.1:{actual}")
            access_key(self._credentials_file)
            self._config_file.write_text("[default]\n", encoding="utf-8")
            self._spawn(listener, str(uuid.uuid4()))
        self._port_file.write_text(str(actual), encoding="utf-8")
        status = self.status()
        if not status.healthy:
            raise SandboxStartFailed("it does not answer", self._log)
        say(f"the sandbox is up: {status.endpoint_url}")
        return status

    def _listener(self, port: int) -> socket.socket:
        """Binds the port here, so that a taken one shows before a process is started."""
        if not port:
            with contextlib.suppress(OSError, ValueError, PortTaken, PortUnusable):
                return _bind(int(self._port_file.read_text(encoding="utf-8")))
        return _bind(port)

    def _spawn(self, listener: socket.socket, instance: str) -> None:
        listener.set_inheritable(True)
        command = [
            *(sys.executable, "-P", "-m", SERVER_MODULE),
            *("--home", str(self._home), "--listener", str(listener.fileno()), "--instance", instance),
        ]
        inherited = {name: os.environ[name] for name in INHERITED if name in os.environ}
        with (
            self._startup_log.open("wb") as errors,
            subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=errors,
                cwd=self._home,
                env=inherited | moto_settings(int(listener.getsockname()[1])),
                start_new_session=True,
                pass_fds=[listener.fileno()],
                bufsize=0,
            ) as launcher,
        ):
            output = cast("BinaryIO", launcher.stdout)
            readable, _, _ = select.select([output], [], [], START_SECONDS)
            if not readable:  # it ends by itself when it finds that nobody listens to it any more
                raise SandboxStartFailed(f"it was not ready after {START_SECONDS:.0f} s", self._log)
            said = output.read(len(READY))
        if said != READY:
            reason = self._startup_log.read_text(encoding="utf-8", errors="replace").strip()
            raise SandboxStartFailed(reason.splitlines()[-1] if reason else "it ended at once", self._startup_log)

    def _stop(self) -> None:
        record = read_record(self._record_file)
        process = record.process() if record else None
        if process is not None:
            with contextlib.suppress(psutil.NoSuchProcess, ProcessLookupError):
                process.terminate()
                if not _ended(process, STOP_SECONDS):
                    os.killpg(process.pid, signal.SIGKILL)
                    _ended(process, KILL_SECONDS)
        self._record_file.unlink(missing_ok=True)


def _ended(process: psutil.Process, seconds: float) -> bool:
    """Waits for the process to end; a zombie, which a system without an init process keeps, has ended too."""
    deadline = time.monotonic() + seconds
    while process.is_running() and process.status() != psutil.STATUS_ZOMBIE:
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True


def _say_nothing(line: str) -> None:
    del line


def _bind(port: int) -> socket.socket:
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind(("127.0.0.1", port))
        listener.listen(1024)
    except OSError as error:
        listener.close()
        if error.errno == errno.EADDRINUSE:
            raise PortTaken(port) from None
        raise PortUnusable(port, error.strerror or str(error)) from None
    except OverflowError as error:
        listener.close()
        raise PortUnusable(port, str(error)) from None
    return listener


def _answers(record: ServerRecord) -> bool:
    connection = HTTPConnection("127.0.0.1", record.port, timeout=HEALTH_SECONDS)
    try:
        connection.request("GET", HEALTH_PATH)
        return bool(json.loads(connection.getresponse().read())["instance"] == record.instance)
    except (OSError, HTTPException, ValueError, KeyError, TypeError):
        return False
    finally:
        connection.close()
