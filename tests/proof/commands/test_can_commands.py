"""`bulkhead who-can` and `bulkhead can`: tables, JSON, and what they say of names that are none."""

from __future__ import annotations

from pathlib import Path

from tests.proof.commands.estates import READS_ALL, acme, globex, run, written

_READER = "arn:aws:iam::123456789012:role/reader"


def test_who_can_lists_them(tmp_path: Path) -> None:
    folder = written(tmp_path, acme(READS_ALL), globex())
    ended = run("who-can", "s3:GetObject", "arn:aws:s3:::globex-data/x", "--from", folder)
    assert ended.code == 0
    for text in ("arn:aws:s3:::globex-data/x (globex's)", _READER, "s3:GetObject", "acme"):
        assert text in ended.out
    (only,) = run("who-can", "s3:GetObject", "arn:aws:s3:::globex-data/x", "--from", folder, "--json").document[
        "access"
    ]
    assert (only["principal"], only["owner"], only["resource_owner"]) == (_READER, "acme", "globex")
    assert (only["via"], only["chain"], only["doubt"]) == ([], [], "")
    assert only["statements"][0]["urn"].endswith("::reads")


def test_can_lists_what(tmp_path: Path) -> None:
    folder = written(tmp_path, acme(READS_ALL), globex())
    ended = run("can", "reader", "--from", folder)
    assert f"{_READER} (acme's)" in ended.out
    assert "arn:aws:s3:::globex-data/*" in ended.out
    assert {one["action"] for one in run("can", _READER, "--from", folder, "--json").document["access"]} == {
        "s3:GetObject"
    }


def test_nothing_is_said_to_be_nothing(tmp_path: Path) -> None:
    folder = written(tmp_path, acme(), globex())
    ended = run("can", "reader", "--from", folder)
    assert (ended.code, ended.out) == (0, "")
    assert "no policy allows it" in ended.err
    assert run("can", "reader", "--from", folder, "--json").document == {"access": []}


def test_names_that_are_none_end_with_3_and_a_proposal(tmp_path: Path) -> None:
    folder = written(tmp_path, acme(), globex())
    for arguments, said in (
        (["can", "reder"], "did you mean reader"),
        (["who-can", "s3:GetObject", "globex-dta"], "did you mean globex-data"),
        (["who-can", "s3:GetObjct", "globex-data"], "did you mean s3:GetObject"),
        (["who-can", "s3:GetObject"], "resource"),
    ):
        ended = run(*arguments, "--from", folder)
        assert (ended.code, ended.out) == (3, ""), ended.err
        assert said in ended.err


def test_what_is_not_certain_is_told_below_the_table(tmp_path: Path) -> None:
    stack = acme()
    attached = {"role": "reader", "policyArn": "arn:aws:iam::aws:policy/Some"}
    stack.add("aws:iam/rolePolicyAttachment:RolePolicyAttachment", "some", attached)
    ended = run("who-can", "s3:ListBucket", "globex-data", "--from", written(tmp_path, stack, globex()))
    assert "not certain [1]" in ended.out
    assert "[1] not certain: " in ended.out
    assert "arn:aws:iam::aws:policy/Some" in ended.out
