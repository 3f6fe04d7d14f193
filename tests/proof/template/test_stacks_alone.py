"""Which deployments are read together, and that reading by several processes says the same."""

from __future__ import annotations

import msgspec
import pytest

from infra.proof.facts import Unreadable
from infra.proof.template import Input, reading, worker
from infra.proof.template.cache import Cache
from infra.proof.template.stacks import Summary, summary, tied
from tests.proof.facts.exports import Stack, allow


def _stack(name: str) -> Stack:
    stack = Stack(name)
    stack.role(f"{name}-work")
    stack.bucket(f"{name}-data")
    return stack


def _summaries(*stacks: Stack) -> dict[str, Summary]:
    return {one.name: summary(msgspec.json.encode(one.export()), one.name, None, {}) for one in stacks}


def test_tenants_that_nothing_ties_are_read_apart() -> None:
    assert tied(_summaries(_stack("zeta"), _stack("omega"))) == frozenset()


def test_what_is_shared_is_read_with_all_else_that_is_tied() -> None:
    assert tied(_summaries(_stack("platform"), _stack("zeta"))) == {"platform"}


def test_a_stack_of_two_tenants_is_not_read_apart() -> None:
    both = _stack("zeta")
    both.bucket("omega-data", tagsAll={"tenant": "omega"})
    assert tied(_summaries(both, _stack("sigma"))) == {"zeta"}


@pytest.mark.parametrize(
    ("token", "outputs"),
    [
        ("aws:iam/rolePolicy:RolePolicy", {"role": "omega-work", "policy": allow("s3:*")}),
        ("aws:s3/bucketPolicy:BucketPolicy", {"bucket": "omega-data", "policy": allow("s3:*")}),
        ("aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock", {"bucket": "omega-data"}),
        ("aws:sagemaker/model:Model", {"arn": "arn:aws:sagemaker:x:1:model/m", "executionRoleArn": "omega-work"}),
        ("aws:s3/bucket:Bucket", {"arn": "arn:aws:s3:::omega-data", "tagsAll": {"tenant": "zeta"}}),
    ],
    ids=["attached policy", "bucket policy", "part of a bucket", "role by name", "the same ARN"],
)
def test_one_that_says_something_of_another_s_is_read_with_it(token: str, outputs: dict[str, object]) -> None:
    tying = _stack("zeta")
    tying.add(token, "tie", outputs)
    assert tied(_summaries(tying, _stack("omega"), _stack("sigma"))) == {"zeta", "omega"}


def test_a_policy_of_a_whole_account_is_read_with_all() -> None:
    ruling = _stack("zeta")
    ruling.add("aws:cloudwatch/logResourcePolicy:LogResourcePolicy", "logs", {"policyDocument": allow("logs:*")})
    assert tied(_summaries(ruling, _stack("omega"))) == {"zeta", "omega"}


def test_two_stacks_of_one_tenant_are_read_together() -> None:
    more = Stack("zeta", "other-project")
    more.bucket("zeta-more")
    found = {**_summaries(_stack("zeta"), _stack("omega")), "more": next(iter(_summaries(more).values()))}
    assert tied(found) == {"zeta", "more"}


def _inputs() -> list[Input]:
    return [Input(name, msgspec.json.encode(_stack(name).export())) for name in ("zeta", "omega", "sigma")]


def _read(inputs: list[Input]) -> dict[Input, tuple[bytes, Summary]]:
    return reading.read_alone(inputs, None, {}, Cache(None))


def test_several_processes_read_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    alone = _read(_inputs())
    monkeypatch.setattr(reading, "_MANY", 1)
    monkeypatch.setattr(reading, "processes", lambda: 2)
    with monkeypatch.context() as without:
        without.delattr(reading, "read_one")
        assert _read(_inputs()) == alone
    broken = [*_inputs(), Input("broken", b"{")]
    with pytest.raises(Unreadable, match="broken"):
        _read(broken)


def test_processes_that_break_are_done_without(monkeypatch: pytest.MonkeyPatch) -> None:
    alone = _read(_inputs())

    monkeypatch.setattr(reading, "_MANY", 1)
    monkeypatch.setattr(reading, "processes", lambda: 2)
    monkeypatch.setattr(worker.sys, "executable", "/bin/false")
    assert _read(_inputs()) == alone
