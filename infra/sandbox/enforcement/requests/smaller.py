"""Services whose calls differ from the convention in a few points each: nested names, and keys of one parameter.

Source: Service Authorization Reference, the pages of the services.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final, cast

from infra.evaluator.catalogue import action
from infra.sandbox.enforcement.lookup import Value
from infra.sandbox.enforcement.requests.context import needed
from infra.sandbox.enforcement.requests.forward import target, through_key
from infra.sandbox.enforcement.requests.iam import linked_role_arn
from infra.sandbox.enforcement.requests.names import actions_of
from infra.sandbox.enforcement.requests.operation import Call, CannotMap, Needed
from infra.sandbox.enforcement.requests.plans import Target, planned_targets
from infra.sandbox.enforcement.requests.tagging import tagging_action


def budgets_targets(call: Call) -> Iterator[Target]:
    """The actions of a call of Budgets; a request that names no budget is about all of them."""
    parameters = call.operation.parameters
    nested = cast("Mapping[str, Any]", parameters.get("Budget") or parameters.get("NewBudget") or {})
    name = call.text("BudgetName") or nested.get("BudgetName")
    if name is None and not call.operation.name.startswith("DescribeBudgets"):
        yield from planned_targets(call)
        return
    account = call.text("AccountId") or call.account
    kind = "budgetAction" if call.text("ActionId") else "budget"
    arn = f"arn:aws:budgets::{account}:budget/{name or '*'}"
    if kind == "budgetAction":
        arn = f"{arn}/action/{call.text('ActionId')}"
    yield from (target(f"budgets:{one}", arn, kind) for one in actions_of("budgets", call.operation.name))


#: Operation of Config -> type, and where the name is: parameter, and the parameter in it.
_CONFIG: Final[Mapping[str, tuple[str, str, str]]] = {
    "PutConfigRule": ("ConfigRule", "ConfigRule", "ConfigRuleName"),
    "PutConfigurationRecorder": ("ConfigurationRecorder", "ConfigurationRecorder", "name"),
}


def config_targets(call: Call) -> Iterator[Target]:
    """The actions of a call of Config; AWS adds an id of its own to most names."""
    special = _CONFIG.get(call.operation.name)
    if special is None:
        yield from planned_targets(call)
        return
    kind, outer, inner = special
    name = cast("Mapping[str, Any]", call.operation.parameters.get(outer) or {}).get(inner) or "*"
    part = "config-rule/*" if kind == "ConfigRule" else f"configuration-recorder/{name}/*"
    arn = f"arn:aws:config:{call.operation.region}:{call.account}:{part}"
    yield target(f"config:{call.operation.name}", arn, kind)


def cloudwatch_targets(call: Call) -> Iterator[Target]:
    """The actions of a call of CloudWatch; metrics have no resource level."""
    if call.operation.name == "PutMetricData":
        yield target("cloudwatch:PutMetricData", "*")
    else:
        yield from planned_targets(call)


def cloudwatch_keys(call: Call, found: Target) -> dict[str, Value]:
    """The condition keys of a check of CloudWatch."""
    del found
    own: dict[str, Value] = {}
    if (namespace := call.text("Namespace")) is not None:
        own["cloudwatch:namespace"] = namespace
    if call.operation.parameters.get("AlarmActions"):
        own["cloudwatch:AlarmActions"] = list(call.operation.parameters["AlarmActions"])
    return own


def events_targets(call: Call) -> Iterator[Target]:
    """The actions of a call of EventBridge: a rule's ARN depends on whether its bus is the default one."""
    name = call.text("Rule") or (call.text("Name") if call.operation.name in _RULES else None)
    head = f"arn:aws:events:{call.operation.region}:{call.account}"
    if name is not None:
        bus = (call.text("EventBusName") or "default").split("/")[-1]
        kind = "rule-on-default-event-bus" if bus == "default" else "rule-on-custom-event-bus"
        path = name if bus == "default" else f"{bus}/{name}"
        yield target(f"events:{call.operation.name}", f"{head}:rule/{path}", kind)
    elif call.operation.name == "PutEvents":
        entries = cast("list[Mapping[str, str]]", call.operation.parameters.get("Entries") or [])
        for entry in entries:
            bus = entry.get("EventBusName") or "default"
            arn = bus if bus.startswith("arn:") else f"{head}:event-bus/{bus}"
            yield target("events:PutEvents", arn, "event-bus")
    else:
        yield from planned_targets(call)


_RULES: Final = frozenset({"DeleteRule", "DescribeRule", "DisableRule", "EnableRule", "PutRule"})


def scaling_targets(call: Call) -> Iterator[Target]:
    """The actions of a call of Application Auto Scaling; AWS gives a target its id."""
    named = [call.text(name) for name in ("ServiceNamespace", "ResourceId", "ScalableDimension")]
    known = action("application-autoscaling", call.operation.name)
    if known is None or not known.resources or call.text("ResourceARN") is not None or not all(named):
        yield from planned_targets(call)
        return
    name = "|".join(str(part) for part in named)
    region = call.operation.region
    arn = call.lookup.arn("application-autoscaling:scalabletarget", call.account, region, name)
    new = f"arn:aws:application-autoscaling:{region}:{call.account}:scalable-target/*"
    yield Target(known, arn or new, "ScalableTarget")


def scaling_keys(call: Call, found: Target) -> dict[str, Value]:
    """The condition keys of a check of Application Auto Scaling."""
    del found
    named = {
        "application-autoscaling:scalable-dimension": call.text("ScalableDimension"),
        "application-autoscaling:service-namespace": call.text("ServiceNamespace"),
    }
    return {key: value for key, value in named.items() if value is not None}


def scaling_beside(call: Call) -> Iterator[Needed]:
    """The first scalable target of a service in an account makes the service-linked role.

    Source: Application Auto Scaling User Guide, "Service-linked roles for Application Auto Scaling".
    """
    if call.operation.name != "RegisterScalableTarget" or call.text("RoleARN") is not None:
        return
    service = f"{call.text('ServiceNamespace')}.application-autoscaling.amazonaws.com"
    arn = linked_role_arn(call.account, service)
    if call.lookup.arn("iam:role", call.account, "", arn.rsplit("/", 1)[-1]) is None:
        yield needed(call, target("iam:CreateServiceLinkedRole", arn, "role"), {"iam:AWSServiceName": service})


def ecr_beside(call: Call) -> Iterator[Needed]:
    """A repository that is encrypted by a KMS key has a grant on it, made and retired on the caller's behalf.

    Source: Amazon ECR User Guide, "Encryption at rest", Required IAM policies.
    """
    if call.operation.name == "CreateRepository":
        given = cast("Mapping[str, str]", call.operation.parameters.get("encryptionConfiguration") or {})
        if given.get("encryptionType", "").startswith("KMS") and given.get("kmsKey"):
            key = call.lookup.arn("kms:key", call.account, call.operation.region, given["kmsKey"]) or given["kmsKey"]
            yield through_key(call, "CreateGrant", key, service="ecr", grant=True)
            yield through_key(call, "DescribeKey", key, service="ecr")
    elif call.operation.name == "DeleteRepository" and (name := call.text("repositoryName")) is not None:
        arn = f"arn:aws:ecr:{call.operation.region}:{call.account}:repository/{name}"
        key = call.lookup.key_of(arn)
        if key is not None:
            yield through_key(call, "RetireGrant", key, service="ecr")


_SECRET_KMS: Final[Mapping[str, tuple[str, ...]]] = {
    "BatchGetSecretValue": ("Decrypt",),
    "CreateSecret": ("GenerateDataKey", "Decrypt"),
    "GetSecretValue": ("Decrypt",),
    "PutSecretValue": ("GenerateDataKey", "Decrypt"),
    "UpdateSecret": ("GenerateDataKey", "Decrypt"),
}


def secrets_beside(call: Call, found: tuple[Target, ...]) -> Iterator[Needed]:
    """A secret that is encrypted by a key of the customer needs that key.

    Source: AWS Secrets Manager User Guide, "Secret encryption and decryption in AWS Secrets Manager".
    """
    given = call.text("KmsKeyId")
    for one in found:
        key = call.lookup.key_of(one.resource)
        if given is not None:
            key = call.lookup.arn("kms:key", call.account, call.operation.region, given) or key
        if key is not None:
            for name in _SECRET_KMS.get(call.operation.name, ()):
                context = {"SecretARN": one.resource}
                yield through_key(call, name, key, service="secretsmanager", encryption_context=context)


def tag_editor_beside(call: Call) -> Iterator[Needed]:
    """The tag editor changes tags with the caller's permission to do so in each resource's service.

    Source: Resource Groups Tagging API Reference, "TagResources", Minimum permissions.
    """
    if call.operation.name not in ("TagResources", "UntagResources"):
        return
    for arn in cast("list[str]", call.operation.parameters.get("ResourceARNList") or []):
        service = arn.split(":")[2] if arn.count(":") > 4 else ""
        name = tagging_action(service)
        if call.operation.name == "UntagResources":
            name = _UNTAGS.get(service, "UntagResource")
        if action(service, name) is None or service == "iam":
            raise CannotMap(f"it is not known which action tags {arn}")
        yield needed(call, target(f"{service}:{name}", arn), {})


_UNTAGS: Final[Mapping[str, str]] = {
    "cloudtrail": "RemoveTags",
    "ec2": "DeleteTags",
    "sagemaker": "DeleteTags",
    "sqs": "UntagQueue",
}
