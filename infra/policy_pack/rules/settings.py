"""Settings of single resources that AWS takes, and that are not what a platform of several tenants wants."""

from __future__ import annotations

from collections.abc import Iterator

from infra.policy_pack.expectations import Expectations
from infra.policy_pack.levels import Level, Regime
from infra.policy_pack.planned import StackResource
from infra.policy_pack.rule import Finding, Rule
from infra.policy_pack.rules.wanted import Want, check, types

_VERSIONS = (
    Want(
        "aws:s3/bucketVersioning:BucketVersioning",
        "versioningConfiguration.status",
        ("Enabled",),
        "what is deleted or overwritten is gone at once",
    ),
)
_TRAIL = "aws:cloudtrail/trail:Trail"
_TRAILS = (
    Want(_TRAIL, "isMultiRegionTrail", (True,), "what is done in other Regions is not recorded", default=False),
    Want(_TRAIL, "includeGlobalServiceEvents", (True,), "what is done in IAM is not recorded", default=True),
    Want(_TRAIL, "enableLogging", (True,), "it records nothing", default=True),
)
_SCANNED = (
    Want(
        "aws:ecr/repository:Repository",
        "imageScanningConfiguration.scanOnPush",
        (True,),
        "images with known vulnerabilities are not noticed",
        default=False,
    ),
)
_PERMANENT = {
    "aws:iam/user:User": "a user of IAM has credentials that do not expire",
    "aws:iam/accessKey:AccessKey": "an access key does not expire",
    "aws:iam/userLoginProfile:UserLoginProfile": "a password of IAM stays when its person goes",
}


def _permanent(resource: StackResource, expected: Expectations) -> Iterator[Finding]:
    del expected
    yield Finding(property="", message=_PERMANENT[resource.type])


RULES = (
    Rule(
        id="s3-versioning",
        title="Versioning of buckets is on.",
        source="Amazon S3 User Guide, Retaining multiple versions of objects with S3 Versioning",
        remedy="enable it",
        types=types(_VERSIONS),
        resource=check(_VERSIONS),
        standards=("S3.14",),
    ),
    Rule(
        id="cloudtrail-everywhere",
        title="A trail records every Region and the global services.",
        source="AWS CloudTrail User Guide, Security best practices in AWS CloudTrail",
        remedy="turn it on",
        types=types(_TRAILS),
        resource=check(_TRAILS),
        standards=("CloudTrail.1",),
    ),
    Rule(
        id="ecr-scan",
        title="Images are scanned when they are pushed.",
        source="Amazon ECR User Guide, Scan images for software vulnerabilities in Amazon ECR",
        remedy="set scanOnPush",
        types=types(_SCANNED),
        resource=check(_SCANNED),
        level=Level.ADVISORY,
        levels={Regime.HIPAA: Level.MANDATORY, Regime.SOC2: Level.MANDATORY},
        standards=("ECR.1",),
    ),
    Rule(
        id="permanent-credentials",
        title="People and programs get temporary credentials by roles; there are no users of IAM.",
        source="IAM User Guide, Security best practices in IAM",
        remedy="federate people, and let programs assume a role",
        types=frozenset(_PERMANENT),
        resource=_permanent,
    ),
)
