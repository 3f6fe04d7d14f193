"""Promises about tenants' keys."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import permutations
from typing import get_args

from infra import naming
from infra.naming import TenantBucketKind
from infra.spec.tenant import TenantSpec
from tests.isolation.broken import people, things
from tests.isolation.broken.attempts import Attempt
from tests.isolation.broken.blueprint import ACME, ACMEEU, GLOBEX, PLATFORM, TENANTS
from tests.isolation.broken.promises.declared import Promises, tries

PROMISES = Promises()
never, always = PROMISES.never, PROMISES.always

PAIRS = tuple(permutations(TENANTS, 2))
USE = "kms: Decrypt Encrypt GenerateDataKey GenerateDataKeyWithoutPlaintext ReEncryptFrom ReEncryptTo"
MORE_USE = "kms: GenerateDataKeyPair Sign Verify GenerateMac DeriveSharedSecret"
ADMINISTER = (
    "kms: PutKeyPolicy ScheduleKeyDeletion DisableKey DisableKeyRotation UpdateKeyDescription TagResource "
    "UntagResource RevokeGrant CreateAlias UpdateAlias DeleteAlias ReplicateKey UpdatePrimaryRegion "
    "DeleteImportedKeyMaterial"
)
SEE = "kms: DescribeKey GetKeyPolicy ListGrants"


def via(service: str, **more: str) -> dict[str, str]:
    """The keys of a request that a service makes for the caller."""
    return {"kms:ViaService": f"{service}.{PLATFORM.region}.amazonaws.com", **more}


def in_bucket(owner: TenantSpec = ACME, kind: TenantBucketKind = "models", tail: str = "") -> dict[str, str]:
    """The encryption context of a bucket's key, or of an object."""
    arn = naming.bucket_arn(naming.bucket(PLATFORM, owner, kind))
    return {"kms:EncryptionContext:aws:s3:arn": arn + tail}


GRANT = {"kms:GrantIsForAWSResource": True}


@never
def no_tenant_reaches_another_tenants_key() -> Iterator[Attempt]:
    """Not to use, see, administer or grant it, directly or by a service, nor through its own endpoint."""
    for attacker, victim in PAIRS:
        key, roles = things.key(victim), people.roles(attacker)
        for through in (None, f"{attacker.id}.endpoint.kms"):
            for actions in (USE, MORE_USE, SEE, ADMINISTER):
                yield from tries(roles, actions, key, through=through)
            yield from tries(roles, "kms: CreateGrant", key, GRANT, through=through)
        yield from tries(roles, "kms: Decrypt GenerateDataKey", key, via("s3", **in_bucket(victim)))


@never
def no_tenant_uses_an_untagged_key() -> Iterator[Attempt]:
    """A key without an owner is nobody's."""
    key = things.key(ACMEEU).without_tags()
    yield from tries(people.roles(ACME), USE, key, through="acme.endpoint.kms")
    yield from tries(people.roles(ACME), "kms: CreateGrant", key, GRANT)


@never
def nobody_passes_another_tenants_key_endpoint() -> Iterator[Attempt]:
    """Neither with the victim's key nor with one's own."""
    for attacker, victim in PAIRS:
        keys = (things.key(attacker), things.key(victim))
        yield from tries(people.roles(attacker), USE, keys, through=f"{victim.id}.endpoint.kms")
    yield from tries((people.ADMINISTRATOR, people.OUTSIDER), USE, things.key(ACME), through="acme.endpoint.kms")


@never
def no_data_is_encrypted_by_another_accounts_key() -> Iterator[Attempt]:
    """A key of another account with open policy takes no data of a tenant's."""
    key = things.Thing(
        name="another account's key",
        arn=f"arn:aws:kms:{PLATFORM.region}:{people.OUTSIDE}:key/1",
        account=people.OUTSIDE,
        tags=things.tags(ACME),
    )
    yield from tries(people.roles(ACME), USE, key, through="acme.endpoint.kms")
    yield from tries(people.roles(ACME), "kms: CreateGrant", key, GRANT)


@never
def nobody_else_uses_a_tenants_key() -> Iterator[Attempt]:
    """No administrator, no root user, no role of the platform, no namesake, no outsider; by S3 neither."""
    others = (
        people.ADMINISTRATOR,
        people.ROOT_USER,
        people.OUTSIDER,
        people.ANONYMOUS,
        *people.PLATFORM_ROLES,
        people.role(ACME, "invoke"),
        people.namesake(ACME, "training"),
        people.namesake(None, "provisioning"),
    )
    yield from tries(others, USE, things.key(ACME))
    yield from tries(others, "kms: Decrypt GenerateDataKey", things.key(ACME), via("s3", **in_bucket()))
    grantees = tuple(who for who in others if who is not people.PROVISIONING)
    yield from tries(grantees, "kms: CreateGrant", things.key(ACME), GRANT, via("sagemaker"))


@never
def nobody_else_administers_a_tenants_key() -> Iterator[Attempt]:
    """Its policy leaves nothing to the account: whoever is administrator there is not of the key."""
    others = (people.ADMINISTRATOR, people.OUTSIDER, people.ANONYMOUS, people.GATEWAY, people.CONFIG)
    namesakes = (people.namesake(ACME, "training"), people.namesake(None, "provisioning"))
    yield from tries((*others, *namesakes), ADMINISTER, things.key(ACME))
    yield from tries((*others, *namesakes), SEE, things.key(ACME))


@never
def who_administers_a_key_does_not_use_it() -> Iterator[Attempt]:
    """The provisioning role makes grants for resources of services only, and uses nothing itself."""
    yield from tries(people.PROVISIONING, USE, things.key(ACME))
    for keys in (
        {"kms:GrantIsForAWSResource": False, **via("ecr")},
        {**GRANT},
        {**GRANT, **via("s3")},
        {**GRANT, **via("ec2")},
    ):
        yield from tries(people.PROVISIONING, "kms: CreateGrant", things.key(ACME), keys)


@never
def who_uses_a_key_does_not_administer_it() -> Iterator[Attempt]:
    """No role of a tenant changes its own key, its policy, tags, aliases or grants."""
    yield from tries(people.roles(ACME), ADMINISTER, things.key(ACME))


@never
def only_the_provisioning_role_ends_grants() -> Iterator[Attempt]:
    """And only where a service asks for it."""
    yield from tries((*people.roles(ACME), people.ADMINISTRATOR), "kms: RetireGrant", things.key(ACME), via("ecr"))
    yield from tries(people.PROVISIONING, "kms: RetireGrant", things.key(ACME))
    yield from tries(people.PROVISIONING, "kms: RetireGrant", things.key(ACME), via("s3"))


@never
def roles_without_data_of_their_own_use_the_key_in_their_buckets_only() -> Iterator[Attempt]:
    """The serving and the deploy role decrypt and encrypt objects of the tenant's buckets by S3, and nothing else."""
    who = (people.role(ACME, "serving"), people.role(ACME, "deploy"))
    elsewhere = {"kms:EncryptionContext:aws:s3:arn": "arn:aws:s3:::elsewhere/object"}
    extended = tuple(via("s3", **in_bucket(kind=kind, tail="2")) for kind in get_args(TenantBucketKind))
    wrong: tuple[dict[str, str], ...] = (
        {},
        in_bucket(),
        via("s3"),
        via("s3", **elsewhere),
        via("sagemaker", **in_bucket()),
        *extended,
    )
    for keys in wrong:
        yield from tries(who, "kms: Decrypt GenerateDataKey", things.key(ACME), keys)
    yield from tries(who, "kms: Encrypt ReEncryptFrom ReEncryptTo", things.key(ACME), via("s3", **in_bucket()))


@never
def grants_are_for_resources_of_services() -> Iterator[Attempt]:
    """A grant that the role would use itself outlives the role's policies."""
    yield from tries(people.roles(ACME), "kms: CreateGrant", things.key(ACME))
    yield from tries(people.roles(ACME), "kms: CreateGrant", things.key(ACME), {"kms:GrantIsForAWSResource": False})


@never
def only_who_has_volumes_makes_grants() -> Iterator[Attempt]:
    """A scientist, the CI and the gateway's invoker make none."""
    makers = tuple(people.role(ACME, kind) for kind in ("invoke", "data-scientist", "deploy"))
    yield from tries(makers, "kms: CreateGrant", things.key(ACME), GRANT)


@always
def keys_serve_their_owners() -> Iterator[Attempt]:
    """Workers use the key, serving and deploy through their buckets, jobs and endpoints for their volumes."""
    for owner in (ACME, GLOBEX):
        key = things.key(owner)
        training, scientist = people.role(owner, "training"), people.role(owner, "data-scientist")
        yield from tries((training, scientist), f"{USE} DescribeKey", key)
        yield from tries(training, f"{USE} DescribeKey", key, through=f"{owner.id}.endpoint.kms")
        narrow = (people.role(owner, "serving"), people.role(owner, "deploy"))
        for tail in ("", "/tumour/1/model.tar.gz"):
            for kind in get_args(TenantBucketKind):
                keys = via("s3", **in_bucket(owner, kind, tail))
                yield from tries(narrow, "kms: Decrypt GenerateDataKey", key, keys)
        yield from tries(narrow, "kms: DescribeKey", key)
        yield from tries((training, narrow[0]), "kms: CreateGrant", key, GRANT)


@always
def the_provisioning_role_and_the_root_user_administer_keys() -> Iterator[Attempt]:
    """So that there is a way back from a policy that locks everybody out."""
    administer = "kms: PutKeyPolicy ScheduleKeyDeletion CancelKeyDeletion EnableKeyRotation DescribeKey ListGrants"
    yield from tries((people.PROVISIONING, people.ROOT_USER), administer, things.key(ACME))
    yield from tries(people.PROVISIONING, "kms: CreateGrant", things.key(ACME), GRANT, via("ecr"))
    yield from tries(people.PROVISIONING, "kms: CreateGrant", things.key(ACME), GRANT, via("sagemaker"))
