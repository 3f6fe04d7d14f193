"""Cases of the rules of single resources that only the pack has; `infra.constraints` has tests of its own."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from infra.policy_pack.expectations import Expectations
from infra.policy_pack.levels import Regime
from tests.policy_pack.cases import Case
from tests.unit.constraints.sound import ACCOUNT, KEY, policy, resource_statement, statement, trust_statement

_LOGS = "aws:cloudwatch/logGroup:LogGroup"
_INLINE = "aws:iam/rolePolicy:RolePolicy"
_BUCKET_POLICY = "aws:s3/bucketPolicy:BucketPolicy"
_OURS = "arn:aws:s3:::bh-dev-acme-data"
_CONFIGURATION = "aws:sagemaker/endpointConfiguration:EndpointConfiguration"
_TRAIL = {"isMultiRegionTrail": True, "includeGlobalServiceEvents": True}


def _identity(resource: str) -> str:
    return policy(statement(Resource=resource))


def _of_service(conditions: Mapping[str, Any] | None) -> str:
    principal = {"Service": "logs.eu-central-1.amazonaws.com"}
    return policy(resource_statement(Principal=principal, Action="kms:Decrypt", Resource="*", Condition=conditions))


CASES = (
    Case(
        rule="residency",
        type="aws:s3/bucket:Bucket",
        sound={"bucket": "b"},
        broken={"provider.region": "us-east-1"},
        found="region",
    ),
    Case(
        rule="residency",
        type="aws:s3/bucket:Bucket",
        sound={"bucket": "b", "region": "eu-central-1"},
        broken={"region": "us-east-1"},
        found="region",
    ),
    Case(
        rule="residency",
        type="aws:dynamodb/table:Table",
        sound={"replicas": [{"regionName": "eu-central-1"}]},
        broken={"replicas": [{"regionName": "us-west-2"}]},
        found="replicas[0].regionName",
    ),
    Case(
        rule="residency",
        type="aws:ecr/replicationConfiguration:ReplicationConfiguration",
        sound={"replicationConfiguration": {"rules": [{"destinations": [{"region": "eu-central-1"}]}]}},
        broken={"replicationConfiguration": {"rules": [{"destinations": [{"region": "us-west-2"}]}]}},
        found="replicationConfiguration.rules[0].destinations[0].region",
    ),
    Case(
        rule="residency-destinations",
        type="aws:ec2/flowLog:FlowLog",
        sound={"logDestination": "arn:aws:logs:eu-central-1:123456789012:log-group:x"},
        broken={"logDestination": "arn:aws:logs:us-east-1:123456789012:log-group:x"},
        found="logDestination",
    ),
    Case(
        rule="log-retention",
        type=_LOGS,
        sound={"retentionInDays": 30, "kmsKeyId": KEY},
        broken={"retentionInDays": 14},
        found="retentionInDays",
    ),
    Case(
        rule="log-retention",
        type=_LOGS,
        sound={"retentionInDays": 365},
        broken={"retentionInDays": 180},
        found="retentionInDays",
        expected=Expectations(regimes=frozenset({Regime.GDPR, Regime.HIPAA})),
    ),
    Case(
        rule="log-retention",
        type=_LOGS,
        sound={"retentionInDays": 7},
        broken={"retentionInDays": 5},
        found="retentionInDays",
        expected=Expectations(regimes=frozenset({Regime.SOC2}), settings={"days": 7}),
    ),
    Case(
        rule="name-terminator",
        type=_INLINE,
        sound={"policy": _identity(f"{_OURS}-*")},
        broken={"policy": _identity("arn:aws:s3:::bh-dev-acme*")},
        found="policy.Statement[0].Resource",
    ),
    Case(
        rule="name-terminator",
        type=_INLINE,
        sound={"policy": _identity("arn:aws:s3:::bh-*-acme-data/*")},
        broken={"policy": _identity("arn:aws:s3:::bh-*acme-data/*")},
        found="policy.Statement[0].Resource",
    ),
    Case(
        rule="name-terminator",
        type=_BUCKET_POLICY,
        sound={"policy": policy(resource_statement(Condition={"ArnLike": {"aws:PrincipalArn": "arn:*:role/acme/*"}}))},
        broken={"policy": policy(resource_statement(Condition={"ArnLike": {"aws:PrincipalArn": "arn:*:role/acme*"}}))},
        found="policy.Statement[0].Condition.ArnLike.aws:PrincipalArn",
    ),
    Case(
        rule="name-terminator",
        type=_INLINE,
        sound={"policy": _identity("arn:aws:s3:::acme/*")},
        broken={"policy": _identity("arn:aws:s3:::acme-*")},
        found="policy.Statement[0].Resource",
        expected=Expectations(owner="acme", settings={"furtherIdCharacters": "-"}),
    ),
    Case(
        rule="s3-versioning",
        type="aws:s3/bucketVersioning:BucketVersioning",
        sound={"bucket": "b", "versioningConfiguration": {"status": "Enabled"}},
        broken={"versioningConfiguration": {"status": "Suspended"}},
        found="versioningConfiguration.status",
    ),
    *(
        Case(rule="cloudtrail-everywhere", type="aws:cloudtrail/trail:Trail", sound=_TRAIL, broken=broken, found=found)
        for broken, found in (
            ({"isMultiRegionTrail": ...}, "isMultiRegionTrail"),
            ({"includeGlobalServiceEvents": False}, "includeGlobalServiceEvents"),
            ({"enableLogging": False}, "enableLogging"),
        )
    ),
    Case(
        rule="ecr-scan",
        type="aws:ecr/repository:Repository",
        sound={"imageScanningConfiguration": {"scanOnPush": True}},
        broken={"imageScanningConfiguration": ...},
        found="imageScanningConfiguration.scanOnPush",
    ),
    Case(
        rule="policy-administrator",
        type="aws:iam/policy:Policy",
        sound={"policy": policy(statement(Action="s3:*", Resource="*"))},
        broken={"policy": policy(statement(Action="*", Resource="*"))},
        found="policy.Statement[0]",
    ),
    Case(
        rule="policy-service-source",
        type=_BUCKET_POLICY,
        sound={"policy": _of_service({"StringEquals": {"aws:SourceAccount": ACCOUNT}})},
        broken={"policy": _of_service({"StringNotEquals": {"aws:SourceAccount": ACCOUNT}})},
        found="policy.Statement[0]",
    ),
    Case(
        rule="policy-service-source",
        type="aws:kms/key:Key",
        sound={"policy": _of_service({"ArnLike": {"kms:EncryptionContext:aws:logs:arn": "arn:aws:logs:*:*:*"}})},
        broken={"policy": _of_service(None)},
        found="policy.Statement[0]",
    ),
    Case(
        rule="policy-grants",
        type=_INLINE,
        sound={
            "policy": policy(
                statement(
                    Action="kms:CreateGrant", Resource=KEY, Condition={"Bool": {"kms:GrantIsForAWSResource": "true"}}
                )
            )
        },
        broken={"policy": policy(statement(Action=["kms:Decrypt", "kms:CreateGrant"], Resource=KEY))},
        found="policy.Statement[0]",
    ),
    Case(
        rule="policy-other-account",
        type=_BUCKET_POLICY,
        sound={"policy": policy(resource_statement())},
        broken={"policy": policy(resource_statement(Principal={"AWS": "arn:aws:iam::999999999999:root"}))},
        found="policy.Statement[0]",
        provider={"allowedAccountIds": f'["{ACCOUNT}"]'},
    ),
    Case(
        rule="policy-other-account",
        type="aws:iam/role:Role",
        sound={"assumeRolePolicy": policy(trust_statement(Principal={"AWS": "999999999999"}))},
        broken={"assumeRolePolicy": policy(trust_statement(Principal={"AWS": ["888888888888"]}))},
        found="assumeRolePolicy.Statement[0]",
        provider={"allowedAccountIds": [ACCOUNT]},
        expected=Expectations(settings={"accounts": ["999999999999"]}),
    ),
    *(
        Case(
            rule="policy-every-address",
            type=_INLINE,
            sound={"policy": policy(statement(Condition={"IpAddress": {"aws:SourceIp": "203.0.113.0/24"}}))},
            broken={"policy": policy(statement(Condition={"IpAddress": {"aws:SourceIp": everywhere}}))},
            found="policy.Statement[0]",
        )
        for everywhere in ("0.0.0.0/0", ["203.0.113.0/24", "::/0"])
    ),
    Case(
        rule="vpc-endpoint-image-layers",
        type="aws:ec2/vpcEndpoint:VpcEndpoint",
        sound={
            "serviceName": "com.amazonaws.eu-central-1.s3",
            "policy": policy(resource_statement(Resource="arn:aws:s3:::prod-eu-central-1-starport-layer-bucket/*")),
        },
        broken={"policy": policy(resource_statement(Resource=f"{_OURS}/*"))},
        found="policy",
    ),
    *(
        Case(rule="network-internet", type=token, sound=sound, broken=broken, found=found)
        for token, sound, broken, found in (
            (
                "aws:ec2/routeTable:RouteTable",
                {"routes": [{"cidrBlock": "10.0.0.0/8"}]},
                {"routes": [{"cidrBlock": "0.0.0.0/0"}]},
                "routes[0].cidrBlock",
            ),
            (
                "aws:ec2/route:Route",
                {"destinationCidrBlock": "10.0.0.0/8"},
                {"destinationIpv6CidrBlock": "::/0"},
                "destinationIpv6CidrBlock",
            ),
        )
    ),
    Case(
        rule="security-group-rule-internet",
        type="aws:ec2/securityGroupRule:SecurityGroupRule",
        sound={"cidrBlocks": ["10.0.0.0/8"], "ipv6CidrBlocks": []},
        broken={"ipv6CidrBlocks": ["::/0"]},
        found="ipv6CidrBlocks",
    ),
    Case(
        rule="default-security-group",
        type="aws:ec2/defaultSecurityGroup:DefaultSecurityGroup",
        sound={"vpcId": "vpc-1", "ingress": [], "egress": []},
        broken={"ingress": [{"self": True}]},
        found="ingress",
    ),
    Case(
        rule="sagemaker-instances",
        type=_CONFIGURATION,
        sound={"productionVariants": [{"initialInstanceCount": 2}]},
        broken={"productionVariants": [{"initialInstanceCount": 1}]},
        found="productionVariants[0].initialInstanceCount",
    ),
    Case(
        rule="sagemaker-managed-scaling",
        type=_CONFIGURATION,
        sound={"productionVariants": [{"managedInstanceScaling": {"status": "ENABLED"}}]},
        broken={"productionVariants": [{"managedInstanceScaling": {"status": "ENABLED"}, "modelName": "m"}]},
        found="productionVariants[0].managedInstanceScaling",
    ),
)

#: Types of which there must be none, with the rule that says so.
FORBIDDEN = (
    ("permanent-credentials", "aws:iam/user:User"),
    ("permanent-credentials", "aws:iam/accessKey:AccessKey"),
    ("permanent-credentials", "aws:iam/userLoginProfile:UserLoginProfile"),
    ("network-internet", "aws:ec2/internetGateway:InternetGateway"),
    ("network-internet", "aws:ec2/egressOnlyInternetGateway:EgressOnlyInternetGateway"),
    ("network-internet", "aws:ec2/natGateway:NatGateway"),
    ("network-peering", "aws:ec2/vpcPeeringConnection:VpcPeeringConnection"),
)
