"""How commands that judge an estate end: 0 to 2 are verdicts, so that whatever is wrong with the input is 3."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import typer
from typer.core import TyperCommand

from infra.cli.output import print_error
from infra.errors import UserError

UNREADABLE = 3


class JudgingCommand(TyperCommand):
    """A command that exits with 3 where its options or its input cannot be used.

    Attributes:
        several: The options that may be followed by several values.
    """

    several: tuple[str, ...] = ()

    def make_context(self, info_name: Any, args: list[str], *given: Any, **more: Any) -> Any:
        """Read the options."""
        try:
            return super().make_context(info_name, spread(args, self.several), *given, **more)
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


def spread(arguments: Sequence[str], options: Sequence[str]) -> list[str]:
    """Arguments with an option in front of each of its values: ``--from a b`` as ``--from a --from b``.

    Args:
        arguments: As they were given.
        options: The options that may be followed by several values.
    """
    found: list[str] = []
    option: str | None = None
    for argument in arguments:
        if argument.startswith("-"):
            name = argument.partition("=")[0]
            option = name if name in options else None
        elif option is not None and found[-1] != option:
            found.append(option)
        found.append(argument)
    return found
