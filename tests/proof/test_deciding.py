"""Single questions whose answers are known, each beside a variant with the other answer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from infra.evaluator.compiling import compile_policy
from infra.evaluator.kinds import PolicyKind
from infra.evaluator.policies import Applicable, Grant
from infra.evaluator.request import ContextValue, caller_of
from infra.proof.symbolic import Family, Question, Sat, SymbolicAnswer, Unknown, Unsat, actions_on, decide

OWN = "111122223333"
CALLER = caller_of(f"arn:aws:iam::{OWN}:role/acme")
TAG = "aws:PrincipalTag/tenant"
KEY = f"arn:aws:kms:eu-west-1:{OWN}:key/k"
ALLOW: dict[str, Any] = {"Effect": "Allow", "Action": "s3:*", "Resource": "*"}


def _document(*statements: Mapping[str, Any]) -> dict[str, Any]:
    return {"Version": "2012-10-17", "Statement": [dict(one) for one in statements]}


def _asked(
    *statements: Mapping[str, Any],
    family: str = "arn:aws:s3:::globex-data/?*",
    fixed: Mapping[str, ContextValue] | None = None,
    choosable: tuple[str, ...] = (),
    resource: Mapping[str, Any] | None = None,
    actions: tuple[str, ...] = ("s3:GetObject", "s3:PutObject", "s3:DeleteObjectVersion"),
    grants: tuple[Grant, ...] = (),
) -> SymbolicAnswer:
    identity = (compile_policy(_document(*statements), PolicyKind.IDENTITY),) if statements else ()
    service = actions[0].partition(":")[0]
    own = compile_policy(_document(resource), PolicyKind.RESOURCE, service=service) if resource is not None else None
    return decide(
        Question(
            caller=CALLER,
            family=Family.like(family, OWN),
            actions=actions,
            policies=Applicable(identity=identity, resource=own, grants=grants),
            fixed=fixed or {},
            choosable_tags=choosable,
        )
    )


def _deny(**elements: object) -> dict[str, Any]:
    return {**ALLOW, "Effect": "Deny", **elements}


def test_a_prefix_that_does_not_end_reaches_another_tenant() -> None:
    broken = _asked({**ALLOW, "Resource": "arn:aws:s3:::ml/t1*"}, family="arn:aws:s3:::ml/t116/?*")
    assert isinstance(broken, Sat)
    assert broken.witness.resource.startswith("arn:aws:s3:::ml/t116/")
    assert _asked({**ALLOW, "Resource": "arn:aws:s3:::ml/t1/*"}, family="arn:aws:s3:::ml/t116/?*") == Unsat()


def test_deny_of_some_actions_leaves_the_others() -> None:
    broken = _asked(ALLOW, _deny(Action=["s3:Get*", "s3:Put*"]))
    assert isinstance(broken, Sat)
    assert broken.witness.action == "s3:DeleteObjectVersion"
    assert _asked(ALLOW, _deny(Action=["s3:Get*", "s3:Put*", "s3:Del*"])) == Unsat()


def test_the_deny_that_names_a_condition_needs_that_condition() -> None:
    other = {"StringNotEquals": {"aws:SourceVpce": "vpce-1"}}
    broken = _asked(ALLOW, _deny(Condition=other))
    assert isinstance(broken, Sat)
    assert broken.witness.context["aws:sourcevpce"] == "vpce-1"
    assert _asked(ALLOW, _deny(Condition=other), fixed={"aws:SourceVpce": "vpce-2"}) == Unsat()


def test_keys_of_one_condition_block_are_joined() -> None:
    either = [
        _deny(Condition={"Null": {key: "true"}}) for key in ("sagemaker:VpcSubnets", "sagemaker:VpcSecurityGroupIds")
    ]
    both = _deny(Condition={"Null": {"sagemaker:VpcSubnets": "true", "sagemaker:VpcSecurityGroupIds": "true"}})
    isolated = {"sagemaker:VpcSubnets": None}
    assert isinstance(_asked(ALLOW, both, fixed=isolated), Sat)
    assert _asked(ALLOW, *either, fixed=isolated) == Unsat()


def test_for_all_values_in_an_allow_is_a_hole() -> None:
    keys = {"dynamodb:LeadingKeys": ["acme"]}
    table = f"arn:aws:dynamodb:eu-west-1:{OWN}:table/t"
    allow = {"Effect": "Allow", "Action": "dynamodb:*", "Resource": table}
    actions = ("dynamodb:Scan",)
    broken = _asked(
        {**allow, "Condition": {"ForAllValues:StringEquals": keys}},
        family=table,
        actions=actions,
        fixed={"dynamodb:LeadingKeys": None},
    )
    assert isinstance(broken, Sat)
    sound = {**allow, "Condition": {"ForAnyValue:StringEquals": keys}}
    assert _asked(sound, family=table, actions=actions, fixed={"dynamodb:LeadingKeys": None}) == Unsat()


def test_several_values_are_found() -> None:
    condition = {
        "ForAllValues:StringLike": {"aws:TagKeys": ["a*", "b"]},
        "ForAnyValue:StringEquals": {"aws:TagKeys": "b"},
    }
    answer = _asked(
        {**ALLOW, "Condition": condition}, _deny(Condition={"ForAllValues:StringEquals": {"aws:TagKeys": "b"}})
    )
    assert isinstance(answer, Sat)
    keys = answer.witness.context["aws:tagkeys"]
    assert isinstance(keys, tuple)
    assert "b" in keys
    assert any(str(key).startswith("a") for key in keys)


def test_a_tag_that_the_caller_chooses() -> None:
    statement = {**ALLOW, "Resource": f"arn:aws:s3:::${{{TAG}}}-data/*"}
    assert _asked(statement, fixed={TAG: "acme"}) == Unsat()
    assert _asked(statement) == Unsat()
    chosen = _asked(statement, choosable=("tenant",))
    assert isinstance(chosen, Sat)
    assert chosen.witness.context["aws:principaltag/tenant"] == "globex"


def test_a_tag_that_might_help_is_unknown() -> None:
    match = {"StringEquals": {"aws:SourceVpce": f"${{{TAG}}}", "aws:RequestTag/a": "aa"}}
    guarded = _deny(Condition={"StringNotLike": {"aws:SourceVpce": "vpce-*"}})
    answer = _asked({**ALLOW, "Condition": match}, guarded, choosable=("*",))
    assert isinstance(answer, Unknown)
    assert answer.reasons == ("a policy variable of aws:principaltag/tenant, which the caller chooses",)
    assert _asked({**ALLOW, "Condition": match}, _deny(), choosable=("*",)) == Unsat()


def test_a_key_compared_in_two_ways_is_unknown() -> None:
    both = {"NumericLessThan": {"s3:max-keys": "5"}, "StringNotEquals": {"s3:max-keys": "3"}}
    answer = _asked({**ALLOW, "Condition": {"NumericLessThan": both["NumericLessThan"]}})
    assert isinstance(answer, Sat)
    answer = _asked(ALLOW, _deny(Condition={"Null": {"s3:max-keys": "false"}}), {**ALLOW, "Condition": both})
    assert isinstance(answer, Sat)
    impossible = {**both, "NumericGreaterThan": {"s3:max-keys": "5"}}
    answer = _asked({**ALLOW, "Condition": impossible})
    assert isinstance(answer, Unknown)
    assert "s3:max-keys" in answer.reasons[0]


def test_more_patterns_than_can_be_told_apart_are_unknown() -> None:
    statements = [{**ALLOW, "Resource": [f"arn:aws:s3:::acme-data/*{letter}*" for letter in "abcdefghijklmnopq"]}]
    answer = _asked(*statements, family="arn:aws:s3:::acme-data/*")
    assert isinstance(answer, Unknown)
    assert "too many" in answer.reasons[0]


@pytest.mark.parametrize("root", [True, False])
def test_a_key_policy_must_delegate(*, root: bool) -> None:
    principal = f"arn:aws:iam::{OWN}:{'root' if root else 'role/other'}"
    own = {"Effect": "Allow", "Action": "kms:*", "Resource": "*", "Principal": {"AWS": principal}}
    identity = {"Effect": "Allow", "Action": "kms:Decrypt", "Resource": "*"}
    answer = _asked(identity, resource=own, family=KEY, actions=("kms:Decrypt",))
    assert isinstance(answer, Sat) is root


def test_a_grant_passes_by_policies_within_its_constraint() -> None:
    grant = Grant(CALLER.arn, frozenset({"Decrypt"}), KEY, context_equals={"Tenant": "acme"})
    answer = _asked(family=KEY, actions=("kms:Encrypt", "kms:Decrypt"), grants=(grant,))
    assert isinstance(answer, Sat)
    assert answer.witness.context == {"kms:EncryptionContext:Tenant": "acme"}
    fixed = {"kms:EncryptionContext:Tenant": "globex"}
    assert _asked(family=KEY, actions=("kms:Decrypt",), grants=(grant,), fixed=fixed) == Unsat()


def test_nothing_is_allowed_without_policies_or_actions() -> None:
    assert _asked() == Unsat()
    assert _asked(ALLOW, actions=("ec2:RunInstances",)) == Unsat()


def test_who_one_is_can_always_be_asked() -> None:
    assert isinstance(_asked(actions=("sts:GetCallerIdentity",), family="*"), Sat)


def test_every_action_of_the_catalogue_is_asked() -> None:
    every = actions_on("s3", "object")
    assert {"s3:GetObject", "s3:GetObjectVersion", "s3:DeleteObject"} <= set(every)
    assert "s3:ListBucket" not in every
    assert "s3:ListAllMyBuckets" in actions_on("s3")
    denied = [action for action in every if action != "s3:RestoreObject"]
    broken = _asked(ALLOW, _deny(Action=denied), actions=every)
    assert isinstance(broken, Sat)
    assert broken.witness.action == "s3:RestoreObject"
    assert _asked(ALLOW, _deny(Action=list(every)), actions=every) == Unsat()


def test_a_witness_has_no_context_that_it_does_not_need() -> None:
    answer = _asked({**ALLOW, "Condition": {"StringNotEquals": {"aws:SourceVpce": "vpce-1"}}}, fixed={TAG: "acme"})
    assert isinstance(answer, Sat)
    assert answer.witness.context == {TAG: "acme"}
