"""How a tenant's program reads the platform's outputs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from stacks.outputs import PlatformOutputs
from tenant_stacks.catalogue import PlatformNotReady, read_platform_outputs
from tests.components.recorder import Invoke, InvokeRefused, record
from tests.components.tenant.test_program import OUTPUTS

DEPLOYED = OUTPUTS.model_dump(exclude_none=True)


def _read(answer: Invoke) -> PlatformOutputs:
    found: list[PlatformOutputs] = []
    record(lambda: found.append(read_platform_outputs()), {"pulumi:pulumi:readStackOutputs": answer})
    return found[0]


def test_the_outputs_are_read_from_the_platforms_stack() -> None:
    """The stack is asked for by its full name, and its outputs are typed."""
    asked: list[Any] = []

    def answer(arguments: Mapping[str, Any]) -> dict[str, Any]:
        asked.append(arguments["name"])
        return {"name": arguments["name"], "outputs": DEPLOYED}

    assert _read(answer) == OUTPUTS
    assert asked == ["organization/bulkhead-platform/platform"]


def _answers(outputs: Mapping[str, Any]) -> Invoke:
    def answer(arguments: Mapping[str, Any]) -> dict[str, Any]:
        return {"name": arguments["name"], "outputs": outputs}

    return answer


def _refuse(_: Mapping[str, Any]) -> dict[str, Any]:
    raise InvokeRefused("unknown stack")


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        (_refuse, "cannot be read"),
        (_answers({}), "is not deployed"),
        (_answers({key: value for key, value in DEPLOYED.items() if key != "cells"}), "do not fit: cells"),
        (_answers({**DEPLOYED, "surprise": 1}), "do not fit: surprise"),
    ],
    ids=["no stack", "no outputs", "older", "newer"],
)
def test_a_platform_that_is_not_ready_is_a_clear_error(answer: Invoke, message: str) -> None:
    """The error says what is missing and that the platform comes first."""
    with pytest.raises(PlatformNotReady, match=message) as caught:
        _read(answer)
    assert "bulkhead up platform" in caught.value.remedy
