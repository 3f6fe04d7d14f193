"""What AWS takes as a name: length and characters, a row a property.

Each row cites the page that says so.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterator
from dataclasses import dataclass

from infra.constraints.planned import PlannedResource
from infra.constraints.rule import Check, Finding, Rule
from infra.constraints.values import text


@dataclass(frozen=True, kw_only=True)
class _Name:
    """One property that holds a name: its pattern, and what the pattern says in words."""

    id: str
    type: str
    property: str
    pattern: str
    words: str
    source: str


_SAGEMAKER = r"(?=.{1,63}$)[a-zA-Z0-9](?:-*[a-zA-Z0-9])*"
_SAGEMAKER_WORDS = "1 to 63 letters, digits and inner hyphens"

_NAMES = (
    _Name(
        id="iam-role-name",
        type="aws:iam/role:Role",
        property="name",
        pattern=r"[\w+=,.@-]{1,64}",
        words="1 to 64 letters, digits or _+=,.@-",
        source="IAM User Guide, IAM and AWS STS quotas",
    ),
    _Name(
        id="iam-role-path",
        type="aws:iam/role:Role",
        property="path",
        pattern=r"/(?:[!-~]{1,510}/)?",
        words="at most 512 characters that start and end with /",
        source="IAM API Reference, CreateRole",
    ),
    _Name(
        id="iam-policy-name",
        type="aws:iam/policy:Policy",
        property="name",
        pattern=r"[\w+=,.@-]{1,128}",
        words="1 to 128 letters, digits or _+=,.@-",
        source="IAM User Guide, IAM and AWS STS quotas",
    ),
    _Name(
        id="iam-inline-policy-name",
        type="aws:iam/rolePolicy:RolePolicy",
        property="name",
        pattern=r"[\w+=,.@-]{1,128}",
        words="1 to 128 letters, digits or _+=,.@-",
        source="IAM API Reference, PutRolePolicy",
    ),
    _Name(
        id="iam-saml-provider-name",
        type="aws:iam/samlProvider:SamlProvider",
        property="name",
        pattern=r"[\w._-]{1,128}",
        words="1 to 128 letters, digits or ._-",
        source="IAM API Reference, CreateSAMLProvider",
    ),
    _Name(
        id="kms-alias-name",
        type="aws:kms/alias:Alias",
        property="name",
        pattern=r"alias/(?!aws/)[a-zA-Z0-9/_-]{1,250}",
        words="alias/ (not alias/aws/) and letters, digits or /_-, 256 in all",
        source="AWS KMS API Reference, CreateAlias",
    ),
    _Name(
        id="ecr-repository-name",
        type="aws:ecr/repository:Repository",
        property="name",
        pattern=r"(?=.{2,256}$)(?:[a-z0-9]+(?:[._-][a-z0-9]+)*/)*[a-z0-9]+(?:[._-][a-z0-9]+)*",
        words="2 to 256 lower-case letters, digits and single inner ._- in segments with /",
        source="Amazon ECR API Reference, CreateRepository",
    ),
    _Name(
        id="sagemaker-model-name",
        type="aws:sagemaker/model:Model",
        property="name",
        pattern=_SAGEMAKER,
        words=_SAGEMAKER_WORDS,
        source="Amazon SageMaker API Reference, CreateModel",
    ),
    _Name(
        id="sagemaker-configuration-name",
        type="aws:sagemaker/endpointConfiguration:EndpointConfiguration",
        property="name",
        pattern=_SAGEMAKER,
        words=_SAGEMAKER_WORDS,
        source="Amazon SageMaker API Reference, CreateEndpointConfig",
    ),
    _Name(
        id="sagemaker-endpoint-name",
        type="aws:sagemaker/endpoint:Endpoint",
        property="name",
        pattern=_SAGEMAKER,
        words=_SAGEMAKER_WORDS,
        source="Amazon SageMaker API Reference, CreateEndpoint",
    ),
    _Name(
        id="sagemaker-group-name",
        type="aws:sagemaker/modelPackageGroup:ModelPackageGroup",
        property="modelPackageGroupName",
        pattern=_SAGEMAKER,
        words=_SAGEMAKER_WORDS,
        source="Amazon SageMaker API Reference, CreateModelPackageGroup",
    ),
    _Name(
        id="logs-group-name",
        type="aws:cloudwatch/logGroup:LogGroup",
        property="name",
        pattern=r"(?!aws/)[.\-_/#A-Za-z0-9]{1,512}",
        words="1 to 512 letters, digits or .-_/#, not starting with aws/",
        source="Amazon CloudWatch Logs API Reference, CreateLogGroup",
    ),
    _Name(
        id="cloudwatch-alarm-name",
        type="aws:cloudwatch/metricAlarm:MetricAlarm",
        property="name",
        pattern=r"[^\x00-\x1f]{1,255}",
        words="1 to 255 characters",
        source="Amazon CloudWatch API Reference, PutMetricAlarm",
    ),
    _Name(
        id="sns-topic-name",
        type="aws:sns/topic:Topic",
        property="name",
        pattern=r"[A-Za-z0-9_-]{1,256}|[A-Za-z0-9_-]{1,251}\.fifo",
        words="1 to 256 letters, digits or _-",
        source="Amazon SNS API Reference, CreateTopic",
    ),
    _Name(
        id="budgets-name",
        type="aws:budgets/budget:Budget",
        property="name",
        pattern=r"(?![^:\\]*/action/)[^:\\\x00-\x1f]{1,100}",
        words="1 to 100 characters without : and \\, and without /action/",
        source="AWS Budgets API Reference, Budget",
    ),
    _Name(
        id="cloudtrail-name",
        type="aws:cloudtrail/trail:Trail",
        property="name",
        pattern=r"(?=.{3,128}$)[A-Za-z0-9]+(?:[._-][A-Za-z0-9]+)*",
        words="3 to 128 letters, digits and single inner ._-",
        source="AWS CloudTrail User Guide, Naming requirements",
    ),
    _Name(
        id="config-rule-name",
        type="aws:cfg/rule:Rule",
        property="name",
        pattern=r".*\S.*(?<!.{129})",
        words="1 to 128 characters",
        source="AWS Config API Reference, ConfigRule",
    ),
    _Name(
        id="autoscaling-policy-name",
        type="aws:appautoscaling/policy:Policy",
        property="name",
        pattern=r"[ -~]{1,256}",
        words="1 to 256 printable characters",
        source="Application Auto Scaling API Reference, PutScalingPolicy",
    ),
    _Name(
        id="ec2-security-group-name",
        type="aws:ec2/securityGroup:SecurityGroup",
        property="name",
        pattern=r"(?!sg-)[A-Za-z0-9 ._\-:/()#,@\[\]+=&;{}!$*]{1,255}",
        words="1 to 255 letters, digits, spaces or ._-:/()#,@[]+=&;{}!$*, not starting with sg-",
        source="Amazon EC2 API Reference, CreateSecurityGroup",
    ),
)


def _matches(name: _Name) -> Check:
    pattern = re.compile(name.pattern)

    def check(resource: PlannedResource) -> Iterator[Finding]:
        value = text(resource.properties, name.property)
        if value is not None and not pattern.fullmatch(value):
            yield Finding(property=name.property, message=f"{value!r} ({len(value)} characters) is not {name.words}")

    return check


_BUCKET = re.compile(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]")
_BUCKET_PREFIXES = ("xn--", "sthree-", "amzn-s3-demo-")
_BUCKET_SUFFIXES = ("-s3alias", "--ol-s3", ".mrap", "--x-s3", "--table-s3")


def _bucket_name(resource: PlannedResource) -> Iterator[Finding]:
    value = text(resource.properties, "bucket")
    if value is None:
        return
    if not _BUCKET.fullmatch(value) or ".." in value:
        problem = f"{value!r} ({len(value)} characters) is not 3 to 63 lower-case letters, digits and inner hyphens"
    elif _is_address(value):
        problem = f"{value!r} looks like an IP address"
    elif value.startswith(_BUCKET_PREFIXES) or value.endswith(_BUCKET_SUFFIXES):
        problem = f"{value!r} has a prefix or suffix that S3 keeps for itself"
    else:
        return
    yield Finding(property="bucket", message=problem)


def _is_address(value: str) -> bool:
    try:
        ipaddress.IPv4Address(value)
    except ValueError:
        return False
    return True


_REMEDY = "make the name by infra.naming, and shorten the part of it that comes from a spec"

RULES = (
    *(
        Rule(
            id=name.id,
            title=f"The {name.property} of {name.type} is {name.words}.",
            types=frozenset({name.type}),
            source=name.source,
            remedy=_REMEDY,
            check=_matches(name),
        )
        for name in _NAMES
    ),
    Rule(
        id="s3-bucket-name",
        title="A bucket's name is 3 to 63 lower-case letters, digits, hyphens and dots, and not one that S3 keeps.",
        types=frozenset({"aws:s3/bucket:Bucket"}),
        source="Amazon S3 User Guide, General purpose bucket naming rules",
        remedy=_REMEDY,
        check=_bucket_name,
    ),
)
