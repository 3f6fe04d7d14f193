"""Reports to render: one of each verdict, with every kind of entry, and one whose texts try to break out."""

from __future__ import annotations

from infra.proof.report import (
    Claim,
    Finding,
    NotModelledType,
    Report,
    Shared,
    Statement,
    Step,
    UnknownFact,
    Verdict,
)

TRAINING = "arn:aws:iam::123456789012:role/bulkhead/dev/acme/bh-dev-acme-training"
HELPER = "arn:aws:iam::123456789012:role/helper"
ALLOWS = Statement(
    policy="urn:pulumi:acme::bulkhead-tenants::aws:iam/rolePolicy:RolePolicy::roles-training#policy",
    statement="ReadData",
    layer="identity",
    urn="urn:pulumi:acme::bulkhead-tenants::aws:iam/rolePolicy:RolePolicy::roles-training",
    file="components/security/roles.py",
    line=70,
)
LEAK = Finding(
    verdict=Verdict.LEAK,
    from_="acme",
    to="globex",
    principal=HELPER,
    action="s3:GetObject",
    resource="arn:aws:s3:::bh-dev-globex-data-1/x",
    context={"aws:SourceVpce": "vpce-1", "aws:TagKeys": ("tenant", "stage"), "aws:SecureTransport": True},
    chain=(
        Step(
            kind="assume-role",
            principal=TRAINING,
            action="sts:AssumeRole",
            resource=HELPER,
            becomes=HELPER,
            context={"sts:ExternalId": "x"},
            statements=(Statement(policy="trust of helper", statement="statement 0", layer="trust"),),
        ),
    ),
    statements=(ALLOWS,),
    reason="the helper reads what is globex's; name acme's bucket in the statement",
)
UNENCRYPTED = Finding(
    verdict=Verdict.LEAK,
    from_=None,
    to="globex",
    resource="arn:aws:s3:::bh-dev-globex-data-1",
    claim=Claim.ENCRYPTION,
    reason="the bucket is encrypted by a key that is not globex's; name its own key",
)
OPEN = Finding(
    verdict=Verdict.UNKNOWN,
    from_="outside",
    to="acme",
    principal="*",
    action="sqs:SendMessage",
    resource="arn:aws:sqs:eu-central-1:123456789012:q",
    claim=Claim.OUTSIDE,
    reason="the queue's policy is not known before it is deployed",
)
SHARED = Shared(
    from_="globex",
    to="acme",
    actions=("s3:GetObject",),
    resources=("arn:aws:s3:::bh-dev-acme-reference/*",),
    reason="the joint study",
    expires="2027-03-31",
)
BROKEN = Report(
    verdict=Verdict.LEAK,
    tenants=("acme", "globex", "initech"),
    pairs=6,
    seconds=0.81,
    findings=(LEAK, UNENCRYPTED, OPEN),
    unknown=(
        UnknownFact(urn="urn:pulumi:acme::t::aws:sqs/queue:Queue::q", property="policy", why="give the export too"),
        UnknownFact(urn="urn:x", property="tagsAll", why="taken for any tags", matters=False),
    ),
    not_modelled=(
        NotModelledType(type="aws:backup/vaultPolicy:VaultPolicy", urns=("urn:v",), could_matter=True, why="a policy"),
        NotModelledType(type="random:index:Id", urns=("urn:r",), could_matter=False, why="it holds no policy"),
    ),
    shared=(SHARED,),
)
SOUND = Report(verdict=Verdict.PROVED, tenants=("acme", "globex"), pairs=2, seconds=0.4)

#: What a foreign estate's names could hold, so that a report shows something else than it says.
HOSTILE_TEXT = "</script></summary><script>alert(1)</script>``` [x](javascript:alert(1)) @org/team \x1b[2J\r\n# fine"
HOSTILE = Report(
    verdict=Verdict.LEAK,
    tenants=(HOSTILE_TEXT, "acme"),
    pairs=2,
    seconds=1,
    findings=(
        Finding(
            verdict=Verdict.LEAK,
            from_=HOSTILE_TEXT,
            to="acme",
            principal=HOSTILE_TEXT,
            action=HOSTILE_TEXT,
            resource=HOSTILE_TEXT,
            context={HOSTILE_TEXT: HOSTILE_TEXT},
            chain=(
                Step(
                    kind="assume-role", principal=HOSTILE_TEXT, action="a", resource=HOSTILE_TEXT, becomes=HOSTILE_TEXT
                ),
            ),
            statements=(Statement(policy=HOSTILE_TEXT, statement=HOSTILE_TEXT, layer="identity", file=HOSTILE_TEXT),),
            reason=HOSTILE_TEXT,
        ),
    ),
    unknown=(UnknownFact(urn=HOSTILE_TEXT, property=HOSTILE_TEXT, why=HOSTILE_TEXT),),
    not_modelled=(NotModelledType(type=HOSTILE_TEXT, urns=(HOSTILE_TEXT,), could_matter=True, why=HOSTILE_TEXT),),
    shared=(
        Shared(
            from_=HOSTILE_TEXT,
            to="acme",
            actions=(HOSTILE_TEXT,),
            resources=(HOSTILE_TEXT,),
            reason=HOSTILE_TEXT,
            expires="2027-01-01",
        ),
    ),
)
