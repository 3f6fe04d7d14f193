"""Files that the engine keeps: settings of stacks, the passphrase, what a local backend holds."""

from __future__ import annotations

from pathlib import Path

import pytest
from ruamel.yaml import YAML

from infra.engine import Project, StackRef
from infra.engine.errors import EngineError
from infra.engine.local_state import has_pending_operations, local_folder, stack_exists
from infra.engine.passphrase import ensure_passphrase
from infra.engine.private_files import private_folder
from infra.engine.settings import crash_safe
from infra.engine.stack_files import StackFiles


@pytest.fixture
def files(tmp_path: Path) -> StackFiles:
    (tmp_path / "project").mkdir()
    return StackFiles(tmp_path / "runs", StackRef(project=Project(name="p", folder=tmp_path / "project"), stack="acme"))


def settings(files: StackFiles) -> dict[str, object]:
    return YAML(typ="safe").load(files.settings.read_text()) or {}  # pyright: ignore[reportUnknownMemberType]


def test_the_engines_salt_survives_a_change_of_configuration(files: StackFiles) -> None:
    """The engine writes its salt into the file; the next preparation keeps it and sets the values anew."""
    files.prepare({"aws:region": "eu-central-1"})
    files.settings.write_text(files.settings.read_text() + "encryptionsalt: v1:abc\n")
    files.prepare({"aws:region": "eu-west-1"})
    assert settings(files) == {"config": {"aws:region": "eu-west-1"}, "encryptionsalt": "v1:abc"}


def test_a_salt_that_plain_commands_left_behind_is_not_taken(files: StackFiles) -> None:
    """It encrypts nothing there, and a new stack may have another passphrase; values beside it count all the same."""
    own = files.ref.project.folder / f"Pulumi.{files.ref.stack}.yaml"
    own.write_text("encryptionsalt: v1:left\nconfig:\n  p:plain: [text]\n")
    files.prepare({})
    assert settings(files) == {"config": {"p:plain": ["text"]}}
    files.settings.write_text("encryptionsalt: v1:kept\n")
    files.prepare({})
    assert settings(files) == {"encryptionsalt": "v1:kept", "config": {"p:plain": ["text"]}}


def test_a_salt_in_the_projects_own_file_wins(files: StackFiles) -> None:
    """Encrypted values in that file can only be read with it."""
    files.prepare({})
    files.settings.write_text("encryptionsalt: v1:old\n")
    own = files.ref.project.folder / "Pulumi.acme.yaml"
    own.write_text("encryptionsalt: v1:own\nconfig:\n  p:token:\n    secure: v1:xyz\n")
    files.prepare({"aws:region": "eu-west-1"})
    assert settings(files) == {
        "encryptionsalt": "v1:own",
        "config": {"p:token": {"secure": "v1:xyz"}, "aws:region": "eu-west-1"},
    }


@pytest.mark.parametrize("content", ["config: [", "- a list"])
def test_a_broken_settings_file_is_named(files: StackFiles, content: str) -> None:
    """Bad input names the file."""
    own = files.ref.project.folder / "Pulumi.acme.yaml"
    own.write_text(content)
    with pytest.raises(EngineError, match=r"Pulumi\.acme\.yaml") as caught:
        files.prepare({})
    assert caught.value.remedy


@pytest.mark.parametrize("name", ["../other", "a/b", ".", "", "a b", "x" * 101])
def test_a_stacks_name_cannot_leave_its_folder(name: str) -> None:
    """Names become parts of paths."""
    with pytest.raises(EngineError, match="no name for a stack"):
        StackRef(project=Project(name="p", folder=Path("/nowhere")), stack=name)


def test_the_passphrase_is_made_once_and_only_for_its_owner(tmp_path: Path) -> None:
    """It is random, private, and stays."""
    path = ensure_passphrase(tmp_path / "home" / "passphrase")
    first = path.read_text()
    assert len(first) >= 40
    assert path.stat().st_mode & 0o777 == 0o600
    assert ensure_passphrase(path).read_text() == first
    assert ensure_passphrase(tmp_path / "other").read_text() != first


@pytest.mark.parametrize(("mode", "content"), [(0o644, "known to all"), (0o600, "")])
def test_a_passphrase_that_is_none_is_refused(tmp_path: Path, mode: int, content: str) -> None:
    """Readable by others, or empty: an error with a remedy."""
    path = tmp_path / "passphrase"
    path.write_text(content)
    path.chmod(mode)
    with pytest.raises(EngineError, match="passphrase") as caught:
        ensure_passphrase(path)
    assert caught.value.remedy


def test_a_folder_whose_place_is_taken_is_an_error(tmp_path: Path) -> None:
    """A file in the way is named."""
    (tmp_path / "taken").write_text("")
    with pytest.raises(EngineError, match="taken"):
        private_folder(tmp_path / "taken" / "runs")


def test_a_local_backend_is_looked_into(tmp_path: Path) -> None:
    """Spaces in its path are no matter; other backends, and other layouts, are not guessed at."""
    ref = StackRef(project=Project(name="p", folder=tmp_path), stack="acme")
    url = (tmp_path / "the state").as_uri()
    assert local_folder(url) == tmp_path / "the state"
    assert stack_exists(url, ref) is False
    assert has_pending_operations(url, ref) is False
    state = tmp_path / "the state" / ".pulumi" / "stacks" / "p" / "acme.json"
    state.parent.mkdir(parents=True)
    state.write_text('{"checkpoint":{"latest":{"pending_operations":[{"type":"creating"}]}}}')
    assert (stack_exists(url, ref), has_pending_operations(url, ref)) == (True, True)
    state.rename(state.with_name("acme.json.gz"))
    assert (stack_exists(url, ref), has_pending_operations(url, ref)) == (None, None)
    assert stack_exists("s3://bucket", ref) is None


@pytest.mark.parametrize(
    ("url", "safe"),
    [
        ("file:///a%20b", "file:///a%20b?metadata=skip"),
        ("file:///a?x=y", "file:///a?x=y&metadata=skip"),
        ("file:///a?metadata=skip", "file:///a?metadata=skip"),
        ("s3://bucket?region=eu-west-1", "s3://bucket?region=eu-west-1"),
    ],
)
def test_only_file_backends_get_the_crash_safe_option(url: str, safe: str) -> None:
    """Other backends write no metadata beside their files."""
    assert crash_safe(url) == safe
