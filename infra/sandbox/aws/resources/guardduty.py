"""GuardDuty detectors and their features.

Source: Pulumi registry, "aws.guardduty.Detector", "aws.guardduty.DetectorFeature"; Amazon GuardDuty API Reference.
"""

from collections.abc import Iterable, Iterator
from typing import Any

from infra.sandbox.aws.entry import Call, Read, Resource, Tags
from infra.sandbox.aws.wire import UNKNOWN, Properties, has_unknown

_NOT_OWNED = "BadRequestException: is not owned by the current account"
_DETECTOR = ("enable", "findingPublishingFrequency")


def _as_list(request: dict[str, Any]) -> dict[str, Any]:
    return {**request, "Features": [request["Features"]]}


def _feature_name(inputs: Properties) -> Iterator[tuple[str, str]]:
    if inputs.get("name") is None:
        yield "name", "missing required property: the name of the feature"


def _other_parts(old: Properties, new: Properties) -> Iterable[str]:
    """Another set of additional configurations is another feature; another status of one of them is not."""
    return () if _parts(old) == _parts(new) else ("additionalConfigurations",)


def _parts(inputs: Properties) -> set[str]:
    parts: Any = inputs.get("additionalConfigurations") or []
    return {UNKNOWN} if has_unknown(parts) else {part["name"] for part in parts}


_set_feature = Call("update_detector", at="Features", adjust=_as_list)

RESOURCES = (
    Resource(
        type="aws:guardduty/detector:Detector",
        service="guardduty",
        id="DetectorId",
        identity={"DetectorId": "{id}"},
        create=Call("create_detector", properties=_DETECTOR),
        updates=(Call("update_detector", properties=_DETECTOR),),
        reads=(Read("get_detector", also=lambda found: {"enable": found["Status"] == "ENABLED"}),),
        delete=Call("delete_detector", properties=()),
        missing=(_NOT_OWNED,),
        defaults={"enable": True},
        templates={"accountId": "{account}", "arn": "arn:{partition}:guardduty:{region}:{account}:detector/{id}"},
        absent=("datasources",),  # deprecated; each feature is a resource of its own
        tags=Tags(),
    ),
    Resource(
        type="aws:guardduty/detectorFeature:DetectorFeature",
        service="guardduty",
        id="{detectorId}/{name}",
        identity={"DetectorId": "{detectorId}"},
        create=_set_feature,
        updates=(_set_feature,),
        reads=(
            Read(
                "get_detector",
                at="Features",
                pick=("Name", "{name}"),
                properties=("status", "additionalConfigurations"),
            ),
        ),
        replace_if=_other_parts,
        missing=(_NOT_OWNED,),
        rules=(_feature_name,),
    ),
)
"""GuardDuty entries of the table."""
