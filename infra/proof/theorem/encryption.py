"""The claim that what keeps a tenant's data encrypts it with a key of the tenant.

What is shared is not asked about: logs of all tenants have no owner whose key could be meant. Sources: Pulumi Registry,
"AWS Classic", the pages of the types (kmsKeyId, kmsMasterKeyId, kmsKeyArn ...); AWS KMS Developer Guide, "AWS KMS keys"
(keys that AWS owns or manages are under no policy of the account).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from infra.proof.facts import Resource
from infra.proof.report import Claim, Finding, Verdict
from infra.proof.world import World

_BUCKETS = ("aws:s3/bucket:Bucket", "aws:s3/bucketV2:BucketV2")
_ALGORITHM = "sseAlgorithm"
_WITH_KEY = frozenset({"aws:kms", "aws:kms:dsse"})
#: The aliases of keys that AWS manages.
_OF_AWS = "alias/aws/"
#: Types that keep data and take a key of the customer. A model of SageMaker is none: its artifact is an object of a
#: bucket.
_KEEPS_DATA = frozenset(
    {
        *_BUCKETS,
        "aws:backup/vault:Vault",
        "aws:cloudwatch/logGroup:LogGroup",
        "aws:docdb/cluster:Cluster",
        "aws:dynamodb/table:Table",
        "aws:ebs/snapshot:Snapshot",
        "aws:ebs/volume:Volume",
        "aws:ecr/repository:Repository",
        "aws:efs/fileSystem:FileSystem",
        "aws:elasticache/replicationGroup:ReplicationGroup",
        "aws:elasticsearch/domain:Domain",
        "aws:kinesis/stream:Stream",
        "aws:msk/cluster:Cluster",
        "aws:opensearch/domain:Domain",
        "aws:rds/cluster:Cluster",
        "aws:rds/instance:Instance",
        "aws:redshift/cluster:Cluster",
        "aws:sagemaker/domain:Domain",
        "aws:sagemaker/endpointConfiguration:EndpointConfiguration",
        "aws:sagemaker/featureGroup:FeatureGroup",
        "aws:sagemaker/notebookInstance:NotebookInstance",
        "aws:secretsmanager/secret:Secret",
        "aws:sns/topic:Topic",
        "aws:sqs/queue:Queue",
    }
)


def encryption(world: World, resources: Iterable[Resource]) -> Iterator[Finding]:
    """What keeps data without a key of its owner.

    Args:
        world: The estate.
        resources: A tenant's resources.
    """
    unknown = {one.source.urn: one.why for one in world.estate.unknown}
    for resource in resources:
        if resource.token in _KEEPS_DATA:
            yield from _of(world, resource, unknown.get(resource.source.urn))


def _of(world: World, resource: Resource, unknown: str | None) -> Iterator[Finding]:
    named = [key for key in resource.keys if _OF_AWS not in key]
    if not named or (resource.token in _BUCKETS and resource.settings.get(_ALGORITHM) not in _WITH_KEY):
        why = f"it is not encrypted with a key of its owner: name a key of {resource.owner} in its encryption settings"
        verdict = Verdict.LEAK if unknown is None else Verdict.UNKNOWN
        yield _finding(resource, resource.owner, verdict, why if unknown is None else unknown)
        return
    for key in named:
        found = world.resources.get(key)
        if found is None:
            why = f"no input holds the key {key}: give the stack that it is in"
            yield _finding(resource, resource.owner, Verdict.UNKNOWN, why)
        elif found.owner != resource.owner:
            whose = found.owner or "nobody"
            why = f"it is encrypted with the key {key} of {whose}: name a key of {resource.owner}"
            yield _finding(resource, found.owner, Verdict.LEAK, why)


def _finding(resource: Resource, whose: str | None, verdict: Verdict, reason: str) -> Finding:
    return Finding(
        verdict=verdict,
        from_=whose,
        to=resource.owner,
        resource=resource.arn,
        claim=Claim.ENCRYPTION,
        reason=f"{resource.source}: {reason}",
    )
