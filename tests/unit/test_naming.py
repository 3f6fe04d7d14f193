"""Names of different owners never meet, no pattern of one covers another's, and the longest fit AWS's limits."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import get_args

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from infra import naming
from infra.constraints import PlannedResource, violations
from infra.naming import JobKind, NetworkKind, PlatformBucketKind, PlatformRoleKind, TenantBucketKind, TenantRoleKind
from infra.spec.common import RESERVED_IDS, TENANT_ID_PATTERN
from infra.spec.platform import STAGE_PATTERN, PlatformSpec
from infra.spec.tenant import MODEL_NAME_PATTERN, TenantSpec
from tests.components.specs import PLATFORM, tenant

IDS = st.from_regex(TENANT_ID_PATTERN, fullmatch=True).filter(lambda value: value not in RESERVED_IDS)
#: Ids that are close to each other: one extends, or is hidden in, the other.
CLOSE_IDS = st.tuples(
    st.from_regex(r"[a-z][a-z0-9]{1,8}", fullmatch=True), st.from_regex(r"[a-z0-9]{1,8}", fullmatch=True)
)
MODELS = st.from_regex(MODEL_NAME_PATTERN, fullmatch=True)
SIGNALS = ("errors", "latency", "saturation")
CONTENT = naming.digest("content")


def own_names(owner: TenantSpec, platform: PlatformSpec = PLATFORM) -> Iterator[tuple[str, str]]:
    """Every name and ARN of a tenant that is no model's: type token (or what it is) and name."""
    for kind in get_args(TenantBucketKind):
        yield "aws:s3/bucket:Bucket", naming.bucket(platform, owner, kind)
        yield "arn", naming.bucket_arn(naming.bucket(platform, owner, kind))
    for kind in get_args(TenantRoleKind):
        yield "aws:iam/role:Role", naming.role(platform, owner, kind)
        yield "arn", naming.role_arn(platform, owner, kind)
    yield "aws:iam/policy:Policy", naming.boundary(platform, owner)
    yield "arn", naming.boundary_arn(platform, owner)
    yield "tag", naming.key(platform, owner)
    yield "aws:kms/alias:Alias", naming.key_alias(platform, owner)
    for kind in get_args(NetworkKind):
        yield "aws:ec2/securityGroup:SecurityGroup", naming.network(platform, owner, kind, "workloads")
    yield "aws:ecr/repository:Repository", naming.repository(platform, owner)
    yield "aws:cloudwatch/logGroup:LogGroup", naming.log_group(platform, owner, "workloads")
    yield "aws:sns/topic:Topic", naming.alerts_topic(platform, owner)
    yield "arn", naming.topic_arn(platform, naming.alerts_topic(platform, owner))
    yield "aws:budgets/budget:Budget", naming.budget(platform, owner)
    yield "namespace", naming.metric_namespace(platform, owner)


def model_names(owner: TenantSpec, model: str, platform: PlatformSpec = PLATFORM) -> Iterator[tuple[str, str]]:
    """Every name and ARN of one model of a tenant."""
    yield "aws:sagemaker/model:Model", naming.sagemaker_model(platform, owner, model, CONTENT)
    yield (
        "aws:sagemaker/endpointConfiguration:EndpointConfiguration",
        naming.endpoint_config(platform, owner, model, CONTENT),
    )
    yield "aws:sagemaker/endpoint:Endpoint", naming.endpoint(platform, owner, model)
    yield "arn", naming.sagemaker_arn(platform, "endpoint", naming.endpoint(platform, owner, model))
    yield "aws:sagemaker/modelPackageGroup:ModelPackageGroup", naming.model_package_group(platform, owner, model)
    yield "aws:cloudwatch/logGroup:LogGroup", naming.endpoint_log_group(platform, owner, model)
    for signal in SIGNALS:
        yield "aws:cloudwatch/metricAlarm:MetricAlarm", naming.alarm(platform, owner, model, signal)
        yield "arn", naming.alarm_arn(platform, naming.alarm(platform, owner, model, signal))


def names(owner: TenantSpec, model: str, platform: PlatformSpec = PLATFORM) -> Iterator[tuple[str, str]]:
    """Every name and ARN of a tenant with one model."""
    yield from own_names(owner, platform)
    yield from model_names(owner, model, platform)


def platform_names(platform: PlatformSpec = PLATFORM) -> Iterator[tuple[str, str]]:
    """Every name and ARN of the platform's own."""
    for kind in get_args(PlatformBucketKind):
        yield "aws:s3/bucket:Bucket", naming.platform_bucket(platform, kind)
        yield "arn", naming.bucket_arn(naming.platform_bucket(platform, kind))
    for kind in get_args(PlatformRoleKind):
        yield "aws:iam/role:Role", naming.platform_role(platform, kind)
        yield "arn", naming.platform_role_arn(platform, kind)
    yield "aws:iam/policy:Policy", naming.boundary(platform)
    yield "arn", naming.boundary_arn(platform)
    yield "aws:iam/samlProvider:SamlProvider", naming.saml_provider(platform)
    yield "aws:kms/alias:Alias", naming.key_alias(platform)
    yield "aws:ecr/repository:Repository", naming.serving_repository(platform, "sklearn")
    yield "aws:sns/topic:Topic", naming.alerts_topic(platform)
    yield "aws:cloudtrail/trail:Trail", naming.trail(platform)
    for cell in platform.cells:
        yield "aws:ec2/securityGroup:SecurityGroup", naming.network(platform, cell, "endpoint", "kms")
        yield "aws:cloudwatch/logGroup:LogGroup", naming.flow_log_group(platform, cell)


def patterns(owner: TenantSpec, model: str) -> Iterator[str]:
    """Every pattern of a tenant that a policy may name."""
    yield naming.names_of(PLATFORM, owner)
    yield naming.path(PLATFORM, owner) + "*"
    yield naming.path(PLATFORM, owner)[1:] + "*"
    yield naming.any_bucket_arn(PLATFORM, owner)
    yield naming.tenant_roles_arn(PLATFORM, owner)
    yield naming.sagemaker_arn(PLATFORM, "*", naming.names_of(PLATFORM, owner))
    yield naming.sagemaker_arn(PLATFORM, "endpoint", naming.endpoint(PLATFORM, owner, model) + "-*")
    yield naming.alarm_arn(PLATFORM, naming.names_of(PLATFORM, owner))
    yield naming.log_group_arn(PLATFORM, naming.path(PLATFORM, owner) + "*")
    yield from (naming.job_log_streams_arn(PLATFORM, owner, kind) for kind in get_args(JobKind))


def covers(pattern: str, name: str) -> bool:
    """Whether a policy's pattern covers a name: ``*`` is any text, in one segment or across them."""
    return re.fullmatch(".*".join(map(re.escape, pattern.split("*"))), name) is not None


def apart(one: TenantSpec, other: TenantSpec, models: tuple[str, str]) -> None:
    """Assert that nothing of one tenant meets anything of the other, or of the platform."""
    own = {name for _, name in names(one, models[0])}
    foreign = {name for _, name in (*names(other, models[1]), *platform_names())}
    assert not own & foreign
    covered = {(pattern, name) for pattern in patterns(one, models[0]) for name in foreign if covers(pattern, name)}
    assert covered == set()


@settings(max_examples=60, deadline=None)
@given(ids=st.lists(IDS, min_size=2, max_size=2, unique=True), models=st.tuples(MODELS, MODELS))
def test_tenants_never_meet(ids: list[str], models: tuple[str, str]) -> None:
    """Whatever two tenants and their models are called, no name is both's and no pattern of one covers the other's."""
    apart(tenant(ids[0]), tenant(ids[1]), models)


@settings(max_examples=60, deadline=None)
@given(parts=CLOSE_IDS, models=st.tuples(MODELS, MODELS))
def test_a_tenant_whose_id_extends_anothers_is_apart(parts: tuple[str, str], models: tuple[str, str]) -> None:
    """``acme`` never covers ``acmeeu``, in either direction, nor a tenant whose id ends like it."""
    short, rest = parts
    for longer in (short + rest, "a" + short):
        assume(not {short, longer} & RESERVED_IDS)
        apart(tenant(short), tenant(longer), models)
        apart(tenant(longer), tenant(short), models)


def test_a_pattern_without_the_delimiter_would_cover() -> None:
    """Broken twin: the prefix alone, without the delimiter that ends it, covers the other tenant's names."""
    loose = naming.prefix(PLATFORM, tenant("acme")) + "*"
    assert covers(loose, naming.endpoint(PLATFORM, tenant("acmeeu"), "tumour"))
    assert not covers(naming.names_of(PLATFORM, tenant("acme")), naming.endpoint(PLATFORM, tenant("acmeeu"), "tumour"))


@settings(max_examples=60, deadline=None)
@given(models=st.lists(MODELS, min_size=2, max_size=2, unique=True), tenant_id=IDS)
def test_models_of_a_tenant_never_meet(models: list[str], tenant_id: str) -> None:
    """Two models of one tenant share no name of any kind, alarms of all signals among them."""
    owner = tenant(tenant_id)
    one, other = (set(model_names(owner, model)) for model in models)
    assert one & other == set()
    assert (one | other) & set(own_names(owner)) == set()


def test_stages_and_accounts_are_apart() -> None:
    """The same tenant in another stage has other names; in another account or Region other buckets."""
    here = {name for _, name in names(tenant(), "tumour")}
    other_stage = PLATFORM.model_copy(update={"stage": "prod"})
    assert not here & {name for _, name in names(tenant(), "tumour", other_stage)}
    for change in ({"account": "210987654321"}, {"region": "eu-west-1"}):
        elsewhere = PLATFORM.model_copy(update=change)
        assert naming.bucket(elsewhere, tenant(), "data") != naming.bucket(PLATFORM, tenant(), "data")


def test_the_longest_names_fit() -> None:
    """With the longest stage, ids and names that the specs take, every name is one that AWS takes."""
    longest = PLATFORM.model_copy(
        update={
            "stage": "abcdefgh",
            "cells": tuple(cell.model_copy(update={"name": "c" * 32}) for cell in PLATFORM.cells),
        }
    )
    owner, model = tenant("a" * 19), "m" * 22
    assert re.fullmatch(STAGE_PATTERN, longest.stage)
    assert re.fullmatch(TENANT_ID_PATTERN, owner.id)
    assert re.fullmatch(MODEL_NAME_PATTERN, model)
    assert not re.fullmatch(MODEL_NAME_PATTERN, model + "m")
    checked: set[str] = set()
    for token, name in (*names(owner, model, longest), *platform_names(longest)):
        found = [str(one) for one in violations(_named(token, name)) if one.rule.id.endswith("-name")]
        assert found == []
        checked.add(token)
    assert len([token for token in checked if token.startswith("aws:")]) > 12


def test_a_longer_name_would_not_fit() -> None:
    """Broken twin: with one character more than the specs take, the longest SageMaker name is refused."""
    longest = PLATFORM.model_copy(update={"stage": "abcdefgh"})
    for size, fits in ((22, True), (23, False)):
        name = naming.sagemaker_model(longest, tenant("a" * 19), "m" * size, CONTENT)
        found = list(violations(_named("aws:sagemaker/model:Model", name)))
        assert ("sagemaker-model-name" not in {one.rule.id for one in found}) is fits


def _named(token: str, name: str) -> PlannedResource:
    key = {
        "aws:s3/bucket:Bucket": "bucket",
        "aws:sagemaker/modelPackageGroup:ModelPackageGroup": "modelPackageGroupName",
    }
    return PlannedResource(type=token, name="x", properties={key.get(token, "name"): name})


def test_the_digest_changes_with_every_part() -> None:
    """Parts are not joined in a way that moves a character from one to the other unseen."""
    digests = {naming.digest(*parts) for parts in (("a", "b"), ("ab", ""), ("", "ab"), ("a", "b", ""), ("b", "a"))}
    assert len(digests) == 5
    assert all(re.fullmatch(r"[0-9a-f]{8}", digest) for digest in digests)
