"""Specs in git: commits by the caller, proposals that wait, changes of others that are kept, and nothing that runs."""

from __future__ import annotations

from pathlib import Path

import pytest

from infra.errors import UserError
from infra.gitops import GitSpecs, SpecConflict, SpecMissing, etag
from infra.gitops.branches import LocalBranches, require_branch
from tests.gitops.repositories import ACME, GLOBEX, SERVICE, SPECS, bare_with_specs, change, git, people_commit

NEW = b"# Acme\nid: acme\nowner: else\n"


@pytest.fixture
def bare(tmp_path: Path) -> Path:
    return bare_with_specs(tmp_path)


@pytest.fixture(params=["local", "remote"])
def specs(request: pytest.FixtureRequest, bare: Path, tmp_path: Path) -> GitSpecs:
    """With proposals, in the repository itself and in a remote of a copy."""
    if request.param == "local":
        return GitSpecs(bare, SERVICE)
    git(tmp_path, "clone", "--quiet", str(bare), "copy")
    return GitSpecs(tmp_path / "copy", SERVICE, remote="origin")


def _log(bare: Path, ref: str, form: str) -> str:
    return git(bare, "log", "-1", f"--format={form}", ref)


def test_a_commit_says_who_and_why(specs: GitSpecs, bare: Path) -> None:
    """Its author is the caller, its committer the service; it changes one file and follows on what is merged."""
    written = specs.write(change("acme", NEW, etag(ACME), message="Move the owner\n\n# no comment; $(id) `id`"))
    assert (written.branch, written.effective) == ("bulkhead/acme", False)
    assert _log(bare, "bulkhead/acme", "%H") == written.commit
    assert _log(bare, "bulkhead/acme", "%an|%ae|%cn|%ce") == "Anna Özil|anna@example.com|bulkhead|bulkhead@example.com"
    assert _log(bare, "bulkhead/acme", "%B") == "Move the owner\n\n# no comment; $(id) `id`"
    assert git(bare, "diff", "--name-status", "main", "bulkhead/acme") == f"M\t{SPECS}/acme.yaml"
    assert _log(bare, "bulkhead/acme", "%P") == git(bare, "rev-parse", "main")


def test_only_what_is_merged_is_in_effect(specs: GitSpecs, bare: Path) -> None:
    """A proposal is not read until it is merged; then it is; what was asked for before stays as it was."""
    before = specs.in_effect()
    assert before.tenants() == ["acme", "globex"]
    first = before.changed("acme")
    specs.write(change("acme", NEW, etag(ACME)))
    assert specs.read("acme").content == ACME
    waiting = specs.proposed("acme")
    assert waiting is not None
    assert waiting.content == NEW
    assert specs.in_effect().changed("acme") == first
    git(bare, "update-ref", "refs/heads/main", "refs/heads/bulkhead/acme")
    assert specs.read("acme").content == NEW
    assert specs.proposed("acme") is None
    after = specs.in_effect()
    assert after.commit == git(bare, "rev-parse", "main")
    assert (before.content("acme"), after.content("acme"), after.content("nobody")) == (ACME, NEW, None)
    assert after.changed("acme")[0] == after.commit
    assert after.changed("globex") == before.changed("globex")
    with pytest.raises(SpecMissing, match="nobody"):
        after.changed("nobody")


def test_a_second_change_builds_on_the_one_that_waits(specs: GitSpecs) -> None:
    """Made from what is merged it is a conflict that names the branch; made from what waits it is taken."""
    specs.write(change("acme", NEW, etag(ACME)))
    with pytest.raises(SpecConflict, match=r"waits on the branch bulkhead/acme") as refused:
        specs.write(change("acme", b"id: acme # 2\n", etag(ACME)))
    assert refused.value.current == etag(NEW)
    specs.write(change("acme", b"id: acme # 2\n", etag(NEW)))
    waiting = specs.proposed("acme")
    assert waiting is not None
    assert waiting.content == b"id: acme # 2\n"


@pytest.mark.parametrize("squashed", [True, False])
def test_after_a_merge_a_change_begins_anew(specs: GitSpecs, bare: Path, tmp_path: Path, *, squashed: bool) -> None:
    """However it was merged, the next change follows on what is merged, and not on the old branch."""
    specs.write(change("acme", NEW, etag(ACME)))
    if squashed:
        people_commit(tmp_path / "people", {f"{SPECS}/acme.yaml": NEW, "README.md": b"squashed\n"})
    else:
        git(bare, "update-ref", "refs/heads/main", "refs/heads/bulkhead/acme")
        people_commit(tmp_path / "people", {"README.md": b"and more\n"})
    specs.write(change("acme", b"id: acme # 2\n", etag(NEW)))
    assert _log(bare, "bulkhead/acme", "%P") == git(bare, "rev-parse", "main")


def test_what_others_commit_meanwhile_is_kept(bare: Path, tmp_path: Path) -> None:
    """Other files do not stand in the way and stay; the same file does."""
    git(tmp_path, "clone", "--quiet", str(bare), "copy")
    specs = GitSpecs(tmp_path / "copy", SERVICE, proposals=None, remote="origin")
    read = specs.read("acme")
    people_commit(tmp_path / "people", {f"{SPECS}/globex.yaml": b"id: globex # by hand\n", "README.md": b"new\n"})
    specs.write(change("acme", NEW, read.etag))
    assert specs.read("globex").content == b"id: globex # by hand\n"
    assert git(bare, "show", "main:README.md") == "new"
    people_commit(tmp_path / "people", {f"{SPECS}/acme.yaml": b"id: acme # by hand\n"})
    with pytest.raises(SpecConflict):
        specs.write(change("acme", ACME, etag(NEW)))
    assert specs.read("acme").content == b"id: acme # by hand\n"


@pytest.mark.parametrize(("theirs", "taken"), [("globex", True), ("acme", False)])
@pytest.mark.parametrize("remote", [True, False])
def test_somebody_is_faster(
    bare: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, theirs: str, *, taken: bool, remote: bool
) -> None:
    """A commit that lands after ours was made is not overwritten: ours follows on it, or is a conflict."""
    if remote:
        git(tmp_path, "clone", "--quiet", str(bare), "copy")
    specs = GitSpecs(
        tmp_path / "copy" if remote else bare, SERVICE, proposals=None, remote="origin" if remote else None
    )
    branches = specs._branches  # pyright: ignore[reportPrivateUsage]
    move, moved = branches.move, list[str]()

    def late(branch: str, commit: str, before: str | None) -> str:
        if not moved:
            people_commit(tmp_path / "people", {f"{SPECS}/{theirs}.yaml": b"id: faster\n"})
        moved.append(move(branch, commit, before))
        return moved[-1]

    monkeypatch.setattr(branches, "move", late)
    if taken:
        specs.write(change("acme", NEW, etag(ACME)))
        assert len(moved) == 2
    else:
        with pytest.raises(SpecConflict):
            specs.write(change("acme", NEW, etag(ACME)))
    assert moved[0]
    assert specs.read(theirs).content == b"id: faster\n"
    assert specs.read("acme").content == (NEW if taken else b"id: faster\n")


def test_the_same_again_makes_no_commit(specs: GitSpecs, bare: Path) -> None:
    """A change that changes nothing leaves the history as it is."""
    written = specs.write(change("acme", ACME, etag(ACME)))
    assert (written.commit, written.effective) == (git(bare, "rev-parse", "main"), True)
    assert git(bare, "branch", "--list", "bulkhead/*") == ""


def test_hooks_and_filters_run_nothing(bare: Path, tmp_path: Path) -> None:
    """Neither the hooks of the repository nor a filter of its attributes are run; git itself runs the hook."""
    hook = bare / "hooks" / "reference-transaction"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text(f"#!/bin/sh\ntouch {tmp_path / 'pwned'}\n")
    hook.chmod(0o755)
    git(bare, "config", "filter.evil.clean", f"touch {tmp_path / 'pwned'}; cat")
    (bare / "info").mkdir(exist_ok=True)
    (bare / "info" / "attributes").write_text("*.yaml filter=evil\n")
    GitSpecs(bare, SERVICE).write(change("acme", NEW, etag(ACME)))
    assert not (tmp_path / "pwned").exists()
    git(bare, "update-ref", "refs/heads/other", "main")
    assert (tmp_path / "pwned").exists()


def test_a_link_is_no_spec(bare: Path, tmp_path: Path) -> None:
    """A symbolic link in the branch is neither read nor replaced."""
    (tmp_path / "people" / SPECS / "link.yaml").symlink_to("/etc/hostname")
    people_commit(tmp_path / "people", {})
    specs = GitSpecs(bare, SERVICE)
    with pytest.raises(UserError, match="no regular file"):
        specs.read("link")
    with pytest.raises(UserError, match="no regular file"):
        specs.write(change("link", NEW, etag(b"/etc/hostname")))


def test_a_branch_that_is_checked_out_is_refused(tmp_path: Path) -> None:
    """Its files would not follow; a proposal to another branch is taken."""
    bare_with_specs(tmp_path)
    people = tmp_path / "people"
    with pytest.raises(UserError, match="checked out here"):
        GitSpecs(people, SERVICE, proposals=None).write(change("acme", NEW, etag(ACME)))
    GitSpecs(people, SERVICE).write(change("acme", NEW, etag(ACME)))
    assert git(people, "status", "--porcelain") == ""


@pytest.mark.parametrize(
    "branch",
    ["", "-f", "--force", "a..b", "a//b", "/a", "a/", "a.lock", "a/.b", "a b", "a\nb", "a~1", "a:b", "@{u}", "x" * 201,
     "a.", "$(id)"],
)  # fmt: skip
def test_what_is_no_branch_is_refused(bare: Path, branch: str) -> None:
    """It becomes neither an option nor another ref."""
    with pytest.raises(UserError, match="no name of a branch"):
        GitSpecs(bare, SERVICE, merged=branch)
    assert require_branch("release/2026.1_x-y")


@pytest.mark.parametrize("folder", ["", "/etc", "../specs", "a/../b", "-r", "a//b", "a/", ".git"])
def test_what_is_no_folder_is_refused(bare: Path, folder: str) -> None:
    """It stays inside of the repository."""
    with pytest.raises(UserError, match="no folder"):
        GitSpecs(bare, SERVICE, folder=folder)


def test_what_is_missing_is_told(bare: Path, tmp_path: Path) -> None:
    """A branch, a remote, a repository and a commit that are not there."""
    with pytest.raises(UserError, match="there is no branch nowhere"):
        GitSpecs(bare, SERVICE, merged="nowhere").tenants()
    with pytest.raises(UserError, match="git fetch"):
        GitSpecs(bare, SERVICE, remote="nowhere").tenants()
    with pytest.raises(UserError, match="no name of a remote"):
        GitSpecs(bare, SERVICE, remote="--upload-pack=id")
    with pytest.raises(UserError, match="folder of the repository"):
        GitSpecs(tmp_path / "nowhere", SERVICE).tenants()


def test_a_branch_that_is_protected_is_told(bare: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """When git refuses every time, its reason is told, and nothing is changed."""

    def refuse(*_: object) -> str:
        return "it is protected"

    monkeypatch.setattr(LocalBranches, "move", refuse)
    with pytest.raises(UserError, match="it is protected"):
        GitSpecs(bare, SERVICE).write(change("globex", NEW, etag(GLOBEX)))
    assert GitSpecs(bare, SERVICE).read("globex").content == GLOBEX
