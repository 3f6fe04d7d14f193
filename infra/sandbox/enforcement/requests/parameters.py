"""Which parameter of a request names which resource: the convention, and the exceptions to it.

By convention a parameter is called as the variable in the resource's ARN, or as the type with ``Name``, ``Id`` or
``Arn``. Source: the API references of the services, and Service Authorization Reference, Resource types.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Final

from infra.evaluator.catalogue import ResourceType

VARIABLE: Final = re.compile(r"\$\{(\w+)\}")
HEAD: Final = frozenset({"Partition", "Region", "Account"})

#: Parameters that hold the ARN of the resource, of whichever type.
_ARNS = ("resourcearn", "arn", "resourcearns", "resourceid", "resource", "resourceidlist")

_GROUPS = ("GroupId", "GroupIds", "SecurityGroupId", "SecurityGroupIds", "Groups", "AddSecurityGroupIds")

#: (prefix, type) -> parameters in order of preference, beside the conventional ones.
_EXCEPTIONS: Final[Mapping[tuple[str, str], tuple[str, ...]]] = {
    ("access-analyzer", "Analyzer"): ("analyzerArn", "analyzerName"),
    ("budgets", "budget"): ("ResourceARN",),
    ("cloudtrail", "trail"): ("Name", "TrailName", "ResourceId", "TrailNameList", "ResourceIdList", "InsightSource"),
    ("cloudtrail", "eventdatastore"): ("EventDataStore", "ResourceArn", "EventDataStoreAlias"),
    ("cloudtrail", "channel"): ("Channel",),
    ("cloudwatch", "alarm"): ("AlarmName", "AlarmNames", "ResourceARN"),
    ("cloudwatch", "dashboard"): ("DashboardName", "DashboardNames"),
    ("cloudwatch", "insight-rule"): ("RuleName", "RuleNames"),
    ("cloudwatch", "metric-stream"): ("Name", "Names"),
    ("config", "ConfigurationRecorder"): ("ConfigurationRecorderName", "ConfigurationRecorderNames"),
    ("config", "StoredQuery"): ("QueryName",),
    ("ec2", "dedicated-host"): ("HostId", "HostIds"),
    ("ec2", "elastic-ip"): ("AllocationId", "AllocationIds"),
    ("ec2", "ipv4pool-ec2"): ("PoolId",),
    ("ec2", "ipv6pool-ec2"): ("PoolId",),
    ("ec2", "reserved-instances"): ("ReservedInstanceIds", "ReservedInstancesId"),
    ("ec2", "snapshot"): ("SnapshotId", "SourceSnapshotIds", "SourceSnapshotId"),
    ("ec2", "vpn-gateway"): ("VpnGatewayId", "GatewayId"),
    ("ec2", "image"): ("ImageId", "SourceImageId"),
    ("ec2", "instance"): ("InstanceId", "InstanceIds"),
    ("ec2", "key-pair"): ("KeyName", "KeyPairId"),
    ("ec2", "placement-group"): ("GroupName",),
    ("ec2", "security-group"): _GROUPS,
    ("ec2", "vpc-endpoint-service"): ("ServiceId", "ServiceIds"),
    ("ec2", "vpc-flow-log"): ("FlowLogIds", "FlowLogId"),
    ("ec2", "subnet"): ("SubnetId", "SubnetIds", "AddSubnetIds", "RemoveSubnetIds"),
    ("ec2", "route-table"): ("RouteTableId", "RouteTableIds", "AddRouteTableIds", "RemoveRouteTableIds"),
    ("ecr", "repository"): ("repositoryName", "repositoryNames", "resourceArn"),
    ("events", "event-bus"): ("EventBusName", "Name"),
    ("events", "archive"): ("ArchiveName",),
    ("events", "api-destination"): ("Name",),
    ("events", "connection"): ("Name",),
    ("events", "endpoint"): ("Name",),
    ("events", "replay"): ("ReplayName",),
    ("iam", "policy"): ("PolicyArn", "PolicyName"),
    ("iam", "oidc-provider"): ("OpenIDConnectProviderArn",),
    ("iam", "saml-provider"): ("SAMLProviderArn", "Name"),
    ("iam", "mfa"): ("SerialNumber", "VirtualMFADeviceName"),
    ("kms", "key"): ("KeyId", "TargetKeyId"),
    ("lambda", "function"): ("FunctionName", "Resource"),
    ("lambda", "layer"): ("LayerName",),
    ("lambda", "eventSourceMapping"): ("UUID",),
    ("logs", "log-group"): (
        "logGroupName",
        "logGroupIdentifier",
        "logGroupArn",
        "logGroupNames",
        "logGroupIdentifiers",
        "logGroupArnList",
        "resourceIdentifier",
    ),
    ("logs", "scheduled-query"): ("identifier", "scheduledQueryArn"),
    ("logs", "destination"): ("destinationName",),
    ("logs", "delivery"): ("id",),
    ("logs", "delivery-source"): ("name", "deliverySourceName"),
    ("logs", "delivery-destination"): ("name", "deliveryDestinationName", "deliveryDestinationArn"),
    ("logs", "anomaly-detector"): ("anomalyDetectorArn",),
    ("s3", "bucket"): ("Bucket",),
    ("s3", "accesspoint"): ("Name",),
    ("s3", "job"): ("JobId",),
    ("s3", "multiregionaccesspoint"): ("Mrap", "Name"),
    ("s3", "objectlambdaaccesspoint"): ("Name",),
    ("s3", "storagelensconfiguration"): ("ConfigId",),
    ("s3", "storagelensgroup"): ("Name",),
    ("secretsmanager", "Secret"): ("SecretId", "Name"),
    ("sns", "topic"): ("TopicArn", "Name", "ResourceArn"),
    ("sqs", "queue"): ("QueueUrl", "QueueName", "SourceArn"),
    ("sts", "role"): ("RoleArn",),
}
#: (prefix, variable of an ARN) -> parameters, for types that have several variables.
_OF_VARIABLES: Final[Mapping[tuple[str, str], tuple[str, ...]]] = {
    ("config", "AggregatorAccount"): ("AuthorizedAccountId",),
    ("config", "AggregatorRegion"): ("AuthorizedAwsRegion",),
    ("guardduty", "PublishingDestinationId"): ("DestinationId",),
    ("lambda", "LayerVersion"): ("VersionNumber",),
    ("lambda", "Version"): ("Qualifier",),
    ("lambda", "Alias"): ("Qualifier",),
    ("s3", "Operation"): ("RequestTokenARN",),
}


def squash(name: str) -> str:
    """A name without case and separators, to compare names of parameters, variables and types."""
    return re.sub(r"[^a-z0-9]", "", name.lower())


def variables(kind: ResourceType) -> tuple[str, ...]:
    """The variables of a type's ARN that a request has to fill."""
    return tuple(name for name in VARIABLE.findall(kind.template) if name not in HEAD)


def members_naming(kind: ResourceType, variable: str, members: Mapping[str, str], operation: str) -> tuple[str, ...]:
    """The parameters of an operation that may name a resource, in order of preference.

    Args:
        kind: The type of the resource.
        variable: The variable of its ARN that they fill.
        members: The operation's parameters by their squashed names.
        operation: The operation's name. Where it has the type's name in it, the parameter may leave that out: the
            ``Name`` of ``DescribeInferenceExperiment``.
    """
    first = variable == variables(kind)[0]
    listed = _EXCEPTIONS.get((kind.service, kind.name), ()) if first else ()
    exceptions = (squash(name) for name in (*listed, *_OF_VARIABLES.get((kind.service, variable), ())))
    candidates = (*exceptions, *_conventional(kind, variable), *_shortened(kind, members, operation), *_ARNS)
    return tuple(dict.fromkeys(members[candidate] for candidate in candidates if candidate in members))


def _conventional(kind: ResourceType, variable: str) -> Iterator[str]:
    own = squash(variable)
    yield own
    yield f"{own}s"
    if len(variables(kind)) > 1:
        yield f"{squash(kind.name)}arn"
        return
    stem = re.sub(r"(?:name|id|identifier)$", "", re.sub(r"withpath$", "", own))
    for base in dict.fromkeys((stem, squash(kind.name))):
        for suffix in ("name", "id", "arn", "identifier", ""):
            yield f"{base}{suffix}"
            yield f"{base}{suffix}s"


def _shortened(kind: ResourceType, members: Mapping[str, str], operation: str) -> Iterator[str]:
    """Parameters whose names are an end of the type's: ``JobDefinitionName`` for a ``DataQualityJobDefinition``."""
    if len(variables(kind)) > 1 or squash(kind.name) not in squash(operation):
        return
    for suffix in ("name", "id", "arn"):
        whole = f"{squash(kind.name)}{suffix}"
        yield from (member for member in members if whole.endswith(member) and member.endswith(suffix))
