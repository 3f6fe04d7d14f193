"""The certificate as a PDF, for people; the JSON file is what is signed, and the PDF says by which key.

The page is a function of the certificate alone: printed twice, it is the same bytes.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from fpdf import FPDF
from fpdf.enums import XPos, YPos

from infra.erasure.certificate import Certificate

_MARGIN = 15.0
_LINE = 5.0
_FONT = "helvetica"


class _Page(FPDF):
    """A4, with the number of the page at its foot."""

    def footer(self) -> None:
        self.set_y(-_MARGIN)
        self.set_font(_FONT, size=7)
        self.cell(0, _LINE, f"page {self.page_no()} of {{nb}}", align="C")


def render(certificate: Certificate, key: str) -> bytes:
    """Print a certificate.

    Args:
        certificate: What is certified; its signature was verified.
        key: The fingerprint of the public key that verifies it.

    Returns:
        The PDF file.
    """
    page = _Page(format="A4")
    page.set_margins(_MARGIN, _MARGIN)
    page.set_auto_page_break(auto=True, margin=2 * _MARGIN)
    page.set_title(f"Certificate of erasure: {_latin(certificate.tenant)}")
    page.set_creation_date(datetime.fromisoformat(certificate.finished))
    page.add_page()
    _heading(page, "Certificate of erasure", 18)
    _lines(page, _facts(certificate, key))
    _heading(page, f"Removed ({len(certificate.removed)})")
    _table(
        page,
        ("when", "what", "which", "outcome"),
        [(one.at, f"{one.count} x {one.kind}", one.arn or one.id, _outcome(one.outcome, one.detail))
         for one in certificate.removed],
        (22, 20, 38, 20),
    )  # fmt: skip
    _heading(page, f"Ends by itself ({len(certificate.after)})")
    _table(
        page,
        ("what", "which", "until"),
        [(one.kind, one.arn or one.id, one.expires) for one in certificate.after],
        (20, 40, 40),
    )
    _heading(page, f"Kept by law ({len(certificate.kept)})")
    _table(
        page,
        ("what", "where", "basis", "until"),
        [(one.what, one.where, one.basis, one.until) for one in certificate.kept],
        (30, 25, 25, 20),
    )
    return bytes(page.output())


def _facts(certificate: Certificate, key: str) -> list[tuple[str, str]]:
    return [
        ("Tenant", f"{certificate.tenant}, stage {certificate.stage}"),
        ("Account", f"{certificate.account}, {certificate.region}"),
        ("Operation", certificate.operation),
        ("Asked for by", certificate.requested_by),
        ("Carried out by", certificate.performed_by),
        ("Began", certificate.started),
        ("Came out empty", certificate.finished),
        ("Found before", f"{len(certificate.before)} things"),
        ("Signed by key", key),
    ]


def _outcome(outcome: str, detail: str) -> str:
    return f"{outcome}: {detail}" if detail else outcome


def _heading(page: FPDF, text: str, size: int = 12) -> None:
    page.ln(_LINE)
    page.set_font(_FONT, style="B", size=size)
    page.cell(0, size / 1.5, _latin(text), new_x=XPos.LMARGIN, new_y=YPos.NEXT)


def _lines(page: FPDF, facts: Iterable[tuple[str, str]]) -> None:
    for name, value in facts:
        page.set_font(_FONT, style="B", size=9)
        page.cell(35, _LINE, name)
        page.set_font(_FONT, size=9)
        page.multi_cell(0, _LINE, _latin(value), new_x=XPos.LMARGIN, new_y=YPos.NEXT)


def _table(page: FPDF, head: Sequence[str], rows: Sequence[Sequence[str]], widths: tuple[int, ...]) -> None:
    page.set_font(_FONT, size=7)
    if not rows:
        page.cell(0, _LINE, "nothing", new_x=XPos.LMARGIN, new_y=YPos.NEXT)
        return
    with page.table(col_widths=widths, line_height=_LINE - 1, text_align="LEFT") as table:
        for cells in (head, *rows):
            row = table.row()
            for cell in cells:
                row.cell(_latin(cell))


def _latin(text: str) -> str:
    """The fonts that every reader has know Latin-1 only; other characters are shown by their numbers."""
    shown = "".join(char if char.isprintable() else " " for char in text)
    return shown.encode("latin-1", "backslashreplace").decode("latin-1")
