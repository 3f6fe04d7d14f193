"""AWS Config: recorder, delivery channel and rules. Source: Pulumi registry, "aws.cfg"; AWS Config API Reference."""

from infra.sandbox.aws.action import Action
from infra.sandbox.aws.entry import Autoname, Call, Read, Resource, Step, Tags

_DEFAULT_NAME = "default"
"""The name that the official provider gives to a recorder or channel without one: a Region has one of each."""


def _switch(action: Action) -> None:
    operation = "start_configuration_recorder" if action.props.get("isEnabled") else "stop_configuration_recorder"
    action.api(operation, ConfigurationRecorderName=action.props["name"])


def _start_or_stop(action: Action) -> dict[str, str]:
    _switch(action)
    return {}


_recorder = Call("put_configuration_recorder", at="ConfigurationRecorder")
_channel = Call("put_delivery_channel", at="DeliveryChannel")
_rule = Call("put_config_rule", at="ConfigRule")

RESOURCES = (
    Resource(
        type="aws:cfg/recorder:Recorder",
        service="config",
        id="{name}",
        names={"roleArn": "roleARN"},
        create=_recorder,
        updates=(_recorder,),
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
        defaults={"name": _DEFAULT_NAME},
    ),
    Resource(
        type="aws:cfg/deliveryChannel:DeliveryChannel",
        service="config",
        id="{name}",
        names={"snapshotDeliveryProperties": "configSnapshotDeliveryProperties", "snsTopicArn": "snsTopicARN"},
        create=_channel,
        updates=(_channel,),
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
        defaults={"name": _DEFAULT_NAME},
        retry=("InsufficientDeliveryPolicyException",),
    ),
    Resource(
        type="aws:cfg/recorderStatus:RecorderStatus",
        service="config",
        id="{name}",
        create=_start_or_stop,
        writes=("isEnabled",),
        replace=("name",),
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
        delete=lambda action: action.api("stop_configuration_recorder", ConfigurationRecorderName=action.id),
        missing=("NoSuchConfigurationRecorderException",),
        defaults={"name": _DEFAULT_NAME},
    ),
    Resource(
        type="aws:cfg/rule:Rule",
        service="config",
        id="{name}",
        names={
            "name": "ConfigRuleName",
            "arn": "ConfigRuleArn",
            "ruleId": "ConfigRuleId",
            "sourceDetails": "SourceDetails",
        },
        create=_rule,
        updates=(_rule,),
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
        retry=("NoAvailableConfigurationRecorderException",),
    ),
)
"""AWS Config entries of the table."""
