"""`bulkhead certificate`: verifies the certificate of an erasure, and prints it as a PDF."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from infra.cli.destinations import require_folders, write_file
from infra.cli.output import JsonOption, note, out, print_json

app = typer.Typer(
    help="Certificates of erasures.",
    epilog="Example: bulkhead certificate verify globex.json --key platform.pub.pem",
    no_args_is_help=True,
)

File = Annotated[Path, typer.Argument(metavar="FILE", help="The certificate: its JSON file.")]
Key = Annotated[
    Path, typer.Option("--key", metavar="PEM", help="The platform's public key, from a source that you trust.")
]
Pdf = Annotated[Path | None, typer.Option("--pdf", metavar="OUT", help="Print the verified certificate there.")]


@app.callback()
def certificate() -> None:
    """Certificates of erasures."""


@app.command(epilog="Example: bulkhead certificate verify globex.json --key platform.pub.pem --pdf globex.pdf")
def verify(file: File, key: Key, pdf: Pdf = None, as_json: JsonOption = False) -> None:
    """Verify that a certificate is the platform's and was not changed, and say what it certifies.

    Exits with 0 where the signature holds, and with 2 where it does not or nothing can be read.
    """
    from infra.erasure.signing import fingerprint, read_key
    from infra.erasure.signing import verify as verified

    require_folders(pdf)
    trusted = read_key(key)
    found = verified(file, trusted)
    if pdf is not None:
        from infra.erasure.page import render

        write_file(pdf, render(found, fingerprint(trusted)))
        note(f"printed to {pdf}")
    if as_json:
        print_json({"valid": True, "tenant": found.tenant, "finished": found.finished, "key": fingerprint(trusted)})
        return
    out.print(
        f"valid: tenant {found.tenant} of stage {found.stage} was erased by {found.finished}; "
        f"{len(found.removed)} removals, {len(found.after)} things that end by themselves",
        markup=False,
    )
