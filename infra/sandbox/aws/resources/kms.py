"""KMS keys and aliases. Source: Pulumi registry, "aws.kms.Key" and "aws.kms.Alias"; AWS KMS API Reference."""

from collections.abc import Iterator

from botocore.exceptions import ClientError

from infra.sandbox.aws.action import Action
from infra.sandbox.aws.entry import Autoname, Call, Read, Resource, Step, Tags
from infra.sandbox.aws.wire import UNKNOWN, Properties


def _deletion_window(inputs: Properties) -> Iterator[tuple[str, str]]:
    """ScheduleKeyDeletion takes 7 to 30 days, whatever the service's model says."""
    days = inputs.get("deletionWindowInDays")
    if isinstance(days, int) and not 7 <= days <= 30:
        yield "deletionWindowInDays", f"expected 7 to 30 days; got {days}"


def _rotation(inputs: Properties) -> Iterator[tuple[str, str]]:
    if inputs.get("rotationPeriodInDays") not in (None, UNKNOWN) and inputs.get("enableKeyRotation") is False:
        yield "rotationPeriodInDays", "conflicts with enableKeyRotation: false; set enableKeyRotation to true"


def _rotate(action: Action) -> None:
    if not action.props.get("enableKeyRotation"):
        action.api("disable_key_rotation", KeyId=action.id)
        return
    period = action.props.get("rotationPeriodInDays")
    action.api("enable_key_rotation", KeyId=action.id, **({"RotationPeriodInDays": period} if period else {}))


def _switch(action: Action) -> None:
    action.api("enable_key" if action.props.get("isEnabled", True) else "disable_key", KeyId=action.id)


def _schedule_deletion(action: Action) -> None:
    days = action.props.get("deletionWindowInDays")
    try:
        action.api("schedule_key_deletion", KeyId=action.id, **({"PendingWindowInDays": days} if days else {}))
    except ClientError as error:
        if "pending deletion" not in str(error):
            raise


def _same_key(one: str, other: str) -> bool:
    """A key's id and its ARN name the same key."""
    return one.rpartition("/")[2] == other.rpartition("/")[2]


def _alias_prefix(inputs: Properties) -> Iterator[tuple[str, str]]:
    name = inputs.get("name", "")
    if name != UNKNOWN and (not name.startswith("alias/") or name.startswith("alias/aws/")):
        yield "name", f"must begin with 'alias/' and not with 'alias/aws/'; got {name!r}"


RESOURCES = (
    Resource(
        type="aws:kms/key:Key",
        service="kms",
        id="KeyMetadata.KeyId",
        identity={"KeyId": "{id}"},
        names={"customerMasterKeySpec": "KeySpec", "isEnabled": "Enabled", "enableKeyRotation": "KeyRotationEnabled"},
        create=Call("create_key", names={"bypassPolicyLockoutSafetyCheck": "BypassPolicyLockoutSafetyCheck"}),
        reads=(
            Read(
                "describe_key",
                at="KeyMetadata",
                exists=lambda key: key["KeyState"] not in ("PendingDeletion", "PendingReplicaDeletion"),
            ),
            Read("get_key_policy", fixed={"PolicyName": "default"}, properties=("policy",)),
            Read("get_key_rotation_status", properties=("enableKeyRotation", "rotationPeriodInDays")),
        ),
        updates=(
            Call("update_key_description"),
            Call("put_key_policy", properties=("policy",), fixed={"PolicyName": "default"}),
            Step(("isEnabled",), _switch),
            Step(("enableKeyRotation", "rotationPeriodInDays"), _rotate),
        ),
        delete=_schedule_deletion,
        missing=("NotFoundException",),
        local=("deletionWindowInDays", "bypassPolicyLockoutSafetyCheck"),
        defaults={
            "bypassPolicyLockoutSafetyCheck": False,
            "customerMasterKeySpec": "SYMMETRIC_DEFAULT",
            "enableKeyRotation": False,
            "isEnabled": True,
            "keyUsage": "ENCRYPT_DECRYPT",
        },
        tags=Tags(listing="list_resource_tags", resource="{id}"),
        rules=(_deletion_window, _rotation),
        retry=("MalformedPolicyDocumentException: Policy contains a statement with one or more invalid principals",),
    ),
    Resource(
        type="aws:kms/alias:Alias",
        service="kms",
        id="{name}",
        identity={"AliasName": "{name}"},
        names={"name": "AliasName", "arn": "AliasArn"},
        create=Call("create_alias"),
        reads=(Read("list_aliases", at="Aliases", pick=("AliasName", "{name}")),),
        updates=(Call("update_alias", properties=("targetKeyId",)),),
        delete=Call("delete_alias", properties=()),
        missing=("NotFoundException",),
        autoname=Autoname("name", longest=256, prefix="alias/"),
        templates={"targetKeyArn": "arn:{partition}:kms:{region}:{account}:key/{targetKeyId}"},
        absent=("namePrefix",),  # names are given or automatic here
        same={"targetKeyId": _same_key},
        rules=(_alias_prefix,),
    ),
)
"""KMS entries of the table."""
