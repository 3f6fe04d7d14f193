"""The policy pack over the demo's own stacks: plain `pulumi` and `bulkhead` run it, and the proof with it."""

from __future__ import annotations

from infra.settings import ROOT
from tests.acceptance.census import ids, take
from tests.acceptance.land import Land

_PACK = ROOT / "infra" / "policy_pack"


def test_our_own_stacks_pass_with_plain_pulumi(land: Land) -> None:
    """Every rule and the proof, over the platform, a tenant of each tier, and what is deployed of all three."""
    ended = land.plain(
        f"""
        pulumi preview --stack platform --policy-pack '{_PACK}'
        cd tenant_stacks
        pulumi preview --stack acme --policy-pack '{_PACK}'
        pulumi preview --stack globex --policy-pack '{_PACK}'
        """
    )
    assert ended.code == 0, ended.said()
    assert "[mandatory]" not in ended.said()
    assert ended.out.count("✅") == 3, ended.said()


def test_a_change_passes_with_bulkhead(land: Land) -> None:
    """`bulkhead` runs the pack where the settings say so: a change of a tenant's logs is sound, and proven."""
    land.edit("globex", "lifecycle:", "retention: {logs_days: 180}\n\nlifecycle:")
    ended = land.run("preview", "globex", BULKHEAD_POLICY_PACK="true")
    assert ended.code == 0, ended.said()
    assert "LogGroup" in ended.said()
    assert "policy bulkhead" not in ended.said()


def test_a_new_tenant_is_judged_before_anything_of_it_is_there(land: Land, initech: str) -> None:
    """What cannot be known yet of a new tenant is advised on; that it names another's repository is a leak."""
    same = "acme-diagnostics/tumour-model"
    ended = land.run("preview", initech, "--no-models", BULKHEAD_POLICY_PACK="true")
    assert ended.code == 1, ended.said()
    assert "policy bulkhead/isolation" in ended.said()
    assert f"token.actions.githubusercontent.com:sub = repo:{same}:environment:production" in ended.said()
    there = ids(take(land.client))
    ended = land.run("up", initech, "--no-models", BULKHEAD_POLICY_PACK="true")
    assert ended.code == 1, ended.said()
    assert "policy bulkhead/isolation" in ended.said()
    assert ids(take(land.client)) == there, "an update asks the pack before it makes anything"
    land.edit(initech, same, "initech/models")
    ended = land.run("preview", initech, "--no-models", BULKHEAD_POLICY_PACK="true")
    assert ended.code == 0, ended.said()
    assert "policy bulkhead/stack-advice" in ended.said()
    assert "policy bulkhead/isolation" not in ended.said()


def test_a_broken_tenant_is_refused_by_bulkhead(land: Land) -> None:
    """Logs of globex, which is under SOC 2, must be kept for 90 days."""
    land.edit("globex", "lifecycle:", "retention: {logs_days: 30}\n\nlifecycle:")
    ended = land.run("preview", "globex", BULKHEAD_POLICY_PACK="true")
    assert ended.code == 1, ended.said()
    assert "log-retention" in ended.said()
    assert land.run("preview", "globex").code == 0, "without the pack the specification is as good as any"
