"""The templates of Bulkhead's HTML pages: all that is shown is escaped, printable and of bounded length."""

from __future__ import annotations

from importlib.resources import files

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from infra.house_style.text import printable

#: The longest text of others that a page shows.
MOST_CHARACTERS = 2_000


def template_environment(package: str, folder: str = "") -> Environment:
    """The templates of a package.

    Args:
        package: The package's name.
        folder: The folder in it that they are in; empty: its own.
    """
    return Environment(
        loader=PackageLoader(package, package_path=folder),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_shown,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def base_style() -> str:
    """The style sheet that all pages begin with."""
    return files("infra.house_style").joinpath("base.css").read_text(encoding="utf-8")


def _shown(value: object) -> object:
    """What is not printable is replaced, or a mark in a name would turn the direction of our own words."""
    return printable(value, MOST_CHARACTERS) if isinstance(value, str) and not isinstance(value, Markup) else value
