"""Start and end of the server: when it is ready, and how it leaves."""

from __future__ import annotations

import http.client
import json
import signal
import threading
from collections.abc import Generator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from serving_process import ServingProcess, unpack
from sklearn.neighbors import KNeighborsRegressor

from serving_containers.sklearn.packaging import Package, package

BODY = json.dumps({"instances": np.random.default_rng(1).normal(size=(3000, 20)).round(3).tolist()}).encode()


@pytest.fixture(scope="module")
def slow_model() -> Package:
    """A model that works on a large request for a while: brute-force neighbours."""
    rows = np.random.default_rng(0).normal(size=(20_000, 20))
    neighbours: Any = KNeighborsRegressor(algorithm="brute")
    return package(neighbours.fit(rows, rows[:, 0]), [f"f{i}" for i in range(20)])


@pytest.fixture
def slow(slow_model: Package, tmp_path: Path) -> Generator[ServingProcess]:
    with ServingProcess(
        unpack(slow_model.archive, tmp_path / "model"), slow_model.sha256, BULKHEAD_DRAIN_SECONDS="1"
    ) as server:
        yield server


class _Invocation(threading.Thread):
    """One large request in a thread of its own."""

    def __init__(self, server: ServingProcess) -> None:
        super().__init__()
        self._server = server
        self.status = 0

    def run(self) -> None:
        self.status = self._server.invoke(BODY)[0]


def test_ready_only_once_the_model_is_loaded(slow: ServingProcess) -> None:
    slow.wait_for("listening")
    seen = [slow.ping()]
    while seen[-1] != 200:
        assert seen[-1] == 503
        seen.append(slow.ping())
    slow.wait_for("model loaded")


def test_ping_is_answered_while_the_model_works(slow: ServingProcess) -> None:
    slow.wait_for("model loaded")
    work = _Invocation(slow)
    work.start()
    answered = 0
    while work.is_alive():
        assert slow.ping() == 200
        answered += 1
    work.join()
    assert work.status == 200
    assert answered > 1


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_sigterm_flips_readiness_finishes_the_work_and_ends_with_zero(slow: ServingProcess, number: int) -> None:
    slow.wait_for("model loaded")
    work = _Invocation(slow)
    work.start()
    slow.process.send_signal(number)
    slow.wait_for("draining")
    assert slow.ping() == 503, "readiness goes first, while requests are still answered"
    assert slow.process.poll() is None
    late = _Invocation(slow)
    late.start()
    work.join()
    late.join()
    assert work.status == 200
    assert late.status == 200
    assert slow.process.wait(60) == 0
    slow.wait_for("stopped")


def test_an_idle_keep_alive_connection_does_not_hold_up_the_end(server: ServingProcess) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", server.port)
    connection.request("GET", "/ping")
    connection.getresponse().read()
    assert server.stop() == 0
    connection.close()
