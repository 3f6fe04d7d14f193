"""Promises about the platform's key, topics and images, and about the services that act for owners."""

from __future__ import annotations

from collections.abc import Iterator
from typing import get_args

from infra import naming
from infra.naming import PlatformBucketKind
from tests.isolation.broken import people, things
from tests.isolation.broken.attempts import Attempt
from tests.isolation.broken.blueprint import ACME, ACMEEU, PLATFORM, PLATFORMEU
from tests.isolation.broken.promises.declared import Promises, tries
from tests.isolation.broken.promises.models import PULL
from tests.isolation.broken.promises.sessions import for_source

PROMISES = Promises()
never, always = PROMISES.never, PROMISES.always

USE = "kms: Decrypt Encrypt GenerateDataKey GenerateDataKeyWithoutPlaintext ReEncryptFrom ReEncryptTo"
ADMINISTER = "kms: PutKeyPolicy ScheduleKeyDeletion DisableKey TagResource RevokeGrant CreateAlias UpdateAlias"
VIA_S3 = {"kms:ViaService": f"s3.{PLATFORM.region}.amazonaws.com"}
REGION, ACCOUNT = PLATFORM.region, PLATFORM.account


def stores() -> tuple[things.Thing, ...]:
    """The buckets of records."""
    return tuple(things.records(kind) for kind in get_args(PlatformBucketKind))


@never
def no_role_of_a_tenant_grants_the_platforms_key() -> Iterator[Attempt]:
    """Serving images are encrypted when the platform is brought up."""
    grant = {"kms:GrantIsForAWSResource": True, "kms:ViaService": f"ecr.{REGION}.amazonaws.com"}
    yield from tries(people.roles(ACME), "kms: CreateGrant", things.key(None), grant)


@never
def no_role_of_the_blueprint_uses_or_administers_the_platforms_key() -> Iterator[Attempt]:
    """Neither a tenant's nor the platform's: Config encrypts what it delivers."""
    roles = (*people.roles(ACME), people.PROVISIONING, people.GATEWAY, people.FLOW_LOGS)
    yield from tries(roles, f"{USE} CreateGrant", things.key(None))
    yield from tries(roles, "kms: Decrypt GenerateDataKey", things.key(None), VIA_S3)
    yield from tries(roles, ADMINISTER, things.key(None))
    yield from tries(people.CONFIG, ADMINISTER, things.key(None))
    yield from tries(people.CONFIG, "kms: Decrypt GenerateDataKey", things.key(None))
    yield from tries(
        people.CONFIG,
        "kms: Decrypt GenerateDataKey",
        things.key(None),
        {"kms:ViaService": f"sns.{REGION}.amazonaws.com"},
    )


@never
def the_account_uses_the_platforms_key_by_services_only() -> Iterator[Attempt]:
    """Auditors read by S3, images are encrypted by ECR; nobody decrypts directly, and no outsider at all."""
    admin, key = people.ADMINISTRATOR, things.key(None)
    yield from tries(admin, f"{USE} CreateGrant RetireGrant", key)
    yield from tries(admin, "kms: GenerateDataKey Encrypt", key, VIA_S3)
    sns = {"kms:ViaService": f"sns.{REGION}.amazonaws.com"}
    yield from tries(admin, "kms: Decrypt", key, sns)
    ecr = {"kms:ViaService": f"ecr.{REGION}.amazonaws.com"}
    for keys in (
        ecr,
        {**ecr, "kms:GrantIsForAWSResource": False},
        {**sns, "kms:GrantIsForAWSResource": True},
        {"kms:GrantIsForAWSResource": True},
    ):
        yield from tries(admin, "kms: CreateGrant", key, keys)
    yield from tries(admin, "kms: RetireGrant", key, sns)
    outsiders = (people.OUTSIDER, people.ANONYMOUS)
    for keys in ({}, VIA_S3, {**ecr, "kms:GrantIsForAWSResource": True}):
        yield from tries(outsiders, f"{USE} CreateGrant RetireGrant", key, keys)
        yield from tries(outsiders, ADMINISTER, key, keys)
    namesake = people.namesake(None, "config")
    yield from tries(namesake, "kms: GenerateDataKey", key, VIA_S3)


@never
def services_use_keys_for_their_owner_only() -> Iterator[Attempt]:
    """Logs, alarms and budgets of another account or of another owner do not encrypt under an owner's key."""
    logs = people.service(f"logs.{REGION}")
    encrypt = "kms: Encrypt Decrypt GenerateDataKey ReEncryptFrom"
    for owner, other in ((ACME, ACMEEU), (None, ACME), (None, PLATFORMEU)):
        key = things.key(owner)
        for arn in (
            things.log_group(other).arn,
            things.log_group(owner).arn.replace(ACCOUNT, people.OUTSIDE),
            *((things.endpoint_log_group(other).arn,) if owner else ()),
            None,
        ):
            yield from tries(logs, encrypt, key, {"kms:EncryptionContext:aws:logs:arn": arn})
        own_group = {"kms:EncryptionContext:aws:logs:arn": things.log_group(owner).arn}
        yield from tries(people.service("logs.us-east-1"), encrypt, key, own_group)
        yield from tries(people.service("lambda"), encrypt, key, own_group)
        yield from tries(
            (people.OUTSIDER, people.ANONYMOUS, people.ADMINISTRATOR), "kms: Encrypt GenerateDataKey", key, own_group
        )
        cloudwatch, budgets = people.service("cloudwatch"), people.service("budgets")
        alarm, budget = things.alarm(owner).arn, f"arn:aws:budgets::{ACCOUNT}:budget/one"
        use = "kms: Decrypt GenerateDataKey"
        for service, source, wrong in (
            (cloudwatch, alarm, things.alarm(other).arn),
            (budgets, budget, budget.replace(ACCOUNT, people.OUTSIDE)),
        ):
            for keys in (
                for_source(wrong),
                for_source(source, people.OUTSIDE),
                for_source(source, None),
                {"aws:SourceAccount": ACCOUNT},
                {},
            ):
                yield from tries(service, use, key, keys)
            yield from tries(
                (people.service("lambda"), people.ADMINISTRATOR, people.OUTSIDER, people.ANONYMOUS),
                use,
                key,
                for_source(source),
            )
            yield from tries(service, "kms: Encrypt CreateGrant", key, for_source(source))
    trail, key, own = people.service("cloudtrail"), things.key(None), naming.trail_arn(PLATFORM)
    context = "kms:EncryptionContext:aws:cloudtrail:arn"
    for keys in (
        {"aws:SourceArn": own},
        {"aws:SourceArn": own, context: own.replace(ACCOUNT, people.OUTSIDE)},
        {"aws:SourceArn": own.replace(ACCOUNT, people.OUTSIDE), context: own},
        {"aws:SourceArn": own + "2", context: own},
        {context: own},
    ):
        yield from tries(trail, "kms: GenerateDataKey", key, keys)
    for source in (None, own.replace(ACCOUNT, people.OUTSIDE), own + "2"):
        yield from tries(trail, "kms: Decrypt DescribeKey", key, {"aws:SourceArn": source, context: own})
    both = {"aws:SourceArn": own, context: own}
    yield from tries(trail, "kms: Encrypt CreateGrant", key, both)
    others = (people.service("lambda"), people.OUTSIDER, people.ANONYMOUS)
    yield from tries((*others, people.ADMINISTRATOR), "kms: GenerateDataKey Decrypt", key, both)
    yield from tries(others, "kms: DescribeKey", key, both)


@never
def services_publish_for_the_owner_only() -> Iterator[Attempt]:
    """Neither another tenant's alarm nor another account's budget tells the owner anything."""
    for owner, other in ((ACME, ACMEEU), (None, ACME), (None, PLATFORMEU)):
        topic = things.topic(owner)
        alarm, budget = things.alarm(owner).arn, f"arn:aws:budgets::{ACCOUNT}:budget/one"
        for service, source, wrong in (
            (people.service("cloudwatch"), alarm, things.alarm(other).arn),
            (people.service("budgets"), budget, budget.replace(ACCOUNT, people.OUTSIDE)),
        ):
            for keys in (
                for_source(wrong),
                for_source(source, people.OUTSIDE),
                for_source(source, None),
                {"aws:SourceAccount": ACCOUNT},
                {},
            ):
                yield from tries(service, "sns: Publish", topic, keys)
            others = (people.service("lambda"), people.OUTSIDER, people.ANONYMOUS)
            yield from tries(others, "sns: Publish", topic, for_source(source))
            yield from tries(service, "sns: Subscribe SetTopicAttributes", topic, for_source(source))


@never
def only_serving_roles_are_let_to_the_platforms_images() -> Iterator[Attempt]:
    """The repository's policy lets nobody else of the account, and nobody of another."""
    others = (people.role(ACME, "invoke"), people.role(ACME, "deploy"), people.role(ACME, "data-scientist"))
    yield from tries(others, PULL, things.repository(None))


@never
def the_platforms_repository_lets_only_serving_roles_in() -> Iterator[Attempt]:
    """By its policy nobody of another account pulls, be the name of the role as it may."""
    here = (*people.elsewhere(ACME, "serving"), people.namesake(ACME, "serving"), *people.elsewhere(ACME, "training"))
    away = (people.stranger(who.caller.arn.replace(ACCOUNT, people.OUTSIDE)) for who in here)
    own = people.stranger(naming.role_arn(PLATFORM, ACME, "serving").replace(ACCOUNT, people.OUTSIDE))
    yield from tries((*away, own, people.OUTSIDER, people.ANONYMOUS), PULL, things.repository(None))


@never
def flow_logs_write_into_their_groups_only() -> Iterator[Attempt]:
    """No other group of a tenant, of the platform or of the account."""
    groups = (
        things.log_stream(things.log_group(ACME)),
        things.log_stream(things.endpoint_log_group(ACME)),
        things.log_stream(things.log_group(None, "images")),
        things.any_arn("logs", "log-group:/anything:log-stream:x", "another group"),
        things.log_stream(things.log_group(ACME, "flow-logs2")),
        *things.in_other_stages(things.log_stream(things.log_group(ACME, "flow-logs"))),
    )
    yield from tries(people.FLOW_LOGS, "logs: PutLogEvents CreateLogStream DescribeLogStreams", groups)
    own = things.log_stream(things.log_group(None, "flow-logs/main"))
    yield from tries(people.FLOW_LOGS, "logs: GetLogEvents FilterLogEvents DeleteLogGroup", own)
    elsewhere = things.Thing(name="groups elsewhere", arn=f"arn:aws:logs:us-east-1:{ACCOUNT}:log-group:x")
    yield from tries(people.FLOW_LOGS, "logs: DescribeLogGroups", elsewhere)


@always
def the_account_administers_what_is_the_platforms() -> Iterator[Attempt]:
    """Whoever brings up the platform does so before any role of it exists; auditors read the records."""
    yield from tries(
        people.ADMINISTRATOR, "kms: PutKeyPolicy ScheduleKeyDeletion DescribeKey TagResource", things.key(None)
    )
    ecr = {"kms:ViaService": f"ecr.{REGION}.amazonaws.com"}
    yield from tries(
        people.ADMINISTRATOR, "kms: CreateGrant", things.key(None), ecr, {"kms:GrantIsForAWSResource": True}
    )
    yield from tries(people.ADMINISTRATOR, "kms: RetireGrant", things.key(None), ecr)
    yield from tries(people.ADMINISTRATOR, "kms: Decrypt", things.key(None), VIA_S3)
    yield from tries(people.ADMINISTRATOR, "s3: ListBucket PutBucketPolicy", stores())
    yield from tries(people.ADMINISTRATOR, "s3: GetObject", tuple(map(things.in_bucket, stores())))
    yield from tries(people.ADMINISTRATOR, "sns: Publish Subscribe", things.topic(ACME))
