"""Content negotiation: which of the two formats a request is in, and which one its answer is to be in.

Source: RFC 9110, 8.3 "Content-Type" and 12.5.1 "Accept".
"""

from __future__ import annotations

from enum import StrEnum

from serving_containers.sklearn.errors import NotAcceptable, UnsupportedMedia


class Media(StrEnum):
    """A format that the server reads and writes."""

    JSON = "application/json"
    CSV = "text/csv"


def of_body(content_type: str | None, content_encoding: str | None) -> Media:
    """The format of a request's body.

    Args:
        content_type: The header, with parameters.
        content_encoding: The header; only the identity is read.

    Raises:
        UnsupportedMedia: Another format, character set or encoding, or none named.
    """
    if (content_encoding or "identity").strip().lower() != "identity":
        raise UnsupportedMedia(f"Content-Encoding {content_encoding!r} is not supported: send the body as it is")
    kind, parameters = _parse(content_type or "")
    if kind not in tuple(Media):
        named = f"Content-Type {kind!r} is not supported" if kind else "the Content-Type is missing"
        raise UnsupportedMedia(f"{named}: send {Media.JSON} or {Media.CSV}")
    charset = parameters.get("charset", "utf-8").lower()
    if charset not in {"utf-8", "utf8", "us-ascii"}:
        raise UnsupportedMedia(f"charset {charset!r} is not supported: send UTF-8")
    return Media(kind)


def of_answer(accept: str | None, body: Media) -> Media:
    """The format of the answer: the one that the client likes best; where it likes both the same, the request's own.

    Args:
        accept: The header, or None.
        body: The format of the request.

    Raises:
        NotAcceptable: The client accepts neither format.
    """
    wishes = [_parse(part) for part in (accept or "*/*").split(",") if part.strip()] or [("*/*", {})]
    both = sorted(Media, key=lambda media: media is not body)
    liked = {media: _liking(media, wishes) for media in both}
    best = max(both, key=lambda media: liked[media])
    if liked[best] <= 0:
        raise NotAcceptable(f"Accept {accept!r} allows neither {Media.JSON} nor {Media.CSV}")
    return best


def _liking(media: Media, wishes: list[tuple[str, dict[str, str]]]) -> float:
    """The quality of the most specific wish that matches; 0 if none does."""
    patterns = (media.value, media.value.partition("/")[0] + "/*", "*/*")
    for pattern in patterns:
        for kind, parameters in wishes:
            if kind == pattern:
                return _quality(parameters.get("q", "1"))
    return 0.0


def _quality(text: str) -> float:
    try:
        return min(max(float(text), 0.0), 1.0)
    except ValueError:
        return 0.0


def _parse(value: str) -> tuple[str, dict[str, str]]:
    kind, *rest = value.split(";")
    pairs = (part.partition("=") for part in rest)
    return kind.strip().lower(), {name.strip().lower(): text.strip().strip('"') for name, _, text in pairs}
