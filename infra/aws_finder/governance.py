"""How the audit trail, the Config recorder and its rules, and the GuardDuty detector are found."""

from __future__ import annotations

from collections.abc import Mapping

from infra.aws_finder.lookup import Aws, Inputs, Lookup, named, only

_TRAIL = "arn:aws:cloudtrail:{region}:{account}:trail/{name}"


def _detector(aws: Aws, inputs: Inputs) -> str | None:
    """The Region's only detector."""
    del inputs
    ids = [str(found) for page in aws.pages("guardduty", "list_detectors") for found in page["DetectorIds"]]
    return only(ids, "detectors")


TABLE: Mapping[str, Lookup] = {
    "aws:cloudtrail/trail:Trail": named("cloudtrail", "get_trail", _TRAIL, Name="{name}"),
    "aws:cfg/recorder:Recorder": named(
        "config",
        "describe_configuration_recorders",
        "{name}",
        has="ConfigurationRecorders",
        ConfigurationRecorderNames=["{name}"],
    ),
    "aws:cfg/recorderStatus:RecorderStatus": named(
        "config",
        "describe_configuration_recorder_status",
        "{name}",
        has="ConfigurationRecordersStatus",
        ConfigurationRecorderNames=["{name}"],
    ),
    "aws:cfg/deliveryChannel:DeliveryChannel": named(
        "config", "describe_delivery_channels", "{name}", has="DeliveryChannels", DeliveryChannelNames=["{name}"]
    ),
    "aws:cfg/rule:Rule": named(
        "config", "describe_config_rules", "{name}", has="ConfigRules", ConfigRuleNames=["{name}"]
    ),
    "aws:guardduty/detector:Detector": _detector,
    "aws:guardduty/detectorFeature:DetectorFeature": named(
        "guardduty",
        "get_detector",
        "{detectorId}/{name}",
        among=("Features", "Name", "{name}"),
        DetectorId="{detectorId}",
    ),
}
