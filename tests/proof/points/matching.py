"""Points 1 to 12: what a statement matches, each as an estate that leaks and a twin that does not."""

from __future__ import annotations

from collections.abc import Iterator

from tests.proof.points.cases import Case
from tests.proof.points.small import (
    ACCOUNT,
    OWN_JOBS,
    REGION,
    Small,
    Statement,
    allow,
    both,
    bucket_arn,
    deny,
    document,
)

_OBJECTS = f"{bucket_arn('globex-data')}/*"
_OWN = both("acme-data")
#: What works with content, and leaves policies and settings alone.
_CONTENT = ("s3:GetObject", "s3:PutObject", "s3:DeleteObject", "s3:ListBucket")


def cases() -> Iterator[Case]:
    """All of them."""
    yield from _denials()
    yield from _wildcards()
    yield from _names()
    yield from _keys()
    yield from _variables()


def _reading(*statements: Statement) -> Small:
    small = Small().settled()
    small.acme.worker(*statements)
    return small


def _denials() -> Iterator[Case]:
    everything = allow(*_CONTENT)
    yield Case(
        1,
        "a Deny of the caller's own policy",
        _reading(everything),
        _reading(everything, deny("s3:*", on=both("globex-data"))),
    )
    for kind in ("boundary", "resource"):
        yield Case(1, f"a Deny of the {kind}", _denied_by(kind, "s3:Get*"), _denied_by(kind, "s3:*"))
    other = ["ec2:DescribeVpcs", "s3:ListAllMyBuckets"]
    not_action = {"Effect": "Deny", "Resource": "*"}
    yield Case(
        2,
        "NotAction denies every service that is not listed",
        _reading(allow("*"), {**not_action, "NotAction": [*other, "s3:GetObject"]}),
        _reading(allow("*"), {**not_action, "NotAction": other}),
    )
    read = {"Effect": "Allow", "Action": list(_CONTENT)}
    yield Case(
        3,
        "NotResource leaves out what any of its entries is about",
        _reading({**read, "NotResource": both("platform-data")}),
        _reading({**read, "NotResource": [*both("globex-data"), *both("platform-data")]}),
    )
    yield Case(
        3,
        "a Deny with NotResource is about everything else",
        _reading(everything, {"Effect": "Deny", "Action": "s3:*", "NotResource": [*_OWN, _OBJECTS]}),
        _reading(everything, {"Effect": "Deny", "Action": "s3:*", "NotResource": _OWN}),
    )


def _denied_by(kind: str, action: str) -> Small:
    small = Small().settled(globex_data=False)
    wall = deny(action, on=both("globex-data"))
    boundary = document(allow("s3:*"), wall) if kind == "boundary" else None
    small.acme.worker(allow(*_CONTENT), boundary=boundary)
    small.globex.data(*([{**wall, "Principal": "*"}] if kind == "resource" else []))
    return small


def _wildcards() -> Iterator[Case]:
    images = f"arn:aws:ecr:{REGION}:{ACCOUNT}:repository/"
    yield Case(4, "a wildcard crosses a slash", _pulling(f"{images}stage/*/acme"), _pulling(f"{images}stage/acme"))
    yield Case(4, "a wildcard at the end crosses a colon", _logging("acme*"), _logging("acme-*"))
    models = f"arn:aws:sagemaker:{REGION}:{ACCOUNT}:"
    yield Case(
        5,
        "a wildcard in the type of a resource counts in an Allow",
        _describing(allow("sagemaker:*", on=f"{models}*/globex-model")),
        _describing(allow("sagemaker:*", on=f"{models}*/acme-model")),
    )
    yield Case(
        5,
        "a wildcard in the type of a resource does not count in a Deny",
        _describing(allow("sagemaker:DescribeModel"), deny("sagemaker:*", on=f"{models}*/globex-model")),
        _describing(allow("sagemaker:DescribeModel"), deny("sagemaker:*", on=f"{models}model/globex-model")),
    )


def _pulling(pattern: str) -> Small:
    small = Small().settled()
    small.acme.worker(allow("ecr:BatchGetImage", on=pattern))
    name = "stage/globex/for/acme"
    small.globex.thing(
        "aws:ecr/repository:Repository",
        name,
        f"arn:aws:ecr:{REGION}:{ACCOUNT}:repository/{name}",
        encryptionConfigurations=[{"encryptionType": "KMS", "kmsKey": small.globex.key_arn}],
    )
    return small


def _logging(prefix: str) -> Small:
    small = Small().settled()
    groups = f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:"
    small.acme.worker(allow("logs:GetLogEvents", on=f"{groups}{prefix}"))
    name = "acmeeu-of-globex"
    small.globex.thing("aws:cloudwatch/logGroup:LogGroup", name, f"{groups}{name}", kmsKeyId=small.globex.key_arn)
    return small


def _describing(*statements: Statement) -> Small:
    small = _reading(*statements)
    name = "globex-model"
    small.globex.thing("aws:sagemaker/model:Model", name, f"arn:aws:sagemaker:{REGION}:{ACCOUNT}:model/{name}")
    return small


def _names() -> Iterator[Case]:
    yield Case(
        6,
        "the case of actions is ignored",
        _reading(allow("S3:getOBJECT", on=_OBJECTS)),
        _reading(allow(*_CONTENT), deny("S3:*OBJECT", "S3:LISTBUCKET", on=both("globex-data"))),
    )
    yield Case(
        6,
        "the case of names is not",
        _reading(allow("s3:GetObject", on=_OBJECTS)),
        _reading(allow("s3:GetObject", on=_OBJECTS.replace("globex", "Globex"))),
    )


def _keys() -> Iterator[Case]:
    team = "aws:PrincipalTag/team"

    def when(**condition: object) -> Small:
        return _reading(allow("s3:*", when=condition))

    missing = {team: "globex"}
    yield Case(
        7, "a negated operator is true for a missing key", when(StringNotEquals=missing), when(StringEquals=missing)
    )
    yield Case(
        7,
        "a Deny with a positive operator misses requests without the key",
        _reading(allow("s3:*"), deny("s3:*", when={"StringEquals": missing})),
        _reading(allow("s3:*"), deny("s3:*", when={"StringNotEquals": missing})),
    )
    yield Case(8, "IfExists is true for a missing key", when(StringEqualsIfExists=missing), when(StringEquals=missing))
    paths = {"aws:TagKeys": "nobody"}
    never = {"Null": {"aws:TagKeys": "true"}}
    yield Case(
        9,
        "ForAllValues is true for a missing key",
        _reading(allow("s3:*", when={"ForAllValues:StringEquals": paths, **never})),
        _reading(allow("s3:*", when={"ForAnyValue:StringEquals": paths, **never})),
    )
    athena = {"aws:CalledVia": ["athena.amazonaws.com"]}
    through = allow("s3:GetObject", when={"ForAnyValue:StringEquals": athena})
    yield Case(
        10,
        "an operator for one value fails on several",
        _reading(through, deny("s3:*", when={"StringEquals": athena})),
        _reading(through, deny("s3:*", when={"ForAnyValue:StringEquals": athena})),
    )


def _variables() -> Iterator[Case]:
    by_tag = f"{bucket_arn('${aws:PrincipalTag/team}-data')}/*"

    def tagged(team: str | None, pattern: str = by_tag, version: str = "2012-10-17") -> Small:
        small = Small().settled()
        tags = {"tenant": "acme", **({"team": team} if team else {})}
        small.acme.role("acme-worker", assumeRolePolicy=OWN_JOBS, tagsAll=tags)
        policy = document(allow("s3:GetObject", on=pattern), version=version)
        small.acme.add("aws:iam/rolePolicy:RolePolicy", "p", {"role": "acme-worker", "name": "p", "policy": policy})
        return small

    yield Case(11, "a variable without a value matches nothing", tagged("globex"), tagged(None))
    yield Case(
        11,
        "a variable without a value in NotResource leaves out nothing for certain",
        _reading({"Effect": "Allow", "Action": "s3:GetObject", "NotResource": by_tag}),
        _reading({"Effect": "Allow", "Action": "s3:GetObject", "NotResource": "arn:aws:s3:::*"}),
    )
    yield Case(12, "a wildcard in a tag's value is literal", tagged("x", f"{bucket_arn('*-data')}/*"), tagged("*"))
    yield Case(12, "the old version has no variables", tagged("globex"), tagged("globex", version="2008-10-17"))
