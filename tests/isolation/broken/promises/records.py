"""Promises about the platform's records: services deliver, nobody deletes, no role of the blueprint reads."""

from __future__ import annotations

from collections.abc import Iterator
from typing import get_args

from infra import naming
from infra.naming import PlatformBucketKind
from infra.spec.tenant import TenantSpec
from tests.isolation.broken import people, things
from tests.isolation.broken.attempts import Attempt
from tests.isolation.broken.blueprint import ACME, GLOBEX, PLATFORM, key_arn
from tests.isolation.broken.promises.declared import Promises, tries
from tests.isolation.broken.promises.sessions import for_source

PROMISES = Promises()
never, always = PROMISES.never, PROMISES.always

USE = "kms: Decrypt Encrypt GenerateDataKey GenerateDataKeyWithoutPlaintext ReEncryptFrom ReEncryptTo"
ADMINISTER = "kms: PutKeyPolicy ScheduleKeyDeletion DisableKey TagResource RevokeGrant CreateAlias UpdateAlias"
VIA_S3 = {"kms:ViaService": f"s3.{PLATFORM.region}.amazonaws.com"}
GIVEN_UP = {"s3:x-amz-acl": "bucket-owner-full-control"}
REGION, ACCOUNT = PLATFORM.region, PLATFORM.account


def stores() -> tuple[things.Thing, ...]:
    """The buckets of records."""
    return tuple(things.records(kind) for kind in get_args(PlatformBucketKind))


def log_path(kind: PlatformBucketKind, tail: str = "CloudTrail/one.json.gz") -> things.Thing:
    """An object where a service delivers."""
    return things.in_bucket(things.records(kind), f"AWSLogs/{ACCOUNT}/{tail}")


def alarm_of(owner: TenantSpec | None) -> dict[str, str | None]:
    """The keys of what CloudWatch sends for an owner's alarm."""
    return for_source(things.alarm(owner).arn)


# Records


@never
def no_role_of_the_blueprint_reads_or_writes_records() -> Iterator[Attempt]:
    """No tenant's and no role of the platform; Config delivers into its own bucket only."""
    roles = (*people.roles(ACME), *people.roles(GLOBEX), people.PROVISIONING, people.GATEWAY, people.FLOW_LOGS)
    yield from tries(
        roles, "s3: GetObject GetObjectVersion PutObject DeleteObject", tuple(map(things.in_bucket, stores()))
    )
    yield from tries(
        roles, "s3: ListBucket ListBucketVersions PutBucketPolicy DeleteBucket PutLifecycleConfiguration", stores()
    )
    namesakes = (people.namesake(None, "config"), people.namesake(None, "provisioning"))
    yield from tries(namesakes, "s3: GetObject PutObject", tuple(map(things.in_bucket, stores())))


@never
def config_reads_no_records() -> Iterator[Attempt]:
    """It looks at how the buckets are configured, and delivers into its own."""
    others = tuple(things.in_bucket(things.records(kind)) for kind in ("audit", "access-logs"))
    yield from tries(people.CONFIG, "s3: GetObject PutObject DeleteObject", others)
    yield from tries(people.CONFIG, "s3: GetObject DeleteObject", log_path("config", "Config/one.json.gz"))


@never
def config_delivers_under_its_path_and_key_only() -> Iterator[Attempt]:
    """Config's role writes its own records, gives them up to the owner of the bucket, and uses the platform's key."""
    yield from tries(people.CONFIG, "s3: PutObject", log_path("config", "elsewhere/one"), GIVEN_UP)
    yield from tries(people.CONFIG, "s3: PutObject", log_path("config", "Config/one"))
    yield from tries(people.CONFIG, "s3: PutObject", log_path("config", "Config/one"), {"s3:x-amz-acl": "private"})
    namesake = things.outside_bucket(naming.platform_bucket(PLATFORM, "config") + "2")
    yield from tries(people.CONFIG, "s3: ListBucket", (things.records("audit"), things.bucket(ACME, "data"), namesake))
    yield from tries(
        people.CONFIG, "kms: Decrypt GenerateDataKey", (things.key(ACME), things.key(None).without_tags()), VIA_S3
    )
    away = things.Thing(
        name="another account's key",
        arn=key_arn(None).replace(ACCOUNT, people.OUTSIDE),
        account=people.OUTSIDE,
        tags=things.tags(None),
    )
    yield from tries(people.CONFIG, "kms: Decrypt GenerateDataKey", away, VIA_S3)


@never
def nobody_deletes_a_record() -> Iterator[Attempt]:
    """Not the administrator, not the root user."""
    objects = tuple(map(things.in_bucket, stores()))
    yield from tries(
        (people.ADMINISTRATOR, people.ROOT_USER, people.OUTSIDER), "s3: DeleteObject DeleteObjectVersion", objects
    )


@never
def no_outsider_reaches_records() -> Iterator[Attempt]:
    """No other account, and nobody without a name."""
    outsiders = (people.OUTSIDER, people.ANONYMOUS)
    yield from tries(outsiders, "s3: GetObject PutObject", tuple(map(things.in_bucket, stores())), GIVEN_UP)
    yield from tries(
        outsiders, "s3: GetObject PutObject", log_path("audit"), GIVEN_UP, for_source(naming.trail_arn(PLATFORM))
    )
    yield from tries(
        outsiders, "s3: GetObject PutObject", log_path("config", "Config/x"), GIVEN_UP, {"aws:SourceAccount": ACCOUNT}
    )
    for keys in (for_source(naming.trail_arn(PLATFORM)), {"aws:SourceAccount": ACCOUNT}):
        yield from tries(outsiders, "s3: ListBucket GetBucketAcl", stores(), keys)


@never
def records_travel_encrypted_and_lie_under_the_platforms_key() -> Iterator[Attempt]:
    """No plain HTTP, no old TLS, no other key: the account's administrators and the services alike."""
    trail, config = people.service("cloudtrail"), people.service("config")
    for_trail = for_source(naming.trail_arn(PLATFORM))
    header = "s3:x-amz-server-side-encryption"
    clear = ({"aws:SecureTransport": False}, {"s3:TlsVersion": "1.1"})
    other_keys = (
        {header: "AES256"},
        {header: "aws:kms", f"{header}-aws-kms-key-id": key_arn(ACME)},
        {header: "aws:kms", f"{header}-aws-kms-key-id": key_arn(None) + "2"},
        {f"{header}-customer-algorithm": "AES256"},
    )
    for keys in (*clear, *other_keys):
        yield from tries(trail, "s3: PutObject", log_path("audit"), GIVEN_UP, for_trail, keys)
        yield from tries(config, "s3: PutObject", log_path("config", "Config/x"), GIVEN_UP, for_source("x"), keys)
        yield from tries(
            people.ADMINISTRATOR, "s3: PutObject", (log_path("audit"), log_path("config", "Config/x")), keys
        )
    for keys in clear:
        yield from tries(people.ADMINISTRATOR, "s3: ListBucket", stores(), keys)
        yield from tries(people.ADMINISTRATOR, "s3: GetObject", tuple(map(things.in_bucket, stores())), keys)


@never
def services_deliver_for_this_account_only() -> Iterator[Attempt]:
    """Another account's trail, recorder or bucket does not write into our records, nor another service."""
    trail, config, logging = people.service("cloudtrail"), people.service("config"), people.service("logging.s3")
    own = naming.trail_arn(PLATFORM)
    audit, delivered = log_path("audit"), log_path("config", "Config/x")
    for source in (own.replace(ACCOUNT, people.OUTSIDE), own + "2", None):
        keys = {"aws:SourceArn": source}
        yield from tries(trail, "s3: PutObject", audit, GIVEN_UP, keys)
        yield from tries(trail, "s3: GetBucketAcl", things.records("audit"), keys)
    mine = for_source(own)
    yield from tries(trail, "s3: PutObject", audit, mine)
    yield from tries(trail, "s3: PutObject", audit, mine, {"s3:x-amz-acl": "private"})
    yield from tries(trail, "s3: PutObject", things.in_bucket(things.records("audit"), "elsewhere"), GIVEN_UP, mine)
    yield from tries(trail, "s3: GetObject ListBucket", (audit, things.records("audit")), mine)
    for account in (people.OUTSIDE, None):
        keys = {"aws:SourceAccount": account}
        yield from tries(config, "s3: PutObject", delivered, GIVEN_UP, keys)
        yield from tries(config, "s3: GetBucketAcl ListBucket", things.records("config"), keys)
    here = {"aws:SourceAccount": ACCOUNT}
    yield from tries(config, "s3: PutObject", delivered, here)
    yield from tries(config, "s3: PutObject", delivered, here, {"s3:x-amz-acl": "private"})
    yield from tries(config, "s3: PutObject", log_path("config", "elsewhere/x"), GIVEN_UP, here)
    yield from tries(config, "s3: GetObject", delivered, here)
    logs, bucket = things.in_bucket(things.records("access-logs")), things.bucket(ACME, "data").arn
    for keys in (
        for_source(bucket, people.OUTSIDE),
        for_source(bucket, None),
        for_source("arn:aws:s3:::elsewhere"),
        for_source("arn:aws:s3:::bh-dev2-acme-data"),
        here,
    ):
        yield from tries(logging, "s3: PutObject", logs, keys)
    yield from tries(logging, "s3: GetObject", logs, for_source(bucket))
    other = people.service("lambda")
    yield from tries(other, "s3: PutObject", (audit, delivered, logs), GIVEN_UP, mine)
    yield from tries(other, "s3: PutObject", logs, for_source(bucket))
    yield from tries(other, "s3: GetBucketAcl", stores(), mine)


@always
def services_deliver_and_publish() -> Iterator[Attempt]:
    """The trail, the recorder, access logs, alarms, budgets, logs and flow logs."""
    trail, config, logging = people.service("cloudtrail"), people.service("config"), people.service("logging.s3")
    own, here = for_source(naming.trail_arn(PLATFORM)), {"aws:SourceAccount": ACCOUNT}
    header = "s3:x-amz-server-side-encryption"
    with_key = {header: "aws:kms", f"{header}-aws-kms-key-id": key_arn(None)}
    for keys in ({}, with_key):
        yield from tries(trail, "s3: PutObject", log_path("audit"), GIVEN_UP, own, keys)
        yield from tries(config, "s3: PutObject", log_path("config", "Config/x"), GIVEN_UP, here, keys)
        yield from tries(people.CONFIG, "s3: PutObject", log_path("config", "Config/x"), GIVEN_UP, keys)
    yield from tries(trail, "s3: GetBucketAcl", things.records("audit"), own)
    yield from tries(config, "s3: GetBucketAcl ListBucket", things.records("config"), here)
    yield from tries(people.CONFIG, "s3: GetBucketAcl ListBucket", things.records("config"))
    yield from tries(people.CONFIG, "s3: GetBucketPolicy GetEncryptionConfiguration", stores())
    yield from tries(people.CONFIG, "kms: Decrypt GenerateDataKey", things.key(None), VIA_S3)
    yield from tries(
        logging,
        "s3: PutObject",
        things.in_bucket(things.records("access-logs")),
        for_source(things.bucket(ACME, "data").arn),
    )
    context = {"kms:EncryptionContext:aws:cloudtrail:arn": naming.trail_arn(PLATFORM)}
    yield from tries(trail, "kms: GenerateDataKey GenerateDataKeyWithoutPlaintext", things.key(None), own, context)
    yield from tries(trail, "kms: Decrypt DescribeKey", things.key(None), own)
    for owner in (ACME, None):
        logs = people.service(f"logs.{REGION}")
        group = {"kms:EncryptionContext:aws:logs:arn": things.log_group(owner).arn}
        yield from tries(logs, "kms: Encrypt Decrypt GenerateDataKey ReEncryptTo", things.key(owner), group)
        budget = for_source(f"arn:aws:budgets::{ACCOUNT}:budget/one")
        for service, source in (("cloudwatch", alarm_of(owner)), ("budgets", budget)):
            yield from tries(people.service(service), "kms: Decrypt GenerateDataKey", things.key(owner), source)
            yield from tries(people.service(service), "sns: Publish", things.topic(owner), source)
    endpoint = {"kms:EncryptionContext:aws:logs:arn": things.endpoint_log_group(ACME).arn}
    yield from tries(people.service(f"logs.{REGION}"), "kms: Encrypt", things.key(ACME), endpoint)
    for group in (things.log_group(None, "flow-logs/main"), things.log_group(GLOBEX, "flow-logs")):
        stream = things.log_stream(group)
        yield from tries(people.FLOW_LOGS, "logs: PutLogEvents CreateLogStream DescribeLogStreams", stream)
    yield from tries(people.FLOW_LOGS, "logs: DescribeLogGroups", things.log_group(ACME, "x"))
