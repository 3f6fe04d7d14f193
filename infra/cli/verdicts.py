"""How commands that judge an estate end: 0 to 2 are verdicts, so that whatever is wrong with the input is 3."""

from __future__ import annotations

from typing import Any

import typer
from typer.core import TyperCommand

from infra.cli.output import print_error
from infra.errors import UserError

UNREADABLE = 3


class JudgingCommand(TyperCommand):
    """A command that exits with 3 where its options or its input cannot be used."""

    def make_context(self, *given: Any, **more: Any) -> Any:
        """Read the options."""
        try:
            return super().make_context(*given, **more)
        except typer.TyperException as problem:
            print_error(UserError(str(problem), remedy=f"see: bulkhead {self.name} --help"))
            raise typer.Exit(UNREADABLE) from None

    def invoke(self, *given: Any, **more: Any) -> Any:
        """Run the command."""
        try:
            return super().invoke(*given, **more)
        except UserError as error:
            print_error(error)
            raise typer.Exit(UNREADABLE) from None
