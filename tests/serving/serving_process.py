"""Starts the inference server as SageMaker does: a process with a model folder, environment variables and a port."""

from __future__ import annotations

import http.client
import io
import json
import os
import queue
import signal
import subprocess
import sys
import tarfile
import threading
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Self

FEATURES = ["sepal length", "sepal width", "petal length", "petal width"]
"""The columns of the model that most tests serve."""


def unpack(archive: bytes, folder: Path) -> Path:
    """Unpacks a model archive with the standard tools, as SageMaker does."""
    with tarfile.open(fileobj=io.BytesIO(archive), mode="r:gz") as opened:
        opened.extractall(folder)  # noqa: S202 - the test's own archive
    return folder


class ServingProcess:
    """One running server; a context manager that ends it."""

    def __init__(self, folder: Path, sha256: str | None, **environment: str) -> None:
        pinned = {"BULKHEAD_MODEL_SHA256": sha256} if sha256 else {}
        self.process = subprocess.Popen(
            [sys.executable, "-P", "-m", "serving_containers.sklearn.server", "serve"],
            env={
                "PATH": os.environ["PATH"],
                "SM_MODEL_DIR": str(folder),
                "SAGEMAKER_BIND_TO_PORT": "0",
                "BULKHEAD_DRAIN_SECONDS": "0",
                **pinned,
                **environment,
            },
            stdout=subprocess.PIPE,
            text=True,
        )
        self.log: list[dict[str, Any]] = []
        self._events: queue.Queue[dict[str, Any] | None] = queue.Queue()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()
        self.port = 0

    def _read(self) -> None:
        for line in self.process.stdout or ():
            self._events.put(json.loads(line))
        self._events.put(None)

    def wait_for(self, *events: str) -> dict[str, Any]:
        """The next of these events in the log; fails when the process ends without one."""
        while (line := self._events.get(timeout=60)) is not None:
            self.log.append(line)
            if line["event"] == "listening":
                self.port = line["port"]
            if line["event"] in events:
                return line
        raise AssertionError(f"the server ended without {events}: {self.log}")

    def call(
        self,
        method: str,
        path: str,
        body: bytes | Iterable[bytes] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> tuple[int, dict[str, str], bytes]:
        """Status, headers (lower case) and body of one request."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        try:
            connection.request(method, path, body, dict(headers or {}))
            response = connection.getresponse()
            return response.status, {name.lower(): value for name, value in response.getheaders()}, response.read()
        finally:
            connection.close()

    def ping(self) -> int:
        """The status of /ping."""
        return self.call("GET", "/ping")[0]

    def invoke(
        self, body: bytes | Iterable[bytes], content_type: str | None = "application/json", **headers: str
    ) -> tuple[int, dict[str, str], bytes]:
        """One invocation."""
        given = {"Content-Type": content_type} if content_type else {}
        return self.call("POST", "/invocations", body, given | {k.replace("_", "-"): v for k, v in headers.items()})

    def stop(self, number: int = signal.SIGTERM) -> int:
        """Sends a signal; the exit code."""
        self.process.send_signal(number)
        return self.process.wait(60)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.process.kill()
        self.process.wait()
        self._reader.join()
        if self.process.stdout:
            self.process.stdout.close()
