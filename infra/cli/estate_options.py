"""The options by which commands are told which estate they judge."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

From = Annotated[
    list[Path] | None,
    typer.Option(
        "--from",
        metavar="FILE|DIR",
        help="Exports of stacks, previews as JSON, folders of them or of the AWS CLI's answers; else the backend.",
    ),
]
Stacks = Annotated[
    list[str] | None, typer.Option("--stack", metavar="NAME", help="Only these stacks: acme, or project/acme.")
]
Owners = Annotated[
    Path | None,
    typer.Option(
        "--owners", metavar="FILE", help="YAML: ARNs or stack:PROJECT/STACK, with wildcards, to owners; else the tags."
    ),
]
