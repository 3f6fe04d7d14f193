"""A proposed spec is previewed and proven by the engine in a process of the service's own, and changes nothing."""

from __future__ import annotations

from land import Land

from infra.api.routes.preview import PreviewView
from infra.provisioning.background import Background


def test_a_proposal(land: Land) -> None:
    """The plan has what differs, the proof is of all stacks together; file and stack stay as they are."""
    file = land.specs / "acme.yaml"
    before = file.read_bytes()
    background = Background(land.environment())
    try:
        as_it_is = PreviewView.model_validate(background.preview("acme", None, 300.0))
        proposed = before.replace(b"limit_usd: 900", b"limit_usd: 901")
        found = PreviewView.model_validate(background.preview("acme", proposed, 300.0))
        capacity = background.capacity()
    finally:
        background.close()
    assert proposed != before
    assert (as_it_is.outcome, as_it_is.resources, as_it_is.error) == ("succeeded", [], "")
    assert found.outcome == "succeeded", found.error
    assert [(each.op, each.type) for each in found.resources] == [("update", "aws:budgets/budget:Budget")]
    assert found.unchanged == as_it_is.unchanged - 1
    assert (found.verdict, found.verdict_reason, found.gained, found.lost) == ("Proved", "", [], [])
    assert file.read_bytes() == before
    assert {"quotas", "tiers"} <= capacity.keys()
