"""Promises about keys, buckets and records: the provisioning role configures tenants', and sees no content."""

from __future__ import annotations

from collections.abc import Iterator

from infra import naming
from tests.isolation.broken import people, things
from tests.isolation.broken.attempts import Attempt
from tests.isolation.broken.blueprint import ACME, PLATFORM
from tests.isolation.broken.promises.declared import Promises, tries
from tests.isolation.broken.promises.requesting import NOT_A_TENANTS, WHO, stray_key, with_tags

PROMISES = Promises()
never, always = PROMISES.never, PROMISES.always


@never
def it_makes_and_administers_tenants_keys_only() -> Iterator[Attempt]:
    """Not the platform's, another stage's, or one that nobody owns; and no key that would lock everybody out."""
    for tags in (
        with_tags(None),
        with_tags(ACME, {"tenant": None}),
        with_tags(ACME, {"stage": "prod"}),
        with_tags(ACME, {"managed-by": "hand"}),
        with_tags(ACME, {"stage": None}),
        with_tags(ACME, {"managed-by": None}),
    ):
        lockout = {"kms:BypassPolicyLockoutSafetyCheck": False}
        yield from tries(WHO, "kms: CreateKey", things.NOTHING, tags, lockout)
        yield from tries(WHO, "kms: TagResource", stray_key().without_tags(), tags)
    for lockout in (True, None):
        keys = {"kms:BypassPolicyLockoutSafetyCheck": lockout}
        yield from tries(WHO, "kms: CreateKey", things.NOTHING, with_tags(ACME), keys)
    actions = "kms: PutKeyPolicy ScheduleKeyDeletion DisableKey DisableKeyRotation UntagResource RevokeGrant"
    for tags in NOT_A_TENANTS:
        key, keys = stray_key(), with_tags(ACME, tags, "aws:ResourceTag")
        yield from tries(WHO, f"{actions} TagResource UpdateAlias CreateAlias DeleteAlias", key, keys)
        grant = {"kms:GrantIsForAWSResource": True, "kms:ViaService": f"ecr.{PLATFORM.region}.amazonaws.com"}
        yield from tries(WHO, "kms: CreateGrant", key, keys, grant)


@never
def it_touches_no_key_of_another_account() -> Iterator[Attempt]:
    """Whatever that key's tags and policy say."""
    key = things.of_another_account(things.key(ACME))
    administer = "kms: PutKeyPolicy ScheduleKeyDeletion TagResource CreateAlias UpdateAlias DeleteAlias DescribeKey"
    grant = {"kms:GrantIsForAWSResource": True, "kms:ViaService": f"ecr.{PLATFORM.region}.amazonaws.com"}
    yield from tries(WHO, administer, key, with_tags(ACME))
    yield from tries(WHO, "kms: CreateGrant", key, grant)


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
    write = "s3: PutObject PutObjectTagging PutObjectAcl ReplicateObject RestoreObject GetObjectVersion"
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


@always
def it_empties_buckets_whose_policy_is_gone() -> Iterator[Attempt]:
    """The last step of a destroy: the bucket's policy denies it as long as it stands."""
    objects = things.in_bucket(things.Thing(name="a bucket without policy", arn=things.bucket(ACME, "data").arn))
    yield from tries(WHO, "s3: DeleteObject DeleteObjectVersion", objects)
