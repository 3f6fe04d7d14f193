"""Promises about workloads: the provisioning role and the gateway see no content and leave the stage alone."""

from __future__ import annotations

from collections.abc import Iterator

from infra import naming
from tests.isolation.broken import people, things
from tests.isolation.broken.attempts import Attempt
from tests.isolation.broken.blueprint import ACME, GLOBEX, PLATFORM
from tests.isolation.broken.promises.declared import Promises, tries
from tests.isolation.broken.promises.models import INVOKE, KEEP_IMAGES, PULL, PUSH
from tests.isolation.broken.promises.requesting import WHO, Keys, bounded_by, named, roles_of, with_tags

PROMISES = Promises()
never, always = PROMISES.never, PROMISES.always

#: What a request says of a model that runs in the tenant's network alone.
PRIVATE: Keys = {
    "sagemaker:NetworkIsolation": True,
    "sagemaker:VpcSecurityGroupIds": ["sg-1"],
    "sagemaker:VpcSubnets": ["subnet-1"],
}


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
def it_makes_no_model_that_could_call_out() -> Iterator[Attempt]:
    """Each has network isolation and the tenant's subnets: what it does passes the tenant's endpoints or nothing."""
    model = things.sagemaker(ACME, "model").without_tags()
    for missing in PRIVATE:
        yield from tries(WHO, "sagemaker: CreateModel", model, {**PRIVATE, missing: None}, with_tags(ACME))
    yield from tries(WHO, "sagemaker: CreateModel", model, {**PRIVATE, "sagemaker:NetworkIsolation": False})


@never
def it_makes_nothing_outside_the_stage() -> Iterator[Attempt]:
    """Models, repositories, logs, alarms, topics and budgets are by the stage's names."""
    for prefix in ("bh-prod-acme", "anything", "bh-dev2-acme"):
        for kind in ("endpoint", "endpoint-config", "model", "model-package-group"):
            thing = things.any_arn("sagemaker", f"{kind}/{prefix}-x", f"{kind} {prefix}")
            yield from tries(WHO, "sagemaker: CreateEndpoint DeleteEndpoint PutModelPackageGroupPolicy AddTags", thing)
            yield from tries(WHO, "sagemaker: CreateModel", thing, PRIVATE)
        alarm = things.any_arn("cloudwatch", f"alarm:{prefix}-x", f"alarm {prefix}")
        yield from tries(WHO, "cloudwatch: PutMetricAlarm DeleteAlarms", alarm)
        topic = things.any_arn("sns", f"{prefix}-x", f"topic {prefix}")
        yield from tries(WHO, "sns: CreateTopic SetTopicAttributes DeleteTopic Subscribe", topic)
        budget = things.Thing(name=f"budget {prefix}", arn=f"arn:aws:budgets::{PLATFORM.account}:budget/{prefix}-x")
        yield from tries(WHO, "budgets: ModifyBudget", budget)
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
        yield from tries(WHO, actions, target, {"application-autoscaling:service-namespace": namespace})
    theirs = things.of_another_account(target)
    yield from tries(WHO, actions, theirs, {"application-autoscaling:service-namespace": "sagemaker"})
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
        yield from tries(WHO, "iam: CreatePolicy TagPolicy", boundary.without_tags(), tags)
        yield from tries(WHO, "iam: CreateRole TagRole", roles_of(owner), tags, bounded_by(boundary))
        role = things.role(owner, "training")
        yield from tries(WHO, "iam: PutRolePolicy DeleteRolePolicy", role, bounded_by(boundary))
        yield from tries(WHO, "iam: GetRole UpdateAssumeRolePolicy UpdateRole DeleteRole ListRolePolicies", role)
        yield from tries(WHO, "iam: CreatePolicyVersion DeletePolicyVersion GetPolicyVersion DeletePolicy", boundary)
        yield from tries(WHO, "iam: TagRole UntagRole", role, {"aws:TagKeys": ["owner"]})
        yield from tries(WHO, "iam: TagPolicy UntagPolicy", boundary, {"aws:TagKeys": ["owner"]})
        yield from tries(WHO, "kms: CreateKey", things.NOTHING, tags, {"kms:BypassPolicyLockoutSafetyCheck": False})
        yield from tries(WHO, "kms: CreateAlias UpdateAlias DeleteAlias", (things.alias(owner), things.key(owner)))
        yield from tries(WHO, "kms: ListAliases", things.NOTHING)
        budget = things.Thing(
            name="budget", arn=f"arn:aws:budgets::{PLATFORM.account}:budget/{naming.budget(PLATFORM, owner)}"
        )
        yield from tries(WHO, "budgets: ModifyBudget ViewBudget TagResource", budget)
        target = things.any_arn("application-autoscaling", "scalable-target/1", "a scalable target")
        scaling = "application-autoscaling: RegisterScalableTarget PutScalingPolicy DeleteScalingPolicy"
        yield from tries(WHO, scaling, target, {"application-autoscaling:service-namespace": "sagemaker"})
        yield from tries(WHO, "application-autoscaling: TagResource ListTagsForResource", target)
    name = "AWSServiceRoleForApplicationAutoScaling_SageMakerEndpoint"
    service = "sagemaker.application-autoscaling.amazonaws.com"
    linked = named("the role of scaling", f"arn:aws:iam::{PLATFORM.account}:role/aws-service-role/{service}/{name}")
    yield from tries(WHO, "iam: CreateServiceLinkedRole", linked, {"iam:AWSServiceName": service})
    yield from tries(WHO, "tag: GetResources", things.NOTHING)
