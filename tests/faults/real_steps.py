"""The real steps of the service, with a point before each and one after all that it does, before it answers."""

from __future__ import annotations

import importlib
import os
from pathlib import Path
from typing import Any

from infra.jobs import StepCall
from infra.provisioning.plans import target_of
from tests.faults.natural_steps import FOLDER
from tests.faults.strike_points import StrikePoints

#: The points of a step: it has done nothing; it has done everything, and nobody knows.
BEFORE, MADE = "before", "made"


def run(call: StepCall) -> dict[str, Any]:
    """Run the step of a call's name."""
    points = StrikePoints(Path(os.environ[FOLDER]))
    points.reach(call.operation, call.step, BEFORE)
    module, _, function = target_of(call.step).partition(":")
    result = getattr(importlib.import_module(module), function)(call)
    points.reach(call.operation, call.step, MADE)
    return result
