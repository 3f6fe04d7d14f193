"""GitHub Markdown in which nothing that others wrote is markup: names, values, messages and paths are code.

In code GitHub makes no link, image, mention, reference or HTML of anything. Sources: GitHub Flavored Markdown Spec,
"Code spans", "Tables (extension)", "Entity and numeric character references"; GitHub Docs, "Basic writing and
formatting syntax" (mentions).
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterable

from infra.house_style.text import printable

#: The longest piece of somebody else's text in a comment.
MOST_CHARACTERS = 300

_BACKTICKS = re.compile(r"`+")
_WORD = re.compile(r"[A-Za-z0-9 ]")


def code(text: str, most: int = MOST_CHARACTERS) -> str:
    """Text that others wrote, as inline code that ends where it should, in tables too.

    Args:
        text: Any text. What is not printable, line breaks and marks that turn the direction of writing among it, is
            replaced.
        most: The most characters that are shown of it.
    """
    shown = printable(text, most)
    if not shown.strip():
        return "`(empty)`"
    if "|" in shown or "\\" in shown:
        # In a cell of a table a bar ends the code, and an escaped one shows its backslash elsewhere.
        return f"<code>{references(shown)}</code>"
    fence = "`" * (1 + max((len(run) for run in _BACKTICKS.findall(shown)), default=0))
    pad = " " if shown.startswith(("`", " ")) or shown.endswith(("`", " ")) else ""
    return f"{fence}{pad}{shown}{pad}{fence}"


def inline_html(text: str, most: int = MOST_CHARACTERS) -> str:
    """Text that others wrote, as code within HTML: in a line of ``<summary>`` Markdown is none."""
    return f"<code>{html.escape(printable(text, most))}</code>"


def references(text: str) -> str:
    """Text of which no character is markup: all but letters, digits and spaces as numeric references."""
    return "".join(each if _WORD.fullmatch(each) else f"&#{ord(each)};" for each in text)


def table(headers: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    """A table; the cells are Markdown of one line."""
    heads = list(headers)
    lines = [heads, ["---"] * len(heads), *map(list, rows)]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


def details(summary: str, body: str) -> str:
    """A part that is folded.

    Args:
        summary: HTML of one line.
        body: Markdown.
    """
    return f"<details><summary>{summary}</summary>\n\n{body}\n\n</details>"
