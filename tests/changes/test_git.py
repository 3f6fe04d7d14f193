"""What git is asked, and that no name of a branch or file becomes an option, a command or another path."""

from __future__ import annotations

import subprocess
from contextlib import suppress
from pathlib import Path

import pytest

from infra.changes import ChangedFile, Repository
from infra.errors import UserError
from tests.changes.checkout import Checkout


@pytest.fixture
def checkout(tmp_path: Path) -> Checkout:
    return Checkout(tmp_path)


def _changed(checkout: Checkout, ref: str = "main") -> dict[str, str]:
    repository = Repository(checkout.root)
    return {each.path: each.status for each in repository.changed_files(repository.fork_point(ref))}


def test_it_is_compared_with_where_it_was_forked_off(checkout: Checkout) -> None:
    """What main got since does not count; commits, the index, the working tree and new files of the branch do."""
    checkout.git("switch", "--quiet", "--create", "change")
    checkout.write("committed.md", "1")
    checkout.commit("one")
    checkout.git("switch", "--quiet", "main")
    checkout.write("of-main.md", "1")
    checkout.commit("main goes on")
    checkout.git("switch", "--quiet", "change")
    checkout.write("added.md", "1")
    checkout.git("add", "added.md")
    checkout.write("untracked.md", "1")
    checkout.edit("stacks/platform.yaml", "stage: dev", "stage: test")
    (checkout.specs / "globex.yaml").rename(checkout.specs / "renamed.yaml")
    assert _changed(checkout) == {
        "committed.md": "added",
        "added.md": "added",
        "untracked.md": "added",
        "stacks/platform.yaml": "modified",
        "tenant_stacks/specs/globex.yaml": "deleted",
        "tenant_stacks/specs/renamed.yaml": "added",
    }


def test_ignored_files_do_not_count(checkout: Checkout) -> None:
    """What git is told to ignore is no change."""
    checkout.write(".gitignore", "*.log\n")
    checkout.commit("ignore")
    checkout.write("a.log", "1")
    assert _changed(checkout) == {}


@pytest.mark.parametrize(
    "ref",
    ["", "-", "--output=/tmp/x", "--upload-pack=touch /tmp/x", "a\nb", "a\0b", "x" * 256, "\u202emain", "nowhere",
     "main;id", "$(id)", "main..HEAD", "HEAD^{tree}", "main:stacks/platform.yaml"],
)  # fmt: skip
def test_what_is_no_commit_is_refused(checkout: Checkout, ref: str) -> None:
    """Options, control characters, ranges, trees and files are refused with a remedy, and nothing is run by them."""
    with pytest.raises(UserError) as refused:
        Repository(checkout.root).fork_point(ref)
    assert refused.value.where == "--changed-since"
    assert refused.value.remedy
    assert not list(checkout.root.glob("*output*"))


@pytest.mark.parametrize(
    "branch", ["$(touch$IFS$9pwned)", "`touch pwned`".replace(" ", "${IFS}"), ";touch${IFS}pwned", "a'\"b", "feature/ü"]
)
def test_a_hostile_branch_is_only_a_name(checkout: Checkout, branch: str) -> None:
    """A branch may be called like a command; it is compared with, and nothing is run."""
    checkout.git("branch", branch)
    checkout.write("new.md", "1")
    assert _changed(checkout, branch) == {"new.md": "added"}
    assert not (checkout.root / "pwned").exists()


@pytest.mark.parametrize("name", ["a b.md", "$(id).md", "-rf", ":(exclude)x.md", "ü\u202e.md", 'quo"te\n.md', "*.md"])
def test_a_hostile_file_is_only_a_name(checkout: Checkout, name: str) -> None:
    """Names come as they are, and a file is read by its name and not by a pattern."""
    checkout.write(name, "before")
    base = checkout.commit("hostile")
    checkout.write(name, "after")
    repository = Repository(checkout.root)
    assert repository.changed_files(base) == (ChangedFile(path=name, status="modified"),)
    assert repository.content(base, name) == b"before"


def test_a_pattern_reads_nothing(checkout: Checkout) -> None:
    """The control: a name with a star is the file of that name, of which there is none."""
    repository = Repository(checkout.root)
    base = repository.head()
    assert repository.content(base, "stacks/*.yaml") is None
    assert repository.content(base, "stacks") is None
    assert repository.content(base, "stacks/platform.yaml") == checkout.platform.read_bytes()
    assert repository.files(base, "tenant_stacks/specs") == (
        "tenant_stacks/specs/acme.yaml",
        "tenant_stacks/specs/globex.yaml",
    )


def test_a_symbolic_link_is_not_followed(checkout: Checkout) -> None:
    """A link in a commit is no file: what it leads to is not read."""
    (checkout.specs / "link.yaml").symlink_to("/etc/hostname")
    base = checkout.commit("a link")
    assert Repository(checkout.root).content(base, "tenant_stacks/specs/link.yaml") is None


def test_the_configuration_of_the_checkout_runs_nothing(checkout: Checkout) -> None:
    """An external diff, a text conversion and a file-system monitor that a checkout configures are not run."""
    checkout.write(".gitattributes", "*.md diff=evil\n")
    checkout.write("a.md", "1")
    base = checkout.commit("attributes")
    checkout.write("a.md", "2")
    for key in ("diff.external", "core.fsmonitor", "diff.evil.textconv", "diff.evil.command"):
        checkout.git("config", key, f"touch {checkout.root / 'pwned'};")
    assert Repository(checkout.root).changed_files(base) == (ChangedFile(path="a.md", status="modified"),)
    assert not (checkout.root / "pwned").exists()
    with suppress(subprocess.CalledProcessError):
        checkout.git("diff", base)  # the control: git itself runs them
    assert (checkout.root / "pwned").exists()


def test_a_checkout_in_a_folder_of_a_larger_one(checkout: Checkout) -> None:
    """Paths are from the checkout, and what differs beside it does not count."""
    checkout.write("infrastructure/stacks/platform.yaml", "stage: dev")
    base = checkout.commit("nested")
    checkout.write("infrastructure/stacks/platform.yaml", "stage: test")
    checkout.write("elsewhere.md", "1")
    repository = Repository(checkout.root / "infrastructure")
    assert repository.changed_files(base) == (ChangedFile(path="stacks/platform.yaml", status="modified"),)
    assert repository.content(base, "stacks/platform.yaml") == b"stage: dev"


def test_no_history_and_no_repository(checkout: Checkout, tmp_path_factory: pytest.TempPathFactory) -> None:
    """A branch without a common commit, and a folder without git, are told with what to do."""
    checkout.git("switch", "--quiet", "--orphan", "other")
    checkout.commit("another beginning")
    with pytest.raises(UserError, match=r"(?s)no commit in common.*fetch-depth: 0"):
        Repository(checkout.root).fork_point("main")
    with pytest.raises(UserError, match="git"):
        Repository(tmp_path_factory.mktemp("empty")).fork_point("main")
