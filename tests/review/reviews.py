"""Reviews to render: a quiet one, and one with everything in it that can go wrong, written by somebody hostile."""

from __future__ import annotations

import dataclasses

from infra.changes import Idle, Reason
from infra.proof.report import Claim, Finding, Report, Shared, Statement, Step, UnknownFact, Verdict
from infra.review.model import (
    Access,
    CostChange,
    Isolation,
    PolicyFinding,
    PropertyDiff,
    QuotaUse,
    ResourceDiff,
    Review,
    StackReview,
)

#: What somebody writes into a name who wants more than to be read.
HOSTILE = (
    "A|c`m`e</code></summary><script>alert(1)</script><img src=x onerror=alert(1)> @octocat #1 [x](https://evil.example)"
    " **bold** <!-- bulkhead:preview --> \\| ``` \u202egnp.exe\n# heading\n| a | b |"
)
_ACME, _GLOBEX = (
    "arn:aws:iam::123456789012:role/bulkhead/dev/acme/bh-dev-acme-training",
    "arn:aws:s3:::bh-dev-globex-data",
)


def proved(*tenants: str) -> Report:
    """A proof without findings."""
    return Report(verdict=Verdict.PROVED, tenants=tenants, pairs=len(tenants) * (len(tenants) - 1), seconds=0.4)


def quiet() -> Review:
    """One tenant, one update, proven."""
    return Review(
        ref="origin/main",
        base="0" * 40,
        head="1" * 40,
        stacks=(stack("acme", title="Acme Diagnostics"),),
        idle=(Idle(file="docs/guide.md", why="no program reads it"),),
        isolation=Isolation(report=proved("acme", "globex"), before=Verdict.PROVED),
        quotas=(QuotaUse(scope="cell main", quota="tenants", before=1, after=1, limit=22),),
        prices=("list prices of eu-central-1 at 2025-10-01",),
    )


def stack(name: str, *, title: str = "", more: int = 0) -> StackReview:
    """A stack with an update of an endpoint, and as many creations as wanted."""
    update = ResourceDiff(
        type="aws:sagemaker/endpoint:Endpoint",
        name="tumour",
        op="update",
        properties=(PropertyDiff(path="endpointConfigName", before="a-1", after="(not known yet)"),),
    )
    others = tuple(ResourceDiff(type="aws:iam/role:Role", name=f"role-{number}", op="create") for number in range(more))
    return StackReview(
        stack=name,
        title=title,
        fate="changed",
        reasons=(Reason(file=f"tenant_stacks/specs/{name}.yaml", why="its spec"),),
        outcome="succeeded",
        resources=(update, *others),
        unchanged=90,
        before_usd=255.34,
        after_usd=456.82,
        costs=(
            CostChange(resource="tumour", item="ml.m5.large instances", before=201.48, after=0.0),
            CostChange(resource="tumour", item="ml.m5.xlarge instances", before=0.0, after=402.96, note="up to 4"),
        ),
    )


def leak() -> Finding:
    """Acme's training role reads globex's data, by a role that it assumes."""
    statement = Statement(
        policy="bh-dev-acme-training", statement="ReadAll", layer="identity", file="components/roles.py", line=70
    )
    return Finding(
        verdict=Verdict.LEAK,
        from_="acme",
        to="globex",
        principal=_ACME,
        action="s3:GetObject",
        resource=f"{_GLOBEX}/x",
        context={"aws:SecureTransport": True},
        chain=(
            Step(
                kind="assume-role",
                principal=_ACME,
                action="sts:AssumeRole",
                resource=_ACME,
                becomes=_ACME,
                statements=(statement,),
            ),
        ),
        statements=(statement,),
        claim=Claim.ISOLATION,
        reason=f"the role reads every bucket: {HOSTILE}",
    )


def loud() -> Review:
    """Everything at once, with hostile text wherever somebody else can write any."""
    key = ResourceDiff(
        type="aws:kms/key:Key",
        name=HOSTILE,
        op="replace",
        properties=(PropertyDiff(path="multiRegion", before="false", after=HOSTILE, replaces=True),),
        loses="all that is encrypted with it",
    )
    group = ResourceDiff(type="aws:cloudwatch/logGroup:LogGroup", name="logs-workloads", op="delete", loses="its logs")
    acme = dataclasses.replace(
        stack("acme", title=HOSTILE, more=12), resources=(key, group, *stack("acme", more=12).resources),
        notes=(HOSTILE,), warnings=(HOSTILE,),
    )  # fmt: skip
    gone = StackReview(
        stack="initech",
        title="",
        fate="deleted",
        reasons=(Reason(file="tenant_stacks/specs/initech.yaml", why="its spec was deleted"),),
        outcome="succeeded",
        resources=(ResourceDiff(type="aws:s3/bucket:Bucket", name="buckets-data", op="delete", loses="its objects"),),
        before_usd=55.1,
        notes=("30 of them are protected from deletion as deployed",),
    )
    broken = StackReview(
        stack="globex",
        title="Globex Research",
        fate="changed",
        reasons=(Reason(file=HOSTILE, why="imported by components.storage.buckets"),),
        outcome="failed",
        error=HOSTILE,
    )
    report = Report(
        verdict=Verdict.LEAK,
        tenants=("acme", "globex", "initech", "umbrella"),
        pairs=12,
        seconds=1.25,
        findings=(
            leak(),
            Finding(verdict=Verdict.UNKNOWN, from_="umbrella", to="acme", reason="a policy is not known yet"),
            Finding(
                verdict=Verdict.LEAK,
                from_=None,
                to="initech",
                principal="*",
                action="s3:GetObject",
                resource="arn:aws:s3:::bh-dev-initech-data/x",
                claim=Claim.OUTSIDE,
                reason="the bucket is public",
            ),
        ),
        unknown=(UnknownFact(urn=f"urn:pulumi:{HOSTILE}", property="policy", why=HOSTILE),),
        shared=(
            Shared(
                from_="umbrella",
                to="globex",
                actions=("s3:GetObject",),
                resources=(f"{_GLOBEX}/shared/*",),
                reason=HOSTILE,
                expires="2027-01-31",
            ),
        ),
    )
    return Review(
        ref=HOSTILE,
        base="0" * 40,
        head="1" * 40,
        stacks=(acme, broken, gone),
        idle=(Idle(file=HOSTILE, why="no program reads it"),),
        isolation=Isolation(
            report=report,
            before=Verdict.PROVED,
            gained=(
                Access(owner="acme", principal=_ACME, may="read", of="globex", resource=_GLOBEX, via=HOSTILE),
                Access(owner="acme", principal=_ACME, may="read", of="acme", resource="arn:aws:s3:::bh-dev-acme-new"),
            ),
            dropped=(Access(owner="globex", principal=HOSTILE, may="write", of="globex", resource=_GLOBEX),),
        ),
        quotas=(
            QuotaUse(scope="cell main", quota="tenants (by subnets_per_vpc)", before=17, after=20, limit=22),
            QuotaUse(scope="acme", quota="max_models", before=1, after=1, limit=3),
        ),
        policy=(
            PolicyFinding(
                stack="acme",
                rule="s3-public-access",
                level="mandatory",
                control="FSBP S3.8",
                resource=HOSTILE,
                type="aws:s3/bucket:Bucket",
                message=HOSTILE,
                remedy="block public access",
            ),
            PolicyFinding(
                stack="acme",
                rule="log-retention",
                level="advisory",
                control="",
                resource="logs-workloads",
                type="aws:cloudwatch/logGroup:LogGroup",
                message="30 days",
                remedy="",
            ),
        ),
        prices=("list prices of eu-central-1 at 2025-10-01, without tax, free tier and discounts",),
        notes=(HOSTILE,),
    )
