"""`bulkhead simulate`: requests as JSON lines in, decisions as JSON lines out, in order, whatever a line says."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import msgspec

from infra.errors import UserError
from infra.evaluator.evaluate import evaluate
from infra.evaluator.simulate_request import AnnotatedLine, Line, misspelt, read_policies, read_request

#: Bytes that are read at once, which is what a pipe holds.
_CHUNK = 65_536
_ERROR = "Error"
_NO_ID = msgspec.Raw(b"null")

_decode_line = msgspec.json.Decoder(Line).decode
_decode_annotated = msgspec.json.Decoder(AnnotatedLine).decode
_decode_keys = msgspec.json.Decoder(dict[str, msgspec.Raw]).decode


class _Identified(msgspec.Struct):
    """The one key of a line that is looked at when the line as a whole cannot be read."""

    id: msgspec.Raw = _NO_ID


class _Answer(msgspec.Struct):
    """One line of output."""

    id: msgspec.Raw
    decision: str
    reason: str
    statements: list[str]


_decode_id = msgspec.json.Decoder(_Identified).decode
_encode = msgspec.json.Encoder().encode


def simulate(read: Callable[[int], bytes], write: Callable[[bytes], object]) -> None:
    """Answer every line that is read, until there is no more; blank lines are no requests.

    Whatever whole lines one read brings are answered by one write, so that nothing waits while the input pauses.

    Args:
        read: Reads at most so many bytes, at least one, and none at the end.
        write: Writes bytes and flushes them.
    """
    begun: list[bytes] = []
    while chunk := read(_CHUNK):
        whole, newline, rest = chunk.rpartition(b"\n")
        if newline:
            write(_answers(b"".join((*begun, whole)).split(b"\n")))
            begun = []
        begun.append(rest)
    write(_answers([b"".join(begun)]))


def _answers(lines: Iterable[bytes]) -> bytes:
    return b"".join([answer(line) + b"\n" for line in lines if line.strip()])


def answer(line: bytes) -> bytes:
    """The answer to one line, without the newline. A line that is no request is answered with an Error and why."""
    try:
        request = _decode(line)
    except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError) as problem:
        return _encode(_Answer(_id_of(line), _ERROR, f"The line is no request: {problem}", []))
    try:
        verdict = evaluate(read_request(request), read_policies(request))
    except UserError as problem:
        reason = f"{problem.where}: {problem.message}. Remedy: {problem.remedy}."
        return _encode(_Answer(request.id, _ERROR, reason, []))
    statements = [str(statement) for statement in verdict.statements]
    return _encode(_Answer(request.id, verdict.decision.value, verdict.reason, statements))


def _decode(line: bytes) -> Line:
    try:
        return _decode_line(line)
    except msgspec.ValidationError:
        request = _decode_annotated(line)
        wrong = misspelt(_decode_keys(line))
        if wrong:
            raise msgspec.ValidationError(wrong) from None
        return request


def _id_of(line: bytes) -> msgspec.Raw:
    try:
        return _decode_id(line).id
    except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError):
        return _NO_ID
