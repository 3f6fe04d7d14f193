"""Audit: the trail, the record of configurations, and the detection of threats."""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

import pulumi
from pulumi import Input, InvokeOptions, Output, ResourceOptions
from pulumi.runtime import invoke_async
from pulumi_aws import guardduty

from components.base import token
from components.governance.configuration import ConfigurationRecord, ConfigurationRecordArgs
from components.governance.trail import AuditTrail, AuditTrailArgs
from components.storage.access_logs import AccessLogs
from infra.errors import UserError
from infra.spec.platform import PlatformSpec


class NothingToAdopt(UserError, pulumi.RunError):
    """The spec adopts what the account does not have."""


@dataclass(frozen=True, kw_only=True)
class AuditArgs:
    """What the audit is made of.

    Args:
        platform: The platform's spec; ``audit`` says which of the Region's singletons are made, adopted or left alone.
        key_arn: The platform's key.
        access_logs: The bucket of access logs.
    """

    platform: PlatformSpec
    key_arn: Input[str]
    access_logs: AccessLogs


class Audit(pulumi.ComponentResource):
    """CloudTrail, AWS Config and GuardDuty, which a Region has one recorder and one detector of.

    Raises:
        NothingToAdopt: ``audit.guardduty`` is ``adopt`` and the Region has no detector.

    Sources: Amazon GuardDuty User Guide, "Concepts and terms" (detector), "GuardDuty S3 Protection".
    """

    trail_arn: Output[str]
    audit_bucket_id: Output[str]
    detector_id: Output[str] | None
    """None where GuardDuty is off."""

    def __init__(self, name: str, args: AuditArgs, opts: ResourceOptions | None = None) -> None:
        super().__init__(token("Audit"), name, {}, opts)
        child = ResourceOptions(parent=self)
        trail = AuditTrail(
            f"{name}-trail",
            AuditTrailArgs(platform=args.platform, key_arn=args.key_arn, access_logs=args.access_logs),
            opts=child,
        )
        if args.platform.audit.config != "off":
            ConfigurationRecord(
                f"{name}-config",
                ConfigurationRecordArgs(platform=args.platform, key_arn=args.key_arn, access_logs=args.access_logs),
                opts=child,
            )
        self.trail_arn = trail.trail_arn
        self.audit_bucket_id = trail.bucket_id
        self.detector_id = self._detector(name, args.platform)
        self.register_outputs(
            {
                "trail_arn": self.trail_arn,
                "audit_bucket_id": self.audit_bucket_id,
                "detector_id": self.detector_id,
            }
        )

    def _detector(self, name: str, platform: PlatformSpec) -> Output[str] | None:
        match platform.audit.guardduty:
            case "create":
                child = ResourceOptions(parent=self)
                detector = guardduty.Detector(
                    name, enable=True, finding_publishing_frequency="FIFTEEN_MINUTES", opts=child
                )
                guardduty.DetectorFeature(
                    f"{name}-objects", detector_id=detector.id, name="S3_DATA_EVENTS", status="ENABLED", opts=child
                )
                return detector.id
            case "adopt":
                return Output.from_input(self._adopted())
            case "off":
                return None

    async def _adopted(self) -> str:
        try:
            found = await invoke_async(
                "aws:guardduty/getDetector:getDetector", {}, InvokeOptions(parent=self), typ=guardduty.GetDetectorResult
            )
        except Exception as error:
            raise NothingToAdopt(
                f"the Region has no GuardDuty detector that could be adopted: {str(error).splitlines()[0]}",
                remedy="write audit.guardduty: create",
                where="platform.yaml, audit.guardduty",
            ) from error
        return cast("guardduty.GetDetectorResult", found).id
