"""One run of one stack: serves the project's program and the attached providers to an engine that it starts.

The process was forked from a warm one and ends with the run. It leads its session, so that all that it starts can be
found and ended. When whoever ordered the run goes away, the engine is asked to cancel and, after a while, killed.
"""

from __future__ import annotations

import contextlib
import dataclasses
import importlib
import io
import json
import os
import queue
import signal
import socket
import sys
import threading
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any, BinaryIO, NoReturn

import grpc
from pulumi import log
from pulumi.runtime.proto import language_pb2, language_pb2_grpc

from infra.engine.language_host.plugins import POLICY_PACK, environment_of, response_of
from infra.engine.language_host.program import ProgramError, ProgramRun, run_program
from infra.engine.language_host.servicer import GRPC_OPTIONS, PythonRuntime
from infra.engine.language_host.streaming import interleaved
from infra.engine.private_files import open_private
from infra.engine.workers.condense import condense, is_debug
from infra.engine.workers.job import ORPHAN_GRACE, Job, decode_job
from infra.engine.workers.launcher import EngineLauncher
from infra.engine.workers.pack import PackProcess
from infra.processes import Channel
from infra.processes.sessions import kill_session

_ProgramQueue = queue.SimpleQueue["tuple[ProgramRun, Future[ProgramError | None]]"]


def work(connection: socket.socket, lock: int, output: int) -> NoReturn:
    """Do the one job that comes through the connection, then end the process.

    Args:
        connection: To whoever ordered the run.
        lock: The descriptor of the stack's run lock, which the engine and its plugins inherit.
        output: The descriptor of a file for whatever is printed past Python's own streams.
    """
    _redirect(output)
    os.set_inheritable(connection.fileno(), False)
    os.set_inheritable(lock, True)
    channel = Channel(connection)
    message = channel.receive()
    if message is None:
        os._exit(0)
    job = decode_job(message)
    if job.program_environment is not None:
        # This process is the program from here on, and its environment the one that the caller gives to programs.
        os.environ.clear()
        os.environ.update(job.program_environment)
    packs: list[PackProcess] = []
    for _ in range(job.packs):
        packs.append(PackProcess(close=[connection.fileno(), *(each for pack in packs for each in pack.descriptors)]))
    # Forked last, so that no other child holds an end of its pipes; its own copies of theirs are closed by exec.
    launcher = EngineLauncher()
    _Run(job, channel, launcher, packs, lock).serve()


class _Run:
    """The state of the one run of this process."""

    def __init__(
        self, job: Job, channel: Channel, launcher: EngineLauncher, packs: list[PackProcess], lock: int
    ) -> None:
        self._job = job
        self._channel = channel
        self._launcher = launcher
        self._packs = packs
        self._lock = lock
        self._programs: _ProgramQueue = queue.SimpleQueue()
        self._ended = threading.Event()

    def serve(self) -> NoReturn:
        """Start the engine and run its programs on this thread until the engine is done and ends the process."""
        self._channel.send({"kind": "ready", "pid": os.getpid()})
        sys.stdout = sys.stderr = _LineSender(self._channel)
        log.debug = _drop
        try:
            self._start_engine()
        except BaseException as error:  # noqa: BLE001 - reported as the run's failure
            self._channel.send({"kind": "exit", "code": 1, "stderr": f"{type(error).__name__}: {error}"})
            os._exit(1)
        while True:
            run, reply = self._programs.get()
            failure = run_program(run)
            if failure is not None:
                self._channel.send({"kind": "program_error", **dataclasses.asdict(failure)})
            reply.set_result(failure)

    def _start_engine(self) -> None:
        command = [self._job.executable, *self._job.arguments]
        environment = dict(self._job.environment)
        attached = {name: _call(target) for name, target in self._job.attach.items()}
        if attached:
            environment["PULUMI_DEBUG_PROVIDERS"] = ",".join(f"{name}:{port}" for name, port in attached.items())
        port = self._serve_language()
        if self._packs:  # they are plugins in Python, whose host this process is too
            environment["PULUMI_DEBUG_LANGUAGES"] = f"python:{port}"
        command += [f"--client=127.0.0.1:{port}", "--exec-kind", "auto.inline"]
        self._launcher.start(command, self._job.folder, environment)
        threading.Thread(target=self._follow_engine, daemon=True).start()
        threading.Thread(target=self._obey, daemon=True).start()

    def _serve_language(self) -> int:
        server = grpc.server(ThreadPoolExecutor(max_workers=4), options=GRPC_OPTIONS)  # pyright: ignore[reportUnknownMemberType]
        language_pb2_grpc.add_LanguageRuntimeServicer_to_server(_Runtime(self._programs, self._packs), server)
        port = server.add_insecure_port("127.0.0.1:0")
        server.start()
        self._server = server
        return port

    def _follow_engine(self) -> NoReturn:
        """Pass the engine's events on; when it has ended, report and end the process."""
        stderr: list[str] = []
        reading = threading.Thread(target=_collect, args=(self._launcher.stderr, stderr), daemon=True)
        reading.start()
        stray = self._forward_events(self._launcher.stdout)
        reading.join()
        code = self._launcher.wait()
        self._ended.set()
        kill_session(os.getpid())
        os.close(self._lock)
        self._channel.send({"kind": "exit", "code": code, "stderr": "\n".join([*stderr, *stray])})
        os._exit(0)

    def _forward_events(self, lines: BinaryIO) -> list[str]:
        """Send what each event comes down to; lines that are no event are returned."""
        stray: list[str] = []
        with os.fdopen(open_private(Path(self._job.event_log), os.O_WRONLY | os.O_TRUNC), "wb", buffering=0) as log:
            for line in lines:
                event = _event(line)
                if event is None:
                    stray.append(line.decode(errors="replace").rstrip())
                    continue
                if is_debug(event):
                    continue
                log.write(line)
                for message in condense(event):
                    self._channel.send(message)
        return [line for line in stray if line]

    def _obey(self) -> None:
        """Pass interrupts on to the engine, the caller's death as one that is followed by force."""
        for message in self._channel:
            if message["kind"] == "interrupt":
                self._interrupt()
        self._interrupt()
        if not self._ended.wait(ORPHAN_GRACE):
            kill_session(os.getpid())
            os._exit(1)

    def _interrupt(self) -> None:
        if not self._ended.is_set():
            with contextlib.suppress(ProcessLookupError):
                os.kill(self._launcher.pid, signal.SIGINT)


class _Runtime(PythonRuntime):
    """Hands programs to the main thread and waits for them; policy packs run in the processes that wait for them."""

    def __init__(self, programs: _ProgramQueue, packs: list[PackProcess]) -> None:
        self._programs = programs
        self._packs = packs

    def execute(self, run: ProgramRun, request: language_pb2.RunRequest) -> language_pb2.RunResponse:
        """Run on the main thread."""
        del request
        reply: Future[ProgramError | None] = Future()
        self._programs.put((run, reply))
        return language_pb2.RunResponse(bail=reply.result() is not None)

    def RunPlugin(  # noqa: N802 - the protocol's name
        self, request: language_pb2.RunPluginRequest, context: grpc.ServicerContext
    ) -> Iterator[language_pb2.RunPluginResponse]:
        """Run a policy pack until the engine has no more use for it."""
        if request.kind != POLICY_PACK or not self._packs:
            context.abort(grpc.StatusCode.UNIMPLEMENTED, f"{request.name} is no policy pack of this run")
        pack = self._packs.pop()
        context.add_callback(pack.end)
        pack.start([*request.args, request.info.program_directory], request.pwd, environment_of(request.env))
        for stream, line in interleaved(pack.stdout, pack.stderr):
            yield response_of(stream, line)
        yield language_pb2.RunPluginResponse(exitcode=pack.wait())


class _LineSender(io.TextIOBase):
    """Standard output of the program: its lines become diagnostics of the run."""

    def __init__(self, channel: Channel) -> None:
        self._channel = channel
        self._rest = ""

    def write(self, text: str, /) -> int:
        *lines, self._rest = (self._rest + text).split("\n")
        for line in lines:
            if line:
                self._channel.send({"kind": "diagnostic", "severity": "info", "message": line, "urn": None})
        return len(text)

    def flush(self) -> None:
        if self._rest:
            self.write("\n")


def _drop(*_arguments: object, **_options: object) -> None:
    """Stands for the SDK's debugging log: a call to the engine for each line, with secrets in plain text."""


def _call(target: str) -> int:
    """Call ``module:function``, which serves a provider and returns its port."""
    module, _, function = target.partition(":")
    serve = getattr(importlib.import_module(module), function)
    return int(serve())


def _event(line: bytes) -> Mapping[str, Any] | None:
    if not line.startswith(b"{"):
        return None
    try:
        return json.loads(line)
    except ValueError:
        return None


def _collect(lines: Iterable[bytes], into: list[str]) -> None:
    into.extend(line.decode(errors="replace").rstrip() for line in lines)


def _redirect(output: int) -> None:
    """Give the process no standard input, and a file for what is printed past Python's streams."""
    nothing = os.open(os.devnull, os.O_RDONLY)
    for source, target in ((nothing, 0), (output, 1), (output, 2)):
        os.dup2(source, target)
    os.close(nothing)
    os.close(output)
