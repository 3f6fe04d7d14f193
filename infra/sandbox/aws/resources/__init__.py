"""The table: one entry a resource type, grouped by service."""

from infra.sandbox.aws.entry import Resource
from infra.sandbox.aws.resources import iam, kms, logs, s3, s3_settings

_MODULES = (iam, kms, logs, s3, s3_settings)

TABLE: dict[str, Resource] = {entry.type: entry for module in _MODULES for entry in module.RESOURCES}
"""Type token -> entry."""
