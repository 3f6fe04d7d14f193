"""What is asked for: resources of tenants, of the platform and of others, with their policies and tags."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from infra import naming
from infra.naming import PlatformBucketKind, PlatformRoleKind, TenantBucketKind, TenantRoleKind
from infra.spec.tenant import TenantSpec
from infra.tags import platform_tags, tenant_tags
from tests.isolation.broken.blueprint import PLATFORM, key_arn, subnets
from tests.isolation.broken.people import OUTSIDE


@dataclass(frozen=True, kw_only=True)
class Thing:
    """A resource.

    Args:
        name: What tests call it.
        arn: Its ARN, or ``*``.
        account: The owning account.
        policy: The name of its policy, if it has one.
        trust: Whether it is a role, and ``policy`` its trust policy.
        tags: Its tags, as far as its service puts them into requests.
    """

    name: str
    arn: str
    account: str = PLATFORM.account
    policy: str | None = None
    trust: bool = False
    tags: Mapping[str, str] = field(default_factory=dict[str, str])

    def without_tags(self) -> Thing:
        """The same before it exists, or after its tags were lost: only its name says whose it is."""
        return replace(self, name=f"{self.name} untagged", tags={})


#: For actions without a resource.
NOTHING = Thing(name="nothing", arn="*")


def _id(owner: TenantSpec | None) -> str:
    return naming.PLATFORM if owner is None else owner.id


def tags(owner: TenantSpec | None) -> dict[str, str]:
    """The tags of everything that an owner has."""
    return platform_tags(PLATFORM) if owner is None else tenant_tags(PLATFORM, owner)


def _tagged(owner: TenantSpec | None, name: str, arn: str, policy: str | None = None) -> Thing:
    return Thing(name=f"{_id(owner)}'s {name}", arn=arn, policy=policy and f"{_id(owner)}.{policy}", tags=tags(owner))


def in_other_stages(thing: Thing) -> tuple[Thing, ...]:
    """The thing in stages whose names extend ours: in each part of its name where the stage stands, and in all."""
    stage = PLATFORM.stage
    arns = {
        thing.arn.replace(f"/{stage}/", f"/{stage}2/"),
        thing.arn.replace(f"bh-{stage}-", f"bh-{stage}2-"),
        thing.arn.replace(f"/{stage}/", f"/{stage}2/").replace(f"bh-{stage}-", f"bh-{stage}2-"),
    } - {thing.arn}
    return tuple(
        replace(thing, name=f"{thing.name} of another stage", arn=arn, policy=None, trust=False) for arn in sorted(arns)
    )


def of_another_account(thing: Thing) -> Thing:
    """The thing with the same name and tags in another account, which lets everybody in."""
    arn = thing.arn.replace(f":{PLATFORM.account}:", f":{OUTSIDE}:")
    return replace(thing, name=f"{thing.name} of another account", arn=arn, account=OUTSIDE, policy=None, trust=False)


def namesake(thing: Thing) -> Thing:
    """A thing of the account that is not ours, whose name extends the thing's."""
    return replace(thing, name=f"namesake of {thing.name}", arn=f"{thing.arn}2", policy=None, trust=False, tags={})


# Buckets: S3 puts no tags into requests unless a bucket opts in


def bucket(owner: TenantSpec, kind: TenantBucketKind) -> Thing:
    """A tenant's bucket."""
    arn = naming.bucket_arn(naming.bucket(PLATFORM, owner, kind))
    return Thing(name=f"{owner.id}'s {kind} bucket", arn=arn, policy=f"{owner.id}.bucket.{kind}")


def records(kind: PlatformBucketKind) -> Thing:
    """A bucket of the platform."""
    arn = naming.bucket_arn(naming.platform_bucket(PLATFORM, kind))
    return Thing(name=f"platform's {kind} bucket", arn=arn, policy=f"platform.bucket.{kind}")


def in_bucket(store: Thing, key: str = "some/object.csv") -> Thing:
    """An object."""
    return replace(store, name=f"object of {store.name}", arn=f"{store.arn}/{key}")


def outside_bucket(name: str) -> Thing:
    """A bucket of another account, whose policy lets everybody in."""
    return Thing(name=f"another account's bucket {name}", arn=naming.bucket_arn(name), account=OUTSIDE)


# The rest


def key(owner: TenantSpec | None) -> Thing:
    """The owner's key."""
    return _tagged(owner, "key", key_arn(owner), "key")


def alias(owner: TenantSpec | None) -> Thing:
    """The alias of the owner's key."""
    name = naming.key_alias(PLATFORM, owner)
    return Thing(name=f"{_id(owner)}'s alias", arn=f"arn:aws:kms:{PLATFORM.region}:{PLATFORM.account}:{name}")


def repository(owner: TenantSpec | None) -> Thing:
    """A tenant's image repository, or the platform's of the serving images."""
    name = naming.serving_repository(PLATFORM, "sklearn") if owner is None else naming.repository(PLATFORM, owner)
    return _tagged(owner, "repository", naming.repository_arn(PLATFORM, name), "repository")


def registry(owner: TenantSpec, model: str = "tumour") -> Thing:
    """A model package group."""
    name = naming.model_package_group(PLATFORM, owner, model)
    return _tagged(owner, "registry", naming.sagemaker_arn(PLATFORM, "model-package-group", name), "registry")


def version(owner: TenantSpec, model: str = "tumour") -> Thing:
    """A version of a model in its registry; versions have no tags of ours."""
    name = naming.model_package_group(PLATFORM, owner, model)
    arn = naming.sagemaker_arn(PLATFORM, "model-package", f"{name}/1")
    return Thing(name=f"{owner.id}'s model version", arn=arn, policy=f"{owner.id}.registry")


def sagemaker(owner: TenantSpec | None, kind: str, name: str = "tumour") -> Thing:
    """A resource of SageMaker by its kind: ``endpoint``, ``training-job`` ..."""
    arn = naming.sagemaker_arn(PLATFORM, kind, f"{naming.prefix(PLATFORM, owner)}-{name}")
    return _tagged(owner, kind, arn)


def log_group(owner: TenantSpec | None, purpose: str = "workloads") -> Thing:
    """A log group of the owner."""
    return _tagged(owner, "log group", naming.log_group_arn(PLATFORM, naming.log_group(PLATFORM, owner, purpose)))


def endpoint_log_group(owner: TenantSpec) -> Thing:
    """The log group of an endpoint."""
    name = naming.endpoint_log_group(PLATFORM, owner, "tumour")
    return _tagged(owner, "endpoint's log group", naming.log_group_arn(PLATFORM, name))


def log_stream(group: Thing) -> Thing:
    """A stream of a log group, which has the group's tags."""
    return replace(group, name=f"stream of {group.name}", arn=f"{group.arn}:log-stream:one")


def job_log_stream(owner: TenantSpec, kind: naming.JobKind) -> Thing:
    """A job's stream in the group that all jobs of the account share, which nobody has tagged."""
    arn = naming.job_log_streams_arn(PLATFORM, owner, kind).replace("-*", "-train-1/algo-1-1700000000")
    return Thing(name=f"{owner.id}'s stream of {kind}", arn=arn)


def job_log_group(kind: str) -> Thing:
    """The log group that all jobs of the account share."""
    return Thing(name=f"group of {kind}", arn=naming.log_group_arn(PLATFORM, f"/aws/sagemaker/{kind}") + ":*")


def topic(owner: TenantSpec | None) -> Thing:
    """The owner's alerts topic."""
    return _tagged(owner, "topic", naming.topic_arn(PLATFORM, naming.alerts_topic(PLATFORM, owner)), "topic")


def alarm(owner: TenantSpec | None) -> Thing:
    """An alarm."""
    return _tagged(owner, "alarm", naming.alarm_arn(PLATFORM, f"{naming.prefix(PLATFORM, owner)}-tumour-errors"))


def role(owner: TenantSpec, kind: TenantRoleKind) -> Thing:
    """A tenant's role."""
    made = _tagged(owner, f"{kind} role", naming.role_arn(PLATFORM, owner, kind), f"trust.{kind}")
    return replace(made, trust=True)


def platform_role(kind: PlatformRoleKind) -> Thing:
    """A role of the platform."""
    made = _tagged(None, f"{kind} role", naming.platform_role_arn(PLATFORM, kind), f"trust.{kind}")
    return replace(made, trust=True)


def other_role(name: str) -> Thing:
    """A role of the account that the blueprint did not make."""
    return Thing(name=f"role {name}", arn=f"arn:aws:iam::{PLATFORM.account}:role/{name}")


def boundary(owner: TenantSpec | None) -> Thing:
    """The owner's permission boundary."""
    return _tagged(owner, "boundary", naming.boundary_arn(PLATFORM, owner))


def network(owner: TenantSpec | None, kind: str, name: str | None = None) -> Thing:
    """A part of a network by EC2's name of its kind: ``vpc-endpoint``, ``subnet`` ..."""
    part = name or f"{kind}-{naming.digest(_id(owner), kind)}"
    return _tagged(owner, kind, f"arn:aws:ec2:{PLATFORM.region}:{PLATFORM.account}:{kind}/{part}")


def subnet(owner: TenantSpec) -> Thing:
    """The first of a tenant's subnets."""
    return network(owner, "subnet", subnets(owner)[0])


def subnets_of(owner: TenantSpec) -> tuple[Thing, ...]:
    """All of a tenant's subnets."""
    return tuple(network(owner, "subnet", name) for name in subnets(owner))


def any_arn(service: str, rest: str, name: str, *, regional: bool = True) -> Thing:
    """Any other resource of the account, without tags."""
    return Thing(name=name, arn=f"arn:aws:{service}:{PLATFORM.region if regional else ''}:{PLATFORM.account}:{rest}")
