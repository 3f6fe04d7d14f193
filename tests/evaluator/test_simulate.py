"""`bulkhead simulate` answers every line in order, at once, whatever it says, and ends quietly."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from infra.evaluator.simulate import answer, simulate

BULKHEAD = str(Path(sys.executable).parent / "bulkhead")
ACCOUNT = "111122223333"
ALLOW_ALL: dict[str, Any] = {"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}}
REQUEST: dict[str, Any] = {
    "id": 1,
    "principal": f"arn:aws:sts::{ACCOUNT}:assumed-role/acme/job",
    "action": "s3:GetObject",
    "resource": "arn:aws:s3:::acme-data/x",
    "resource_account": ACCOUNT,
    "identity_policies": [ALLOW_ALL],
}
GRANT: dict[str, Any] = {"GranteePrincipal": f"arn:aws:iam::{ACCOUNT}:role/acme", "Operations": ["Decrypt"]}
KEY = f"arn:aws:kms:eu-central-1:{ACCOUNT}:key/0f5ca1ab-1e00-4000-8000-000000000000"

#: What is wrong with a line, and what its answer says.
WRONG: list[tuple[dict[str, Any], str]] = [
    ({"principal": "acme"}, "'acme' is no principal"),
    ({"principal": {"AWS": "a", "Service": "b"}}, "principal: a principal written as an object has one key"),
    ({"action": "s3:*"}, "'s3:*' is no single action"),
    ({"resource": "acme-data"}, "'acme-data' is no ARN"),
    ({"resource_account": "acme"}, "'acme' is no account id"),
    ({"context": {"aws:SourceIp": {"a": 1}}}, "$.context[...]"),
    ({"context": {"aws:SourceIp": "1", "AWS:SOURCEIP": "1"}}, "one key is there twice"),
    ({"boundry": ALLOW_ALL}, "'boundry' is no key of a request: write 'boundary'"),
    ({"session_policies": [ALLOW_ALL]}, "write 'session_policy'"),
    ({"expected": "Allowed", "scp": []}, "write 'scps'"),
    ({"identity_policies": ALLOW_ALL}, "identity_policies: it is no list of documents"),
    ({"identity_policies": [{"Statement": []}]}, "identity_policies[0]"),
    ({"boundary": 7}, "boundary: it is no policy document"),
    ({"boundary": "no JSON"}, "boundary"),
    ({"session_policy": [ALLOW_ALL, {}]}, "session_policy[1]"),
    ({"scps": [ALLOW_ALL]}, "scps: it is no list of levels"),
    ({"scps": [[ALLOW_ALL], [{}]]}, "scps[1][0]"),
    ({"scps": [[ALLOW_ALL]] * 8}, "8 levels"),
    ({"grants": [{}]}, "grants: they are no grants"),
]


def answered(**changes: Any) -> dict[str, Any]:
    return json.loads(answer(json.dumps({**REQUEST, **changes}).encode()))


def test_other_keys_than_those_of_a_request_are_left_alone() -> None:
    """Who keeps cases as lines may annotate them; the answer is the same."""
    assert answered(expected="Allowed", title="a note", page=["IAM User Guide"]) == answered()


def run(chunks: Sequence[bytes]) -> tuple[list[bytes], bytes]:
    """What is written for the chunks that are read: the writes, and all of them together."""
    waiting: Iterator[bytes] = iter([*chunks, b""])
    written: list[bytes] = []
    simulate(lambda _: next(waiting), written.append)
    return written, b"".join(written)


@contextmanager
def command() -> Generator[subprocess.Popen[bytes]]:
    environment = {key: os.environ[key] for key in ("PATH", "HOME") if key in os.environ}
    process = subprocess.Popen(
        [BULKHEAD, "simulate"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=environment,
    )
    try:
        yield process
    finally:
        process.kill()
        process.wait()
        for pipe in (process.stdin, process.stdout, process.stderr):
            if pipe is not None:
                pipe.close()


def test_an_answer_has_the_four_keys() -> None:
    assert answered() == {
        "id": 1,
        "decision": "Allowed",
        "reason": "identity_policies[0].Statement[0] allows s3:GetObject on arn:aws:s3:::acme-data/x.",
        "statements": ["identity_policies[0].Statement[0]"],
    }


@pytest.mark.parametrize("identity", ["a", 1.5, None, {"k": [1]}, [1, 2], True])
def test_the_id_comes_back_as_it_was(identity: object) -> None:
    assert answered(id=identity)["id"] == identity
    assert answered(id=identity, action="nonsense")["id"] == identity
    assert answered(id=identity, surprise=1)["id"] == identity


def test_lines_are_answered_in_order_wherever_the_input_is_cut() -> None:
    text = b"".join(json.dumps({**REQUEST, "id": number}).encode() + b"\n" for number in range(20))
    for size in (1, 7, 100, len(text)):
        _, output = run([text[start : start + size] for start in range(0, len(text), size)])
        assert [json.loads(line)["id"] for line in output.splitlines()] == list(range(20))


def test_a_last_line_without_a_newline_is_answered_and_blank_lines_are_not() -> None:
    line = json.dumps(REQUEST).encode()
    _, output = run([b"\n \r\n" + line + b"\r\n\n" + line])
    assert [json.loads(found)["decision"] for found in output.splitlines()] == ["Allowed", "Allowed"]
    assert output.endswith(b"\n")


def test_what_one_read_brings_is_answered_by_one_write() -> None:
    line = json.dumps(REQUEST).encode() + b"\n"
    written, _ = run([line * 3, line])
    assert [output.count(b"\n") for output in written if output] == [3, 1]


@pytest.mark.parametrize(("changes", "said"), WRONG)
def test_a_line_that_is_no_request_is_an_error_that_says_why(changes: dict[str, Any], said: str) -> None:
    found = answered(**changes)
    assert (found["decision"], found["statements"]) == ("Error", [])
    assert said in found["reason"]


@pytest.mark.parametrize("missing", ["principal", "action", "resource"])
def test_what_a_request_is_about_must_be_there(missing: str) -> None:
    line = json.dumps({key: value for key, value in REQUEST.items() if key != missing}).encode()
    assert f"`{missing}`" in json.loads(answer(line))["reason"]


@pytest.mark.parametrize("line", [b"{", b"[]", b"7", b"\xff", b'{"id": 1, ', b"[" * 100_000, b'{"context":' * 100_000])
def test_whatever_a_line_says_it_is_answered(line: bytes) -> None:
    assert json.loads(answer(line)) == {**json.loads(answer(line)), "id": None, "decision": "Error"}


def test_absent_and_null_mean_none() -> None:
    absent = dict.fromkeys(("boundary", "session_policy", "resource_policy", "vpc_endpoint_policy", "context"))
    lists = dict.fromkeys(("scps", "rcps", "grants"))
    assert answered(**absent, **lists, trust=None) == answered()
    assert answered(identity_policies=None)["decision"] == answered(identity_policies=[])["decision"]
    assert answered(identity_policies=[])["decision"] == "ImplicitlyDenied"


def test_an_anonymous_caller_is_a_star_or_null() -> None:
    assert answered(principal=None) == answered(principal="*")
    assert answered(principal="*")["decision"] == "ImplicitlyDenied"


@pytest.mark.parametrize(
    ("principal", "same"),
    [
        ({"AWS": REQUEST["principal"]}, REQUEST["principal"]),
        ({"Service": "sagemaker.amazonaws.com"}, "sagemaker.amazonaws.com"),
    ],
)
def test_a_principal_may_be_written_as_in_a_policy(principal: dict[str, str], same: str) -> None:
    assert answered(principal=principal) == answered(principal=same)


def test_a_document_may_be_the_text_of_one() -> None:
    text = json.dumps(ALLOW_ALL)
    assert answered(identity_policies=[text], boundary=text) == answered(boundary=ALLOW_ALL)


def test_documents_are_told_apart_by_every_byte() -> None:
    assert answered(boundary=ALLOW_ALL)["decision"] == "Allowed"
    nothing = json.loads(json.dumps(ALLOW_ALL).replace('"*"', '"iam:*"', 1))
    assert answered(boundary=nothing)["decision"] == "ImplicitlyDenied"
    assert answered(boundary=ALLOW_ALL)["decision"] == "Allowed"
    assert answered(resource_policy=None, trust=True)["decision"] == "ImplicitlyDenied"


@pytest.mark.parametrize(
    ("grant", "decision"),
    [
        (GRANT, "Allowed"),
        ({**GRANT, "KeyId": KEY, "GrantId": "g", "Name": "n"}, "Allowed"),
        ({"grantee_principal": GRANT["GranteePrincipal"], "operations": ["Decrypt"]}, "Allowed"),
        ({**GRANT, "Constraints": {"EncryptionContextSubset": {"Tenant": "acme"}}}, "Allowed"),
        ({**GRANT, "Constraints": {"EncryptionContextSubset": {"tenant": "acme"}}}, "ImplicitlyDenied"),
        ({**GRANT, "Constraints": {"EncryptionContextEquals": {"Tenant": "acme"}}}, "ImplicitlyDenied"),
        ({**GRANT, "Operations": ["Encrypt"]}, "ImplicitlyDenied"),
        ({**GRANT, "KeyId": KEY.replace("0f5c", "1f5c")}, "ImplicitlyDenied"),
        ({**GRANT, "GranteePrincipal": f"arn:aws:iam::{ACCOUNT}:role/globex"}, "ImplicitlyDenied"),
    ],
)
def test_grants_are_written_as_kms_lists_them(grant: dict[str, Any], decision: str) -> None:
    context = {"kms:EncryptionContext:Tenant": "acme", "kms:EncryptionContext:job": "1"}
    found = answered(action="kms:Decrypt", resource=KEY, identity_policies=[], grants=[grant], context=context)
    assert found["decision"] == decision


def test_the_command_answers_while_the_input_pauses_and_ends_with_0_even_after_errors() -> None:
    with command() as process:
        assert process.stdin is not None
        assert process.stdout is not None
        for number, action in enumerate(("s3:GetObject", "nonsense", "s3:PutObject")):
            process.stdin.write(json.dumps({**REQUEST, "id": number, "action": action}).encode() + b"\n")
            process.stdin.flush()
            found = json.loads(process.stdout.readline())
            assert (found["id"], found["decision"]) == (number, "Error" if action == "nonsense" else "Allowed")
        process.stdin.close()
        assert process.stdout.read() == b""
        assert process.wait() == 0
        assert process.stderr is not None
        assert process.stderr.read() == b""


def test_the_command_ends_quietly_when_its_reader_goes() -> None:
    with command() as process:
        assert process.stdin is not None
        assert process.stdout is not None
        assert process.stderr is not None
        line = json.dumps(REQUEST).encode() + b"\n"
        process.stdin.write(line)
        process.stdin.flush()
        process.stdout.readline()
        process.stdout.close()
        process.stdin.write(line)
        process.stdin.close()
        assert process.wait() == 141
        assert process.stderr.read() == b""


def test_the_help_shows_an_example_that_works() -> None:
    shown = subprocess.run(
        [BULKHEAD, "simulate", "--help"], capture_output=True, text=True, check=True, env={"COLUMNS": "4000"}
    ).stdout
    example = next(line for line in shown.splitlines() if "Example: echo '" in line)
    line = example[example.index("echo '") + len("echo '") : example.rindex("' | bulkhead simulate")]
    assert json.loads(answer(line.encode()))["decision"] == "ImplicitlyDenied"
