"""Text that others wrote, made fit to be shown: in one line, printable, not longer than asked for."""

from __future__ import annotations


def printable(text: str, most: int) -> str:
    """Text in one line, of printable characters, at most so many.

    Args:
        text: Any text. What is not printable, line breaks and marks that turn the direction of writing among it, is
            replaced.
        most: The most characters that are shown of it.
    """
    line = " ".join(text[: 2 * most].split())
    shown = "".join(each if each.isprintable() else "\N{REPLACEMENT CHARACTER}" for each in line)
    return shown if len(shown) <= most else f"{shown[: most - 1]}…"
