"""Estates that are made to confuse the proof: each has the verdict that it deserves, in bounded time and memory."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from infra.proof.report import Verdict
from tests.proof.facts.exports import ACCOUNT
from tests.proof.hostile.judging import judged
from tests.proof.points.small import (
    ACME,
    GLOBEX,
    Small,
    Tenant,
    allow,
    both,
    bucket_arn,
    document,
    role_arn,
    trusting,
)

_OBJECTS = f"{bucket_arn('globex-data')}/*"
_LEAK, _UNKNOWN, _PROVED = Verdict.LEAK, Verdict.UNKNOWN, Verdict.PROVED


def _content(small: Small) -> bytes:
    """One export of all stacks of an estate; who owns what is in the tags."""
    resources = [one for stack in (small.acme, small.globex, small.platform) for one in stack.resources]
    return json.dumps({"version": 3, "deployment": {"resources": resources}}).encode()


def _with_identity(text: str) -> Small:
    small = Small().settled()
    small.acme.worker()
    small.acme.add("aws:iam/rolePolicy:RolePolicy", "p", {"role": "acme-worker", "name": "p", "policy": text})
    return small


def _on(resource: str, **more: object) -> Small:
    return _with_identity(document({**allow("s3:GetObject", on=resource), **more}))


def _cyclic_roles() -> Small:
    """Sixty roles of which each may become the next, the last the first, and one of them reads what is globex'."""
    small = Small().settled()
    for number in range(60):
        before = role_arn(f"acme-r{(number - 1) % 60}")
        reads = [allow("s3:GetObject", on=_OBJECTS)] if number == 59 else []
        small.acme.worker(*reads, name=f"r{number}", assumeRolePolicy=trusting({"AWS": before}))
    return small


def _cyclic_references() -> Small:
    """Everything depends on everything, and a role on itself."""
    small = Small().settled()
    small.acme.worker()
    urns = [one["urn"] for one in small.acme.resources]
    for one in small.acme.resources:
        one["propertyDependencies"] = dict.fromkeys(("role", "policy", "bucket", "permissionsBoundary"), urns)
    return small


def _cyclic_aliases() -> Small:
    small = Small().settled()
    for one, other in (("a", "b"), ("b", "a")):
        alias = {"arn": f"arn:aws:kms:eu-central-1:{ACCOUNT}:alias/{one}", "name": f"alias/{one}"}
        small.acme.add("aws:kms/alias:Alias", one, {**alias, "targetKeyId": f"alias/{other}"})
    return small


def _twice() -> Small:
    """The same URN twice: the second says that everybody may read."""
    small = Small().settled()
    policies = [one for one in small.globex.resources if one["type"] == "aws:s3/bucketPolicy:BucketPolicy"]
    everybody = document({**allow("s3:GetObject", on=_OBJECTS), "Principal": "*"})
    small.globex.resources.append({**policies[0], "outputs": {**policies[0]["outputs"], "policy": everybody}})
    return small


def _many_roles(number: int) -> Small:
    """Roles that may all become each other."""
    small = Small().settled()
    anybody = trusting({"AWS": f"arn:aws:iam::{ACCOUNT}:root"})
    for each in range(number):
        small.acme.worker(allow("sts:AssumeRole"), name=f"r{each}", assumeRolePolicy=anybody)
    return small


def _tenant_called(name: str) -> Small:
    """A tenant whose name is made to look like something else, and that reads what is globex'."""
    small = Small().settled()
    small.acme.worker(allow("s3:GetObject", on=_OBJECTS), tagsAll={"tenant": name})
    return small


ESTATES: dict[str, tuple[Callable[[], Small], set[Verdict]]] = {
    "a glob of 10,000 characters": (lambda: _on("arn:aws:s3:::" + "a" * 10_000), {_PROVED, _UNKNOWN}),
    "thousands of stars": (lambda: _on("arn:aws:s3:::" + "*" * 8_000), {_LEAK, _UNKNOWN}),
    "thousands of stars between letters": (lambda: _on("arn:aws:s3:::" + "*g" * 4_000), {_UNKNOWN}),
    "thousands of question marks": (lambda: _on("arn:aws:s3:::" + "?" * 8_000), {_PROVED, _UNKNOWN}),
    "a glob that backtracks": (lambda: _on("arn:aws:s3:::globex-*a*a*a*a*a*a*a*a*a*a*a*a*a*a*b"), {_LEAK, _UNKNOWN}),
    "a thousand resources": (
        lambda: _with_identity(document(allow("s3:GetObject", on=[f"arn:aws:s3:::x{n}*y" for n in range(500)]))),
        {_PROVED, _UNKNOWN},
    ),
    "values by the hundred": (
        lambda: _on(_OBJECTS, Condition={"StringLike": {"aws:SourceVpce": [f"*{n}*" for n in range(300)]}}),
        {_LEAK, _UNKNOWN},
    ),
    "a version of a policy that there is not": (
        lambda: _with_identity(document(allow("s3:GetObject", on=_OBJECTS), version="2031-01-01")),
        {_UNKNOWN},
    ),
    "an operator that there is not": (
        lambda: _on(_OBJECTS, Condition={"StringResembles": {"aws:SourceVpce": "a"}}),
        {_UNKNOWN},
    ),
    "an element that there is not": (lambda: _on(_OBJECTS, Unless={"a": "b"}), {_UNKNOWN}),
    "an effect that there is not": (lambda: _on(_OBJECTS, Effect="Maybe"), {_UNKNOWN}),
    "a policy that is cut off": (lambda: _with_identity(document(allow("s3:*"))[:-4]), {_UNKNOWN}),
    "a policy that is nested": (lambda: _with_identity('{"Statement":' * 5_000), {_UNKNOWN}),
    "a policy twice in one text": (lambda: _with_identity(document(allow("s3:*")) * 2), {_UNKNOWN}),
    "a key twice in a policy": (
        lambda: _with_identity(
            '{"Version":"2012-10-17","Statement":[],"Statement":' + json.dumps([allow("s3:*")]) + "}"
        ),
        {_UNKNOWN, _LEAK},
    ),
    "a surrogate in a policy": (lambda: _on(_OBJECTS + "\ud800"), {_UNKNOWN}),
    "a null in a name": (lambda: _on(_OBJECTS + "\x00"), {_LEAK, _UNKNOWN}),
    "variables by the hundred": (lambda: _on("arn:aws:s3:::" + "${aws:PrincipalTag/a}" * 300), {_UNKNOWN, _PROVED}),
    "roles in a circle": (_cyclic_roles, {_LEAK}),
    "references in a circle": (_cyclic_references, {_PROVED, _UNKNOWN}),
    "aliases in a circle": (_cyclic_aliases, {_PROVED, _UNKNOWN}),
    "one URN twice": (_twice, {_LEAK, _UNKNOWN}),
    "forty roles that may become each other": (lambda: _many_roles(40), {_PROVED}),
    "a tenant called like a placeholder": (lambda: _tenant_called("{tenant}"), {_LEAK}),
    "a tenant called like a wildcard": (lambda: _tenant_called("*"), {_LEAK}),
    "a tenant called like the other but for case": (lambda: _tenant_called("Globex"), {_LEAK}),
    "a tenant called like a null": (lambda: _tenant_called("\x00"), {_LEAK}),
    "a tenant called like an ARN": (lambda: _tenant_called(bucket_arn("globex-data")), {_LEAK}),
}


@pytest.mark.parametrize("name", ESTATES)
def test_has_the_verdict_that_it_deserves(name: str) -> None:
    made, verdicts = ESTATES[name]
    report = judged(_content(made()))
    assert report is not None
    assert report.verdict in verdicts


def test_what_all_of_them_are_made_of_is_proved() -> None:
    report = judged(_content(Small().settled()))
    assert report is not None
    assert report.verdict is _PROVED
    assert set(report.tenants) == {ACME, GLOBEX}


@pytest.mark.parametrize("surrogate", [b"\\ud800", b"\\udfff", b"\xed\xa0\x80"])
def test_surrogates_in_the_file_itself_are_read_or_refused(surrogate: bytes) -> None:
    content = _content(Small().settled()).replace(b"globex-data", b"globex-" + surrogate)
    report = judged(content)
    assert report is None or report.verdict is not _LEAK


def test_a_stack_of_nobody_is_nobodys() -> None:
    stack = Tenant("somebody")
    stack.bucket("b", tagsAll={})
    stack.resources[0]["outputs"]["defaultTags"] = json.dumps({"tags": {}})
    content = json.dumps(stack.export()).encode()
    report = judged(content)
    assert report is not None
    assert report.tenants == ()


def test_both_is_a_bucket_and_its_objects() -> None:
    assert both("b") == ["arn:aws:s3:::b", "arn:aws:s3:::b/*"]
