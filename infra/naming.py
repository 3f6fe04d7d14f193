"""Every physical name and ARN: pure functions of the specs. Nothing else in the repository makes a name.

A name that a policy matches by pattern ends its tenant part in a delimiter that a tenant id cannot contain (``-`` or
``/``), so a pattern for ``acme`` never covers ``acmeeu``. Bucket names are global and carry a stable suffix of the
account.
"""

from __future__ import annotations

import hashlib
from typing import Literal, get_args

from infra.spec.platform import Cell, PlatformSpec
from infra.spec.tenant import TenantSpec

TenantBucketKind = Literal["data", "models", "capture"]
PlatformBucketKind = Literal["audit", "config", "access-logs"]
TenantRoleKind = Literal["training", "serving", "invoke", "data-scientist", "deploy", "verification"]
PlatformRoleKind = Literal["provisioning", "gateway", "config", "flow-logs", "preview"]
JobKind = Literal["TrainingJobs", "ProcessingJobs", "TransformJobs"]
NetworkKind = Literal["vpc", "subnet", "route-table", "security-group", "rule", "endpoint", "flow-log"]

#: Stands in the place of a tenant id in the names of the platform's own resources; no tenant may have it as its id.
PLATFORM = "platform"


def digest(*parts: str) -> str:
    """Eight hex digits that change whenever one of `parts` does."""
    return hashlib.sha256("\x00".join(parts).encode()).hexdigest()[:8]


def prefix(platform: PlatformSpec, owner: TenantSpec | None = None) -> str:
    """``bh-<stage>-<owner>``: the start of every flat name; the owner is a tenant, or the platform for None."""
    return f"bh-{platform.stage}-{_owner(owner)}"


def path(platform: PlatformSpec, owner: TenantSpec | None = None) -> str:
    """``/bulkhead/<stage>/<owner>/``: the IAM path and the start of every name that has segments."""
    return f"/bulkhead/{platform.stage}/{_owner(owner)}/"


def names_of(platform: PlatformSpec, owner: TenantSpec | None = None) -> str:
    """The pattern of all flat names of the owner: the hyphen ends the id, which has none itself."""
    return f"{prefix(platform, owner)}-*"


def _owner(owner: TenantSpec | None) -> str:
    return PLATFORM if owner is None else owner.id


# S3


def bucket(platform: PlatformSpec, tenant: TenantSpec, kind: TenantBucketKind) -> str:
    """A tenant's bucket."""
    return f"{prefix(platform, tenant)}-{kind}-{_account_suffix(platform)}"


def platform_bucket(platform: PlatformSpec, kind: PlatformBucketKind) -> str:
    """A bucket of the platform."""
    return f"{prefix(platform)}-{kind}-{_account_suffix(platform)}"


def exports_bucket(platform: PlatformSpec) -> str:
    """The bucket of the exports of tenants that are erased; no stack makes it, and no policy of the stage names it."""
    return f"bulkhead-exports-{platform.stage}-{_account_suffix(platform)}"


def bucket_arns(platform: PlatformSpec, tenant: TenantSpec) -> tuple[str, ...]:
    """The ARNs of all buckets of a tenant."""
    return tuple(bucket_arn(bucket(platform, tenant, kind)) for kind in get_args(TenantBucketKind))


def any_bucket_arn(platform: PlatformSpec, tenant: TenantSpec) -> str:
    """The pattern of the ARNs of all buckets of a tenant."""
    return bucket_arn(f"{names_of(platform, tenant)}-{_account_suffix(platform)}")


#: Where the smoke tests of a tenant put their object, in its bucket of models; the prefix ends in its delimiter.
VERIFICATION_PREFIX = "bulkhead/verification/"


def verification_objects_arn(platform: PlatformSpec, tenant: TenantSpec) -> str:
    """The pattern of the ARNs of the objects of a tenant's smoke tests."""
    return f"{bucket_arn(bucket(platform, tenant, 'models'))}/{VERIFICATION_PREFIX}*"


def bucket_arn(name: str) -> str:
    """The ARN of a bucket by its name."""
    return f"arn:aws:s3:::{name}"


def _account_suffix(platform: PlatformSpec) -> str:
    return digest(platform.account, platform.region)


# IAM


def role(platform: PlatformSpec, tenant: TenantSpec, kind: TenantRoleKind) -> str:
    """A tenant's role."""
    return f"{prefix(platform, tenant)}-{kind}"


def role_arn(platform: PlatformSpec, tenant: TenantSpec, kind: TenantRoleKind) -> str:
    """The ARN of a tenant's role."""
    return _iam_arn(platform, "role", path(platform, tenant) + role(platform, tenant, kind))


def export_role(platform: PlatformSpec, tenant: TenantSpec) -> str:
    """The role that reads a tenant's data for its export; it is there only while the export is made."""
    return f"{prefix(platform, tenant)}-export"


def export_role_arn(platform: PlatformSpec, tenant: TenantSpec) -> str:
    """The ARN of the role that reads a tenant's data for its export."""
    return _iam_arn(platform, "role", path(platform, tenant) + export_role(platform, tenant))


def platform_role(platform: PlatformSpec, kind: PlatformRoleKind) -> str:
    """A role of the platform."""
    return f"{prefix(platform)}-{kind}"


def platform_role_arn(platform: PlatformSpec, kind: PlatformRoleKind) -> str:
    """The ARN of a role of the platform."""
    return _iam_arn(platform, "role", path(platform) + platform_role(platform, kind))


def tenant_roles_arn(platform: PlatformSpec, tenant: TenantSpec) -> str:
    """The pattern of the ARNs of all roles of a tenant: its path, which no other tenant's path extends."""
    return _iam_arn(platform, "role", path(platform, tenant) + "*")


def absent_roles_arn(platform: PlatformSpec) -> str:
    """The pattern of what AWS takes for the ARNs of this project's roles while they are not there: without a path."""
    return _iam_arn(platform, "role", f"/bh-{platform.stage}-*")


def platform_roles_arn(platform: PlatformSpec) -> str:
    """The pattern of the ARNs of all roles of the platform itself."""
    return _iam_arn(platform, "role", path(platform) + "*")


def any_role_arn(platform: PlatformSpec) -> str:
    """The pattern of the ARNs of all roles that this project makes in the stage: the platform's and every tenant's."""
    return _iam_arn(platform, "role", f"/bulkhead/{platform.stage}/*")


def boundary(platform: PlatformSpec, owner: TenantSpec | None = None) -> str:
    """The managed policy that bounds every role of the owner."""
    return f"{prefix(platform, owner)}-boundary"


def boundary_arn(platform: PlatformSpec, owner: TenantSpec | None = None) -> str:
    """The ARN of the owner's permission boundary."""
    return _iam_arn(platform, "policy", path(platform, owner) + boundary(platform, owner))


def platform_policies_arn(platform: PlatformSpec) -> str:
    """The pattern of the ARNs of all managed policies of the platform itself."""
    return _iam_arn(platform, "policy", path(platform) + "*")


def saml_provider(platform: PlatformSpec) -> str:
    """The SAML identity provider through which data scientists sign in."""
    return f"{prefix(platform)}-saml"


def saml_provider_arn(platform: PlatformSpec) -> str:
    """The ARN of the SAML identity provider."""
    return _iam_arn(platform, "saml-provider", "/" + saml_provider(platform))


#: The issuer of GitHub Actions' OIDC tokens. Source: GitHub, "Configuring OpenID Connect in Amazon Web Services".
GITHUB_OIDC = "token.actions.githubusercontent.com"


def oidc_provider_arn(platform: PlatformSpec) -> str:
    """The ARN of the OIDC provider of GitHub Actions."""
    return _iam_arn(platform, "oidc-provider", "/" + GITHUB_OIDC)


def provisioning_policy(platform: PlatformSpec, subject: str) -> str:
    """One of the managed policies of the provisioning role."""
    return f"{platform_role(platform, 'provisioning')}-{subject}"


def _iam_arn(platform: PlatformSpec, kind: str, path_and_name: str) -> str:
    return f"arn:aws:iam::{platform.account}:{kind}{path_and_name}"


def account_root_arn(platform: PlatformSpec) -> str:
    """The ARN of the account: of its root user where a request is compared with it, of all of it as a principal."""
    return _iam_arn(platform, "root", "")


# KMS


def key(platform: PlatformSpec, owner: TenantSpec | None = None) -> str:
    """The owner's key; AWS assigns the id, so this is its ``Name`` tag."""
    return f"{prefix(platform, owner)}-key"


def key_alias(platform: PlatformSpec, owner: TenantSpec | None = None) -> str:
    """The alias of the owner's key."""
    return f"alias/bulkhead/{platform.stage}/{_owner(owner)}"


def exports_key_alias(platform: PlatformSpec) -> str:
    """The alias of the key that encrypts exports; it is none of a tenant's, and outlives them."""
    return f"alias/bulkhead-exports-{platform.stage}"


def any_key_arn(platform: PlatformSpec) -> str:
    """The pattern of the ARNs of every key of the account and Region: only a tag tells whose a key is."""
    return f"arn:aws:kms:{platform.region}:{platform.account}:key/*"


# Network: AWS assigns the ids, so these are ``Name`` tags, by which a part of a network is found again


def network(platform: PlatformSpec, owner: TenantSpec | Cell, kind: NetworkKind, *parts: str) -> str:
    """The name of one part of a tenant's or a cell's network; `parts` tell it from others of its kind."""
    start = f"{prefix(platform)}-{owner.name}" if isinstance(owner, Cell) else prefix(platform, owner)
    return "-".join((start, kind, *parts))


def flow_log_group(platform: PlatformSpec, owner: TenantSpec | Cell) -> str:
    """The log group of the flow logs of a tenant's own VPC or of a cell."""
    if isinstance(owner, Cell):
        return log_group(platform, None, f"flow-logs/{owner.name}")
    return log_group(platform, owner, "flow-logs")


# SageMaker


def sagemaker_model(platform: PlatformSpec, tenant: TenantSpec, model: str, content: str) -> str:
    """A SageMaker model; `content` is the digest of what it is made of, so a new content makes a new name."""
    return f"{prefix(platform, tenant)}-{model}-{content}"


def endpoint_config(platform: PlatformSpec, tenant: TenantSpec, model: str, content: str) -> str:
    """An endpoint configuration; it never changes, so `content` is the digest of all that it says."""
    return f"{prefix(platform, tenant)}-{model}-{content}"


def endpoint(platform: PlatformSpec, tenant: TenantSpec, model: str) -> str:
    """The endpoint of one model; it stays while configurations change."""
    return f"{prefix(platform, tenant)}-{model}"


def model_package_group(platform: PlatformSpec, tenant: TenantSpec, model: str) -> str:
    """The registry of one model's versions."""
    return f"{prefix(platform, tenant)}-{model}"


def sagemaker_arn(platform: PlatformSpec, kind: str, name: str) -> str:
    """The ARN of a SageMaker resource, for example ``endpoint``; `name` may end in a wildcard."""
    return f"arn:aws:sagemaker:{platform.region}:{platform.account}:{kind}/{name}"


# ECR


def repository(platform: PlatformSpec, tenant: TenantSpec) -> str:
    """The tenant's image repository."""
    return f"{path(platform, tenant)[1:]}models"


def serving_repository(platform: PlatformSpec, framework: str) -> str:
    """The platform's repository of the serving image of one framework."""
    return f"{path(platform)[1:]}serving-{framework}"


def repository_arn(platform: PlatformSpec, name: str) -> str:
    """The ARN of an image repository."""
    return f"arn:aws:ecr:{platform.region}:{platform.account}:repository/{name}"


def layer_bucket_arn(platform: PlatformSpec) -> str:
    """AWS's own bucket that holds the layers of the Region's images.

    Source: Amazon ECR User Guide, "Amazon ECR interface VPC endpoints (AWS PrivateLink)".
    """
    return bucket_arn(f"prod-{platform.region}-starport-layer-bucket")


def image_uri(platform: PlatformSpec, repository_name: str, tag: str) -> str:
    """The URI of an image in the account's registry."""
    return f"{platform.account}.dkr.ecr.{platform.region}.amazonaws.com/{repository_name}:{tag}"


# Logs, alarms, budget


def log_group(platform: PlatformSpec, owner: TenantSpec | None, purpose: str) -> str:
    """A log group of the owner."""
    return f"{path(platform, owner)}{purpose}"


def endpoint_log_group(platform: PlatformSpec, tenant: TenantSpec, model: str) -> str:
    """The log group into which SageMaker writes an endpoint's logs. Source: "Log groups and streams" (SageMaker)."""
    return f"/aws/sagemaker/Endpoints/{endpoint(platform, tenant, model)}"


def log_group_arn(platform: PlatformSpec, name: str) -> str:
    """The ARN of a log group, without the trailing ``:*``; `name` may end in a wildcard."""
    return f"arn:aws:logs:{platform.region}:{platform.account}:log-group:{name}"


def job_log_streams_arn(platform: PlatformSpec, tenant: TenantSpec, kind: JobKind) -> str:
    """The pattern of the log streams of a tenant's jobs, in the one group that the account's jobs of a kind share.

    Source: SageMaker AI Developer Guide, "Log groups and streams that Amazon SageMaker AI sends to CloudWatch Logs".
    """
    return log_group_arn(platform, f"/aws/sagemaker/{kind}:log-stream:{prefix(platform, tenant)}-*")


def metric_namespace(platform: PlatformSpec, tenant: TenantSpec) -> str:
    """The CloudWatch namespace of the metrics that a tenant's workloads publish."""
    return f"Bulkhead/{platform.stage}/{tenant.id}"


def alerts_topic(platform: PlatformSpec, owner: TenantSpec | None = None) -> str:
    """The SNS topic that the owner's alarms and budget publish to."""
    return f"{prefix(platform, owner)}-alerts"


def topic_arn(platform: PlatformSpec, name: str) -> str:
    """The ARN of an SNS topic."""
    return f"arn:aws:sns:{platform.region}:{platform.account}:{name}"


def alarm(platform: PlatformSpec, tenant: TenantSpec, model: str, signal: str) -> str:
    """A CloudWatch alarm on one signal of a model's endpoint."""
    return f"{prefix(platform, tenant)}-{model}-{signal}"


def alarm_arn(platform: PlatformSpec, name: str) -> str:
    """The ARN of a CloudWatch alarm."""
    return f"arn:aws:cloudwatch:{platform.region}:{platform.account}:alarm:{name}"


def budget(platform: PlatformSpec, tenant: TenantSpec) -> str:
    """The tenant's monthly budget."""
    return f"{prefix(platform, tenant)}-monthly"


def trail(platform: PlatformSpec) -> str:
    """The CloudTrail trail of the platform."""
    return f"{prefix(platform)}-trail"


def trail_arn(platform: PlatformSpec) -> str:
    """The ARN of the trail."""
    return f"arn:aws:cloudtrail:{platform.region}:{platform.account}:trail/{trail(platform)}"


def config_recorder(platform: PlatformSpec) -> str:
    """The AWS Config recorder of the Region, and its delivery channel."""
    return f"{prefix(platform)}-recorder"


def config_rule(platform: PlatformSpec, rule: str) -> str:
    """An AWS Config rule."""
    return f"{prefix(platform)}-{rule}"
