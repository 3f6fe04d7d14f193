"""Promises about who audits or reckons capacity: they read configuration, no content, and change nothing."""

from __future__ import annotations

from collections.abc import Iterator
from typing import get_args

from infra import naming
from infra.naming import PlatformBucketKind
from tests.isolation.broken import people, things
from tests.isolation.broken.attempts import Attempt
from tests.isolation.broken.blueprint import ACME, GLOBEX
from tests.isolation.broken.promises import objects
from tests.isolation.broken.promises.declared import Promises, tries
from tests.isolation.broken.promises.keys import ADMINISTER as ADMINISTER_KEYS
from tests.isolation.broken.promises.keys import MORE_USE, USE
from tests.isolation.broken.promises.logs import CHANGE as CHANGE_LOGS
from tests.isolation.broken.promises.sessions import ASSUME, roles_of

PROMISES = Promises()
never, always = PROMISES.never, PROMISES.always

WHO = people.AUDITOR
#: Whoever reads the account, whatever for, reads no content and changes nothing.
READERS = (WHO, people.RECKONER)
#: What the blueprint did not make, and so has no policy that refuses anybody of the account.
STRAY_BUCKET = things.Thing(name="a stray bucket", arn=naming.bucket_arn("some-other-bucket"))
STRAY_KEY = things.any_arn("kms", "key/00000000-1111-2222-3333-444444444444", "a stray key")
SECRET = things.any_arn("secretsmanager", "secret:one-AbCdEf", "a secret")
PARAMETER = things.any_arn("ssm", "parameter/one", "a parameter")
FUNCTION = things.any_arn("lambda", "function:one", "a function")
QUEUE = things.any_arn("sqs", "one", "a queue")
TABLE = things.any_arn("dynamodb", "table/one", "a table")
ROLES = (things.platform_role("provisioning"), things.platform_role("preview"), things.other_role("Administrator"))


@never
def the_auditor_reads_no_content() -> Iterator[Attempt]:
    """No object, image, log event, secret's value, parameter, message, or code, and no model's answer."""
    stores = (
        STRAY_BUCKET,
        things.bucket(ACME, "data"),
        *(things.records(kind) for kind in get_args(PlatformBucketKind)),
    )
    for actions in (objects.READ, objects.PARTS):
        yield from tries(READERS, actions, tuple(map(things.in_bucket, stores)))
    yield from tries(READERS, "s3: ListBucket ListBucketVersions", stores)
    for actions in (USE, MORE_USE):
        yield from tries(READERS, actions, (STRAY_KEY, things.key(ACME), things.key(None)))
    groups = (things.log_group(ACME), things.log_group(None))
    yield from tries(READERS, "logs: GetLogEvents FilterLogEvents StartQuery StartLiveTail GetLogRecord Unmask", groups)
    yield from tries(READERS, "secretsmanager: GetSecretValue BatchGetSecretValue", SECRET)
    yield from tries(READERS, "ssm: GetParameter GetParameters GetParametersByPath GetParameterHistory", PARAMETER)
    models = (things.sagemaker(ACME, "endpoint"), things.sagemaker(GLOBEX, "endpoint"))
    yield from tries(READERS, "sagemaker: InvokeEndpoint InvokeEndpointAsync InvokeEndpointWithResponseStream", models)
    yield from tries(
        READERS, "ecr: BatchGetImage GetDownloadUrlForLayer", (things.repository(ACME), things.repository(None))
    )
    yield from tries(READERS, "lambda: GetFunction InvokeFunction", FUNCTION)
    yield from tries(READERS, "sqs: ReceiveMessage", QUEUE)
    yield from tries(READERS, "dynamodb: GetItem Query Scan", TABLE)


@never
def the_auditor_changes_nothing() -> Iterator[Attempt]:
    """No policy, tag, role, key, grant, bucket, log group, topic, endpoint or message."""
    for actions in (objects.WRITE, objects.DELETE):
        yield from tries(READERS, actions, things.in_bucket(STRAY_BUCKET))
    yield from tries(READERS, objects.CONFIGURE, STRAY_BUCKET)
    yield from tries(READERS, f"{ADMINISTER_KEYS} CreateGrant RetireGrant", STRAY_KEY)
    yield from tries(READERS, CHANGE_LOGS, things.log_group(ACME))
    roles = (things.other_role("Administrator"), things.other_role("Auditor"))
    identities = (
        "iam: PutRolePolicy AttachRolePolicy UpdateAssumeRolePolicy CreateRole DeleteRole CreateAccessKey CreateUser "
        "CreatePolicyVersion TagRole PutRolePermissionsBoundary DeleteRolePermissionsBoundary"
    )
    yield from tries(READERS, identities, roles)
    yield from tries(
        READERS, "ec2: ModifyVpcEndpoint DeleteVpcEndpoints CreateTags", things.network(ACME, "vpc-endpoint")
    )
    yield from tries(READERS, "ecr: SetRepositoryPolicy PutImage DeleteRepository TagResource", things.repository(ACME))
    yield from tries(
        READERS, "sagemaker: CreateModel DeleteEndpoint UpdateEndpoint AddTags", things.sagemaker(ACME, "endpoint")
    )
    yield from tries(READERS, "sns: Publish Subscribe SetTopicAttributes AddPermission", things.topic(None))
    yield from tries(READERS, "sqs: SendMessage SetQueueAttributes DeleteQueue", QUEUE)
    yield from tries(READERS, "lambda: AddPermission UpdateFunctionCode DeleteFunction", FUNCTION)
    yield from tries(READERS, "secretsmanager: PutSecretValue PutResourcePolicy DeleteSecret", SECRET)
    yield from tries(READERS, "organizations: AttachPolicy UpdatePolicy LeaveOrganization", things.NOTHING)
    yield from tries(READERS, "tag: TagResources UntagResources", things.NOTHING)


@never
def the_auditor_acts_as_nobody_else() -> Iterator[Attempt]:
    """It assumes and passes no role."""
    targets = (*ROLES, *roles_of(ACME))
    yield from tries(READERS, ASSUME, targets)
    yield from tries(READERS, "iam: PassRole", targets, {"iam:PassedToService": "lambda.amazonaws.com"})


@always
def the_auditor_reads_configuration() -> Iterator[Attempt]:
    """What lets whom in, as far as nobody's own policy keeps it from the auditor."""
    for actions in (
        "iam: GetAccountAuthorizationDetails ListPolicies ListOpenIDConnectProviders ListSAMLProviders",
        "logs: DescribeLogGroups DescribeResourcePolicies",
        "ec2: DescribeVpcEndpoints",
        "kms: ListKeys ListAliases",
        "s3: ListAllMyBuckets",
        "sagemaker: ListModels ListEndpoints ListModelPackageGroups",
        "tag: GetResources",
    ):
        yield from tries(WHO, actions, things.NOTHING)
    yield from tries(WHO, "s3: GetBucketPolicy GetBucketPublicAccessBlock", (STRAY_BUCKET, things.records("audit")))
    yield from tries(WHO, "kms: GetKeyPolicy ListGrants DescribeKey", STRAY_KEY)
    yield from tries(WHO, "secretsmanager: GetResourcePolicy", SECRET)
    yield from tries(WHO, "lambda: GetPolicy", FUNCTION)
    yield from tries(WHO, "sagemaker: DescribeModel DescribeEndpoint", things.sagemaker(ACME, "endpoint"))


@always
def the_reckoner_counts_what_there_is() -> Iterator[Attempt]:
    """What there is and how much of it the account may have."""
    for actions in (
        "iam: GetAccountSummary",
        "s3: ListAllMyBuckets",
        "sagemaker: ListEndpoints ListModelPackageGroups",
        "servicequotas: GetServiceQuota ListServiceQuotas",
    ):
        yield from tries(people.RECKONER, actions, things.NOTHING)
