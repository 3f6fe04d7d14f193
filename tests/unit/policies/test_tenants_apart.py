"""No policy of one tenant covers anything of another, whatever their ids: above all where one id extends the other."""

from __future__ import annotations

from collections.abc import Iterator
from fnmatch import fnmatchcase
from typing import get_args

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from infra import naming
from infra.naming import JobKind, TenantBucketKind, TenantRoleKind
from infra.policies import interfaces
from infra.spec.common import RESERVED_IDS
from infra.spec.platform import PlatformSpec
from infra.spec.tenant import TenantSpec
from tests.components.specs import tenant
from tests.unit.policies.documents import PLATFORM, allows, tenant_documents

#: What IAM knows no resource for, or what the roles bind by ids that AWS assigns.
WITHOUT_RESOURCE = {
    "cloudwatch:PutMetricData",
    "ecr:GetAuthorizationToken",
    "logs:CreateLogGroup",
    *interfaces.CREATE,
    *interfaces.CHANGE,
    *interfaces.DESCRIBE,
}
#: Keys and network interfaces have ids of AWS's: a condition says whose they are.
BY_CONDITION = (":key/*", ":security-group/*", ":network-interface/*")

ids = st.from_regex(r"[a-z][a-z0-9]{1,15}", fullmatch=True)
suffixes = st.from_regex(r"[a-z0-9]{1,3}", fullmatch=True)


def things(owner: TenantSpec) -> Iterator[str]:
    """ARNs of what a tenant has."""
    for kind in get_args(TenantBucketKind):
        bucket = naming.bucket_arn(naming.bucket(PLATFORM, owner, kind))
        yield bucket
        yield f"{bucket}/some/key.csv"
    for role in get_args(TenantRoleKind):
        yield naming.role_arn(PLATFORM, owner, role)
    yield naming.boundary_arn(PLATFORM, owner)
    for kind in ("endpoint", "model-package-group", "training-job", "processing-job"):
        yield naming.sagemaker_arn(PLATFORM, kind, naming.endpoint(PLATFORM, owner, "tumour"))
    for kind in ("model", "endpoint-config"):
        yield naming.sagemaker_arn(PLATFORM, kind, naming.sagemaker_model(PLATFORM, owner, "tumour", "0a1b2c3d"))
    yield naming.sagemaker_arn(PLATFORM, "model-package", naming.model_package_group(PLATFORM, owner, "tumour") + "/1")
    yield naming.repository_arn(PLATFORM, naming.repository(PLATFORM, owner))
    for group in (naming.log_group(PLATFORM, owner, "workloads"), naming.endpoint_log_group(PLATFORM, owner, "tumour")):
        yield naming.log_group_arn(PLATFORM, group)
        yield naming.log_group_arn(PLATFORM, group) + ":log-stream:one"
    for job in get_args(JobKind):
        yield naming.job_log_streams_arn(PLATFORM, owner, job).replace("-*", "-tumour-1/algo-1-1700000000")
    yield naming.alarm_arn(PLATFORM, naming.alarm(PLATFORM, owner, "tumour", "errors"))
    yield naming.topic_arn(PLATFORM, naming.alerts_topic(PLATFORM, owner))


def patterns(owner: TenantSpec) -> Iterator[str]:
    """Every resource that a policy of the tenant allows, and every ARN that a condition of an Allow compares with."""
    for name, document in tenant_documents(PLATFORM, owner).items():
        for each in allows(document):
            if each.actions == ("logs:CreateLogGroup",):
                continue  # It shows nothing of a group, and the account's jobs share theirs.
            for pattern in each.resources:
                if pattern == "*":
                    assert name == "key" or set(each.actions) <= WITHOUT_RESOURCE, (name, each.sid)
                elif pattern.endswith(BY_CONDITION):
                    assert name == "interfaces" or "aws:ResourceTag/tenant" in each.conditions["StringEquals"], each.sid
                else:
                    yield pattern
            for keys in each.conditions.values():
                for values in keys.values():
                    yield from (value for value in ((values,) if isinstance(values, str) else values) if ":" in value)


def covered(one: TenantSpec, other: TenantSpec) -> list[tuple[str, str]]:
    """What of `other` the policies of `one` cover."""
    owned = list(things(other))
    # The serving role may be assumed for whatever SageMaker runs in the account: AWS documents no narrower source.
    source = f"arn:aws:sagemaker:{PLATFORM.region}:{PLATFORM.account}:*"
    return [(arn, glob) for glob in set(patterns(one)) - {source} for arn in owned if fnmatchcase(arn, glob)]


@settings(max_examples=40, deadline=None)
@given(ids, suffixes)
def test_a_tenant_covers_nothing_of_a_tenant_whose_id_extends_its_own(short: str, suffix: str) -> None:
    """Of acme and acmeeu neither covers anything of the other, in both directions."""
    assume(not {short, short + suffix} & RESERVED_IDS)
    one, other = tenant(short), tenant(short + suffix)
    assert covered(one, other) == []
    assert covered(other, one) == []


@settings(max_examples=20, deadline=None)
@given(ids, ids)
def test_a_tenant_covers_nothing_of_any_other_tenant(one: str, other: str) -> None:
    """The same for two ids that have nothing to do with each other."""
    assume(one != other and not {one, other} & RESERVED_IDS)
    assert covered(tenant(one), tenant(other)) == []


def test_a_tenant_covers_what_it_has() -> None:
    """The positive control: the same patterns cover the tenant's own buckets, models, images, logs and alarms."""
    owned = {arn for arn, _ in covered(tenant("acme"), tenant("acme"))}
    nobodys = {arn for arn in things(tenant("acme")) if arn not in owned}
    # Nobody of a tenant passes or changes these; transform jobs are none of the tenant's jobs yet.
    assert {arn.rpartition("/")[2].rpartition(":")[2] for arn in nobodys} == {
        "bh-dev-acme-invoke",
        "bh-dev-acme-data-scientist",
        "bh-dev-acme-deploy",
        "bh-dev-acme-verification",
        "bh-dev-acme-boundary",
        "bh-dev-acme-alerts",
        "algo-1-1700000000",
    }


def test_a_pattern_without_its_delimiter_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    """The broken twin is a published hole: ``bh-dev-acme*`` covers acmeeu's buckets, models and alarms."""

    def unterminated(platform: PlatformSpec, owner: TenantSpec | None = None) -> str:
        return f"{naming.prefix(platform, owner)}*"

    monkeypatch.setattr(naming, "names_of", unterminated)
    found = {arn for arn, _ in covered(tenant("acme"), tenant("acmeeu"))}
    assert naming.bucket_arn(naming.bucket(PLATFORM, tenant("acmeeu"), "data")) in found
    assert naming.sagemaker_arn(PLATFORM, "endpoint", "bh-dev-acmeeu-tumour") in found
