"""SageMaker's contract over HTTP, against a running server."""

from __future__ import annotations

import csv
import io
import json
from typing import Any, cast

import pytest
from serving_process import FEATURES, ServingProcess
from sklearn.datasets import load_iris

ROWS: list[list[float]] = cast("Any", load_iris)(return_X_y=True)[0][::30].tolist()


def _json(rows: Any) -> bytes:
    return json.dumps({"instances": rows}).encode()


def _csv(rows: Any) -> bytes:
    text = io.StringIO()
    csv.writer(text).writerows(rows)
    return text.getvalue().encode()


def _reason(answer: tuple[int, dict[str, str], bytes]) -> str:
    return json.loads(answer[2])["error"]


@pytest.fixture(scope="module")
def expected(estimator: Any) -> list[int]:
    return estimator.predict(ROWS).tolist()


def test_ping(server: ServingProcess) -> None:
    assert server.ping() == 200


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (_json(ROWS), "application/json"),
        (_json(ROWS), "Application/JSON; charset=utf-8"),
        (_csv(ROWS), "text/csv"),
        (_csv(ROWS), 'text/csv; charset="UTF-8"; header=absent'),
        (_csv([FEATURES, *ROWS]), "text/csv"),
        (b"\xef\xbb\xbf" + _csv([FEATURES, *ROWS]).replace(b"\r\n", b"\n"), "text/csv"),
    ],
)
def test_rows_in_either_format_get_the_models_predictions(
    server: ServingProcess, expected: list[int], body: bytes, content_type: str
) -> None:
    status, headers, out = server.invoke(body, content_type, Accept="application/json")
    assert status == 200, out
    assert headers["content-type"] == "application/json"
    assert json.loads(out) == {"predictions": expected}
    status, headers, out = server.invoke(body, content_type, Accept="text/csv")
    assert status == 200, out
    assert headers["content-type"].partition(";")[0] == "text/csv"
    assert out.decode() == "".join(f"{value}\n" for value in expected)


@pytest.mark.parametrize(
    ("accept", "answer"),
    [
        (None, "text/csv"),
        ("*/*", "text/csv"),
        ("text/*", "text/csv"),
        ("application/*", "application/json"),
        ("application/json;q=0.2, text/csv;q=0.9", "text/csv"),
        ("text/csv;q=0, */*", "application/json"),
        ("image/png, application/json;q=0.1", "application/json"),
    ],
)
def test_the_answer_is_in_the_format_that_the_client_likes_best(
    server: ServingProcess, accept: str | None, answer: str
) -> None:
    headers = {"Accept": accept} if accept else {}
    assert server.invoke(_csv(ROWS), "text/csv", **headers)[1]["content-type"].partition(";")[0] == answer


@pytest.mark.parametrize("accept", ["image/png", "text/csv;q=0", "application/json;q=nonsense"])
def test_nothing_acceptable_is_406(server: ServingProcess, accept: str) -> None:
    answer = server.invoke(_json(ROWS), Accept=accept)
    assert answer[0] == 406
    assert accept in _reason(answer)


@pytest.mark.parametrize(
    ("content_type", "encoding", "named"),
    [
        ("application/x-npy", None, "application/x-npy"),
        (None, None, "missing"),
        ("application/json; charset=latin-1", None, "latin-1"),
        ("application/json", "gzip", "gzip"),
    ],
)
def test_other_formats_are_415(
    server: ServingProcess, content_type: str | None, encoding: str | None, named: str
) -> None:
    extra = {"Content_Encoding": encoding} if encoding else {}
    answer = server.invoke(_json(ROWS), content_type, **extra)
    assert answer[0] == 415
    assert named in _reason(answer)


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"no json", "not JSON"),
        (b"\xff\xfe", "not JSON"),
        (b"[[1,2,3,4]]", "instances"),
        (b'{"rows": [[1,2,3,4]]}', "rows"),
        (b'{"instances": []}', "no rows"),
        (b'{"instances": [1,2,3,4]}', "$.instances[0]"),
        (b'{"instances": [[1,2,3,4],[1,2,3]]}', "row 2 has 3 values, but the model takes 4: sepal length"),
        (b'{"instances": [[1,2,"x",4]]}', "$.instances[0][2]"),
        (b'{"instances": [[1,2,null,4]]}', "$.instances[0][2]"),
        (b'{"instances": [[1,2,true,4]]}', "$.instances[0][2]"),
        (b'{"instances": [[1,2,NaN,4]]}', "not JSON"),
        (b'{"instances": [[1,2,3,1e999]]}', "out of range - at `$.instances[0][3]`"),
    ],
)
def test_bad_json_rows_are_400_with_the_place(server: ServingProcess, body: bytes, reason: str) -> None:
    answer = server.invoke(body)
    assert answer[0] == 400
    assert reason in _reason(answer)


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"", "no rows"),
        (b"1,2,3\n", "row 1 has 3 values"),
        (b"1,2,3,4\n1,2,x,4\n", "row 2, column 3: not a number"),
        (b"1,2,,4\n", "row 1, column 3: not a number"),
        (b"1,2,inf,4\n", "row 1, column 'petal length': not a finite number"),
        (b"1,2,nan,4\n", "not a finite number"),
        (b"a,b,c,d\n1,2,3,4\n", "names other columns"),
        (b"petal width,petal length,sepal width,sepal length\n1,2,3,4\n", "names other columns"),
        (b'1,2,3,"4\n', "not CSV"),
        (b"\xff\xff,2,3,4\n", "not CSV in UTF-8"),
    ],
)
def test_bad_csv_rows_are_400_with_the_place(server: ServingProcess, body: bytes, reason: str) -> None:
    answer = server.invoke(body, "text/csv")
    assert answer[0] == 400
    assert reason in _reason(answer)


def test_a_body_over_the_limit_is_413(packed: Any, model_folder: Any) -> None:
    """Announced or in chunks; a body of exactly the limit passes."""
    body = _json(ROWS)
    with ServingProcess(model_folder, packed.sha256, BULKHEAD_MAX_BODY_BYTES=str(len(body))) as server:
        server.wait_for("model loaded")
        assert server.invoke(body)[0] == 200
        answer = server.invoke(body + b" ")
        assert answer[0] == 413
        assert str(len(body)) in _reason(answer)
        assert server.invoke(iter([body, b" "]))[0] == 413


def test_custom_attributes_come_back(server: ServingProcess) -> None:
    headers = {"X_Amzn_SageMaker_Custom_Attributes": "trace=1"}
    assert server.invoke(_json(ROWS), **headers)[1]["x-amzn-sagemaker-custom-attributes"] == "trace=1"


def test_other_paths_and_methods_are_refused(server: ServingProcess) -> None:
    assert server.call("GET", "/")[0] == 404
    assert server.call("GET", "/invocations")[0] == 405
    assert server.call("POST", "/ping")[0] == 405


def test_the_log_has_facts_and_no_values(packed: Any, model_folder: Any) -> None:
    with ServingProcess(model_folder, packed.sha256) as server:
        server.wait_for("model loaded")
        server.invoke(b'{"instances": [[12345.678, 2, 3, 4]]}')
        line = server.wait_for("invocation")
        server.invoke(b'{"instances": [["secret", 2, 3, 4]]}')
        failed = server.wait_for("invocation")
    assert {"time", "level", "event", "status", "rows", "bytes", "milliseconds"} == set(line)
    assert line["rows"] == 1
    assert failed["status"] == 400
    assert "12345" not in json.dumps(server.log)
    assert "secret" not in json.dumps(server.log)
