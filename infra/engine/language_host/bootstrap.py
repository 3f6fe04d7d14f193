"""Starts one of our modules in another interpreter, and carries a program run to it over standard input.

The other interpreter need not have this package installed: the folder that holds it goes to the end of its path.
"""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path
from typing import Any

from infra.engine.language_host.program import ProgramRun

#: Exit code of a program whose error has been logged to the engine.
REPORTED = 32

#: The folder that holds the ``infra`` package.
PACKAGE_ROOT = Path(__file__).resolve().parents[3]

_START = "import sys, runpy; sys.path.append(sys.argv.pop(1)); runpy.run_module(sys.argv.pop(1), run_name='__main__')"


def command(python: str, module: str) -> list[str]:
    """The command that runs a module of ours; ``-P`` keeps the working folder off its path.

    Args:
        python: The interpreter.
        module: The module's dotted name.
    """
    return [python, "-P", "-u", "-c", _START, str(PACKAGE_ROOT), module]


def encode(run: ProgramRun) -> bytes:
    """A run as JSON."""
    return json.dumps({**dataclasses.asdict(run), "program": str(run.program)}).encode()


def decode(data: bytes) -> ProgramRun:
    """The run that `encode` wrote."""
    fields: dict[str, Any] = json.loads(data)
    fields["program"] = Path(fields["program"])
    return ProgramRun(**fields)
