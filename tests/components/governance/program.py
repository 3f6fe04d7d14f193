"""One stack for the tests of governance: the audit of a platform that may be deleted."""

from __future__ import annotations

from pulumi import ResourceOptions

from components.governance.audit import Audit, AuditArgs
from components.provider import aws_provider
from components.security.platform_key import PlatformKey, PlatformKeyArgs
from components.storage.access_logs import AccessLogs, AccessLogsArgs
from infra.tags import platform_tags
from tests.components.specs import PLATFORM as PROTECTED

PLATFORM = PROTECTED.model_copy(update={"prevent_deletion": False})


def build() -> None:
    """Register the audit."""
    opts = ResourceOptions(provider=aws_provider(PLATFORM, platform_tags(PLATFORM)))
    key = PlatformKey("key", PlatformKeyArgs(platform=PLATFORM), opts)
    access_logs = AccessLogs("access-logs", AccessLogsArgs(platform=PLATFORM), opts)
    Audit("audit", AuditArgs(platform=PLATFORM, key_arn=key.key_arn, access_logs=access_logs), opts)
