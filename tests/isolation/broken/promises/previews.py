"""Promises about the role that previews pull requests: who assumes it, what it reads, that it changes nothing."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import get_args

from infra import naming
from infra.naming import PlatformBucketKind
from tests.isolation.broken import people, things
from tests.isolation.broken.attempts import Attempt
from tests.isolation.broken.blueprint import ACME, GLOBEX, PLATFORM, PREVIEW, STATE_KEY
from tests.isolation.broken.promises import objects
from tests.isolation.broken.promises.declared import Promises, tries
from tests.isolation.broken.promises.keys import ADMINISTER as ADMINISTER_KEYS
from tests.isolation.broken.promises.keys import MORE_USE, SEE, USE, in_bucket, via
from tests.isolation.broken.promises.sessions import ASSUME, GITHUB, roles_of, workflow

PROMISES = Promises()
never, always = PROMISES.never, PROMISES.always

SIGN_IN = "sts: AssumeRoleWithWebIdentity"
OWN = f"repo:{PREVIEW.repository}:environment:{PREVIEW.environment}"
ROLE = things.platform_role("preview")
#: The state lies in a bucket and under a key of the account that the blueprint did not make.
STATE = things.Thing(name="the state", arn=naming.bucket_arn(PREVIEW.state_bucket))
CHECKPOINT = things.in_bucket(STATE, ".pulumi/stacks/bulkhead/tenant-acme.json")
KEY = things.Thing(name="the state's key", arn=STATE_KEY)
STRAY_BUCKET = things.Thing(name="a stray bucket", arn=naming.bucket_arn("some-other-bucket"))
DETECTOR = things.any_arn("guardduty", "detector/12abc34d567e8fa901bc2d34e56789f0", "the detector")
#: What of a model's object is read beside its digest.
MORE_THAN_DIGESTS = (
    "s3: GetObjectVersion GetObjectAcl GetObjectAttributes GetObjectRetention GetObjectLegalHold GetObjectTorrent "
    "GetObjectVersionTagging"
)


# Who assumes it


@never
def only_one_environment_of_one_repository_previews() -> Iterator[Attempt]:
    """Not another environment, a branch, a pull request, a fork, another audience, or another provider."""
    name, environment = PREVIEW.repository, PREVIEW.environment
    for keys in (
        workflow(f"repo:{name}:pull_request"),
        workflow(f"repo:{name}:ref:refs/heads/main"),
        workflow(f"repo:{name}:environment:production"),
        workflow(f"{OWN}2"),
        workflow(f"repo:{name}2:environment:{environment}"),
        workflow(f"repo:somebody/blueprint:environment:{environment}"),
        workflow(f"repo:{ACME.id}/models:environment:production"),
        workflow(OWN, aud="elsewhere"),
        workflow(OWN, aud=None),
        {f"{GITHUB}:aud": "sts.amazonaws.com"},
        {},
    ):
        yield from tries(people.GITHUB, SIGN_IN, ROLE, keys)
    provider = naming.oidc_provider_arn(PLATFORM)
    others = tuple(
        people.Somebody(name=f"{whose} OIDC provider", caller=people.caller_of(arn))
        for whose, arn in (
            ("outside", provider.replace(PLATFORM.account, people.OUTSIDE)),
            ("another", f"{provider}2"),
        )
    )
    yield from tries((people.SAML, *others), SIGN_IN, ROLE, workflow(OWN))


@never
def nobody_else_assumes_the_preview_role() -> Iterator[Attempt]:
    """No role of the account, of the blueprint or of another account, by whatever action and claims."""
    others = (people.PROVISIONING, people.GATEWAY, people.CONFIG, people.FLOW_LOGS, people.AUDITOR, people.PREVIEW)
    for keys in ({}, workflow(OWN)):
        yield from tries((*others, *people.roles(ACME)), ASSUME, ROLE, keys)


@never
def a_preview_acts_as_nobody_else() -> Iterator[Attempt]:
    """It assumes and passes no role of tenants, of the platform or of the account."""
    platform = tuple(things.platform_role(kind) for kind in ("provisioning", "gateway", "config", "flow-logs"))
    targets = (*roles_of(ACME), *platform, things.other_role("Administrator"))
    yield from tries(people.PREVIEW, ASSUME, targets)
    yield from tries(people.PREVIEW, "iam: PassRole", targets, {"iam:PassedToService": "sagemaker.amazonaws.com"})


# What it reads


@never
def a_preview_finds_and_reads_the_state_only() -> Iterator[Attempt]:
    """Not what else is in the state's bucket, not old versions, no other bucket, nor one whose name extends it."""
    elsewhere = (
        STRAY_BUCKET,
        things.namesake(STATE),
        things.outside_bucket("elsewhere"),
        *(things.records(kind) for kind in get_args(PlatformBucketKind)),
    )
    yield from tries(people.PREVIEW, "s3: ListBucket", elsewhere)
    yield from tries(people.PREVIEW, "s3: GetObject", (things.in_bucket(store) for store in elsewhere))
    yield from tries(people.PREVIEW, "s3: GetObject", (things.in_bucket(s, ".pulumi/one.json") for s in elsewhere[:3]))
    beside = tuple(things.in_bucket(STATE, key) for key in ("one.json", ".pulumi2/one.json", "old/.pulumi/one.json"))
    yield from tries(people.PREVIEW, "s3: GetObject", beside)
    yield from tries(people.PREVIEW, "s3: GetObjectVersion GetObjectAcl GetObjectAttributes", CHECKPOINT)
    yield from tries(people.PREVIEW, "s3: ListBucketVersions GetBucketPolicy", STATE)


@never
def a_preview_decrypts_by_the_states_key_only() -> Iterator[Attempt]:
    """By no other key of the account, of another account, of a tenant or of the platform; and it encrypts by none."""
    others = (
        things.any_arn("kms", "key/00000000-1111-2222-3333-444444444444", "a stray key"),
        things.namesake(KEY),
        things.of_another_account(KEY),
        *(things.key(owner) for owner in (ACME, GLOBEX, None)),
    )
    for keys in ({}, via("s3"), via("s3", **in_bucket()), via("s3", **in_bucket(tail="/tumour/1/model.tar.gz"))):
        yield from tries(people.PREVIEW, "kms: Decrypt", others, keys)
    yield from tries(people.PREVIEW, USE.replace("Decrypt ", ""), (KEY, *others))
    for actions in (MORE_USE, ADMINISTER_KEYS, SEE, "kms: CreateGrant"):
        yield from tries(people.PREVIEW, actions, KEY)


@never
def a_preview_reads_nothing_of_tenants_but_digests() -> Iterator[Attempt]:
    """No data, no captured request, of models nothing but the object's own metadata; the key keeps their content."""
    for owner in (ACME, GLOBEX):
        data, models, capture = (things.in_bucket(things.bucket(owner, kind)) for kind in objects.KINDS)
        yield from tries(people.PREVIEW, objects.READ, (data, capture))
        yield from tries(people.PREVIEW, MORE_THAN_DIGESTS, models)
        yield from tries(people.PREVIEW, objects.PARTS, (data, models, capture))
        yield from tries(
            people.PREVIEW, "s3: ListBucket", (things.bucket(owner, "data"), things.bucket(owner, "capture"))
        )
        yield from tries(people.PREVIEW, "ecr: BatchGetImage GetDownloadUrlForLayer", things.repository(owner))


@never
def a_preview_lists_and_looks_at_nothing_of_tenants() -> Iterator[Attempt]:
    """Nor at the models of other stages, of buckets that are no models', or in another account's."""
    for owner in (ACME, GLOBEX):
        models = things.bucket(owner, "models")
        yield from tries(people.PREVIEW, objects.LIST, models)
        away = (*things.in_other_stages(models), STRAY_BUCKET, things.namesake(models))
        yield from tries(people.PREVIEW, "s3: GetObject GetObjectTagging", tuple(map(things.in_bucket, away)))
        yield from tries(people.PREVIEW, "logs: GetLogEvents FilterLogEvents StartQuery", things.log_group(owner))
        yield from tries(
            people.PREVIEW, "sagemaker: InvokeEndpoint DescribeEndpoint", things.sagemaker(owner, "endpoint")
        )
        secret = things.any_arn("secretsmanager", f"secret:bh-dev-{owner.id}-one", f"{owner.id}'s secret")
        yield from tries(people.PREVIEW, "secretsmanager: GetSecretValue DescribeSecret", secret)


@never
def a_preview_looks_at_the_accounts_detectors_only() -> Iterator[Attempt]:
    """Not at another account's, and not at what a detector found."""
    yield from tries(people.PREVIEW, "guardduty: GetDetector", things.of_another_account(DETECTOR))
    yield from tries(people.PREVIEW, "guardduty: GetFindings ListFindings UpdateDetector DeleteDetector", DETECTOR)


# That it writes nothing


@never
def a_preview_changes_nothing_of_tenants() -> Iterator[Attempt]:
    """Neither their objects nor how their buckets are configured, whatever its own policy says."""
    stores = tuple(things.bucket(ACME, kind) for kind in objects.KINDS)
    for actions in (objects.WRITE, objects.DELETE):
        yield from tries(people.PREVIEW, actions, tuple(map(things.in_bucket, stores)))
    yield from tries(people.PREVIEW, objects.CONFIGURE, stores)


@never
def a_preview_changes_nothing() -> Iterator[Attempt]:
    """Not the state, not its lock, not the account: it deploys nothing."""
    lock = things.in_bucket(STATE, ".pulumi/locks/bulkhead/tenant-acme.json")
    for actions in (objects.WRITE, objects.DELETE):
        yield from tries(people.PREVIEW, actions, (CHECKPOINT, lock, things.in_bucket(STRAY_BUCKET)))
    yield from tries(people.PREVIEW, objects.CONFIGURE, (STATE, STRAY_BUCKET))
    own = replace(ROLE, policy=None, trust=False)
    identities = "iam: PutRolePolicy AttachRolePolicy UpdateAssumeRolePolicy DeleteRole CreateRole CreateUser"
    yield from tries(people.PREVIEW, identities, (own, things.other_role("Administrator")))
    yield from tries(people.PREVIEW, "sagemaker: CreateModel CreateEndpoint", things.sagemaker(ACME, "endpoint"))
    yield from tries(people.PREVIEW, "ec2: CreateVpcEndpoint ModifyVpcEndpoint", things.network(ACME, "vpc-endpoint"))
    yield from tries(people.PREVIEW, "guardduty: CreateDetector", things.NOTHING)


@always
def pull_requests_are_previewed() -> Iterator[Attempt]:
    """A job of the environment assumes the role, which reads the state, the digests of models and the detector."""
    yield from tries(people.GITHUB, SIGN_IN, ROLE, workflow(OWN))
    yield from tries(people.PREVIEW, "s3: ListBucket", STATE)
    yield from tries(people.PREVIEW, "s3: GetObject", (CHECKPOINT, things.in_bucket(STATE, ".pulumi/meta.yaml")))
    yield from tries(people.PREVIEW, "kms: Decrypt", KEY)
    models = tuple(things.in_bucket(things.bucket(owner, "models")) for owner in (ACME, GLOBEX))
    yield from tries(people.PREVIEW, "s3: GetObject GetObjectTagging", models)
    yield from tries(people.PREVIEW, "guardduty: GetDetector", DETECTOR)
    yield from tries(people.PREVIEW, "guardduty: ListDetectors", things.NOTHING)
