"""GuardDuty detectors and their features.

Source: Pulumi registry, "aws.guardduty.Detector", "aws.guardduty.DetectorFeature"; Amazon GuardDuty API Reference.
"""

from collections.abc import Mapping
from typing import Any

from infra.sandbox.aws.action import Action
from infra.sandbox.aws.entry import Call, Read, Resource, Step, Tags


def _set_feature(action: Action) -> None:
    feature = {"Name": action.props["name"], "Status": action.props["status"]}
    action.api("update_detector", DetectorId=action.props["detectorId"], Features=[feature])


def _create_feature(action: Action) -> Mapping[str, Any]:
    _set_feature(action)
    return {}


RESOURCES = (
    Resource(
        type="aws:guardduty/detector:Detector",
        service="guardduty",
        id="DetectorId",
        identity={"DetectorId": "{id}"},
        create=Call("create_detector"),
        updates=(Call("update_detector"),),
        reads=(Read("get_detector", also=lambda found: {"enable": found["Status"] == "ENABLED"}),),
        delete=Call("delete_detector", properties=()),
        missing=("BadRequestException",),
        defaults={"enable": True},
        templates={
            "accountId": "{account}",
            "arn": "arn:{partition}:guardduty:{region}:{account}:detector/{id}",
        },
        absent=("datasources",),  # deprecated; each feature is a resource of its own
        tags=Tags(listing="list_tags_for_resource"),
    ),
    Resource(
        type="aws:guardduty/detectorFeature:DetectorFeature",
        service="guardduty",
        id="{detectorId}/{name}",
        create=_create_feature,
        writes=("status",),
        replace=("detectorId", "name"),
        reads=(
            Read(
                "get_detector",
                at="Features",
                pick=("Name", "{name}"),
                fixed={"DetectorId": "{detectorId}"},
                properties=("status",),
            ),
        ),
        updates=(Step(("status",), _set_feature),),
        missing=("BadRequestException",),
    ),
)
"""GuardDuty entries of the table."""
