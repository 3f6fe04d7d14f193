"""Cases of the rules of single resources that only the pack has; `infra.constraints` has tests of its own."""

from __future__ import annotations

from infra.policy_pack.expectations import Expectations
from infra.policy_pack.levels import Regime
from tests.policy_pack.cases import Case
from tests.unit.constraints.sound import KEY, policy, resource_statement, statement

_LOGS = "aws:cloudwatch/logGroup:LogGroup"
_INLINE = "aws:iam/rolePolicy:RolePolicy"
_BUCKET_POLICY = "aws:s3/bucketPolicy:BucketPolicy"
_OURS = "arn:aws:s3:::bh-dev-acme-data"


def _identity(resource: str) -> str:
    return policy(statement(Resource=resource))


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
)
