"""Who counts as alive: a worker whose steps still run does, one that is gone with all of them does not."""

from __future__ import annotations

import os
import subprocess
import sys

from infra.jobs.presence import announce
from tests.jobs.job_bench import Bench, wait_for

_ANNOUNCE = """
import subprocess, sys, time
from pathlib import Path
from infra.jobs import JobSettings
from infra.jobs.presence import announce
presence = announce(JobSettings(Path(sys.argv[1]), sys.argv[2]), "other")
step = subprocess.Popen(["sleep", "600"], pass_fds=[presence.descriptor], stdout=subprocess.DEVNULL)
print(step.pid, flush=True)
time.sleep(600)
"""


def test_a_step_that_outlives_its_worker_keeps_it_alive(bench: Bench) -> None:
    ours = announce(bench.settings, "ours")
    arguments = [str(bench.folder), bench.settings.database_url]
    with subprocess.Popen([sys.executable, "-c", _ANNOUNCE, *arguments], stdout=subprocess.PIPE) as other:
        assert other.stdout is not None
        step = int(other.stdout.readline())
        assert ours.holds()
        assert not ours.is_dead("other")
        other.kill()
        other.wait()
        assert not ours.is_dead("other"), "its step may still change something"
        os.kill(step, 9)
        wait_for(lambda: ours.is_dead("other"), "the death of the other worker")
    assert ours.is_dead("never-born")
    ours.close()
