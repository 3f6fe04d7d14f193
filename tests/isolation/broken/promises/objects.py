"""Promises about tenants' buckets and what is in them."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import permutations
from typing import get_args

from infra import naming
from infra.naming import TenantBucketKind, TenantRoleKind
from infra.spec.tenant import TenantSpec
from tests.isolation.broken import people, things
from tests.isolation.broken.attempts import Attempt
from tests.isolation.broken.blueprint import ACME, ACMEEU, GLOBEX, PLATFORM, TENANTS, key_arn
from tests.isolation.broken.promises.declared import Promises, tries

PROMISES = Promises()
never, always = PROMISES.never, PROMISES.always

PAIRS = tuple(permutations(TENANTS, 2))
KINDS: tuple[TenantBucketKind, ...] = get_args(TenantBucketKind)

READ = "s3: GetObject GetObjectAttributes GetObjectTagging GetObjectVersion GetObjectAcl GetObjectVersionTagging"
WRITE = "s3: PutObject PutObjectTagging PutObjectAcl PutObjectRetention RestoreObject ReplicateObject"
DELETE = "s3: DeleteObject DeleteObjectVersion DeleteObjectTagging AbortMultipartUpload"
PARTS = "s3: ListMultipartUploadParts"
LIST = "s3: ListBucket ListBucketVersions ListBucketMultipartUploads GetBucketLocation GetBucketPolicy GetBucketTagging"
CONFIGURE = (
    "s3: PutBucketPolicy DeleteBucketPolicy DeleteBucket PutBucketVersioning PutBucketAcl PutBucketPublicAccessBlock "
    "PutBucketLogging PutBucketNotification PutBucketOwnershipControls PutEncryptionConfiguration "
    "PutLifecycleConfiguration PutReplicationConfiguration PutAccelerateConfiguration PutAnalyticsConfiguration "
    "PutIntelligentTieringConfiguration PutInventoryConfiguration PutMetricsConfiguration DeleteBucketWebsite"
)
OBJECT_LISTS = (READ, WRITE, DELETE, PARTS)


def _buckets(owner: TenantSpec = ACME) -> tuple[things.Thing, ...]:
    return tuple(things.bucket(owner, kind) for kind in KINDS)


def _objects(owner: TenantSpec = ACME) -> tuple[things.Thing, ...]:
    return tuple(things.in_bucket(store) for store in _buckets(owner))


def _every_use(who: tuple[people.Somebody, ...], owner: TenantSpec, through: str | None = None) -> Iterator[Attempt]:
    for actions in OBJECT_LISTS:
        yield from tries(who, actions, _objects(owner), through=through)
    for actions in (LIST, CONFIGURE):
        yield from tries(who, actions, _buckets(owner), through=through)


@never
def no_tenant_reaches_another_tenants_buckets() -> Iterator[Attempt]:
    """Not to read, list, write, delete or configure, whichever way it comes."""
    for attacker, victim in PAIRS:
        yield from _every_use(people.roles(attacker), victim)
        yield from _every_use(people.roles(attacker), victim, through=f"{attacker.id}.endpoint.s3")


@never
def nobody_passes_another_tenants_s3_endpoint() -> Iterator[Attempt]:
    """Neither another tenant, nor an administrator or an outsider who got hold of the network, nor with other data."""
    for attacker, victim in PAIRS:
        through = f"{victim.id}.endpoint.s3"
        yield from _every_use(people.roles(attacker), victim, through=through)
        yield from _every_use(people.roles(attacker), attacker, through=through)
    strangers = (people.ADMINISTRATOR, people.OUTSIDER, people.ANONYMOUS, *people.PLATFORM_ROLES)
    yield from _every_use(strangers, ACME, through="acme.endpoint.s3")


@never
def no_data_leaves_through_the_s3_endpoint() -> Iterator[Attempt]:
    """Not into a bucket of another account, be it one of the same name made after ours was given up."""
    names = (
        naming.bucket(PLATFORM, ACME, "data"),
        naming.bucket(PLATFORM, ACME, "data") + "2",
        "elsewhere",
        "some-sagemaker-data",
    )
    for name in names:
        store = things.outside_bucket(name)
        roles = people.roles(ACME)
        yield from tries(roles, "s3: GetObject PutObject", things.in_bucket(store), through="acme.endpoint.s3")
        yield from tries(roles, "s3: ListBucket", store, through="acme.endpoint.s3")


@never
def no_role_uses_its_buckets_names_in_another_account() -> Iterator[Attempt]:
    """A bucket's name is global: one that was given up may be another account's tomorrow."""
    for kind in KINDS:
        store = things.outside_bucket(naming.bucket(PLATFORM, ACME, kind))
        yield from tries(people.roles(ACME), "s3: GetObject PutObject", things.in_bucket(store))
        yield from tries(people.roles(ACME), "s3: ListBucket", store)


@never
def no_role_uses_a_bucket_whose_name_extends_its_own() -> Iterator[Attempt]:
    """Names are exact: what another account calls by ours and a letter more is not ours."""
    for kind in KINDS:
        name = naming.bucket(PLATFORM, ACME, kind) + "2"
        for store in (things.outside_bucket(name), things.Thing(name=f"bucket {name}", arn=naming.bucket_arn(name))):
            for through in (None, "acme.endpoint.s3"):
                yield from tries(
                    people.roles(ACME), "s3: GetObject PutObject", things.in_bucket(store), through=through
                )
                yield from tries(people.roles(ACME), "s3: ListBucket", store, through=through)


@never
def nobody_else_of_the_account_reaches_a_tenants_bucket() -> Iterator[Attempt]:
    """No administrator, no root user, no role whose name extends one of ours, no invoke, gateway or flow-logs role."""
    strangers = (
        people.ADMINISTRATOR,
        people.ROOT_USER,
        *(people.namesake(ACME, kind) for kind in ("training", "serving", "data-scientist", "deploy")),
        people.namesake(ACME, "verification"),
        people.namesake(None, "provisioning"),
        people.namesake(None, "config"),
        people.namesake(None, "preview"),
        people.role(ACME, "invoke"),
        people.GATEWAY,
        people.FLOW_LOGS,
    )
    for actions in OBJECT_LISTS:
        yield from tries(strangers, actions, _objects())
    yield from tries(strangers, LIST.replace("GetBucketPolicy ", ""), _buckets())


@never
def no_outsider_reaches_a_tenants_bucket() -> Iterator[Attempt]:
    """Neither another account's principal nor one without a name."""
    yield from _every_use((people.OUTSIDER, people.ANONYMOUS), ACME)


@never
def the_provisioning_role_sees_no_content() -> Iterator[Attempt]:
    """It configures buckets. Of objects it reads models' metadata, and the key keeps the content from it."""
    for actions in (
        "s3: GetObjectVersion GetObjectAcl GetObjectAttributes GetObjectRetention GetObjectLegalHold "
        "GetObjectTorrent GetObjectVersionTagging",
        WRITE,
        DELETE,
        PARTS,
    ):
        yield from tries(people.PROVISIONING, actions, _objects())
    yield from tries(people.PROVISIONING, READ, (_objects()[0], _objects()[2]))


@never
def the_config_role_sees_no_objects() -> Iterator[Attempt]:
    """AWS Config records how buckets are configured."""
    for actions in OBJECT_LISTS:
        yield from tries(people.CONFIG, actions, _objects())


@never
def only_the_provisioning_role_configures_a_tenants_bucket() -> Iterator[Attempt]:
    """Neither the tenant's own roles nor the record keeper nor a namesake of the provisioning role."""
    others = (*people.roles(ACME), people.CONFIG, people.GATEWAY, people.namesake(None, "provisioning"))
    yield from tries((*others, people.ADMINISTRATOR), CONFIGURE, _buckets())


@never
def no_object_travels_in_the_clear() -> Iterator[Attempt]:
    """A tenant's own role is refused without TLS, and with a version before 1.2."""
    scientist = people.role(ACME, "data-scientist")
    for keys in ({"aws:SecureTransport": False, "s3:TlsVersion": None}, {"s3:TlsVersion": "1.1"}):
        yield from tries(scientist, "s3: GetObject PutObject DeleteObject", _objects()[:2], keys)
        yield from tries(scientist, "s3: ListBucket", _buckets(), keys)
        yield from tries(people.PROVISIONING, "s3: PutBucketPolicy", _buckets(), keys)
        serving = people.role(ACME, "serving")
        yield from tries(serving, "s3: PutObject", _objects()[2], keys, through="acme.endpoint.s3")


@never
def no_object_is_written_under_another_key() -> Iterator[Attempt]:
    """Not under S3's own keys, another tenant's, one whose ARN extends the tenant's, or one that the caller brings."""
    header = "s3:x-amz-server-side-encryption"
    for keys in (
        {header: "AES256"},
        {header: "aws:kms:dsse", f"{header}-aws-kms-key-id": key_arn(ACME)},
        {header: "aws:kms", f"{header}-aws-kms-key-id": key_arn(ACMEEU)},
        {header: "aws:kms", f"{header}-aws-kms-key-id": key_arn(ACME) + "2"},
        {f"{header}-customer-algorithm": "AES256"},
    ):
        yield from tries(people.role(ACME, "data-scientist"), "s3: PutObject", _objects()[:2], keys)
        yield from tries(people.role(ACME, "serving"), "s3: PutObject", _objects()[2], keys, through="acme.endpoint.s3")


@never
def workloads_reach_buckets_through_the_tenants_endpoint_only() -> Iterator[Attempt]:
    """Not from outside of the VPC, nor through another tenant's endpoint with open policy, nor a namesake's."""
    own: dict[TenantRoleKind, tuple[TenantBucketKind, ...]] = {"training": ("data", "models"), "serving": ("capture",)}
    for kind, stores in own.items():
        who = people.role(ACME, kind)
        objects = tuple(things.in_bucket(things.bucket(ACME, store)) for store in stores)
        for vpce in (None, "vpce-0someone0else"):
            yield from tries(who, "s3: GetObject PutObject", objects, {"aws:SourceVpce": vpce})
    for kind in ("training", "serving"):
        stores = ("data", "models", "capture") if kind == "training" else ("data", "capture")
        buckets = tuple(things.bucket(ACME, store) for store in stores)
        yield from tries(people.role(ACME, kind), "s3: ListBucket", buckets)


@never
def nobody_deletes_a_version() -> Iterator[Attempt]:
    """Versions go by lifecycle only: not even the role that provisions takes one away while the bucket stands."""
    yield from tries((*people.roles(ACME), people.PROVISIONING), "s3: DeleteObjectVersion", _objects())


@always
def tenants_work_with_their_objects() -> Iterator[Attempt]:
    """Each role does what it is for, through the tenant's endpoint where it runs in the VPC, from outside otherwise."""
    read = "s3: GetObject GetObjectAttributes GetObjectTagging GetObjectVersion"
    write = "s3: PutObject PutObjectTagging DeleteObject AbortMultipartUpload ListMultipartUploadParts"
    listing = "s3: ListBucket ListBucketVersions ListBucketMultipartUploads GetBucketLocation"
    header = "s3:x-amz-server-side-encryption"
    with_key = {header: "aws:kms", f"{header}-aws-kms-key-id": key_arn(ACME)}
    for owner in (ACME, GLOBEX):
        s3 = f"{owner.id}.endpoint.s3"
        data, models, capture = _objects(owner)
        training, scientist = people.role(owner, "training"), people.role(owner, "data-scientist")
        serving, deploy = people.role(owner, "serving"), people.role(owner, "deploy")
        yield from tries(training, read, (data, models), through=s3)
        yield from tries(training, write, (data, models), through=s3)
        yield from tries(training, listing, _buckets(owner)[:2], through=s3)
        yield from tries(serving, read, models)
        yield from tries(serving, read, models, through=s3)
        yield from tries(serving, listing, _buckets(owner)[1], through=s3)
        yield from tries(serving, "s3: PutObject AbortMultipartUpload", capture, through=s3)
        yield from tries(scientist, read, (data, models, capture))
        yield from tries(scientist, write, (data, models))
        yield from tries(scientist, listing, _buckets(owner))
        yield from tries(deploy, read, models)
        yield from tries(deploy, write, models)
        yield from tries(deploy, listing, _buckets(owner)[1])
    yield from tries(people.role(ACME, "data-scientist"), "s3: PutObject", _objects()[:2], with_key)
    yield from tries(
        people.role(ACME, "training"), "s3: PutObject", _objects()[:2], with_key, through="acme.endpoint.s3"
    )
    capturing = people.role(ACME, "serving")
    yield from tries(capturing, "s3: PutObject", _objects()[2], with_key, through="acme.endpoint.s3")
    yield from tries(capturing, "s3: PutObject", _objects()[2], {"aws:ViaAWSService": True})
    # SageMaker reads and writes for a job before it has an instance: a call of a service for the role.
    yield from tries(people.role(ACME, "training"), "s3: GetObject", _objects()[:2], {"aws:ViaAWSService": True})


@always
def the_platform_configures_and_records_buckets() -> Iterator[Attempt]:
    """The provisioning role configures, and reads the digests of models; AWS Config looks at configurations."""
    configure = (
        "s3: CreateBucket DeleteBucket PutBucketPolicy DeleteBucketPolicy GetBucketPolicy PutBucketVersioning "
        "PutBucketLogging PutBucketPublicAccessBlock PutEncryptionConfiguration PutLifecycleConfiguration ListBucket "
        "PutBucketOwnershipControls ListBucketVersions TagResource"
    )
    yield from tries(people.PROVISIONING, configure, _buckets())
    yield from tries(people.PROVISIONING, "s3: GetObject GetObjectTagging", _objects()[1])
    yield from tries(people.CONFIG, "s3: GetBucketPolicy GetBucketAcl GetEncryptionConfiguration", _buckets())


@always
def image_layers_come_through_the_s3_endpoint() -> Iterator[Attempt]:
    """ECR's signed URLs: the request is of an account of AWS's."""
    layers = things.Thing(
        name="image layers", arn=naming.layer_bucket_arn(PLATFORM) + "/some-layer", account=people.OUTSIDE
    )
    yield from tries(people.OUTSIDER, "s3: GetObject", layers, through="acme.endpoint.s3")
