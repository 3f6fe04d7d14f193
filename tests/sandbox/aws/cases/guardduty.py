"""Contract cases of GuardDuty: a Region has one detector, so each case has Regions of its own."""

from __future__ import annotations

import pulumi_aws as aws
from botocore.config import Config

from .case import Case, Clients, Needs, Outputs

_REGIONS = ("eu-central-1", "eu-west-1", "eu-west-2")


def _detectors(boto: Clients) -> set[str]:
    clients = (boto("guardduty", Config(region_name=region)) for region in _REGIONS)
    return {detector for client in clients for detector in client.list_detectors()["DetectorIds"]}


def _disable(boto: Clients, detector: Outputs) -> None:
    client = boto("guardduty", Config(region_name=detector["region"]))
    client.update_detector(DetectorId=detector["id"], Enable=False)


def _disable_feature(boto: Clients, feature: Outputs) -> None:
    client = boto("guardduty", Config(region_name=feature["region"]))
    client.update_detector(
        DetectorId=feature["detectorId"],
        Features=[
            {
                "Name": feature["name"],
                "Status": "DISABLED",
                "AdditionalConfiguration": [{"Name": "EKS_ADDON_MANAGEMENT", "Status": "DISABLED"}],
            }
        ],
    )


def _detector(name: str) -> Needs:
    return {"detector": aws.guardduty.Detector(f"{name}-detector", region="eu-west-2")}


def _agent(status: str) -> list[dict[str, str]]:
    return [{"name": "EKS_ADDON_MANAGEMENT", "status": status}]


CASES = (
    Case(
        type="aws:guardduty/detector:Detector",
        inputs=lambda _: {"finding_publishing_frequency": "SIX_HOURS", "tags": {"owner": "one"}},
        update=lambda _: {"finding_publishing_frequency": "FIFTEEN_MINUTES", "tags": {"team": "two"}},
        replace=lambda _: {"region": "eu-west-1"},
        tamper=_disable,
        tampered="enable",
        left=_detectors,
    ),
    Case(
        type="aws:guardduty/detectorFeature:DetectorFeature",
        needs=_detector,
        inputs=lambda needs: {
            "region": "eu-west-2",
            "detector_id": needs["detector"].id,
            "name": "EKS_RUNTIME_MONITORING",
            "status": "DISABLED",
            "additional_configurations": _agent("DISABLED"),
        },
        update=lambda _: {"status": "ENABLED", "additional_configurations": _agent("ENABLED")},
        replace=lambda _: {"name": "RUNTIME_MONITORING"},
        tamper=_disable_feature,
        tampered="status",
        left=_detectors,
    ),
)
