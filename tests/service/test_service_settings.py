"""The service's settings: where they come from, what is refused, and the secret that is made once."""

from __future__ import annotations

import socket
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from infra.errors import UserError
from infra.service import settings as settings_module
from infra.service.secret_files import page_token_keys
from infra.service.serve import Part, processes
from infra.service.settings import ServiceSettings, load_service_settings
from infra.service.sockets import bound
from infra.settings import Settings

_TWIN = "{name: ops, url: 'https://ops.example/', secret_file: s}"


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A settings file of this test's own in place of the checkout's."""
    path = tmp_path / "bulkhead.yaml"
    monkeypatch.setitem(ServiceSettings.model_config, "yaml_file", path)
    return path


def test_the_command_line_is_before_the_environment_and_that_before_the_file(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file.write_text("cloud: sandbox\nservice:\n  workers: 3\n  port: 3\n  operations: 3\n")
    monkeypatch.setenv("BULKHEAD_SERVICE_PORT", "4")
    monkeypatch.setenv("BULKHEAD_SERVICE_WORKERS", "4")
    read = load_service_settings(workers=5)
    assert (read.workers, read.port, read.operations) == (5, 4, 3)
    file.write_text("cloud: sandbox\n")
    assert load_service_settings().operations == 4, "a file without the section has no say"


def test_a_nested_setting_of_the_environment(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    del file
    monkeypatch.setenv("BULKHEAD_SERVICE_GITOPS__REPOSITORY", "/srv/specs.git")
    monkeypatch.setenv("BULKHEAD_SERVICE_GITOPS__BRANCH", "live")
    gitops = load_service_settings().gitops
    assert gitops is not None
    assert (str(gitops.repository), gitops.branch) == ("/srv/specs.git", "live")


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("service: {wrokers: 2}", "wrokers"),
        ("service: {workers: many}", "workers"),
        ("service: {webhooks: [{name: ops, url: 'http://ops.example/', secret_file: s}]}", "webhooks.0.url"),
        (
            "service: {webhooks: [{name: ops, url: 'https://me:hunter2@ops.example/', secret_file: s}]}",
            "without creden",
        ),
        (f"service: {{webhooks: [{_TWIN}, {_TWIN}]}}", "the same name"),
    ],
)
def test_mistakes_name_the_key_and_show_no_value(file: Path, text: str, says: str) -> None:
    file.write_text(text)
    with pytest.raises(UserError, match=says) as caught:
        load_service_settings()
    assert caught.value.remedy
    assert "hunter2" not in str(caught.value)


def test_a_password_is_shown_nowhere(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://me:hunter2@db/x")
    read = load_service_settings()
    assert "hunter2" not in repr(read)
    assert read.store_url(Settings(home=tmp_path)) == "postgresql://me:hunter2@db/x"


def test_page_token_keys_are_made_once(tmp_path: Path) -> None:
    """Also by several processes at the same time; and only the owner may read them."""
    service, settings = load_service_settings(), Settings(home=tmp_path)
    with ThreadPoolExecutor(8) as threads:
        found = threads.map(page_token_keys, [service] * 16, [settings] * 16)
        made = [keys[0].get_secret_value() for keys in found]
    assert len(set(made)) == 1
    assert len(made[0]) >= 32
    folder = settings_module.service_folder(settings)
    assert [path.name for path in folder.iterdir()] == ["page-token-keys"]
    assert folder.joinpath("page-token-keys").stat().st_mode & 0o077 == 0


def test_page_token_keys_of_several_machines(tmp_path: Path) -> None:
    """All of the file are accepted, so that they can be rotated; one that others may read is refused."""
    file = tmp_path / "keys"
    file.write_text("first" * 8 + "\n\n" + "second" * 8 + "\n")
    file.chmod(0o600)
    service, settings = load_service_settings(page_token_keys_file=file), Settings(home=tmp_path)
    assert [key.get_secret_value() for key in page_token_keys(service, settings)] == [
        "first" * 8,
        "second" * 8,
    ]
    file.chmod(0o604)
    with pytest.raises(UserError, match="others may read"):
        page_token_keys(service, settings)


@pytest.mark.parametrize(
    ("only", "bus", "names"),
    [
        (None, None, ["api", "worker-1", "worker-2", "scheduler", "rollouts"]),
        (None, "platform", ["api", "worker-1", "worker-2", "outbox", "scheduler", "rollouts"]),
        (Part.API, "platform", ["api"]),
        (Part.WORKER, "platform", ["health", "worker-1", "worker-2"]),
        (Part.OUTBOX, "platform", ["health", "outbox"]),
        (Part.SCHEDULER, None, ["health", "scheduler", "rollouts"]),
    ],
)
def test_the_processes_of_a_machine(only: Part | None, bus: str | None, names: list[str]) -> None:
    """The one that answers is first and knows the names of the others."""
    with bound("127.0.0.1", 0) as listener:
        found = processes(load_service_settings(event_bus=bus), only, listener, lock=9)
        assert [each.name for each in found] == names
        assert list(found[0].command[-len(names) + 1 :] if len(names) > 1 else []) == names[1:]
        assert found[0].descriptors == (9, listener.fileno())
    assert all(each.descriptors == (9,) for each in found[1:])


def test_a_port_that_is_taken_and_an_address_that_is_not_ours() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(UserError, match=f"another program listens on 127.0.0.1:{port}"), bound("127.0.0.1", port):
            pass
    with pytest.raises(UserError, match=r"cannot listen on 192\.0\.2\.1"), bound("192.0.2.1", 0):
        pass
