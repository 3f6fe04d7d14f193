"""A report as one HTML page that opens from disk.

Nothing is loaded from elsewhere, and nothing in it runs but its own script, whatever the texts are that were read.
"""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from infra.proof.rendering import wording
from infra.proof.rendering.matrix import OUTSIDE, Matrix, matrix_of
from infra.proof.report import Report

_FOLDER = Path(__file__).parent
_TEMPLATE = "page.html.jinja"
#: A browser shows so many without trouble; they are the first, and the JSON has all.
_MOST_FINDINGS = 2_000
#: Names of owners that are longer are cut in the picture, and whole in its tooltips.
_LONGEST_NAME = 20
_FEW = 12


def as_html(report: Report, *, title: str = "Isolation proof") -> str:
    """The page.

    Args:
        report: The report.
        title: Its title.
    """
    environment = Environment(
        loader=FileSystemLoader(_FOLDER),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(unknown_words=wording.unknown, not_modelled_words=wording.not_modelled)
    style, script = ((_FOLDER / name).read_text(encoding="utf-8") for name in ("page.css", "page.js"))
    return environment.get_template(_TEMPLATE).render(
        title=title,
        report=report,
        findings=report.findings[:_MOST_FINDINGS],
        owners=sorted({*report.tenants, *(one for each in report.findings for one in (each.from_, each.to) if one)}),
        claims=sorted({each.claim for each in report.findings}),
        picture=_picture(report),
        wording=wording,
        style=Markup(style),  # noqa: S704 - the package's own file
        script=Markup(script),  # noqa: S704 - the package's own file
        style_hash=_hash(style),
        script_hash=_hash(script),
    )


@dataclass(frozen=True)
class _Picture:
    """A matrix and how large it is drawn, in pixels: a cell's side, and the room for names at its left and top."""

    matrix: Matrix
    side: int
    left: int
    top: int

    @property
    def width(self) -> int:
        return self.left + self.side * len(self.matrix.columns) + self.top

    @property
    def height(self) -> int:
        return self.top + self.side * len(self.matrix.rows) + 4


def _picture(report: Report) -> _Picture:
    matrix = matrix_of(report)
    longest = min(_LONGEST_NAME, max(map(len, (*matrix.columns, OUTSIDE))))
    side = 44 if len(matrix.columns) <= _FEW else 28
    return _Picture(matrix, side, left=30 + 7 * longest, top=34 + 6 * longest)


def _hash(text: str) -> str:
    """The source expression that lets a page's policy take one inline script or style.

    Source: W3C, "Content Security Policy Level 3", hash sources.
    """
    return f"sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}"
