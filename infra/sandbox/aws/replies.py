"""Answers of the provider protocol, from what check, diff and create found."""

from dataclasses import dataclass
from typing import Any

import grpc
from pulumi.runtime.proto import provider_pb2, status_pb2

from infra.sandbox.aws.check import Failures
from infra.sandbox.aws.diff import Difference
from infra.sandbox.aws.lifecycle import HalfCreatedError
from infra.sandbox.aws.wire import Properties, to_struct


def check_reply(inputs: Properties, failures: Failures) -> provider_pb2.CheckResponse:
    """Return the checked inputs, or what is wrong with them.

    The path goes into the reason: for a failure with a property the engine prints that property's value, secret or not.
    """
    found = [provider_pb2.CheckFailure(reason=f"{path}: {reason}") for path, reason in failures]
    return provider_pb2.CheckResponse(inputs=to_struct(inputs), failures=found)


def diff_reply(found: Difference) -> provider_pb2.DiffResponse:
    """Return the difference with the path, the kind and the effect of every change."""
    response, kinds = provider_pb2.DiffResponse, provider_pb2.PropertyDiff
    plain = {"add": kinds.ADD, "delete": kinds.DELETE, "update": kinds.UPDATE}
    forced = {"add": kinds.ADD_REPLACE, "delete": kinds.DELETE_REPLACE, "update": kinds.UPDATE_REPLACE}
    detailed = {
        path: kinds(kind=(forced if replace else plain)[kind], inputDiff=True)
        for path, (kind, replace) in found.changes.items()
    }
    return response(
        changes=response.DIFF_SOME if found.changes else response.DIFF_NONE,
        diffs=sorted({_top(path) for path in found.changes}),
        replaces=sorted({_top(path) for path in found.replaces}),
        deleteBeforeReplace=found.delete_before_replace,
        detailedDiff=detailed,
        hasDetailedDiff=True,
    )


def _top(path: str) -> str:
    return path.partition(".")[0].partition("[")[0]


@dataclass(frozen=True)
class _Status(grpc.Status):
    code: grpc.StatusCode
    details: str
    trailing_metadata: Any


def half_created(error: HalfCreatedError, inputs: Properties, prefix: str) -> grpc.Status:
    """Return the status that makes the engine keep a resource whose creation was not finished."""
    detail = provider_pb2.ErrorResourceInitFailed(
        id=error.id,
        properties=to_struct(error.state),
        reasons=[f"{prefix}: {error.reason}"],
        inputs=to_struct(inputs),
    )
    status = status_pb2.Status(code=grpc.StatusCode.UNKNOWN.value[0], message=f"{prefix}: {error.reason}")
    status.details.add().Pack(detail)
    metadata = (("grpc-status-details-bin", status.SerializeToString()),)
    return _Status(grpc.StatusCode.UNKNOWN, f"{prefix}: {error.reason}", metadata)
