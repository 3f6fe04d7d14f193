"""Plain `pulumi` commands in the project folders, as ``eval "$(bulkhead env)"`` enables them."""

from __future__ import annotations

from tests.acceptance.land import Land


def test_plain_commands_see_what_bulkhead_made(land: Land) -> None:
    """In both project folders there is nothing to change, in the state or against the cloud, and nothing to warn of."""
    ended = land.plain(
        """
        pulumi preview --stack platform --expect-no-changes
        cd tenant_stacks
        pulumi preview --stack acme --refresh --expect-no-changes
        pulumi up --yes --stack globex --expect-no-changes
        """
    )
    assert ended.code == 0, ended.said()
    assert "warning" not in ended.said().lower()
    assert ended.out.count("unchanged") >= 3


def test_bulkhead_sees_what_plain_commands_made(land: Land, initech: str) -> None:
    """A tenant that plain commands bring up is up for bulkhead; plain commands destroy it without remains."""
    made = land.plain(
        f"""
        cd tenant_stacks
        pulumi stack init {initech}
        pulumi up --yes --skip-preview --stack {initech} -c bulkhead:models=false
        """
    )
    assert made.code == 0, made.said()
    seen = land.run("preview", initech, "--no-models", "--expect-no-changes")
    assert seen.code == 0, seen.said()
    gone = land.plain(
        f"""
        cd tenant_stacks
        pulumi destroy --yes --skip-preview --stack {initech}
        pulumi stack rm --yes {initech}
        """
    )
    assert gone.code == 0, gone.said()
    assert "warning" not in (made.said() + gone.said()).lower()
