"""Mistakes that users make: each is told with the place and the remedy, before anything is changed."""

from __future__ import annotations

import socket
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.acceptance.land import Land


def _unknown_key(land: Land) -> None:
    land.edit("acme", "display_name:", "displayname:")


def _duplicate_id(land: Land) -> None:
    land.add("initech", "10.64.1.0/24")
    land.edit("initech", "id: initech", "id: acme")


def _bad_id(land: Land) -> None:
    land.edit("acme", "id: acme\n", "id: Acme!\n")


def _overlap(land: Land) -> None:
    land.add("initech", "10.64.0.128/25")


def _wrong_region(land: Land) -> None:
    land.edit("acme", "data_residency: [eu-central-1, eu-west-1]", "data_residency: [eu-west-1]")


def _full_cell(land: Land) -> None:
    land.platform.write_text(f"{land.platform.read_text()}\nquotas: {{interface_endpoints_per_vpc: 7}}\n")


def _missing_artifact(land: Land) -> None:
    land.edit("acme", "key: tumour/1/model.tar.gz", "key: tumour/2/model.tar.gz")


def _deleted_spec(land: Land) -> None:
    (land.specs / "globex.yaml").unlink()


def _not_yaml(land: Land) -> None:
    land.edit("acme", "tier: pool", "tier: [pool")


def _two_mistakes(land: Land) -> None:
    _unknown_key(land)
    land.edit("globex", "tier: silo", "tier: solo")


#: What is done wrong, and what the error must name: file, key, value and remedy.
CASES: dict[str, tuple[Callable[[Land], None], tuple[str, ...]]] = {
    "unknown key": (_unknown_key, ("acme.yaml:4", "displayname", '"Acme Diagnostics"', "did you mean display_name")),
    "duplicate id": (_duplicate_id, ("acme.yaml", "initech.yaml", "id", "acme")),
    "id with capitals": (_bad_id, ("acme.yaml:3", "id", '"Acme!"', "lower-case")),
    "overlapping range": (_overlap, ("initech.yaml", "network.cidr", "10.64.0.128/25", "acme", "10.64.0.0/24")),
    "region outside of residency": (_wrong_region, ("acme.yaml", "region", "eu-central-1", "data_residency")),
    "full cell": (
        _full_cell,
        ("platform.yaml:9", "cells[0].name", '"main"', "is full", "interface_endpoints_per_vpc: 8"),
    ),
    "missing artifact": (
        _missing_artifact,
        ("acme.yaml", "models[].artifact.key", "/tumour/2/model.tar.gz", "upload"),
    ),
    "deleted spec": (_deleted_spec, ("globex", "restore globex.yaml", "bulkhead destroy globex")),
    "not YAML": (_not_yaml, ("acme.yaml",)),
    "two mistakes": (_two_mistakes, ("acme.yaml:4", "displayname", "globex.yaml:6", "tier", '"solo"')),
}


@pytest.mark.parametrize("case", CASES)
def test_is_refused(land: Land, case: str) -> None:
    """The error names what is wrong and what to do, the exit code is 2, and no state was touched."""
    spoil, expected = CASES[case]
    before = land.state()
    spoil(land)
    ended = land.run("up", "acme")
    assert ended.code == 2, ended.said()
    for text in (*expected, "remedy: "):
        assert text in ended.err, ended.err
    assert ended.out == ""
    assert "Traceback" not in ended.err
    assert land.state() == before


def test_the_same_specs_unspoiled(land: Land) -> None:
    """The control: as they are, the specs are accepted."""
    assert land.run("preview", "acme", "--expect-no-changes").code == 0


def test_a_preview_refuses_the_same(land: Land) -> None:
    """A mistake is told as early as in the preview, and as JSON is asked for, nothing else is printed there."""
    _bad_id(land)
    ended = land.run("preview", "--all", "--json")
    assert (ended.code, ended.out) == (2, "")
    assert '"Acme!"' in ended.err


def test_models_are_not_dropped_by_an_option(land: Land) -> None:
    """`--no-models` is for new tenants: it never deletes endpoints that are there."""
    before = land.state()
    ended = land.run("up", "acme", "--no-models")
    assert ended.code == 2
    assert "would delete their endpoints" in ended.err
    assert land.state() == before


def test_no_engine(land: Land, tmp_path: Path) -> None:
    """Without an engine, and with no way to make one, the error says what was tried and what to install."""
    uv = tmp_path / "uv"  # one that reaches no package index
    uv.write_text("#!/bin/sh\nexit 1\n")
    uv.chmod(0o755)
    nowhere = str(tmp_path)
    closed = "http://127.0.0.1:9"
    before = land.state()
    ended = land.run("preview", "acme", PATH=nowhere, HOME=nowhere, XDG_CACHE_HOME=nowhere, HTTPS_PROXY=closed)
    assert ended.code == 2, ended.said()
    for text in ("there is no Pulumi engine", "no `pulumi` on PATH", "out of reach", "the build failed", "remedy: "):
        assert text in ended.err
    assert "Traceback" not in ended.err
    assert land.state() == before


def test_port_taken(land: Land) -> None:
    """A sandbox is not started on a port that somebody has; the error names it."""
    elsewhere = land.folder / "elsewhere"
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        ended = land.run("sandbox", "up", "--port", port, BULKHEAD_HOME=str(elsewhere))
    assert ended.code == 2, ended.said()
    assert port in ended.err
    assert "remedy: " in ended.err
    assert land.run("sandbox", "status", BULKHEAD_HOME=str(elsewhere)).code == 1


def test_bad_setting(land: Land) -> None:
    """A setting that is not valid is named with its variable."""
    ended = land.run("status", BULKHEAD_CLOUD="azure")
    assert ended.code == 2
    for text in ("cloud", "'azure'", "'sandbox'", "BULKHEAD_"):
        assert text in ended.err
