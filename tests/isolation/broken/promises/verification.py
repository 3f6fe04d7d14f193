"""Promises about smoke tests: by whom they are made, and that they reach their own place and nothing else."""

from __future__ import annotations

from collections.abc import Iterator

from infra import naming
from infra.spec.tenant import TenantSpec
from tests.isolation.broken import people, things
from tests.isolation.broken.attempts import Attempt
from tests.isolation.broken.blueprint import ACME, ACMEEU, GLOBEX, PLATFORM, WORKERS
from tests.isolation.broken.promises import keys as of_keys
from tests.isolation.broken.promises import objects
from tests.isolation.broken.promises.declared import Promises, tries
from tests.isolation.broken.promises.models import INVOKE
from tests.isolation.broken.promises.sessions import ASSUME, roles_of
from tests.isolation.broken.things import Thing

PROMISES = Promises()
never, always = PROMISES.never, PROMISES.always

WHO = people.role(ACME, "verification")
ROLE = things.role(ACME, "verification")
WORKER = people.stranger(WORKERS)
PLACE = naming.VERIFICATION_PREFIX


def in_place(owner: TenantSpec = ACME) -> Thing:
    """The object of a tenant's smoke tests."""
    return things.in_bucket(things.bucket(owner, "models"), f"{PLACE}smoke-test")


def elsewhere() -> tuple[Thing, ...]:
    """A tenant's objects that are none of its smoke tests, some of them almost at their place."""
    models, *others = (things.bucket(ACME, kind) for kind in ("models", "data", "capture"))
    near = ("tumour/1/model.tar.gz", "bulkhead/other", f"{PLACE[:-1]}2/smoke-test", f"tumour/{PLACE}smoke-test")
    return (
        *(things.in_bucket(models, key) for key in near),
        *(things.in_bucket(store, f"{PLACE}smoke-test") for store in others),
    )


def tagged(*tags: str, tenant: str = ACME.id) -> dict[str, str | list[str]]:
    """The session tags that somebody asks for."""
    return {"aws:RequestTag/tenant": tenant, "aws:TagKeys": ["tenant", *tags]}


@never
def a_verification_touches_nothing_but_its_place() -> Iterator[Attempt]:
    """No other object of the tenant, and no list of them: its bucket says so too, whatever its own policy says."""
    for actions in objects.OBJECT_LISTS:
        yield from tries(WHO, actions, elsewhere())
    buckets = tuple(things.bucket(ACME, kind) for kind in objects.KINDS)
    yield from tries(WHO, objects.LIST, buckets, {"s3:prefix": PLACE})


@never
def a_verification_does_nothing_else_in_its_place() -> Iterator[Attempt]:
    """It puts, gets and removes a version."""
    more = "s3: GetObjectVersion GetObjectAcl PutObjectTagging DeleteObject DeleteObjectTagging AbortMultipartUpload"
    yield from tries(WHO, more, in_place())


@never
def a_verification_removes_no_version_but_its_own() -> Iterator[Attempt]:
    """Neither of another object nor of another tenant's smoke tests."""
    others = (*elsewhere(), in_place(ACMEEU), in_place(GLOBEX))
    yield from tries(WHO, "s3: DeleteObjectVersion", others)


@never
def nobody_else_removes_what_a_verification_put() -> Iterator[Attempt]:
    """No other role of the tenant, no role of the platform, no namesake."""
    roles = tuple(who for who in people.roles(ACME) if who.name != WHO.name)
    others = (people.PROVISIONING, people.ADMINISTRATOR, people.namesake(ACME, "verification"))
    yield from tries((*roles, *others), "s3: DeleteObjectVersion", in_place())


@never
def a_verification_uses_the_key_for_its_objects_only() -> Iterator[Attempt]:
    """By S3, for the bucket that they are in or for themselves; not for what else that bucket has, nor directly."""
    other = f"/{PLACE[:-1]}2/smoke-test"
    for context in (
        {},
        of_keys.in_bucket(tail=f"/{PLACE}smoke-test"),
        of_keys.via("s3"),
        of_keys.via("sagemaker", **of_keys.in_bucket()),
        of_keys.via("s3", **of_keys.in_bucket(kind="data")),
        of_keys.via("s3", **of_keys.in_bucket(kind="capture", tail=f"/{PLACE}smoke-test")),
        of_keys.via("s3", **of_keys.in_bucket(tail="2")),
        of_keys.via("s3", **of_keys.in_bucket(tail="/tumour/1/model.tar.gz")),
        of_keys.via("s3", **of_keys.in_bucket(tail=other)),
    ):
        yield from tries(WHO, "kms: Decrypt GenerateDataKey", things.key(ACME), context)
    own = of_keys.via("s3", **of_keys.in_bucket())
    yield from tries(WHO, "kms: Encrypt ReEncryptFrom ReEncryptTo", things.key(ACME), own)


@never
def a_verification_makes_no_grant() -> Iterator[Attempt]:
    """It has no volumes."""
    yield from tries(WHO, "kms: CreateGrant", things.key(ACME), of_keys.GRANT)


@never
def workers_verify_in_sessions_of_the_tenant_only() -> Iterator[Attempt]:
    """The session carries the role's tenant, and no other tag."""
    for keys in ({}, tagged(tenant=ACMEEU.id), tagged(tenant="*"), tagged("caller")):
        yield from tries(WORKER, ASSUME, ROLE, keys)
    yield from tries(WORKER, "sts: SetSourceIdentity", ROLE, tagged())


@never
def workers_act_for_tenants_by_no_other_role() -> Iterator[Attempt]:
    """Neither as the CI nor by the gateway's role nor as what SageMaker runs."""
    others = tuple(role for role in roles_of(ACME) if role.policy != ROLE.policy)
    yield from tries(WORKER, ASSUME, others, tagged())


@never
def nobody_but_the_workers_verifies() -> Iterator[Attempt]:
    """No role whose name extends theirs, and none of the account, the platform, this or another tenant."""
    others = (
        people.stranger(f"{WORKERS}2"),
        people.stranger(WORKERS.replace(PLATFORM.account, people.OUTSIDE)),
        people.ADMINISTRATOR,
        *people.PLATFORM_ROLES,
        *people.roles(ACME),
        *people.roles(ACMEEU),
        people.OUTSIDER,
        people.ANONYMOUS,
    )
    yield from tries(others, ASSUME, ROLE, tagged())


@always
def tenants_are_verified() -> Iterator[Attempt]:
    """The workers become the role, which puts, gets and removes its object under the key and calls the models."""
    for owner in (ACME, GLOBEX):
        yield from tries(WORKER, ASSUME, things.role(owner, "verification"), tagged(tenant=owner.id))
        who, key = people.role(owner, "verification"), things.key(owner)
        yield from tries(who, "s3: PutObject GetObject DeleteObjectVersion", in_place(owner))
        for tail in ("", f"/{PLACE}smoke-test"):
            context = of_keys.via("s3", **of_keys.in_bucket(owner, tail=tail))
            yield from tries(who, "kms: Decrypt GenerateDataKey", key, context)
        yield from tries(who, "kms: DescribeKey", key)
        yield from tries(who, INVOKE, things.sagemaker(owner, "endpoint"))
