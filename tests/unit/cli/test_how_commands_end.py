"""How errors end the command, told by its exit code."""

from __future__ import annotations

import os
from collections.abc import Callable

import pytest

from infra.cli import main as cli
from infra.errors import UserError


def _ends(monkeypatch: pytest.MonkeyPatch, app: Callable[[], None]) -> object:
    monkeypatch.setattr(cli, "app", app)
    with pytest.raises(SystemExit) as ended:
        cli.main()
    return ended.value.code


@pytest.mark.parametrize(
    ("error", "code"),
    [(UserError("wrong", "right it"), 2), (KeyboardInterrupt(), 130), (RuntimeError("broken"), os.EX_SOFTWARE)],
)
def test_each_kind_of_error_has_its_code(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], error: BaseException, code: int
) -> None:
    """What breaks in Bulkhead itself is no verdict: a script that reads 1 as a leak must not take it for one."""

    def app() -> None:
        raise error

    assert _ends(monkeypatch, app) == code
    assert ("Traceback" in capsys.readouterr().err) is isinstance(error, RuntimeError)
