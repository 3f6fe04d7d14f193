"""A certificate is issued of an empty inventory only, says what the law keeps, and holds only as it was signed."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any, cast

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from moto import mock_aws
from typer.testing import CliRunner

from infra import struct_schema
from infra.cli.main import app
from infra.erasure import page, schema, signing
from infra.erasure.certificate import SignedCertificate, issue
from infra.erasure.inventory import Inventory, NotRead
from infra.errors import UserError
from infra.settings import ROOT
from tests.erasure import issued, populated


@pytest.fixture
def files(tmp_path: Path) -> tuple[Path, Path]:
    """A signed certificate, and the public key that verifies it."""
    signer = issued.signer()
    certificate, key = tmp_path / "acme.json", tmp_path / "platform.pub.pem"
    certificate.write_text(signing.render(signing.signed(issued.certificate(), signer)), encoding="utf-8")
    key.write_text(signing.public_pem(signer.public))
    return certificate, key


def test_a_certificate_says_what_was_removed_and_what_is_kept_until_when() -> None:
    found = issued.certificate()
    assert [one.outcome for one in found.removed] == ["removed", "scheduled"]
    assert [one.expires for one in found.after] == [issued.PENDING.expires]
    assert [one.until[:10] for one in found.kept] == ["2027-04-05", "2027-03-01", "2027-04-05"]
    assert found.finished == "2026-03-01T13:00:00+00:00"


@pytest.mark.parametrize(
    ("after", "why"),
    [
        (Inventory((issued.ROLE,)), r"1 things are left \(iam:role bh-dev-acme-training\)"),
        (Inventory((), (NotRead("s3:bucket", "", "denied"),)), r"1 reads failed \(s3:bucket\)"),
    ],
)
def test_nothing_is_certified_while_something_is_left_or_hidden(after: Inventory, why: str) -> None:
    with pytest.raises(UserError, match=why):
        issue(issued.erasure(), before=(), after=(after,), removed=())


def test_what_was_signed_verifies_printed_in_any_way(files: tuple[Path, Path]) -> None:
    file, key = files
    trusted = signing.read_key(key)
    assert signing.verify(file, trusted) == issued.certificate()
    file.write_text(json.dumps(json.loads(file.read_text()), indent=7, sort_keys=True))
    assert signing.verify(file, trusted) == issued.certificate()


def _leaves(value: Any, path: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
    if not isinstance(value, dict | list):
        return [path]
    names = cast("Iterable[str | int]", value if isinstance(value, dict) else range(len(cast("list[Any]", value))))
    return [leaf for name in names for leaf in _leaves(cast("Any", value)[name], (*path, name))]


_SIGNER = issued.signer()
_SIGNED = json.loads(signing.render(signing.signed(issued.certificate(), _SIGNER)))


@settings(deadline=None)
@given(leaf=st.sampled_from(_leaves(_SIGNED["certificate"])), change=st.text(min_size=1, max_size=5))
def test_whatever_is_changed_is_found(
    tmp_path_factory: pytest.TempPathFactory, leaf: tuple[str | int, ...], change: str
) -> None:
    document = json.loads(json.dumps(_SIGNED))
    place: Any = document["certificate"]
    for name in leaf[:-1]:
        place = place[name]
    old = place[leaf[-1]]
    place[leaf[-1]] = old + 1 if isinstance(old, int) else old + change
    file = tmp_path_factory.getbasetemp() / "changed.json"
    file.write_text(json.dumps(document))
    with pytest.raises(UserError, match=r"it was changed since|it is no certificate"):
        signing.verify(file, _SIGNER.public)
    file.write_text(json.dumps(_SIGNED))
    assert signing.verify(file, _SIGNER.public).tenant == "acme"


@pytest.mark.parametrize(
    ("old", "new", "why"),
    [
        ('"stage"', '"tenant": "beta", "stage"', "the member 'tenant' is there twice"),
        ('"stage"', '"more": 1, "stage"', "contains unknown field `more`"),
        ("Ed25519", "none", "Invalid enum value 'none'"),
        ("Ed25519", "ECDSA-SHA-256", "it was changed since"),
        ("{", "%PDF-1.7", "it is no certificate"),
        ("{", "[" * 100_000, "it is no certificate"),
        ('"certificate"', '"paper"', "unknown field `paper`"),
    ],
)
def test_a_crafted_file_is_refused(files: tuple[Path, Path], old: str, new: str, why: str) -> None:
    file, key = files
    assert old in file.read_text()
    file.write_text(file.read_text().replace(old, new, 1))
    with pytest.raises(UserError, match=why):
        signing.verify(file, signing.read_key(key))


def test_another_key_is_not_trusted_though_the_file_says_so(files: tuple[Path, Path]) -> None:
    file, _ = files
    other = issued.signer()
    with pytest.raises(UserError, match="it is signed by the key"):
        signing.verify(file, other.public)
    document = json.loads(file.read_text())
    document["signature"]["key"] = signing.fingerprint(other.public)
    file.write_text(json.dumps(document))
    with pytest.raises(UserError, match="it was changed since"):
        signing.verify(file, other.public)


def test_a_key_of_kms_signs(tmp_path: Path) -> None:
    with mock_aws():
        kms = populated.client("kms")
        made = kms.create_key(KeyUsage="SIGN_VERIFY", KeySpec="ECC_NIST_P256")["KeyMetadata"]["KeyId"]
        signer = signing.kms_key(populated.account(), made)
        file = tmp_path / "acme.json"
        file.write_text(signing.render(signing.signed(issued.certificate(), signer)))
        assert signing.verify(file, signer.public) == issued.certificate()
        broken = json.loads(file.read_text())
        broken["signature"]["value"] = base64.b64encode(b"\x00" * 70).decode()
        file.write_text(json.dumps(broken))
        with pytest.raises(UserError, match="it was changed since"):
            signing.verify(file, signer.public)
        rsa = kms.create_key(KeyUsage="SIGN_VERIFY", KeySpec="RSA_2048")["KeyMetadata"]["KeyId"]
        with pytest.raises(UserError, match="the key is not on the curve P-256"):
            signing.kms_key(populated.account(), rsa)


def test_a_key_that_is_none_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "key.pem"
    with pytest.raises(UserError, match="it cannot be read"):
        signing.read_key(file)
    file.write_text("no key")
    with pytest.raises(UserError, match="it is no public key"):
        signing.read_key(file)
    with pytest.raises(UserError, match="is no Ed25519 key"):
        signing.own_key(b"no key")


def test_the_command_verifies_and_prints(files: tuple[Path, Path], tmp_path: Path) -> None:
    file, key = files
    runner = CliRunner()
    printed = tmp_path / "acme.pdf"
    good = runner.invoke(app, ["certificate", "verify", str(file), "--key", str(key), "--pdf", str(printed)])
    assert good.exit_code == 0, good.output
    assert "valid: tenant acme of stage dev" in good.output
    assert printed.read_bytes().startswith(b"%PDF-")
    as_json = runner.invoke(app, ["certificate", "verify", str(file), "--key", str(key), "--json"])
    assert json.loads(as_json.output)["valid"] is True
    file.write_text(file.read_text().replace("op-1", "op-2"))
    bad = runner.invoke(app, ["certificate", "verify", str(file), "--key", str(key)])
    assert isinstance(bad.exception, UserError)
    assert "it was changed since" in bad.exception.message


def test_the_page_is_the_same_each_time_and_has_as_many_sheets_as_it_needs() -> None:
    """A name in letters that the fonts do not have is shown by their numbers."""
    one = page.render(issued.certificate(), "0" * 64)
    assert one == page.render(issued.certificate(), "0" * 64)
    many = page.render(issued.certificate(200), "0" * 64)
    assert one.count(b"/Type /Page\n") == 1
    assert many.count(b"/Type /Page\n") > 5


def test_the_schema_is_the_one_that_is_written_and_a_certificate_conforms() -> None:
    assert (ROOT / schema.FILE).read_text() == struct_schema.render(schema.schema())
    validator = cast("Any", Draft202012Validator(schema.schema()))
    assert validator.is_valid(_SIGNED)
    broken = json.loads(json.dumps(_SIGNED))
    del broken["certificate"]["kept"]
    assert not validator.is_valid(broken)
    assert msgspec.convert(_SIGNED, SignedCertificate).certificate == issued.certificate()
