"""Mistakes that users make: each is told with the place and the remedy, before anything is changed."""

from __future__ import annotations

import socket
from collections.abc import Callable

import pytest
from land import Land

from infra.settings import ROOT


def _write_copy(land: Land, name: str, **changes: str) -> None:
    """A further tenant like acme, with other values."""
    text = (land.specs / "acme.yaml").read_text()
    for old, new in {"id: acme\n": f"id: {name}\n", **changes}.items():
        assert old in text
        text = text.replace(old, new)
    (land.specs / f"{name}.yaml").write_text(text)


def _unknown_key(land: Land) -> None:
    land.edit("acme", "display_name:", "displayname:")


def _duplicate_id(land: Land) -> None:
    (land.specs / "acme2.yaml").write_text(
        (land.specs / "acme.yaml").read_text().replace("10.64.0.0/24", "10.64.1.0/24")
    )


def _bad_id(land: Land) -> None:
    land.edit("acme", "id: acme\n", "id: Acme!\n")


def _overlap(land: Land) -> None:
    _write_copy(land, "initech")


def _wrong_region(land: Land) -> None:
    land.edit("acme", "data_residency: [eu-central-1, eu-west-1]", "data_residency: [eu-west-1]")


def _full_cell(land: Land) -> None:
    text = land.platform.read_text()
    land.platform.write_text(f"{text}\nquotas: {{interface_endpoints_per_vpc: 7}}\n")


def _missing_artifact(land: Land) -> None:
    land.edit("acme", "key: tumour/1/model.tar.gz", "key: tumour/2/model.tar.gz")


def _deleted_spec(land: Land) -> None:
    (land.specs / "globex.yaml").unlink()


def _not_yaml(land: Land) -> None:
    land.edit("acme", "tier: pool", "tier: [pool")


CASES: dict[str, tuple[Callable[[Land], None], tuple[str, ...]]] = {
    "unknown key": (_unknown_key, ("acme.yaml", "displayname", "display_name")),
    "duplicate id": (_duplicate_id, ("acme2.yaml", "acme", "id")),
    "id with capitals": (_bad_id, ("acme.yaml", "id", "Acme!")),
    "overlapping range": (_overlap, ("initech.yaml", "network.cidr", "10.64.0.0/24", "10.64.1.0/24")),
    "region outside of residency": (_wrong_region, ("acme.yaml", "eu-central-1", "data_residency")),
    "full cell": (_full_cell, ("main", "interface_endpoints_per_vpc")),
    "missing artifact": (_missing_artifact, ("acme.yaml", "artifact", "tumour/2/model.tar.gz", "upload")),
    "deleted spec": (_deleted_spec, ("globex", "restore", "bulkhead destroy globex")),
    "not YAML": (_not_yaml, ("acme.yaml", "line")),
}


@pytest.mark.parametrize("command", ["preview", "up"])
@pytest.mark.parametrize("case", CASES)
def test_is_refused(land: Land, case: str, command: str) -> None:
    """The error names what is wrong and what to do, the exit code is 2, and no state was touched."""
    spoil, expected = CASES[case]
    before = land.state()
    spoil(land)
    ended = land.run(command, "acme")
    assert ended.code == 2, ended.out + ended.err
    for text in expected:
        assert text in ended.err
    assert "remedy" in ended.err
    assert "Traceback" not in ended.err
    assert land.state() == before


def test_the_same_specs_unspoiled(land: Land) -> None:
    """The control: as they are, the specs are accepted."""
    assert land.run("preview", "acme", "--expect-no-changes").code == 0


def test_unknown_name(land: Land) -> None:
    """A tenant that nobody knows is answered with the nearest name."""
    ended = land.run("preview", "acne")
    assert ended.code == 2
    assert "did you mean 'acme'" in ended.err


def test_a_protected_tenant_is_not_destroyed(land: Land) -> None:
    """A destroy is refused while the spec prevents it, with the key that says so."""
    before = land.state()
    ended = land.run("destroy", "acme", "--yes")
    assert ended.code == 2
    assert "lifecycle.prevent_deletion" in ended.err
    assert land.state() == before


def test_models_are_not_dropped_by_an_option(land: Land) -> None:
    """`--no-models` is for new tenants: it never deletes endpoints that are there."""
    ended = land.run("up", "acme", "--no-models")
    assert ended.code == 2
    assert "would delete their endpoints" in ended.err


def test_no_engine(land: Land, tmp_path: object) -> None:
    """Without an engine, and with no way to make one, the error says what was tried and what to install."""
    nowhere = str(tmp_path)
    ended = land.run(
        "preview", "acme", PATH=nowhere, HOME=nowhere, XDG_CACHE_HOME=nowhere, PIP_NO_INDEX="1", UV_OFFLINE="1"
    )
    assert ended.code == 2, ended.out + ended.err
    assert "there is no Pulumi engine" in ended.err
    assert "remedy" in ended.err


def test_port_taken(land: Land) -> None:
    """A sandbox is not started on a port that somebody has; the error names it."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        ended = land.run("sandbox", "up", "--port", port, BULKHEAD_HOME=str(land.folder / "elsewhere"))
    assert ended.code == 2, ended.out + ended.err
    assert port in ended.err
    assert "remedy" in ended.err


def test_bad_setting(land: Land) -> None:
    """A setting that is not valid is named with its variable."""
    ended = land.run("status", BULKHEAD_CLOUD="azure")
    assert ended.code == 2
    assert "cloud" in ended.err
    assert "BULKHEAD_" in ended.err


def test_the_specs_of_the_repository_are_valid() -> None:
    """What the cases are made from are the specs of the demo."""
    assert (ROOT / "tenant_stacks" / "specs" / "acme.yaml").exists()
