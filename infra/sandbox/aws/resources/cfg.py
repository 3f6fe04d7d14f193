"""AWS Config: recorder, delivery channel and rules. Source: Pulumi registry, "aws.cfg"; AWS Config API Reference.

A Region has one recorder and one channel: renaming either takes the resource option `delete_before_replace`, as with
the official provider.
"""

from collections.abc import Iterator
from typing import Any

from infra.sandbox.aws.action import Action
from infra.sandbox.aws.entry import Autoname, Call, Read, Resource, Step, Tags
from infra.sandbox.aws.wire import Properties, block


def _switch(action: Action) -> None:
    operation = "start_configuration_recorder" if action.props["isEnabled"] else "stop_configuration_recorder"
    action.api(operation, ConfigurationRecorderName=action.props["name"])


def _create_status(action: Action) -> dict[str, str]:
    _switch(action)
    return {}


def _stop(action: Action) -> None:
    action.api("stop_configuration_recorder", ConfigurationRecorderName=action.id)


def _recorder_name(inputs: Properties) -> Iterator[tuple[str, str]]:
    if inputs.get("name") is None:
        yield "name", "missing required property: the name of the recorder"


def _recorded(inputs: Properties) -> Iterator[tuple[str, str]]:
    """RecordingGroup: all supported types, or those that are listed, or those that are not."""
    group = block(inputs, "recordingGroup")
    for name in ("resourceTypes", "exclusionByResourceTypes"):
        if group.get(name) and group.get("allSupported", True) is True:
            yield f"recordingGroup.{name}", "conflicts with allSupported, which is true by default; set it to false"


def _owner(inputs: Properties) -> Iterator[tuple[str, str]]:
    if block(inputs, "source").get("owner") == "CUSTOM_POLICY":
        yield "source.owner", "the offline provider does not support rules of the owner CUSTOM_POLICY"


def _without_empty(request: dict[str, Any]) -> dict[str, Any]:
    """Each of these is written as a whole: what is left out is taken away, and an empty text is no valid value."""
    return {
        part: {member: value for member, value in members.items() if value != ""} for part, members in request.items()
    }


_put_recorder = Call("put_configuration_recorder", at="ConfigurationRecorder")
_put_channel = Call("put_delivery_channel", at="DeliveryChannel", adjust=_without_empty)
_put_rule = Call("put_config_rule", at="ConfigRule", adjust=_without_empty)

RESOURCES = (
    Resource(
        type="aws:cfg/recorder:Recorder",
        service="config",
        id="{name}",
        create=_put_recorder,
        updates=(_put_recorder,),
        reads=(
            Read(
                "describe_configuration_recorders",
                at="ConfigurationRecorders",
                pick=("name", "{name}"),
                fixed={"ConfigurationRecorderNames": ["{name}"]},
            ),
        ),
        delete=Call("delete_configuration_recorder", properties=(), fixed={"ConfigurationRecorderName": "{name}"}),
        missing=("NoSuchConfigurationRecorderException",),
        autoname=Autoname("name", longest=255),
        rules=(_recorded,),
    ),
    Resource(
        type="aws:cfg/deliveryChannel:DeliveryChannel",
        service="config",
        id="{name}",
        names={"snapshotDeliveryProperties": "configSnapshotDeliveryProperties"},
        create=_put_channel,
        updates=(_put_channel,),
        reads=(
            Read(
                "describe_delivery_channels",
                at="DeliveryChannels",
                pick=("name", "{name}"),
                fixed={"DeliveryChannelNames": ["{name}"]},
            ),
        ),
        delete=Call("delete_delivery_channel", properties=(), fixed={"DeliveryChannelName": "{name}"}),
        missing=("NoSuchDeliveryChannelException",),
        autoname=Autoname("name", longest=255),
        retry=("InsufficientDeliveryPolicyException",),
    ),
    Resource(
        type="aws:cfg/recorderStatus:RecorderStatus",
        service="config",
        id="{name}",
        create=_create_status,
        writes=("isEnabled",),
        reads=(
            Read(
                "describe_configuration_recorder_status",
                at="ConfigurationRecordersStatus",
                pick=("name", "{name}"),
                fixed={"ConfigurationRecorderNames": ["{name}"]},
                names={"isEnabled": "recording"},
            ),
        ),
        updates=(Step(("isEnabled",), _switch),),
        delete=_stop,
        missing=("NoSuchConfigurationRecorderException",),
        rules=(_recorder_name,),
    ),
    Resource(
        type="aws:cfg/rule:Rule",
        service="config",
        id="{name}",
        names={"name": "ConfigRuleName", "arn": "ConfigRuleArn", "ruleId": "ConfigRuleId"},
        create=_put_rule,
        updates=(_put_rule,),
        reads=(
            Read(
                "describe_config_rules",
                at="ConfigRules",
                pick=("ConfigRuleName", "{name}"),
                fixed={"ConfigRuleNames": ["{name}"]},
            ),
        ),
        delete=Call("delete_config_rule", properties=(), fixed={"ConfigRuleName": "{name}"}),
        missing=("NoSuchConfigRuleException",),
        autoname=Autoname("name", longest=128),
        tags=Tags(),
        rules=(_owner,),
        retry=("InsufficientPermissionsException",),
    ),
)
"""AWS Config entries of the table."""
