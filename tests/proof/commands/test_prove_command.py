"""`bulkhead prove`: what it reads, how it ends, and what it prints in each form."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, cast

import pytest
from jsonschema import Draft202012Validator

from infra.proof.rendering.schema import schema
from tests.proof.commands.estates import READS_ALL, READS_OWN, acme, globex, run, written
from tests.proof.facts.exports import Stack

#: Reads a role's policy in the events of a preview.
_POLICY = "aws:iam/rolePolicy:RolePolicy"


def _held(folder: Path) -> tuple[Path, int]:
    return written(folder, acme(READS_OWN)), 0


def _leaks(folder: Path) -> tuple[Path, int]:
    return written(folder, acme(READS_ALL), globex()), 1


def _not_modelled(folder: Path) -> tuple[Path, int]:
    stack = acme()
    stack.add("aws:backup/vaultPolicy:VaultPolicy", "vault", {"policy": "{}"})
    return written(folder, stack), 2


def _unreadable(folder: Path) -> tuple[Path, int]:
    return folder / "nothing-there.json", 3


CASES: dict[str, Callable[[Path], tuple[Path, int]]] = {
    "Proved": _held,
    "Leak": _leaks,
    "Unknown": _not_modelled,
    "": _unreadable,
}


@pytest.mark.parametrize("verdict", CASES)
def test_the_exit_code_is_the_verdict(tmp_path: Path, verdict: str) -> None:
    path, code = CASES[verdict](tmp_path / "in")
    for form in ([], ["--json"], ["--markdown"]):
        ended = run("prove", "--from", path, *form)
        assert ended.code == code, ended.err
        assert bool(ended.out) is (code != 3)
        assert verdict in ended.out


def test_the_json_is_what_its_schema_says(tmp_path: Path) -> None:
    document = run("prove", "--from", written(tmp_path, acme(READS_ALL), globex()), "--json").document
    validator = cast("Any", Draft202012Validator(schema()))
    assert [error.message for error in validator.iter_errors(document)] == []
    (leak,) = [finding for finding in document["findings"] if finding["claim"] == "isolation"]
    assert (leak["from"], leak["to"], leak["action"]) == ("acme", "globex", "s3:GetObject")
    assert leak["statements"][0]["urn"].endswith("::reads")
    assert document["pairs"] == 2


def test_a_page_is_written_where_it_is_wanted(tmp_path: Path) -> None:
    folder = written(tmp_path / "in", acme(READS_ALL), globex())
    ended = run("prove", "--from", folder, "--html", tmp_path / "proof.html")
    assert (ended.code, ended.out) == (1, "")
    assert "arn:aws:s3:::globex-data" in (tmp_path / "proof.html").read_text()
    assert "proof.html" in ended.err


def test_stacks_are_chosen_by_name(tmp_path: Path) -> None:
    folder = written(tmp_path, acme(READS_ALL), globex())
    assert run("prove", "--from", folder, "--stack", "acme").code == 0
    assert run("prove", "--from", folder, "--stack", "tenants/acme", "--stack", "globex").code == 1
    ended = run("prove", "--from", folder, "--stack", "acne")
    assert ended.code == 3
    assert "'acne'" in ended.err
    assert "tenants/acme, tenants/globex" in ended.err


def test_several_files_and_stacks_may_follow_one_option(tmp_path: Path) -> None:
    folder = written(tmp_path, acme(READS_ALL), globex(), Stack("initech"))
    files = [folder / f"{name}.json" for name in ("acme", "globex", "initech")]
    document = run("prove", "--json", "--from", *files, "--stack", "globex", "acme").document
    assert document["tenants"] == ["acme", "globex"]
    apart = run("prove", "--from", files[0], "--json", f"--from={files[1]}").document
    assert apart["tenants"] == ["acme", "globex"]


def test_owners_come_from_a_file_where_no_tag_tells(tmp_path: Path) -> None:
    folder = written(tmp_path / "in", acme(READS_ALL), globex())
    owners = tmp_path / "owners.yaml"
    owners.write_text("stack:tenants/globex: acme\n")
    document = run("prove", "--from", folder, "--owners", owners, "--json").document
    assert document["tenants"] == ["acme"]
    assert all(finding["claim"] != "isolation" for finding in document["findings"])


def test_a_preview_is_judged_in_place_of_what_is_deployed(tmp_path: Path) -> None:
    before, after = acme(READS_OWN), acme(READS_ALL)
    (old,), (new,) = ([one for one in stack.resources if one["type"] == _POLICY] for stack in (before, after))
    planned = {"op": "update", "urn": new["urn"], "oldState": old, "newState": new}
    preview = tmp_path / "preview.json"
    preview.write_text(json.dumps({"steps": [planned], "changeSummary": {"update": 1, "same": 2}}))
    exports = written(tmp_path / "in", before, globex())
    assert "isolation between tenants" not in run("prove", "--from", exports).out
    changed = run("prove", "--from", exports, "--from", preview)
    assert "Leak: acme → globex, isolation between tenants" in changed.out
    alone = run("prove", "--from", preview)
    assert alone.code == 3
    assert "give the export of the stack too" in alone.err


def test_events_of_a_preview_are_read_as_they_stream(tmp_path: Path) -> None:
    (new,) = [one for one in acme(READS_ALL).resources if one["type"] == _POLICY]
    (role,) = [one for one in acme().resources if one["type"] == "aws:iam/role:Role"]
    events: list[dict[str, Any]] = [
        {"resourcePreEvent": {"metadata": {"op": "create", "urn": one["urn"], "new": one}}} for one in (role, new)
    ]
    events.append({"summaryEvent": {"resourceChanges": {"create": 2}}})
    lines = [json.dumps({"sequence": number, "timestamp": 0, **event}) for number, event in enumerate(events)]
    (tmp_path / "events.json").write_text("\n".join(lines))
    ended = run("prove", "--from", tmp_path / "events.json", "--from", written(tmp_path / "in", globex()))
    assert "Leak: acme → globex, isolation between tenants" in ended.out


def test_a_folder_of_the_aws_cli_is_read(tmp_path: Path) -> None:
    role: dict[str, Any] = {
        "RoleName": "reader",
        "Arn": "arn:aws:iam::123456789012:role/reader",
        "AssumeRolePolicyDocument": {"Version": "2012-10-17", "Statement": []},
        "RolePolicyList": [{"PolicyName": "reads", "PolicyDocument": json.loads(READS_ALL)}],
        "Tags": [{"Key": "tenant", "Value": "acme"}],
    }
    (tmp_path / "iam.json").write_text(json.dumps({"RoleDetailList": [role]}))
    bucket = {"Bucket": "globex-data", "TagSet": [{"Key": "tenant", "Value": "globex"}], "Account": "123456789012"}
    (tmp_path / "bucket.json").write_text(json.dumps(bucket))
    assert "Leak: acme → globex, isolation between tenants" in run("prove", "--from", tmp_path).out


#: Content of a file that is not what it should be, and what the error says of it.
UNREADABLE: dict[str, tuple[bytes, str]] = {
    "nothing": (b"", "is not"),
    "no JSON": (b"never mind", "is not"),
    "cut off": (json.dumps(Stack().export()).encode()[:-40], "is not"),
    "another document": (b'{"name": "x"}', "none of what can be read"),
    "a list of numbers": (b"[1, 2]", "is not"),
    "binary": (bytes(range(256)), "is not"),
    "nested too deeply": (b'{"deployment": ' + b"[" * 100_000, "x.json"),
    "another version": (b'{"version": 9, "deployment": {}}', "version 9"),
    "no URN": (b'{"version": 3, "deployment": {"resources": [{"urn": "x", "type": "y"}]}}', "no URN"),
    "resources of another shape": (b'{"version": 3, "deployment": {"resources": 5}}', "is not"),
    "a preview of another shape": (b'{"steps": 5}', "is not"),
    "events without an end": (b'{"sequence": 1, "timestamp": 0}\n{"sequence": 2, "timestamp": 0}', "event that ends"),
    "an answer of another shape": (b'{"RoleDetailList": [{"RoleName": "x"}]}', "lacks what the AWS CLI writes"),
}


@pytest.mark.parametrize(
    ("command", "case"),
    [
        *((("prove",), case) for case in UNREADABLE),
        (("can", "reader"), "cut off"),
        (("who-can", "s3:GetObject", "x"), "cut off"),
    ],
)
def test_what_cannot_be_read_is_named_and_ends_with_3(tmp_path: Path, command: tuple[str, ...], case: str) -> None:
    content, said = UNREADABLE[case]
    (tmp_path / "x.json").write_bytes(content)
    ended = run(*command, "--from", tmp_path / "x.json")
    assert (ended.code, ended.out) == (3, ""), ended.err
    for text in (said, "x.json", "remedy: "):
        assert text in ended.err
    assert "Traceback" not in ended.err


def test_a_file_that_is_too_large_is_refused(tmp_path: Path) -> None:
    with (tmp_path / "x.json").open("wb") as file:
        file.truncate(100 * 1024 * 1024)
    ended = run("prove", "--from", tmp_path / "x.json")
    assert ended.code == 3
    assert "MiB" in ended.err


def test_an_empty_folder_and_a_stack_given_twice_are_refused(tmp_path: Path) -> None:
    empty = tmp_path / "empty"
    empty.mkdir()
    assert (run("prove", "--from", empty).code, run("prove", "--from", written(tmp_path / "a", acme())).code) == (3, 0)
    ended = run("prove", "--from", written(tmp_path / "a", acme()), "--from", written(tmp_path / "b", acme()))
    assert ended.code == 3
    assert "is in" in ended.err


@pytest.mark.parametrize("content", ["- a\n- b\n", "a: [b]\n", "{", "a: !!python/object:os.system x\n", "a: &x [*x]\n"])
def test_a_bad_owners_file_is_named(tmp_path: Path, content: str) -> None:
    owners = tmp_path / "owners.yaml"
    owners.write_text(content)
    ended = run("prove", "--from", written(tmp_path / "in", acme()), "--owners", owners)
    assert (ended.code, ended.out) == (3, "")
    assert "owners.yaml" in ended.err
    assert "remedy: " in ended.err


@pytest.mark.parametrize(
    "arguments",
    [["--json", "--markdown"], ["--jsn"], ["--from"], ["surplus"], ["--html", "nowhere/at/all.html"]],
    ids="-".join,
)
def test_wrong_options_are_no_verdict(tmp_path: Path, arguments: list[str]) -> None:
    """Typer's own exit code for wrong usage, 2, would say Unknown."""
    ended = run("prove", *(["--from", written(tmp_path, acme())] if arguments != ["--from"] else []), *arguments)
    assert (ended.code, ended.out) == (3, "")
    assert "remedy: " in ended.err


def test_help_shows_examples() -> None:
    for command in ("prove", "can", "who-can"):
        ended = run(command, "--help")
        assert ended.code == 0
        assert f"bulkhead {command}" in " ".join(ended.out.split())
