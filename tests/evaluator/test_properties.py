"""What holds of every request, whatever its policies: a Deny never allows, and order and spelling are nothing."""

from __future__ import annotations

import copy
from typing import Any

from arbitrary_requests import (
    ENDPOINT_PRINCIPALS,
    LAYERS,
    OBJECTS,
    RESOURCE_PRINCIPALS,
    ROOT,
    SESSION,
    Json,
    document,
    requests,
    statements,
)
from hypothesis import given, settings
from hypothesis import strategies as st
from read_cases import answered

#: From least to most access; a request of this small world is never an Error.
RANK = {"ExplicitlyDenied": 0, "ImplicitlyDenied": 1, "Allowed": 2}
#: Documents that a statement may be added to, and whom it may name there.
PLACES = {
    "boundary": (),
    "session_policy": (),
    "resource_policy": RESOURCE_PRINCIPALS,
    "vpc_endpoint_policy": ENDPOINT_PRINCIPALS,
}

thorough = settings(deadline=None, max_examples=60)


def rank(request: Json) -> int:
    found = answered(request)
    assert found.decision in RANK, found.reason
    return RANK[found.decision]


def with_statement(request: Json, place: str, statement: Json) -> Json:
    """The request with one more statement in a document that it has, or in a document of its own for identities."""
    changed = copy.deepcopy(request)
    if place == "identity_policies":
        changed[place].append(document(statement))
    else:
        changed[place]["Statement"].append(statement)
    return changed


@given(requests(), st.data())
@thorough
def test_a_deny_more_never_allows_more(request: Json, data: st.DataObject) -> None:
    place = data.draw(st.sampled_from(["identity_policies", *(name for name in PLACES if name in request)]))
    deny = data.draw(statements("Deny", principals=PLACES.get(place, ())))
    assert rank(with_statement(request, place, deny)) <= rank(request)


@given(requests(), st.data())
@thorough
def test_an_allow_more_never_denies_more(request: Json, data: st.DataObject) -> None:
    place = data.draw(st.sampled_from(["identity_policies", *(name for name in PLACES if name in request)]))
    allow = data.draw(statements("Allow", principals=PLACES.get(place, ())))
    assert rank(with_statement(request, place, allow)) >= rank(request)


@given(requests(), st.sampled_from([name for name in LAYERS if name != "resource_policy"]))
@thorough
def test_boundaries_sessions_endpoints_and_control_policies_only_narrow(request: Json, layer: str) -> None:
    without = {key: value for key, value in request.items() if key != layer}
    assert rank(request) <= rank(without)


@given(requests())
@thorough
def test_a_boundary_does_not_bind_the_root_user_but_control_policies_do(request: Json) -> None:
    root = {**request, "principal": ROOT}
    unbound = {key: value for key, value in root.items() if key != "boundary"}
    bound = {**unbound, "boundary": document({"Effect": "Allow", "Action": "sqs:*", "Resource": "*"})}
    assert rank(bound) == rank(unbound)
    assert rank({**root, "scps": [[]]}) < RANK["Allowed"]


@given(requests(), st.randoms(use_true_random=False))
@thorough
def test_the_order_of_statements_documents_and_levels_is_nothing(request: Json, random: Any) -> None:
    shuffled = copy.deepcopy(request)
    random.shuffle(shuffled["identity_policies"])
    for policy in (*shuffled["identity_policies"], *(shuffled[place] for place in PLACES if place in shuffled)):
        random.shuffle(policy["Statement"])
    for levels in ("scps", "rcps"):
        random.shuffle(shuffled.get(levels, []))
        for level in shuffled.get(levels, []):
            random.shuffle(level)
    assert rank(shuffled) == rank(request)


@given(requests())
@thorough
def test_one_document_or_several_is_nothing(request: Json) -> None:
    split = [document(one) for policy in request["identity_policies"] for one in policy["Statement"]]
    assert rank({**request, "identity_policies": split}) == rank(request)


@given(requests())
@thorough
def test_actions_and_the_names_of_context_keys_ignore_case(request: Json) -> None:
    upper = {**request, "action": request["action"].upper()}
    keys = {**request, "context": {key.swapcase(): value for key, value in request["context"].items()}}
    assert rank(upper) == rank(keys) == rank(request)


@given(requests())
@thorough
def test_an_answer_depends_on_nothing_that_was_asked_before(request: Json) -> None:
    first = answered(request)
    answered({**request, "identity_policies": [], "scps": [[]]})
    assert answered(request) == first


@given(requests(), st.sampled_from(["Allow", "Deny"]), st.integers(0, 40))
@thorough
def test_a_wider_resource_allows_or_denies_no_less(request: Json, effect: str, kept: int) -> None:
    exact = {"Effect": effect, "Action": "s3:*", "Resource": request["resource"]}
    wide = {**exact, "Resource": request["resource"][: max(kept, len("arn:aws:s3:::"))] + "*"}
    other = {**exact, "Resource": next(one for one in OBJECTS if one != request["resource"])}
    policies = request["identity_policies"]
    with_exact, with_wide, with_other = (
        rank({**request, "identity_policies": [*policies, document(one)]}) for one in (exact, wide, other)
    )
    if effect == "Allow":
        assert with_other <= with_exact == with_wide
    else:
        assert with_wide == with_exact == RANK["ExplicitlyDenied"]
        assert with_other >= with_exact


@given(requests(callers=(SESSION,)), statements("Allow"))
@thorough
def test_an_element_and_its_negation_split_the_requests(request: Json, statement: Json) -> None:
    alone = {key: value for key, value in request.items() if key not in (*LAYERS, "identity_policies")}
    fixed = {key: value for key, value in statement.items() if key not in ("Resource", "NotResource", "Condition")}
    action = "Action" if "Action" in fixed else "NotAction"
    opposite = {"Action": "NotAction", "NotAction": "Action"}[action]
    one = {**fixed, "Resource": "*"}
    negated = {**{key: value for key, value in one.items() if key != action}, opposite: one[action]}
    decisions = {answered({**alone, "identity_policies": [document(policy)]}).decision for policy in (one, negated)}
    assert decisions == {"Allowed", "ImplicitlyDenied"}
