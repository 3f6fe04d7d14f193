"""Cases of the rules of whole stacks: small stacks that pass, and what must be found once a part is wrong."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from infra.constraints import UNKNOWN
from infra.policy_pack.expectations import Expectations
from infra.policy_pack.planned import StackResource
from tests.policy_pack.cases import ACME, StackCase, resource
from tests.unit.constraints.sound import ACCOUNT, policy, resource_statement, statement

_BUCKET = "aws:s3/bucket:Bucket"
_ENDPOINT = "aws:ec2/vpcEndpoint:VpcEndpoint"
_VPC, _DETECTOR = "aws:ec2/vpc:Vpc", "aws:guardduty/detector:Detector"
_KEY, _GROUP = "aws:kms/key:Key", "aws:cloudwatch/logGroup:LogGroup"
_CONFIGURATION = "aws:sagemaker/endpointConfiguration:EndpointConfiguration"

#: Of a bucket that is to be made, everything that names it is unknown, but comes from it.
_TO_BE_MADE = resource(_BUCKET, "data", {"bucket": UNKNOWN})
_NAMED = resource(_BUCKET, "data", {"bucket": "data-1"})


def _part(token: str, properties: Mapping[str, Any] | None = None, **names: Any) -> StackResource:
    key = names.get("key", "bucket")
    value = names.get("value", UNKNOWN)
    leads_to = {key: (names["of"],)} if "of" in names else {}
    return resource(token, names.get("name", "part"), {**(properties or {}), key: value}, leads_to=leads_to)


def _of_bucket(rule: str, token: str, properties: Mapping[str, Any] | None = None) -> tuple[StackCase, ...]:
    other = resource(_BUCKET, "other", {"bucket": "other-1"})
    foreign = _part(token, properties, of="other", name="foreign")
    return (
        StackCase(
            rule=rule,
            sound=[_TO_BE_MADE, _part(token, properties, of="data")],
            broken=[_TO_BE_MADE],
            at="data",
            found="",
        ),
        StackCase(
            rule=rule,
            sound=[_NAMED, _part(token, properties, value="data-1")],
            broken=[_NAMED, other, foreign],
            at="data",
            found="",
        ),
    )


def _tls(**changes: Any) -> Mapping[str, Any]:
    deny = {"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": "*"}
    plain = {"Bool": {"aws:SecureTransport": "false"}}
    return {"policy": policy(resource_statement(**{**deny, "Condition": plain, **changes}))}


_TRAIL = resource(
    "aws:cloudtrail/trail:Trail", "trail", {"s3BucketName": UNKNOWN}, leads_to={"s3BucketName": ("data",)}
)
_LOCKABLE = resource(_BUCKET, "data", {"bucket": "data-1", "objectLockEnabled": True})
_LOCK = "aws:s3/bucketObjectLockConfiguration:BucketObjectLockConfiguration"
_RETENTION = {"rule": {"defaultRetention": {"mode": "GOVERNANCE", "days": 400}}}


def _endpoint(name: str, kind: str, service: str = "kms", **more: Any) -> StackResource:
    properties = {"vpcEndpointType": kind, "serviceName": f"com.amazonaws.eu-central-1.{service}", **more}
    return resource(_ENDPOINT, name, properties)


def _served(*, initial: int = 2, most: int = 2, depends: tuple[str, ...] = ("endpoint",)) -> list[StackResource]:
    return [
        resource(
            "aws:appautoscaling/target:Target",
            "target",
            {"resourceId": "endpoint/e/variant/main", "minCapacity": 2, "maxCapacity": most},
            depends_on=depends,
        ),
        resource("aws:sagemaker/endpoint:Endpoint", "endpoint", {"name": "e", "endpointConfigName": "c"}),
        resource(
            _CONFIGURATION,
            "configuration",
            {"name": "c", "productionVariants": [{"modelName": "m", "initialInstanceCount": initial}]},
        ),
        resource(
            "aws:sagemaker/model:Model",
            "model",
            {"name": "m", "vpcConfig": {"subnets": UNKNOWN}},
            leads_to={"vpcConfig": ("subnet",)},
        ),
        resource("aws:ec2/subnet:Subnet", "subnet", {"cidrBlock": "10.0.0.0/28"}),
    ]


_LOGS_GROUP = f"arn:aws:logs:eu-central-1:{ACCOUNT}:log-group:/bulkhead/acme/*"


def _logs_key(**changes: Any) -> StackResource:
    allow = {
        "Principal": {"Service": "logs.eu-central-1.amazonaws.com"},
        "Action": "kms:Decrypt",
        "Resource": "*",
        "Condition": {"ArnLike": {"kms:EncryptionContext:aws:logs:arn": _LOGS_GROUP}},
    }
    return resource(_KEY, "key", {"policy": policy(resource_statement(**{**allow, **changes}))})


_LOG_GROUP = resource(
    _GROUP, "group", {"name": "/bulkhead/acme/x", "kmsKeyId": UNKNOWN}, leads_to={"kmsKeyId": ("key",)}
)
_ENCRYPTED = resource(_CONFIGURATION, "configuration", {"kmsKeyArn": UNKNOWN}, leads_to={"kmsKeyArn": ("key",)})


def _uses(action: str) -> StackResource:
    return resource("aws:iam/rolePolicy:RolePolicy", "use", {"policy": policy(statement(Action=action, Resource="*"))})


_ROLE = resource("aws:iam/role:Role", "role", {"name": "serving", "path": "/acme/", "arn": UNKNOWN})
_NAMES_ROLE = {"policy": policy(resource_statement(Principal={"AWS": f"arn:aws:iam::{ACCOUNT}:role/acme/serving"}))}


def _names_role(**more: Any) -> StackResource:
    return resource("aws:s3/bucketPolicy:BucketPolicy", "policy", _NAMES_ROLE, **more)


def _tags(**tags: str) -> StackResource:
    return resource(_BUCKET, "data", {"tagsAll": {"cost-center": "1", "managed-by": "x", "tenant": "acme", **tags}})


STACK_CASES = (
    *_of_bucket("bucket-public-access", "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock"),
    *_of_bucket(
        "bucket-encryption",
        "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration",
    ),
    *_of_bucket("bucket-versioning", "aws:s3/bucketVersioning:BucketVersioning"),
    *_of_bucket("bucket-ownership", "aws:s3/bucketOwnershipControls:BucketOwnershipControls"),
    *_of_bucket("bucket-lifecycle", "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration"),
    *_of_bucket("bucket-logging", "aws:s3/bucketLogging:BucketLogging"),
    *_of_bucket("bucket-tls", "aws:s3/bucketPolicy:BucketPolicy", _tls()),
    *(
        StackCase(
            rule="bucket-tls",
            sound=[_NAMED, _part("aws:s3/bucketPolicy:BucketPolicy", _tls(), of="data")],
            broken=[_NAMED, _part("aws:s3/bucketPolicy:BucketPolicy", _tls(**weaker), of="data")],
            at="data",
            found="",
        )
        for weaker in (
            {"Action": "s3:GetObject"},
            {"Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}},
            {"Condition": {"Bool": {"aws:SecureTransport": "true"}}},
            {"Effect": "Allow"},
        )
    ),
    StackCase(
        rule="trail-object-lock",
        sound=[_TRAIL, _LOCKABLE, _part(_LOCK, _RETENTION, of="data")],
        broken=[_TRAIL, _NAMED],
        at="data",
        found="objectLockEnabled",
    ),
    StackCase(
        rule="trail-object-lock",
        sound=[_NAMED],
        broken=[_TRAIL, _LOCKABLE, _part(_LOCK, {}, of="data")],
        at="data",
        found="",
    ),
    StackCase(
        rule="vpc-endpoint-names",
        sound=[
            _endpoint("one", "Interface", vpcId="vpc-1", privateDnsEnabled=True),
            _endpoint("two", "Interface", vpcId="vpc-1", privateDnsEnabled=False),
            _endpoint("three", "Interface", vpcId="vpc-2", privateDnsEnabled=True),
            _endpoint("four", "Interface", "sts", vpcId="vpc-1", privateDnsEnabled=True),
        ],
        broken=[
            _endpoint("one", "Interface", vpcId="vpc-1", privateDnsEnabled=True),
            _endpoint("two", "Interface", vpcId="vpc-1", privateDnsEnabled=True),
        ],
        at="two",
        found="privateDnsEnabled",
    ),
    StackCase(
        rule="vpc-endpoint-one-gateway",
        sound=[
            _endpoint("one", "Gateway", "s3", routeTableIds=["rtb-1"]),
            _endpoint("two", "Gateway", "s3", routeTableIds=["rtb-2"]),
            _endpoint("three", "Gateway", "dynamodb", routeTableIds=["rtb-1"]),
        ],
        broken=[
            _endpoint("one", "Gateway", "s3", routeTableIds=["rtb-1"]),
            _endpoint("two", "Gateway", "s3", routeTableIds=["rtb-2", "rtb-1"]),
        ],
        at="two",
        found="routeTableIds",
    ),
    StackCase(
        rule="vpc-endpoint-quotas",
        sound=[_endpoint(str(n), "Interface", vpcId=f"vpc-{n % 2}") for n in range(100)],
        broken=[_endpoint(str(n), "Interface", vpcId="vpc-1") for n in range(51)],
        at="50",
        found="vpcId",
    ),
    StackCase(
        rule="vpc-endpoint-quotas",
        sound=[_endpoint(str(n), "Gateway", "s3") for n in range(20)],
        broken=[_endpoint(str(n), "Gateway", "s3") for n in range(21)],
        at="20",
        found="vpcEndpointType",
    ),
    StackCase(
        rule="vpc-endpoint-quotas",
        sound=[_endpoint("0", "Gateway", "s3")],
        broken=[_endpoint("0", "Gateway", "s3"), _endpoint("1", "Gateway", "s3")],
        at="1",
        found="vpcEndpointType",
        expected=Expectations(settings={"gatewaysPerRegion": 1}),
    ),
    *(
        StackCase(
            rule=rule,
            sound=[resource(_VPC, "vpc", {}), _part(token, key="vpcId", of="vpc")],
            broken=[resource(_VPC, "vpc", {}), resource(_VPC, "two", {}), _part(token, key="vpcId", of="two")],
            at="vpc",
            found="",
        )
        for rule, token in (
            ("vpc-flow-logs", "aws:ec2/flowLog:FlowLog"),
            ("vpc-default-security-group", "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup"),
        )
    ),
    StackCase(rule="required-tags", sound=[_tags()], broken=[_tags(tenant="")], at="data", found="tagsAll"),
    StackCase(
        rule="required-tags",
        sound=[_tags(team="a")],
        broken=[_tags()],
        at="data",
        found="tagsAll",
        expected=Expectations(settings={"required": ["team"]}),
    ),
    StackCase(
        rule="required-tags",
        sound=[_tags()],
        broken=[_tags(tenant="globex")],
        at="data",
        found="tagsAll.tenant",
        expected=ACME,
    ),
    *(
        StackCase(
            rule="logs-key-policy",
            sound=[_LOG_GROUP, _logs_key()],
            broken=[_LOG_GROUP, broken],
            at="group",
            found="kmsKeyId",
        )
        for broken in (
            _logs_key(Principal={"Service": "logs.us-east-1.amazonaws.com"}),
            _logs_key(Effect="Deny"),
            _logs_key(
                Condition={"ArnLike": {"kms:EncryptionContext:aws:logs:arn": _LOGS_GROUP.replace("acme", "globex")}}
            ),
        )
    ),
    StackCase(
        rule="sagemaker-volume-grant",
        sound=[_ENCRYPTED, _logs_key(), _uses("kms:CreateGrant")],
        broken=[_ENCRYPTED, _logs_key(), _uses("kms:Decrypt")],
        at="configuration",
        found="kmsKeyArn",
    ),
    StackCase(
        rule="autoscaling-floor",
        sound=_served(),
        broken=_served(initial=1),
        at="configuration",
        found="productionVariants[0].initialInstanceCount",
    ),
    StackCase(rule="autoscaling-order", sound=_served(), broken=_served(depends=()), at="target", found="resourceId"),
    StackCase(
        rule="sagemaker-addresses",
        sound=_served(most=5),
        broken=_served(most=6),
        at="endpoint",
        found="endpointConfigName",
    ),
    StackCase(
        rule="account-singletons",
        sound=[resource(_DETECTOR, "one", {}), resource(_DETECTOR, "two", {}, region="us-east-1")],
        broken=[resource(_DETECTOR, "one", {}), resource(_DETECTOR, "two", {})],
        at="two",
        found="",
    ),
    StackCase(
        rule="policy-roles-first",
        sound=[_ROLE, _names_role(depends_on=("role",))],
        broken=[_ROLE, _names_role()],
        at="policy",
        found="policy.Statement[0]",
    ),
    StackCase(
        rule="policy-roles-first",
        sound=[
            _ROLE,
            resource(_KEY, "key", {}, leads_to={"policy": ("role",)}),
            resource("bulkhead:component:Buckets", "buckets", {}, depends_on=("key",)),
            _names_role(parent="buckets"),
        ],
        broken=[_ROLE, resource("bulkhead:component:Buckets", "buckets", {}), _names_role(parent="buckets")],
        at="policy",
        found="policy.Statement[0]",
    ),
)
