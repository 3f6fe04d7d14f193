"""A replacement that an update did not finish is taken back in the state."""

from __future__ import annotations

from typing import Any

from infra.engine.recovery.revive import revive, waiting_for_deletion

URN = "urn:pulumi:acme::p::aws:sagemaker/model:Model::m"
OTHER = "urn:pulumi:acme::p::aws:s3/bucket:Bucket::b"


def state() -> dict[str, Any]:
    """A model that was replaced, and a bucket that was not."""
    return {
        "version": 3,
        "deployment": {
            "resources": [
                {"urn": OTHER, "id": "b"},
                {"urn": URN, "id": "new"},
                {"urn": URN, "id": "old", "delete": True},
            ]
        },
    }


def test_what_is_wanted_again_changes_places_with_what_replaced_it() -> None:
    """The old one is current, the new one waits for its deletion; done again, nothing happens."""
    assert waiting_for_deletion(state()) == {URN}
    revived, urns = revive(state(), {URN: "old", OTHER: "b"})
    assert urns == (URN,)
    assert revived["deployment"]["resources"] == [
        {"urn": OTHER, "id": "b"},
        {"urn": URN, "id": "old"},
        {"urn": URN, "id": "new", "delete": True},
    ]
    assert revive(revived, {URN: "old"}) == (revived, ())


def test_what_is_not_wanted_again_stays_as_it_is() -> None:
    """A plan that makes a third one, and a state in which nothing waits."""
    assert revive(state(), {URN: "third"}) == (state(), ())
    nothing: dict[str, Any] = {"version": 3, "deployment": {}}
    assert revive(nothing, {URN: "old"}) == (nothing, ())
    assert not waiting_for_deletion(nothing)
