"""What every place of the specs does: read, create, change, remove, and refuse what was made from another spec."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from infra.errors import UserError
from infra.gitops import Author, FolderSpecs, GitSpecs, SpecConflict, SpecMissing, SpecPlace, etag
from tests.gitops.repositories import ACME, GLOBEX, SERVICE, bare_with_specs, change, git

NEW = b"# Acme\nid: acme\nowner: else\n"


@pytest.fixture(params=["folder", "git", "remote"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> SpecPlace:
    """Each place in which a change is in effect at once."""
    if request.param == "folder":
        for name, content in (("acme", ACME), ("globex", GLOBEX)):
            (tmp_path / f"{name}.yaml").write_bytes(content)
        return FolderSpecs(tmp_path)
    bare = bare_with_specs(tmp_path)
    if request.param == "git":
        return GitSpecs(bare, SERVICE, proposals=None)
    git(tmp_path, "clone", "--quiet", str(bare), "copy")
    return GitSpecs(tmp_path / "copy", SERVICE, proposals=None, remote="origin")


def test_a_whole_life(place: SpecPlace) -> None:
    """A spec is created, read, changed and removed, and its ETag is of what is read."""
    assert place.tenants() == ["acme", "globex"]
    created = place.write(change("initech", b"id: initech\n", None))
    assert (created.effective, created.etag) == (True, etag(b"id: initech\n"))
    assert place.read("initech").content == b"id: initech\n"
    changed = place.write(change("initech", b"id: initech # 2\n", created.etag))
    assert place.read("initech").etag == changed.etag != created.etag
    assert place.write(change("initech", None, changed.etag)).etag is None
    assert place.tenants() == ["acme", "globex"]
    with pytest.raises(SpecMissing, match="initech has no spec"):
        place.read("initech")


def test_a_change_of_another_spec_is_refused(place: SpecPlace) -> None:
    """The second of two changes made from one reading is refused and told what there is; made anew it is taken."""
    read = place.read("acme")
    first = place.write(change("acme", NEW, read.etag))
    with pytest.raises(SpecConflict, match="was changed since it was read") as refused:
        place.write(change("acme", b"id: acme # mine\n", read.etag))
    assert refused.value.current == first.etag
    assert place.read("acme").content == NEW
    place.write(change("acme", b"id: acme # mine\n", refused.value.current))
    assert place.read("acme").content == b"id: acme # mine\n"


def test_what_is_there_is_not_created_and_what_is_not_is_not_changed(place: SpecPlace) -> None:
    """A second creation is a conflict; a change and a removal of nothing are told as such."""
    with pytest.raises(SpecConflict, match="has a spec already"):
        place.write(change("acme", NEW, None))
    with pytest.raises(SpecMissing):
        place.write(change("initech", NEW, etag(ACME)))
    with pytest.raises(SpecMissing):
        place.write(change("initech", None, None))
    assert place.read("acme").content == ACME


def test_of_many_at_once_one_wins(place: SpecPlace) -> None:
    """Of six changes made from one reading, at the same time, one is made; the others are conflicts."""
    read = place.read("acme")

    def attempt(number: int) -> bytes | None:
        content = f"id: acme # {number}\n".encode()
        try:
            place.write(change("acme", content, read.etag))
        except SpecConflict:
            return None
        return content

    with ThreadPoolExecutor(6) as pool:
        won = [content for content in pool.map(attempt, range(6)) if content]
    assert [place.read("acme").content] == won


def test_changes_of_other_tenants_at_once_are_all_made(place: SpecPlace) -> None:
    """Six creations at the same time do not stand in each other's way."""
    names = [f"t{number}" for number in range(10, 16)]
    with ThreadPoolExecutor(6) as pool:
        list(pool.map(place.write, [change(name, f"id: {name}\n".encode(), None) for name in names]))
    assert place.tenants() == ["acme", "globex", *names]
    assert all(place.read(name).content == f"id: {name}\n".encode() for name in names)


@pytest.mark.parametrize(
    "tenant",
    ["", "../acme", "acme/../globex", "acme.yaml", "Acme", "acme\n", "-rf", "a", "x" * 20, "acme eu", ":(top)acme",
     "platform", "$(id)", "acme\0", "*"],
)  # fmt: skip
def test_what_is_no_tenants_id_is_refused(place: SpecPlace, tenant: str) -> None:
    """It becomes no part of a path, of a branch or of a command."""
    with pytest.raises(UserError, match="no tenant's id"):
        place.read(tenant)
    with pytest.raises(UserError, match="no tenant's id"):
        change(tenant, NEW, None)


@pytest.mark.parametrize(
    ("name", "email"),
    [("", "a@example.com"), ("Anna\nEvil <e@x>", "a@example.com"), ("Anna <x>", "a@example.com"),
     ("A\0", "a@example.com"), ("\u202eanna", "a@example.com"), ("x" * 201, "a@example.com"),
     ("Anna", "a@example.com\nx"), ("Anna", "a b@example.com"), ("Anna", "<a@example.com>"), ("Anna", "anna")],
)  # fmt: skip
def test_what_is_no_author_is_refused(name: str, email: str) -> None:
    """Nothing of it becomes a line or an address of its own in a commit; a name in any language is taken."""
    with pytest.raises(UserError, match="author"):
        Author(name=name, email=email)
    assert Author(name="Łukasz O'Neil-李", email="l+x@example.com")


@pytest.mark.parametrize("message", ["", " \n", "a\0b", "a\x1b[2J", "\u202ea", "x" * 10_001])
def test_what_is_no_message_is_refused(message: str) -> None:
    """Control characters and texts without bounds are; lines and tabs are not."""
    with pytest.raises(UserError, match="message"):
        change("acme", NEW, None, message=message)
    assert change("acme", NEW, None, message="Why\n\n\tbecause").message


def test_a_file_is_replaced_as_a_whole(tmp_path: Path) -> None:
    """Nothing is left beside it, its mode stays, and a link or a folder of its name is not written through."""
    outside = tmp_path / "outside"
    outside.write_bytes(b"mine")
    specs = tmp_path / "specs"
    specs.mkdir()
    (specs / "acme.yaml").write_bytes(ACME)
    (specs / "acme.yaml").chmod(0o640)
    (specs / "globex.yaml").symlink_to(outside)
    (specs / "initech.yaml").mkdir()
    place = FolderSpecs(specs)
    place.write(change("acme", NEW, etag(ACME)))
    assert (specs / "acme.yaml").stat().st_mode & 0o777 == 0o640
    for name in ("globex", "initech"):
        with pytest.raises(UserError, match=r"cannot be read: Too many levels|no regular file"):
            place.write(change(name, NEW, etag(b"mine")))
    assert outside.read_bytes() == b"mine"
    assert {each.name for each in specs.iterdir()} == {"acme.yaml", "globex.yaml", "initech.yaml"}


def test_a_folder_that_is_not_there_is_told(tmp_path: Path) -> None:
    """With what to do about it."""
    with pytest.raises(UserError, match="cannot be written"):
        FolderSpecs(tmp_path / "nowhere").write(change("acme", NEW, None))
