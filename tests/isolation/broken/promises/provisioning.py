"""Promises about the role that provisions tenants, and about the gateway: what they make is bounded, and what they see."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from infra import naming
from infra.spec.tenant import TenantSpec
from tests.isolation.broken import people, things
from tests.isolation.broken.attempts import Attempt
from tests.isolation.broken.blueprint import ACME, ACMEEU, GLOBEX, PLATFORM
from tests.isolation.broken.promises.declared import Promises, tries
from tests.isolation.broken.promises.models import INVOKE, KEEP_IMAGES, PULL, PUSH

PROMISES = Promises()
never, always = PROMISES.never, PROMISES.always

WHO = people.PROVISIONING
KINDS = ("training", "serving", "invoke", "data-scientist", "deploy")


def roles_of(owner: TenantSpec) -> tuple[things.Thing, ...]:
    """A tenant's roles before they exist."""
    return tuple(things.role(owner, kind).without_tags() for kind in KINDS)


def with_tags(owner: TenantSpec | None, where: str = "aws:RequestTag", **changes: str | None) -> dict[str, object]:
    """The tags of a request or of a resource of an owner, changed in places."""
    tags = {**things.tags(owner), **{key.replace("_", "-"): value for key, value in changes.items()}}
    given = {f"{where}/{key}": value for key, value in tags.items()}
    return (
        given if where != "aws:RequestTag" else {**given, "aws:TagKeys": [key for key, value in tags.items() if value]}
    )


def bounded_by(boundary: things.Thing | None) -> dict[str, str | None]:
    """The boundary that a request names, or that the role has."""
    return {"iam:PermissionsBoundary": boundary.arn if boundary else None}


def named(name: str, arn: str) -> things.Thing:
    """Something of the account by its ARN."""
    return things.Thing(name=name, arn=arn)


def stray_key() -> things.Thing:
    """A key whose policy leaves everything to the account, as that of a key is which nobody gave one."""
    return replace(things.key(ACME), name="a stray key", policy=None)


# Identities


@never
def it_makes_no_unbounded_role() -> Iterator[Attempt]:
    """Each role has the boundary of the tenant whose role it is, and no other."""
    extended = named("a namesake of acme's boundary", things.boundary(ACME).arn + "2")
    for boundary in (None, things.boundary(ACMEEU), things.boundary(None), extended):
        yield from tries(WHO, "iam: CreateRole", roles_of(ACME), **with_tags(ACME), **bounded_by(boundary))
    foreign = named("an AWS policy", "arn:aws:iam::aws:policy/AdministratorAccess")
    yield from tries(WHO, "iam: CreateRole", roles_of(ACME), **with_tags(ACME), **bounded_by(foreign))


@never
def it_mixes_no_tenants() -> Iterator[Attempt]:
    """A role or boundary has the path of the tenant that its tag names; without the tag there is none."""
    boundary = bounded_by(things.boundary(ACME))
    for tags in (with_tags(ACME), with_tags(None), with_tags(ACME, tenant=None), with_tags(ACME, tenant="*")):
        yield from tries(WHO, "iam: CreateRole", roles_of(ACMEEU), **tags, **bounded_by(things.boundary(ACMEEU)))
        yield from tries(WHO, "iam: CreateRole", roles_of(ACMEEU), **tags, **boundary)
        yield from tries(WHO, "iam: CreatePolicy", things.boundary(ACMEEU).without_tags(), **tags)
    for tags in (with_tags(ACME), with_tags(None), with_tags(ACME, tenant="*")):
        yield from tries(WHO, "iam: TagRole", things.role(ACMEEU, "training"), **tags)
        yield from tries(WHO, "iam: TagPolicy", things.boundary(ACMEEU), **tags)
    yield from tries(WHO, "iam: CreateRole", roles_of(ACME), **with_tags(ACMEEU), **boundary)
    tags = ("aws:TagKeys",)
    for action in ("iam: UntagRole TagRole",):
        for keys in (["tenant"], ["tenant", "owner"]):
            yield from tries(WHO, action, things.role(ACME, "training"), **{tags[0]: keys})
    yield from tries(WHO, "iam: UntagPolicy TagPolicy", things.boundary(ACME), **{"aws:TagKeys": ["tenant"]})


@never
def it_makes_no_roles_elsewhere() -> Iterator[Attempt]:
    """Roles and policies are under tenants' paths, never the platform's, another stage's or the account's."""
    places = (
        f"arn:aws:iam::{PLATFORM.account}:role/anything",
        f"arn:aws:iam::{PLATFORM.account}:role/bulkhead/prod/acme/bh-prod-acme-training",
        f"arn:aws:iam::{PLATFORM.account}:role/bulkhead/dev/acme2/bh-dev-acme2-training",
    )
    for arn in places:
        thing, tags = named("a role elsewhere", arn), with_tags(ACME)
        yield from tries(WHO, "iam: CreateRole", thing, **tags, **bounded_by(things.boundary(ACME)))
    path = f"/{PLATFORM.stage}2/"
    other_stages = (role for role in things.in_other_stages(things.role(ACME, "training")) if path in role.arn)
    roles = (named("x", places[0]), *other_stages)
    yield from tries(WHO, "iam: GetRole UpdateRole DeleteRole UpdateAssumeRolePolicy", roles)
    yield from tries(WHO, "iam: PutRolePolicy", roles, **bounded_by(things.boundary(ACME)))
    yield from tries(WHO, "iam: TagRole UntagRole", roles, **{"aws:TagKeys": ["owner"]})
    policies = (
        *things.in_other_stages(things.boundary(ACME)),
        named("a policy elsewhere", f"arn:aws:iam::{PLATFORM.account}:policy/anything"),
        named("another policy of acme", f"arn:aws:iam::{PLATFORM.account}:policy/bulkhead/dev/acme/bh-dev-acme-more"),
        named("a namesake of acme's boundary", things.boundary(ACME).arn + "2"),
    )
    yield from tries(WHO, "iam: CreatePolicy CreatePolicyVersion DeletePolicy TagPolicy", policies, **with_tags(ACME))
    yield from tries(WHO, "iam: TagPolicy UntagPolicy", policies, **{"aws:TagKeys": ["owner"]})


@never
def it_looks_at_no_role_but_of_the_stage() -> Iterator[Attempt]:
    """A request for a role that is gone names it without its path; the name is of the stage all the same."""
    for name in ("anything", "bh-dev2-acme-training", "bh-prod-acme-training"):
        yield from tries(WHO, "iam: GetRole GetRolePolicy", things.other_role(name))


@never
def it_writes_policies_into_bounded_roles_only() -> Iterator[Attempt]:
    """A role without a tenant's boundary takes none, and no managed policy is attached to any role."""
    aws = named("an AWS policy", "arn:aws:iam::aws:policy/AdministratorAccess")
    extended = named("a policy in another path", f"arn:aws:iam::{PLATFORM.account}:policy/bulkhead/dev/acme-boundary")
    others = (things.namesake(things.boundary(ACME)), *things.in_other_stages(things.boundary(ACME)))
    for boundary in (None, aws, extended, *others):
        write = "iam: PutRolePolicy DeleteRolePolicy"
        yield from tries(WHO, write, things.role(ACME, "training"), **bounded_by(boundary))


@never
def it_never_changes_who_is_bounded() -> Iterator[Attempt]:
    """It removes or replaces no boundary, attaches no managed policy, and makes no user, key, group or provider."""
    own = bounded_by(things.boundary(ACME))
    change = "iam: PutRolePermissionsBoundary DeleteRolePermissionsBoundary AttachRolePolicy DetachRolePolicy"
    yield from tries(WHO, change, things.role(ACME, "training"), **own)
    others = "iam: CreateUser CreateAccessKey AddUserToGroup CreateLoginProfile UpdateSAMLProvider CreateSAMLProvider"
    more = "CreateOpenIDConnectProvider CreateInstanceProfile AddRoleToInstanceProfile SetDefaultPolicyVersion PutUserPolicy"
    yield from tries(WHO, f"{others} {more}", named("anything of IAM", "*"))


@never
def it_never_changes_the_platforms_identities() -> Iterator[Attempt]:
    """Neither itself, its own boundary and policies, nor the gateway or the recorders."""
    kinds = ("provisioning", "gateway", "config", "flow-logs")
    roles = tuple(things.platform_role(kind) for kind in kinds)
    keys = {**with_tags(None), **bounded_by(things.boundary(None))}
    write = (
        "iam: PutRolePolicy DeleteRolePolicy UpdateAssumeRolePolicy UpdateRole DeleteRole TagRole UntagRole CreateRole"
    )
    yield from tries(WHO, f"{write} UpdateRoleDescription", roles, **keys)
    yield from tries(WHO, "iam: UntagRole TagRole", roles, **{"aws:TagKeys": ["owner"]})
    policies = (
        things.boundary(None),
        *(
            named(
                f"policy {subject}",
                naming.platform_policies_arn(PLATFORM).replace("*", naming.provisioning_policy(PLATFORM, subject)),
            )
            for subject in ("identities", "network")
        ),
    )
    change = "iam: CreatePolicyVersion DeletePolicyVersion DeletePolicy TagPolicy UntagPolicy CreatePolicy"
    yield from tries(WHO, change, policies, **with_tags(None))
    yield from tries(WHO, "iam: UntagPolicy TagPolicy", policies, **{"aws:TagKeys": ["owner"]})


@never
def it_passes_execution_roles_to_their_services_only() -> Iterator[Attempt]:
    """What it can pass, it can run code as."""
    sagemaker, flow_logs = "sagemaker.amazonaws.com", "vpc-flow-logs.amazonaws.com"
    execution = (things.role(ACME, "training"), things.role(ACME, "serving"))
    roles = (*execution, things.platform_role("flow-logs"))
    for service in ("lambda.amazonaws.com", "ec2.amazonaws.com", None):
        yield from tries(WHO, "iam: PassRole", roles, **{"iam:PassedToService": service})
    others = (
        *(things.role(ACME, kind) for kind in ("invoke", "data-scientist", "deploy")),
        *(things.platform_role(kind) for kind in ("provisioning", "gateway", "config")),
        things.other_role("Administrator"),
        named("a namesake of a serving role", things.role(ACME, "serving").arn + "2"),
        named("a namesake of a training role", things.role(ACME, "training").arn + "2"),
        named("a namesake of the flow-logs role", things.platform_role("flow-logs").arn + "2"),
        *things.in_other_stages(execution[0]),
        *things.in_other_stages(execution[1]),
    )
    for service in (sagemaker, flow_logs):
        yield from tries(WHO, "iam: PassRole", others, **{"iam:PassedToService": service})


@never
def it_passes_each_role_to_the_service_that_it_is_for() -> Iterator[Attempt]:
    """Flow logs do not run as a workload, nor workloads as flow logs."""
    to_flow_logs = {"iam:PassedToService": "vpc-flow-logs.amazonaws.com"}
    to_sagemaker = {"iam:PassedToService": "sagemaker.amazonaws.com"}
    execution = (things.role(ACME, "training"), things.role(ACME, "serving"))
    yield from tries(WHO, "iam: PassRole", execution, **to_flow_logs)
    yield from tries(WHO, "iam: PassRole", things.platform_role("flow-logs"), **to_sagemaker)


@never
def it_makes_one_service_linked_role() -> Iterator[Attempt]:
    """The one of Application Auto Scaling for endpoints."""
    scaling = "sagemaker.application-autoscaling.amazonaws.com"
    name = "AWSServiceRoleForApplicationAutoScaling_SageMakerEndpoint"
    role = named("the role of scaling", f"arn:aws:iam::{PLATFORM.account}:role/aws-service-role/{scaling}/{name}")
    for service in ("elasticmapreduce.amazonaws.com", f"{scaling}.cn", None):
        yield from tries(WHO, "iam: CreateServiceLinkedRole", role, **{"iam:AWSServiceName": service})
    other = named("another linked role", f"arn:aws:iam::{PLATFORM.account}:role/aws-service-role/x/AWSServiceRoleForX")
    extended = named("a namesake of the role of scaling", role.arn + "2")
    yield from tries(WHO, "iam: CreateServiceLinkedRole", (other, extended), **{"iam:AWSServiceName": scaling})


@never
def it_acts_as_nobody_else() -> Iterator[Attempt]:
    """It assumes no role, but that the boundary it shares with the gateway leaves invoke roles to their trust."""
    targets = (
        *(things.role(ACME, kind) for kind in ("training", "serving", "data-scientist", "deploy")),
        things.other_role("Administrator"),
        named("a namesake of an invoke role", things.role(ACME, "invoke").arn + "2"),
        *things.in_other_stages(things.role(ACME, "invoke")),
        *(things.platform_role(kind) for kind in ("gateway", "config", "flow-logs")),
    )
    yield from tries((WHO, people.GATEWAY), "sts: AssumeRole TagSession", targets, **with_tags(ACME))
    yield from tries(WHO, "sts: GetFederationToken GetSessionToken", things.NOTHING)


# Keys, buckets and content


@never
def it_makes_and_administers_tenants_keys_only() -> Iterator[Attempt]:
    """Not the platform's, another stage's, or one that nobody owns; and no key that would lock everybody out."""
    for tags in (
        with_tags(None),
        with_tags(ACME, tenant=None),
        with_tags(ACME, stage="prod"),
        with_tags(ACME, managed_by="hand"),
        with_tags(ACME, stage=None),
        with_tags(ACME, managed_by=None),
    ):
        lockout = {"kms:BypassPolicyLockoutSafetyCheck": False}
        yield from tries(WHO, "kms: CreateKey", things.NOTHING, **tags, **lockout)
        yield from tries(WHO, "kms: TagResource", stray_key().without_tags(), **tags)
    for lockout in (True, None):
        keys = {"kms:BypassPolicyLockoutSafetyCheck": lockout}
        yield from tries(WHO, "kms: CreateKey", things.NOTHING, **with_tags(ACME), **keys)
    actions = "kms: PutKeyPolicy ScheduleKeyDeletion DisableKey DisableKeyRotation EnableKeyRotation UntagResource RevokeGrant"
    for tags in (
        {"tenant": "platform"},
        {"tenant": None},
        {"stage": "prod"},
        {"managed_by": "hand"},
        {"stage": None},
        {"managed_by": None},
    ):
        key, keys = stray_key(), with_tags(ACME, "aws:ResourceTag", **tags)
        yield from tries(WHO, f"{actions} TagResource UpdateAlias CreateAlias DeleteAlias", key, **keys)
        grant = {"kms:GrantIsForAWSResource": True, "kms:ViaService": f"ecr.{PLATFORM.region}.amazonaws.com"}
        yield from tries(WHO, "kms: CreateGrant", key, **keys, **grant)


@never
def it_touches_no_key_of_another_account() -> Iterator[Attempt]:
    """Whatever that key's tags and policy say."""
    key = things.of_another_account(things.key(ACME))
    administer = "kms: PutKeyPolicy ScheduleKeyDeletion TagResource CreateAlias UpdateAlias DeleteAlias DescribeKey"
    grant = {"kms:GrantIsForAWSResource": True, "kms:ViaService": f"ecr.{PLATFORM.region}.amazonaws.com"}
    yield from tries(WHO, administer, key, **with_tags(ACME))
    yield from tries(WHO, "kms: CreateGrant", key, **grant)


@never
def it_leaves_the_platforms_key() -> Iterator[Attempt]:
    """Neither administered nor used nor renamed."""
    administer = "kms: PutKeyPolicy ScheduleKeyDeletion DisableKey TagResource UntagResource UpdateAlias CreateAlias"
    use = "kms: Decrypt Encrypt GenerateDataKey GenerateDataKeyWithoutPlaintext ReEncryptFrom ReEncryptTo CreateGrant"
    yield from tries(WHO, administer, things.key(None))
    yield from tries(WHO, use, things.key(None))


@never
def it_names_tenants_keys_only() -> Iterator[Attempt]:
    """No alias of AWS, of another stage or of the account."""
    for name in ("alias/anything", "alias/aws/s3", "alias/bulkhead/prod/acme", "alias/bulkhead/dev2/acme"):
        alias = things.any_arn("kms", name, name)
        yield from tries(WHO, "kms: CreateAlias UpdateAlias DeleteAlias", alias)


@never
def it_uses_no_key() -> Iterator[Attempt]:
    """Whatever a key's policy says, of a tenant or of anybody."""
    use = "kms: Decrypt Encrypt GenerateDataKey GenerateDataKeyWithoutPlaintext ReEncryptFrom ReEncryptTo"
    yield from tries((WHO, people.GATEWAY), use, (things.key(ACME), things.NOTHING))


@never
def it_sees_and_writes_no_content() -> Iterator[Attempt]:
    """Whatever a bucket's policy says: of tenants' objects it reads the models' metadata."""
    objects = tuple(things.in_bucket(things.bucket(ACME, kind)) for kind in ("data", "models", "capture"))
    write = "s3: PutObject PutObjectTagging PutObjectAcl ReplicateObject RestoreObject GetObjectVersion GetObjectVersionTagging"
    yield from tries((WHO, people.GATEWAY), write, objects)
    other = things.in_bucket(things.Thing(name="a bucket of the account", arn="arn:aws:s3:::anything"))
    read = "s3: GetObject GetObjectTagging GetObjectAcl"
    extended = things.in_bucket(things.Thing(name="no models bucket", arn=things.bucket(ACME, "models").arn + "2"))
    (another_stage,) = things.in_other_stages(objects[1])
    yield from tries((WHO, people.GATEWAY), read, (objects[0], objects[2], other, extended, another_stage))


@never
def it_touches_no_bucket_but_tenants() -> Iterator[Attempt]:
    """No bucket of the account, of another stage or of another account."""
    change = "s3: CreateBucket DeleteBucket PutBucketPolicy PutBucketVersioning PutLifecycleConfiguration ListBucket"
    names = (
        "anything",
        "bh-prod-acme-data-00000000",
        "bh-dev-acme-data-00000000",
        naming.bucket(PLATFORM, ACME, "data") + "2",
    )
    of_stages = things.in_other_stages(things.bucket(ACME, "data")) + things.in_other_stages(
        things.bucket(ACME, "models")
    )
    buckets = (*(things.Thing(name=name, arn=naming.bucket_arn(name)) for name in names), *of_stages)
    yield from tries(WHO, change, buckets)
    yield from tries(WHO, "s3: DeleteObject DeleteObjectVersion GetObject", tuple(map(things.in_bucket, buckets)))


@never
def it_touches_no_records() -> Iterator[Attempt]:
    """Neither the trail's nor Config's nor the access logs' bucket, nor their objects."""
    stores = tuple(things.records(kind) for kind in ("audit", "config", "access-logs"))
    yield from tries(
        (WHO, people.GATEWAY), "s3: PutBucketPolicy DeleteBucket ListBucket PutLifecycleConfiguration", stores
    )
    objects = tuple(map(things.in_bucket, stores))
    yield from tries((WHO, people.GATEWAY), "s3: GetObject PutObject DeleteObject DeleteObjectVersion", objects)


# Workloads


@never
def it_calls_no_model_pulls_no_image_and_reads_no_logs() -> Iterator[Attempt]:
    """What tenants compute, run and log is theirs, whatever the policies of it say."""
    who = (WHO, people.GATEWAY)
    yield from tries(who, INVOKE, things.sagemaker(ACME, "endpoint"))
    for owner in (ACME, None):
        yield from tries(who, PULL, things.repository(owner))
        yield from tries(who, PUSH, things.repository(owner))
    groups = (things.log_group(ACME), things.endpoint_log_group(ACME), things.log_group(None))
    yield from tries(
        who, "logs: GetLogEvents FilterLogEvents StartQuery StartLiveTail GetLogRecord GetLogGroupFields", groups
    )


@never
def it_leaves_what_is_shared() -> Iterator[Attempt]:
    """The cell's network, the serving images, the platform's logs, topic and key carry the platform's tag."""
    for kind in ("vpc", "subnet", "route-table", "vpc-endpoint", "security-group", "vpc-flow-log"):
        change = "ec2: DeleteVpc DeleteSubnet DeleteRouteTable DeleteVpcEndpoints DeleteSecurityGroup DeleteFlowLogs"
        more = "ModifyVpcEndpoint ModifyVpcAttribute ModifySubnetAttribute CreateTags DeleteTags"
        yield from tries(WHO, f"{change} {more}", things.network(None, kind))
    yield from tries(WHO, KEEP_IMAGES, things.repository(None))
    yield from tries(WHO, "logs: DeleteLogGroup DeleteLogStream DeleteRetentionPolicy", things.log_group(None))
    yield from tries(WHO, "sns: SetTopicAttributes DeleteTopic Subscribe Publish", things.topic(None))


@never
def it_makes_and_changes_no_network_but_tenants() -> Iterator[Attempt]:
    """What is made carries a tenant's tags, what is changed or removed too, and nobody else's resource is adopted."""
    made = {
        "CreateVpc": "vpc",
        "CreateSubnet": "subnet",
        "CreateRouteTable": "route-table",
        "CreateSecurityGroup": "security-group",
        "CreateVpcEndpoint": "vpc-endpoint",
        "CreateFlowLogs": "vpc-flow-log",
    }
    bad_tags = (
        {"tenant": "platform"}, {"tenant": None}, {"stage": "prod"}, {"managed_by": "hand"}, {"stage": None}, {"managed_by": None}
    )  # fmt: skip
    for action, kind in made.items():
        new = things.network(ACME, kind).without_tags()
        for tags in bad_tags:
            yield from tries(WHO, f"ec2: {action}", new, **with_tags(ACME, **tags))
            creating = {"ec2:CreateAction": action}
            yield from tries(WHO, "ec2: CreateTags", new, **with_tags(ACME, **tags), **creating)
        by_default = {"ec2:CreateAction": "CreateDefaultVpc"}
        if kind != "security-group":
            yield from tries(WHO, "ec2: CreateTags", new, **with_tags(ACME), **by_default)
    removed = {
        "DeleteVpc": "vpc",
        "DeleteSubnet": "subnet",
        "DeleteRouteTable": "route-table",
        "DeleteVpcEndpoints": "vpc-endpoint",
        "ModifyVpcEndpoint": "vpc-endpoint",
        "DeleteFlowLogs": "vpc-flow-log",
        "DeleteSecurityGroup": "security-group",
    }
    for action, kind in removed.items():
        for tags in bad_tags:
            keys = with_tags(ACME, "aws:ResourceTag", **tags)
            yield from tries(WHO, f"ec2: {action}", things.network(ACME, kind), **keys)


@never
def it_builds_in_no_network_of_others() -> Iterator[Attempt]:
    """Neither in a VPC of the account nor in one of another stage, nor does it open their groups."""
    for tags in ({"stage": "prod"}, {"managed_by": "hand"}, {"stage": None}, {"managed_by": None}):
        for kind, action in (
            ("vpc", "CreateSubnet"),
            ("vpc", "CreateVpcEndpoint"),
            ("subnet", "CreateVpcEndpoint"),
            ("security-group", "CreateVpcEndpoint"),
            ("route-table", "CreateVpcEndpoint"),
        ):
            keys = with_tags(ACME, "aws:ResourceTag", **tags)
            yield from tries(WHO, f"ec2: {action}", things.network(ACME, kind), **keys)
        for kind in ("security-group", "security-group-rule"):
            keys = with_tags(ACME, "aws:ResourceTag", **tags)
            rules = "ec2: AuthorizeSecurityGroupIngress AuthorizeSecurityGroupEgress RevokeSecurityGroupIngress ModifySecurityGroupRules"
            yield from tries(WHO, rules, things.network(ACME, kind), **keys)
        rule = things.network(ACME, "security-group-rule").without_tags()
        yield from tries(WHO, "ec2: AuthorizeSecurityGroupIngress", rule, **with_tags(ACME, **tags))
    for tags in ({"tenant": None}, {"tenant": "platform"}):
        rule = things.network(ACME, "security-group-rule").without_tags()
        yield from tries(WHO, "ec2: AuthorizeSecurityGroupIngress", rule, **with_tags(ACME, **tags))


@never
def it_touches_no_network_of_another_account() -> Iterator[Attempt]:
    """Which that account may have shared, whatever its tags say."""
    made = {
        "CreateVpc": "vpc",
        "CreateSubnet": "subnet",
        "CreateRouteTable": "route-table",
        "CreateSecurityGroup": "security-group",
        "CreateVpcEndpoint": "vpc-endpoint",
        "CreateFlowLogs": "vpc-flow-log",
        "AuthorizeSecurityGroupIngress": "security-group-rule",
    }
    for action, kind in made.items():
        theirs = things.of_another_account(things.network(ACME, kind))
        yield from tries(WHO, f"ec2: {action}", theirs.without_tags(), **with_tags(ACME))
        creating = {"ec2:CreateAction": action}
        yield from tries(WHO, "ec2: CreateTags", theirs.without_tags(), **with_tags(ACME), **creating)
        yield from tries(WHO, "ec2: CreateTags DeleteTags", theirs, **{"aws:TagKeys": ["Name"]})
    for kind in ("vpc", "subnet", "route-table", "security-group"):
        theirs = things.of_another_account(things.network(ACME, kind))
        yield from tries(WHO, "ec2: CreateSubnet CreateVpcEndpoint", theirs)
    for action, kind in (
        ("DeleteVpc", "vpc"),
        ("DeleteSubnet", "subnet"),
        ("DeleteRouteTable", "route-table"),
        ("DeleteSecurityGroup", "security-group"),
        ("DeleteVpcEndpoints", "vpc-endpoint"),
        ("DeleteFlowLogs", "vpc-flow-log"),
        ("RevokeSecurityGroupIngress", "security-group"),
        ("ModifySecurityGroupRules", "security-group-rule"),
    ):
        yield from tries(WHO, f"ec2: {action}", things.of_another_account(things.network(ACME, kind)))


@never
def it_never_changes_whose_a_network_is() -> Iterator[Attempt]:
    """Tags of the owner are set when something is made, and stay; what is tagged already is not adopted."""
    for kind in (
        "vpc",
        "subnet",
        "route-table",
        "security-group",
        "vpc-endpoint",
        "vpc-flow-log",
        "security-group-rule",
    ):
        for key in ("tenant", "stage", "managed-by"):
            yield from tries(WHO, "ec2: CreateTags DeleteTags", things.network(ACME, kind), **{"aws:TagKeys": [key]})
            yield from tries(WHO, "ec2: CreateTags", things.network(GLOBEX, kind), **with_tags(ACME))
        for tags in (
            {"tenant": None},
            {"tenant": "platform"},
            {"stage": "prod"},
            {"managed_by": "hand"},
            {"stage": None},
            {"managed_by": None},
        ):
            keys = with_tags(ACME, "aws:ResourceTag", **tags)
            yield from tries(
                WHO, "ec2: CreateTags DeleteTags", things.network(ACME, kind), **keys, **{"aws:TagKeys": ["Name"]}
            )
    for kind in ("vpc", "subnet", "network-interface"):
        untagged = things.network(ACME, kind).without_tags()
        yield from tries(WHO, "ec2: CreateTags", untagged, **with_tags(ACME))
    group = things.network(ACME, "security-group").without_tags()
    for tags in (
        {"tenant": None},
        {"tenant": "platform"},
        {"stage": "prod"},
        {"managed_by": "hand"},
        {"stage": None},
        {"managed_by": None},
    ):
        yield from tries(WHO, "ec2: CreateTags", group, **with_tags(ACME, **tags))


@never
def it_makes_nothing_outside_the_stage() -> Iterator[Attempt]:
    """Models, repositories, logs, alarms, topics and budgets are by the stage's names."""
    for prefix in ("bh-prod-acme", "anything", "bh-dev2-acme"):
        for kind in ("endpoint", "endpoint-config", "model", "model-package-group"):
            thing = things.any_arn("sagemaker", f"{kind}/{prefix}-x", f"{kind} {prefix}")
            yield from tries(
                WHO, "sagemaker: CreateEndpoint DeleteEndpoint CreateModel PutModelPackageGroupPolicy AddTags", thing
            )
        alarm = things.any_arn("cloudwatch", f"alarm:{prefix}-x", f"alarm {prefix}")
        yield from tries(WHO, "cloudwatch: PutMetricAlarm DeleteAlarms", alarm)
        topic = things.any_arn("sns", f"{prefix}-x", f"topic {prefix}")
        yield from tries(WHO, "sns: CreateTopic SetTopicAttributes DeleteTopic Subscribe", topic)
        budget = things.Thing(name=f"budget {prefix}", arn=f"arn:aws:budgets::{PLATFORM.account}:budget/{prefix}-x")
        yield from tries(WHO, "budgets: ModifyBudget ViewBudget", budget)
    for path in ("bulkhead/prod/acme/models", "anything"):
        repository = things.any_arn("ecr", f"repository/{path}", f"repository {path}")
        yield from tries(WHO, "ecr: CreateRepository SetRepositoryPolicy DeleteRepository", repository)
        group = things.any_arn("logs", f"log-group:/{path}", f"group {path}")
        yield from tries(WHO, "logs: DeleteLogGroup PutRetentionPolicy CreateLogGroup", group)
    endpoint = things.any_arn("logs", "log-group:/aws/sagemaker/Endpoints/anything", "another endpoint's group")
    yield from tries(WHO, "logs: DeleteLogGroup CreateLogGroup", endpoint)
    groups = (things.log_group(ACME), things.endpoint_log_group(ACME))
    other_groups = tuple(other for group in groups for other in things.in_other_stages(group))
    yield from tries(WHO, "logs: CreateLogGroup DeleteLogGroup PutRetentionPolicy", other_groups)
    other_images = things.in_other_stages(things.repository(ACME))
    yield from tries(WHO, "ecr: CreateRepository SetRepositoryPolicy DeleteRepository", other_images)
    own_budget = named("budget", f"arn:aws:budgets::{PLATFORM.account}:budget/{naming.budget(PLATFORM, ACME)}")
    yield from tries(WHO, "budgets: ModifyBudget", things.in_other_stages(own_budget))
    images = naming.repository_arn(PLATFORM, naming.repository(PLATFORM, ACME))
    extended = named("a namesake of the repository", images + "2")
    yield from tries(WHO, "ecr: CreateRepository SetRepositoryPolicy DeleteRepository", extended)
    budget = named(
        "a namesake of the budget", f"arn:aws:budgets::{PLATFORM.account}:budget/{naming.budget(PLATFORM, ACME)}2"
    )
    yield from tries(WHO, "budgets: ModifyBudget", budget)


@never
def it_scales_nothing_but_endpoints() -> Iterator[Attempt]:
    """Application Auto Scaling is for ten services."""
    target = things.any_arn("application-autoscaling", "scalable-target/1", "a scalable target")
    actions = (
        "application-autoscaling: RegisterScalableTarget DeregisterScalableTarget PutScalingPolicy DeleteScalingPolicy"
    )
    for namespace in ("ecs", "dynamodb", None):
        yield from tries(WHO, actions, target, **{"application-autoscaling:service-namespace": namespace})
    theirs = things.of_another_account(target)
    yield from tries(WHO, actions, theirs, **{"application-autoscaling:service-namespace": "sagemaker"})
    yield from tries(WHO, "application-autoscaling: TagResource UntagResource", theirs)


@never
def its_boundary_ends_where_provisioning_ends() -> Iterator[Attempt]:
    """Nothing else is ever to be had by the roles of the platform, whatever policies they get."""
    who = (WHO, people.GATEWAY)
    yield from tries(who, "secretsmanager: GetSecretValue", named("a secret", "*"))
    yield from tries(who, "lambda: InvokeFunction CreateFunction", named("a function", "*"))
    yield from tries(who, "cloudtrail: StopLogging DeleteTrail", named("the trail", naming.trail_arn(PLATFORM)))
    yield from tries(who, "config: StopConfigurationRecorder", named("the recorder", "*"))
    yield from tries(who, "guardduty: DeleteDetector", named("the detector", "*"))
    yield from tries(who, "organizations: LeaveOrganization", named("the organisation", "*"))
    yield from tries(who, "ssm: StartSession", named("an instance", "*"))


@never
def the_gateway_does_nothing_but_assume_invoke_roles() -> Iterator[Attempt]:
    """It has no right to a tenant's endpoint, data or configuration itself."""
    for actions, thing in (
        (INVOKE, things.sagemaker(ACME, "endpoint")),
        ("sagemaker: DescribeEndpoint", things.sagemaker(ACME, "endpoint")),
        ("s3: ListBucket PutBucketPolicy", things.bucket(ACME, "models")),
        ("iam: PutRolePolicy UpdateAssumeRolePolicy", things.role(ACME, "invoke")),
        ("kms: PutKeyPolicy", things.key(ACME)),
    ):
        yield from tries(people.GATEWAY, actions, thing)


@always
def it_provisions_a_tenant() -> Iterator[Attempt]:
    """Roles, keys, names, networks, logs, budgets: what a tenant's stack is made of."""
    for owner in (ACME, GLOBEX):
        boundary, tags = things.boundary(owner), with_tags(owner)
        yield from tries(WHO, "iam: CreatePolicy TagPolicy", boundary.without_tags(), **tags)
        yield from tries(WHO, "iam: CreateRole TagRole", roles_of(owner), **tags, **bounded_by(boundary))
        role = things.role(owner, "training")
        yield from tries(WHO, "iam: PutRolePolicy DeleteRolePolicy", role, **bounded_by(boundary))
        yield from tries(WHO, "iam: GetRole UpdateAssumeRolePolicy UpdateRole DeleteRole ListRolePolicies", role)
        yield from tries(WHO, "iam: CreatePolicyVersion DeletePolicyVersion GetPolicyVersion DeletePolicy", boundary)
        yield from tries(WHO, "iam: TagRole UntagRole", role, **{"aws:TagKeys": ["owner"]})
        yield from tries(WHO, "iam: TagPolicy UntagPolicy", boundary, **{"aws:TagKeys": ["owner"]})
        yield from tries(WHO, "kms: CreateKey", things.NOTHING, **tags, **{"kms:BypassPolicyLockoutSafetyCheck": False})
        yield from tries(WHO, "kms: CreateAlias UpdateAlias DeleteAlias", (things.alias(owner), things.key(owner)))
        yield from tries(WHO, "kms: ListAliases", things.NOTHING)
        budget = things.Thing(
            name="budget", arn=f"arn:aws:budgets::{PLATFORM.account}:budget/{naming.budget(PLATFORM, owner)}"
        )
        yield from tries(WHO, "budgets: ModifyBudget ViewBudget TagResource", budget)
        target = things.any_arn("application-autoscaling", "scalable-target/1", "a scalable target")
        scaling = "application-autoscaling: RegisterScalableTarget PutScalingPolicy DeleteScalingPolicy"
        yield from tries(WHO, scaling, target, **{"application-autoscaling:service-namespace": "sagemaker"})
        yield from tries(WHO, "application-autoscaling: TagResource ListTagsForResource", target)
    name = "AWSServiceRoleForApplicationAutoScaling_SageMakerEndpoint"
    service = "sagemaker.application-autoscaling.amazonaws.com"
    linked = named("the role of scaling", f"arn:aws:iam::{PLATFORM.account}:role/aws-service-role/{service}/{name}")
    yield from tries(WHO, "iam: CreateServiceLinkedRole", linked, **{"iam:AWSServiceName": service})
    yield from tries(WHO, "tag: GetResources", things.NOTHING)


@always
def it_builds_networks() -> Iterator[Attempt]:
    """A tenant's own, and a tenant's part of a cell's."""
    for owner in (ACME, GLOBEX):
        tags = with_tags(owner)
        yield from tries(WHO, "ec2: CreateVpc", things.network(owner, "vpc").without_tags(), **tags)
        vpc = things.network(GLOBEX if owner is GLOBEX else None, "vpc")
        for kind, action in (
            ("subnet", "CreateSubnet"),
            ("route-table", "CreateRouteTable"),
            ("security-group", "CreateSecurityGroup"),
            ("vpc-endpoint", "CreateVpcEndpoint"),
            ("vpc-flow-log", "CreateFlowLogs"),
        ):
            made = things.network(owner, kind).without_tags()
            yield from tries(WHO, f"ec2: {action}", made, **tags)
            # Each resource of a request has its own keys: what is there already has no tags of the request.
            yield from tries(WHO, f"ec2: {action}", vpc)
            yield from tries(WHO, "ec2: CreateTags", made, **tags, **{"ec2:CreateAction": action})
        groups = (things.network(owner, "security-group"), things.network(None, "security-group"))
        rules = "ec2: AuthorizeSecurityGroupIngress AuthorizeSecurityGroupEgress RevokeSecurityGroupIngress"
        yield from tries(WHO, rules, groups, **tags)
        rule = things.network(owner, "security-group-rule")
        yield from tries(WHO, "ec2: AuthorizeSecurityGroupIngress", rule.without_tags(), **tags)
        yield from tries(
            WHO, "ec2: CreateTags", rule.without_tags(), **tags, **{"ec2:CreateAction": "AuthorizeSecurityGroupIngress"}
        )
        yield from tries(WHO, "ec2: RevokeSecurityGroupIngress ModifySecurityGroupRules", rule)
        yield from tries(WHO, "ec2: CreateTags", things.network(owner, "security-group").without_tags(), **tags)
        for kind, action in (
            ("vpc", "DeleteVpc"),
            ("vpc", "ModifyVpcAttribute"),
            ("subnet", "DeleteSubnet"),
            ("route-table", "AssociateRouteTable"),
            ("vpc-endpoint", "ModifyVpcEndpoint"),
            ("vpc-flow-log", "DeleteFlowLogs"),
        ):
            yield from tries(WHO, f"ec2: {action}", things.network(owner, kind))
            yield from tries(
                WHO, "ec2: CreateTags DeleteTags", things.network(owner, kind), **{"aws:TagKeys": ["Name"]}
            )
    yield from tries(WHO, "ec2: DescribeVpcs DescribeSubnets", things.NOTHING)


@always
def it_empties_buckets_whose_policy_is_gone() -> Iterator[Attempt]:
    """The last step of a destroy: the bucket's policy denies it as long as it stands."""
    objects = things.in_bucket(things.Thing(name="a bucket without policy", arn=things.bucket(ACME, "data").arn))
    yield from tries(WHO, "s3: DeleteObject DeleteObjectVersion", objects)
