"""Maps an HTTP request to what must be allowed before it may pass: operation, then actions, resources and context."""

from __future__ import annotations

from infra.sandbox.enforcement.requests.operation import Needed, Operation, Unmapped, Who
from infra.sandbox.enforcement.requests.reading import read_operation
from infra.sandbox.enforcement.requests.required import required

__all__ = ["Needed", "Operation", "Unmapped", "Who", "read_operation", "required"]
