"""Reads the console's pages: their elements, links, forms and texts."""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser

import httpx
from typing_extensions import override


@dataclass
class Element:
    tag: str
    attributes: dict[str, str]


@dataclass
class ReadPage(HTMLParser):
    """A page that was read."""

    elements: list[Element] = field(default_factory=list[Element])
    texts: list[str] = field(default_factory=list[str])

    def __post_init__(self) -> None:
        super().__init__()

    @override
    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append(Element(tag, {name: value or "" for name, value in attrs}))

    @override
    def handle_data(self, data: str) -> None:
        self.texts.append(data)

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.texts).split())

    def all(self, tag: str, attribute: str) -> list[str]:
        """The values of an attribute of all elements of a tag."""
        return [
            each.attributes[attribute] for each in self.elements if each.tag == tag and attribute in each.attributes
        ]

    def hidden(self, name: str) -> str:
        """The value of the last hidden field of a name: the first one is that of signing out."""
        values = [
            each.attributes["value"]
            for each in self.elements
            if each.tag == "input" and each.attributes.get("name") == name and each.attributes.get("type") == "hidden"
        ]
        return values[-1]


def read(answer: httpx.Response, status: int = 200) -> ReadPage:
    """The page of an answer of this status."""
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    page = ReadPage()
    page.feed(answer.text)
    return page
