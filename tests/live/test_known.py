"""What the account's owners declare is read from a file, and each mistake in it is named."""

from __future__ import annotations

from pathlib import Path

import pytest

from infra.errors import UserError
from infra.live import read_known


def test_patterns_have_reasons(tmp_path: Path) -> None:
    file = tmp_path / "known.yaml"
    file.write_text("arn:aws:iam::1:role/break-glass: for incidents\n'arn:aws:s3:::billing-*': finance's\n")
    assert read_known(file).reasons == {
        "arn:aws:iam::1:role/break-glass": "for incidents",
        "arn:aws:s3:::billing-*": "finance's",
    }


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("arn:aws:iam::1:role/x: ''", "no ARN with a reason"),
        ("role/x: why", "no ARN with a reason"),
        ("- arn:aws:iam::1:role/x", "it is not a mapping"),
        ("'arn:aws:iam::1:role/x': 7", "it is not a mapping"),
        ("{", "it is no YAML"),
        ("a: &a [*a]", "it is no"),
    ],
)
def test_a_mistake_is_named_with_its_file(tmp_path: Path, text: str, said: str) -> None:
    file = tmp_path / "known.yaml"
    file.write_text(text)
    with pytest.raises(UserError, match=said) as caught:
        read_known(file)
    assert caught.value.where == str(file)


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="there is no such file"):
        read_known(tmp_path / "none.yaml")
