"""The HTML report: one file that opens from disk, loads nothing, and lets no text of others become markup or code."""

from __future__ import annotations

import base64
import hashlib
from importlib.resources import files
from typing import Any, cast

from markupsafe import Markup

from infra.house_style.templates import base_style, template_environment
from infra.review.matrix import access_matrix
from infra.review.model import Review
from infra.review.wording import VERDICTS, counted, difference, dollars, grouped, headline, operations

_TEMPLATE = "page.html.jinja"


def page(review: Review) -> str:
    """The report as one HTML document.

    The document's own policy lets run nothing but its one script, which is named by digest. Source: W3C, "Content
    Security Policy Level 3" (hash sources).
    """
    environment = template_environment("infra.review")
    filters = cast("dict[str, Any]", environment.filters)
    filters.update(counted=counted, difference=difference, dollars=dollars)
    script = _text("page.js")
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    matrix = access_matrix(review.isolation, [each.stack for each in review.stacks]) if review.isolation else None
    return environment.get_template(_TEMPLATE).render(
        review=review,
        matrix=matrix,
        headline=headline(review)[1],
        verdict=VERDICTS[review.verdict][1],
        operations=operations,
        groups=list(grouped(review.isolation.report.findings)) if review.isolation else [],
        filters=_filters(review),
        style=Markup(base_style() + _text("page.css")),  # noqa: S704 - our own files
        script=Markup(script),  # noqa: S704 - likewise
        digest=digest,
    )


def _filters(review: Review) -> list[str]:
    """The owners and stacks that an entry of the page is about."""
    named = {each.stack for each in review.stacks} | {each.stack for each in review.policy}
    if review.isolation is not None:
        for right in (*review.isolation.gained, *review.isolation.dropped):
            named |= {right.owner, right.of}
        for finding in review.isolation.report.findings:
            named |= {name for name in (finding.from_, finding.to) if name}
    return sorted(named, key=lambda name: (name != "platform", name))


def _text(name: str) -> str:
    return files("infra.review").joinpath(name).read_text(encoding="utf-8")
