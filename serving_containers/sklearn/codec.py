"""Reads rows of numbers from a request's body and writes predictions, in JSON and in CSV."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from typing import Any

import msgspec
import numpy as np
import numpy.typing as npt

from serving_containers.sklearn.errors import BadRows
from serving_containers.sklearn.media import Media

Rows = npt.NDArray[np.float64]


class _Body(msgspec.Struct, forbid_unknown_fields=True):
    instances: list[list[float]]


_json = msgspec.json.Decoder(_Body)


def decode(body: bytes, media: Media, features: Sequence[str]) -> Rows:
    """The rows in a request's body.

    Args:
        body: `{"instances": [[1, 2], ...]}` or lines of CSV, with or without a first line that names the features.
        media: Which of the two it is.
        features: The names of the model's columns, in order.

    Returns:
        An array of shape (rows, features) of finite numbers.

    Raises:
        BadRows: The body is not of that form, empty, or a row has another length or something else than a number.
    """
    rows = _from_json(body) if media is Media.JSON else _from_csv(body, features)
    if not rows:
        raise BadRows("there are no rows")
    for number, row in enumerate(rows, start=1):
        if len(row) != len(features):
            raise BadRows(f"row {number} has {len(row)} values, but the model takes {len(features)}: {_some(features)}")
    array = np.array(rows, dtype=np.float64)
    finite = np.isfinite(array)
    if not finite.all():
        row, column = np.argwhere(~finite)[0]
        raise BadRows(f"row {row + 1}, column {features[column]!r}: not a finite number")
    return array


def _from_json(body: bytes) -> list[list[float]]:
    try:
        return _json.decode(body).instances
    except msgspec.ValidationError as error:
        raise BadRows(f'the body must be {{"instances": [[number, ...], ...]}}: {error}') from None
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise BadRows(f"the body is not JSON: {error}") from None


def _from_csv(body: bytes, features: Sequence[str]) -> list[list[float]]:
    try:
        lines = csv.reader(io.StringIO(body.decode("utf-8-sig"), newline=""), strict=True)
        cells = [[cell.strip() for cell in line] for line in lines if line]
    except (UnicodeDecodeError, csv.Error) as error:
        raise BadRows(f"the body is not CSV in UTF-8: {error}") from None
    if cells and not any(_is_number(cell) for cell in cells[0]):
        if cells[0] != list(features):
            raise BadRows(f"the first line names other columns than the model takes: {_some(features)}")
        del cells[0]
    return [
        [_number(cell, number, column) for column, cell in enumerate(row, 1)] for number, row in enumerate(cells, 1)
    ]


def _is_number(cell: str) -> bool:
    try:
        float(cell)
    except ValueError:
        return False
    return True


def _number(cell: str, row: int, column: int) -> float:
    try:
        return float(cell)
    except ValueError:
        raise BadRows(f"row {row}, column {column}: not a number") from None


def _some(features: Sequence[str]) -> str:
    return ", ".join(features[:8]) + (", ..." if len(features) > 8 else "")


def encode(predictions: npt.NDArray[Any], media: Media) -> bytes:
    """The body of an answer.

    Args:
        predictions: Shape (rows,) or (rows, outputs): numbers or labels.
        media: `{"predictions": [...]}` in JSON, or a line a row in CSV.
    """
    if media is Media.JSON:
        return msgspec.json.encode({"predictions": predictions.tolist()})
    lines: list[list[Any]] = predictions.reshape(len(predictions), -1).tolist()
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator="\n").writerows(lines)
    return text.getvalue().encode()
