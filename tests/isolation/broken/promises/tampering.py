"""Promises that no role of a tenant changes what isolation rests on: identities, keys, policies, networks, logs, audit.

Which actions those are says AWS's own catalogue by their access level, and for the rest a list of what would help an
attacker.
"""

from __future__ import annotations

from collections.abc import Iterator

from infra.evaluator import catalogue
from infra.evaluator.catalogue import AccessLevel
from infra.spec.tenant import TenantSpec
from tests.isolation.broken import people, things
from tests.isolation.broken.attempts import Attempt
from tests.isolation.broken.blueprint import ACME, ACMEEU, GLOBEX, SUSPENDED
from tests.isolation.broken.promises.declared import Promises, tries

PROMISES = Promises()
never, always = PROMISES.never, PROMISES.always

#: What changes permissions and is a right of tenants, under conditions that other promises are about.
OWN_RIGHTS = {
    "ec2:CreateNetworkInterfacePermission",
    "ec2:DeleteNetworkInterfacePermission",
    "iam:PassRole",
    "kms:CreateGrant",
}

#: What else would open a wall, by service.
OPENINGS = (
    "cloudtrail: StopLogging DeleteTrail UpdateTrail PutEventSelectors",
    "cloudwatch: DeleteAlarms DisableAlarmActions PutMetricAlarm PutCompositeAlarm",
    "config: DeleteConfigRule StopConfigurationRecorder DeleteConfigurationRecorder PutConfigurationRecorder",
    "ec2: AuthorizeSecurityGroupEgress AuthorizeSecurityGroupIngress RevokeSecurityGroupEgress CreateRoute "
    "ReplaceRoute CreateVpcEndpoint DeleteVpcEndpoints ModifyVpcEndpoint ModifySecurityGroupRules DeleteFlowLogs "
    "CreateTags DeleteTags AttachInternetGateway AcceptVpcPeeringConnection AssociateRouteTable "
    "ModifyNetworkInterfaceAttribute CreateRouteTable",
    "ecr: BatchDeleteImage DeleteRepository DeleteRepositoryPolicy SetRepositoryPolicy PutImageTagMutability "
    "PutRegistryPolicy PutLifecyclePolicy PutRegistryScanningConfiguration",
    "guardduty: DeleteDetector UpdateDetector CreateFilter",
    "iam: AttachRolePolicy CreateAccessKey CreatePolicyVersion CreateRole CreateUser DeleteRolePermissionsBoundary "
    "DeleteRolePolicy DetachRolePolicy PutRolePermissionsBoundary PutRolePolicy RemoveRoleFromInstanceProfile "
    "SetDefaultPolicyVersion TagRole UntagRole UpdateAssumeRolePolicy UpdateSAMLProvider AddRoleToInstanceProfile",
    "kms: CreateAlias DeleteAlias UpdateAlias DisableKey DisableKeyRotation PutKeyPolicy ScheduleKeyDeletion "
    "TagResource UntagResource UpdateKeyDescription ReplicateKey DeleteImportedKeyMaterial RevokeGrant",
    "logs: AssociateKmsKey DisassociateKmsKey DeleteLogGroup DeleteLogStream DeleteRetentionPolicy PutRetentionPolicy "
    "PutSubscriptionFilter PutResourcePolicy PutMetricFilter",
    "s3: BypassGovernanceRetention CreateAccessPoint DeleteAccessPointPolicy DeleteBucket DeleteBucketPolicy "
    "DeleteObjectVersion DeleteObjectVersionTagging PutAccountPublicAccessBlock PutBucketAcl PutBucketLogging "
    "PutBucketPolicy PutBucketPublicAccessBlock PutBucketVersioning PutEncryptionConfiguration "
    "PutLifecycleConfiguration PutObjectAcl PutObjectVersionAcl PutReplicationConfiguration PutObjectLegalHold "
    "PutObjectRetention",
    "sagemaker: CreatePresignedDomainUrl CreatePresignedNotebookInstanceUrl DeleteModelPackageGroupPolicy "
    "PutModelPackageGroupPolicy DeleteTags",
    "sns: AddPermission RemovePermission SetTopicAttributes",
    "sts: AssumeRole GetFederationToken TagSession",
)


def in_general(service: str) -> things.Thing:
    """Whatever of a service: no policy of ours names it."""
    return things.Thing(name=f"anything of {service}", arn="*")


@never
def no_role_of_a_tenant_opens_a_wall() -> Iterator[Attempt]:
    """None of the actions that would, on whatever, even where the resource's policy would let the session."""
    for actions in OPENINGS:
        service = actions.partition(":")[0]
        yield from tries(
            (people.role(ACME, "training"), people.role(ACME, "data-scientist")), actions, in_general(service)
        )


@never
def no_role_of_a_tenant_manages_permissions() -> Iterator[Attempt]:
    """Nothing whose access level is Permissions management, in any service that the blueprint uses."""
    for actions in OPENINGS:
        service = actions.partition(":")[0]
        for action in catalogue.actions(service):
            if action.access_level is AccessLevel.PERMISSIONS and action.full_name not in OWN_RIGHTS:
                yield from tries(people.role(ACME, "data-scientist"), f"{service}: {action.name}", in_general(service))


@never
def no_role_of_a_tenant_changes_its_own_walls() -> Iterator[Attempt]:
    """Its trust, boundary and policies, its key's, bucket's, repository's and endpoint's policy, its logs."""
    for who in people.roles(ACME):
        own = (things.role(ACME, "training"), things.role(ACME, "invoke"))
        iam = "iam: UpdateAssumeRolePolicy PutRolePolicy AttachRolePolicy DeleteRolePolicy PutRolePermissionsBoundary"
        yield from tries(who, f"{iam} DeleteRolePermissionsBoundary TagRole", own)
        yield from tries(who, "iam: CreatePolicyVersion SetDefaultPolicyVersion DeletePolicy", things.boundary(ACME))
        yield from tries(who, "kms: PutKeyPolicy ScheduleKeyDeletion TagResource", things.key(ACME))
        yield from tries(who, "s3: PutBucketPolicy DeleteBucketPolicy PutBucketAcl", things.bucket(ACME, "data"))
        yield from tries(who, "ecr: SetRepositoryPolicy DeleteRepositoryPolicy", things.repository(ACME))
        yield from tries(who, "sagemaker: PutModelPackageGroupPolicy DeleteTags", things.registry(ACME))
        yield from tries(who, "ec2: ModifyVpcEndpoint DeleteVpcEndpoints", things.network(ACME, "vpc-endpoint"))
        yield from tries(who, "ec2: DeleteFlowLogs", things.network(ACME, "vpc-flow-log"))
        yield from tries(who, "logs: DeleteLogGroup PutRetentionPolicy", things.log_group(ACME))
        yield from tries(who, "sns: SetTopicAttributes AddPermission", things.topic(ACME))


@never
def no_role_of_a_tenant_touches_what_carries_another_tenants_tag() -> Iterator[Attempt]:
    """Whatever it is and whatever allows it, by its own name even: a tag of another tenant decides."""
    for other in (ACMEEU, GLOBEX):
        tagged = things.Thing(name=f"a thing of {other.id}", arn="*", tags=things.tags(other))
        misnamed = things.Thing(
            name=f"a thing of {other.id} by acme's name",
            arn=things.sagemaker(ACME, "endpoint").arn,
            tags=things.tags(other),
        )
        for actions in (
            "ec2: DescribeVolumes DeleteNetworkInterface",
            "sagemaker: DescribeNotebookInstance",
            "logs: GetQueryResults",
        ):
            yield from tries(people.role(ACME, "data-scientist"), actions, tagged)
        yield from tries(people.role(ACME, "data-scientist"), "sagemaker: InvokeEndpoint DescribeEndpoint", misnamed)


# Network interfaces


@never
def no_tenants_workloads_enter_another_tenants_network() -> Iterator[Attempt]:
    """No interface in another's subnet or with its security group; none of its own is handed over or removed."""
    execution = (people.role(ACME, "training"), people.role(ACME, "serving"))
    for other in (ACMEEU, GLOBEX):
        subnet, group = things.subnet(other), things.network(other, "security-group")
        interface = things.network(other, "network-interface")
        in_its_subnet = {"ec2:Subnet": subnet.arn}
        yield from tries(execution, "ec2: CreateNetworkInterface", (subnet, subnet.without_tags()))
        yield from tries(execution, "ec2: CreateNetworkInterface", (group, group.without_tags()))
        change = "ec2: DeleteNetworkInterface CreateNetworkInterfacePermission DeleteNetworkInterfacePermission"
        for one in (interface, interface.without_tags()):
            yield from tries(execution, change, one, in_its_subnet)
            yield from tries(execution, change, one)
    interface = things.network(ACMEEU, "network-interface").without_tags()
    for subnet in map(things.namesake, things.subnets_of(ACME)):
        yield from tries(execution, "ec2: CreateNetworkInterface", subnet)
        yield from tries(execution, "ec2: DeleteNetworkInterface", interface, {"ec2:Subnet": subnet.arn})


@never
def no_tenants_workloads_enter_another_accounts_network() -> Iterator[Attempt]:
    """A subnet or group that another account shares is no place for them, whatever its tags say."""
    execution = (people.role(ACME, "training"), people.role(ACME, "serving"))
    theirs = tuple(
        things.of_another_account(thing)
        for thing in (
            things.subnet(ACME),
            things.network(ACME, "security-group"),
            things.network(ACME, "network-interface"),
        )
    )
    own = {"ec2:Subnet": things.subnet(ACME).arn}
    yield from tries(execution, "ec2: CreateNetworkInterface", theirs)
    yield from tries(execution, "ec2: DeleteNetworkInterface CreateNetworkInterfacePermission", theirs, own)


@never
def nobody_but_workloads_makes_interfaces() -> Iterator[Attempt]:
    """Interfaces are made for jobs and endpoints."""
    others = tuple(people.role(ACME, kind) for kind in ("invoke", "data-scientist", "deploy"))
    yield from tries(others, "ec2: CreateNetworkInterface", things.subnet(ACME))


@always
def workloads_have_interfaces_in_their_subnets() -> Iterator[Attempt]:
    """SageMaker makes, hands over and removes them as the execution role."""
    execution = (people.role(ACME, "training"), people.role(ACME, "serving"))
    interface = things.network(ACME, "network-interface").without_tags()
    made = (*things.subnets_of(ACME), things.network(ACME, "security-group"), interface)
    yield from tries(execution, "ec2: CreateNetworkInterface", made)
    change = "ec2: DeleteNetworkInterface CreateNetworkInterfacePermission DeleteNetworkInterfacePermission"
    for subnet in things.subnets_of(ACME):
        yield from tries(execution, change, interface, {"ec2:Subnet": subnet.arn})
    see = "ec2: DescribeDhcpOptions DescribeNetworkInterfaces DescribeSecurityGroups DescribeSubnets DescribeVpcs"
    yield from tries(execution, see, things.NOTHING)


# A suspended tenant


@never
def nobody_acts_for_a_suspended_tenant() -> Iterator[Attempt]:
    """In sessions that exist too, whatever allows it; SageMaker keeps endpoints alive by the serving role."""
    for kind in ("training", "invoke", "data-scientist", "deploy"):
        who = people.role(SUSPENDED, kind)
        for actions, thing in _own_uses(SUSPENDED):
            yield from tries(who, actions, thing)
    namesake = people.Somebody(
        name="a namesake of the serving role under its boundary",
        caller=people.namesake(SUSPENDED, "serving").caller,
        boundary=f"{SUSPENDED.id}.boundary",
    )
    for actions, thing in _own_uses(SUSPENDED):
        yield from tries(namesake, actions, thing)


@always
def the_endpoints_of_a_suspended_tenant_stay() -> Iterator[Attempt]:
    """The serving role loads the model into an instance that replaces another."""
    serving = people.role(SUSPENDED, "serving")
    models = things.in_bucket(things.bucket(SUSPENDED, "models"))
    yield from tries(serving, "s3: GetObject", models, through="idle.endpoint.s3")
    yield from tries(serving, "ecr: BatchGetImage", things.repository(SUSPENDED))


def _own_uses(owner: TenantSpec) -> Iterator[tuple[str, things.Thing]]:
    yield "s3: GetObject PutObject", things.in_bucket(things.bucket(owner, "data"))
    yield "kms: Decrypt GenerateDataKey", things.key(owner)
    yield "sagemaker: InvokeEndpoint CreateTrainingJob", things.sagemaker(owner, "endpoint")
    yield "logs: GetLogEvents", things.log_group(owner)
