"""How commands print: JSON on request, tables for people, colours only on a terminal, errors on standard error."""

from __future__ import annotations

import dataclasses
import json
import sys
from collections.abc import Mapping, Sequence
from typing import Annotated, Any, cast

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table
from rich.text import Text

from infra.errors import UserError

JsonOption = Annotated[bool, typer.Option("--json", help="Print one JSON document instead of text.")]

#: Columns of a table that goes to a file or a pipe.
_WIDE = 160

#: Standard output for results, standard error for progress and errors. Rich drops colours where there is no terminal.
out = Console(soft_wrap=True, width=None if sys.stdout.isatty() else _WIDE)
err = Console(stderr=True, soft_wrap=True, width=None if sys.stderr.isatty() else _WIDE)


def print_json(value: Any) -> None:
    """Print one JSON document."""
    typer.echo(json.dumps(value, default=_plain, indent=2, sort_keys=False))


def _plain(value: Any) -> Any:
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {field.name: getattr(value, field.name) for field in dataclasses.fields(value)}
    if isinstance(value, Mapping):
        return dict(cast("Mapping[str, Any]", value))
    return str(value)


def print_error(error: UserError) -> None:
    """Print an error that the user can act on."""
    err.print(Text("error: ", style="bold red") + Text(str(error)))


def table(*headers: str, rows: Sequence[Sequence[str]], title: str | None = None) -> Table:
    """A plain table; the cells are text, not markup."""
    made = Table(*headers, title=title, title_justify="left", box=None, pad_edge=False, header_style="bold")
    for row in rows:
        made.add_row(*(escape(cell) for cell in row))
    return made


def note(message: str) -> None:
    """Say on standard error what is going on."""
    err.print(Text(message, style="dim"))
