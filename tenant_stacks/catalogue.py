"""The platform's outputs as a tenant's program reads them: from the state of the platform's stack."""

from __future__ import annotations

from typing import Any, cast

import pulumi
from pydantic import ValidationError

from infra.errors import UserError
from stacks.outputs import PlatformOutputs

_REMEDY = "bring the platform up with this version of the blueprint: bulkhead up platform"


class PlatformNotReady(UserError, pulumi.RunError):
    """The platform's stack is not there, or tells less than this version of the blueprint needs."""


def read_platform_outputs() -> PlatformOutputs:
    """Read the outputs of the platform's stack.

    Plain values, not Outputs: policies and names are built from them before anything is registered.

    Raises:
        PlatformNotReady: the stack is not there or was brought up by another version.

    Source: Pulumi documentation, "Stack references".
    """
    stack = f"{pulumi.get_organization()}/bulkhead-platform/platform"
    try:
        answer = pulumi.runtime.invoke("pulumi:pulumi:readStackOutputs", {"name": stack}).value
    except Exception as error:
        raise PlatformNotReady("the platform's stack cannot be read", _REMEDY, where=stack) from error
    outputs = cast("dict[str, Any]", answer["outputs"])
    if not outputs:
        raise PlatformNotReady("the platform is not deployed", _REMEDY, where=stack)
    try:
        return PlatformOutputs.model_validate(outputs)
    except ValidationError as error:
        keys = ", ".join(sorted({".".join(map(str, problem["loc"])) for problem in error.errors()}))
        raise PlatformNotReady(f"the platform's outputs do not fit: {keys}", _REMEDY, where=stack) from error
