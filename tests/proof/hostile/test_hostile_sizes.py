"""Inputs that are made to fill the memory: the proof refuses them, or takes them within a bound that is measured."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from infra.proof.facts.inputs import MOST_BYTES
from infra.settings import ROOT
from tests.proof.points.small import Small, allow, bucket_arn

_MIB = 1024 * 1024
#: Whoever proves in a pipeline has more than this.
_MOST_MEMORY = 1024 * _MIB
_SCRIPT = """
import re, sys
from pathlib import Path
from infra.proof.facts import Unreadable
from infra.proof.template.inputs import Input
from infra.proof.template.prove import prove_all
try:
    said = prove_all([Input("big", Path(sys.argv[1]))]).verdict
except Unreadable as refused:
    said = refused
print(said)
# The kernel counts in ru_maxrss what the process was forked from: VmHWM is of this program alone.
print(int(re.search(r"VmHWM:\\s+(\\d+) kB", Path("/proc/self/status").read_text())[1]) * 1024)
"""


def _proved(file: Path) -> tuple[str, int]:
    """What a process of its own says of a file, and the most memory in bytes that it had."""
    done = subprocess.run(
        [sys.executable, "-c", _SCRIPT, str(file)],
        cwd=ROOT,
        env={"PATH": "/usr/bin:/bin", "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=True,
        timeout=300,
    )
    said, memory = done.stdout.strip().rsplit("\n", 1)
    return said, int(memory)


def _written(folder: Path, resources: list[dict[str, Any]], times: int, of: str) -> Path:
    """An export of some resources, and of one resource many times over, each time under another name."""
    file = folder / "big.json"
    text = json.dumps({"version": 3, "deployment": {"resources": resources}}).removesuffix("]}}")
    with file.open("w") as opened:
        opened.write(text)
        for number in range(times):
            opened.write(f",{of.replace('NUMBER', str(number))}")
        opened.write("]}}")
    return file


def _buckets(size: int) -> tuple[list[dict[str, Any]], int, str]:
    small = Small().settled()
    small.acme.worker(allow("s3:GetObject", on=f"{bucket_arn('globex-data')}/*"))
    small.globex.thing(
        "aws:sqs/queue:Queue", "qNUMBER", "arn:aws:sqs:eu-central-1:123456789012:qNUMBER", pad="x" * 2000
    )
    small.globex.resources[-1]["inputs"] = {}
    resources = [*small.acme.resources, *small.globex.resources]
    one = json.dumps(resources.pop())
    return resources, size // len(one), one


def test_a_file_of_100_mb_is_refused(tmp_path: Path) -> None:
    file = _written(tmp_path, *_buckets(100 * _MIB))
    assert file.stat().st_size > 99 * _MIB
    said, memory = _proved(file)
    assert "it has more than 64 MiB" in said
    assert memory < _MOST_MEMORY


def test_a_file_of_16_mib_is_proved(tmp_path: Path) -> None:
    file = _written(tmp_path, *_buckets(MOST_BYTES // 4))
    said, memory = _proved(file)
    assert said == "Leak"
    assert memory < _MOST_MEMORY


_ONE: dict[str, Callable[[], bytes]] = {
    "one text": lambda: b'{"version": 3, "deployment": {"resources": [], "x": "' + b"a" * (MOST_BYTES - 100) + b'"}}',
    "one number": lambda: b'{"version": ' + b"9" * (MOST_BYTES - 100),
    "brackets": lambda: b'{"version": 3, "deployment": {"resources": ' + b"[" * (MOST_BYTES - 100),
    "white space": lambda: b'{"version": 3, "deployment": {"resources": []}}' + b" " * (MOST_BYTES - 100),
}


@pytest.mark.parametrize("name", _ONE)
def test_a_file_that_is_one_thing_is_taken_or_refused(tmp_path: Path, name: str) -> None:
    file = tmp_path / "big.json"
    file.write_bytes(_ONE[name]())
    said, memory = _proved(file)
    assert said == "Proved" or "big.json" in said
    assert memory < _MOST_MEMORY
