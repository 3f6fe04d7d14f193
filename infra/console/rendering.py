"""Renders the console's pages, with the words for states, times and sums that all of them use."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from importlib.resources import files
from typing import Any, cast

from markupsafe import Markup

from infra.house_style.templates import base_style, template_environment
from infra.lifecycle.failures import CLASS_MEANINGS, FailureClass
from infra.lifecycle.operations import OperationState
from infra.lifecycle.states import MEANINGS, State
from infra.review.wording import counted, dollars

#: How each word of a state is coloured: good, bad, warn (it goes on, or needs somebody), or not at all.
TONES: Mapping[str, str] = {
    State.ACTIVE: "good",
    State.FAILED: "bad",
    State.SUSPENDED: "warn",
    State.ERASING: "warn",
    OperationState.SUCCEEDED: "good",
    OperationState.RUNNING: "busy",
    **dict.fromkeys(
        (State.REQUESTED, State.VALIDATED, State.PREFLIGHTED, State.PROVISIONING, State.VERIFYING, State.UPDATING),
        "busy",
    ),
    # How a tenant of the fleet is, and how a rollout goes on.
    **dict.fromkeys(("healthy", "current", "passed", "no drift", "Proved", "upgraded", "complete"), "good"),
    **dict.fromkeys(("unhealthy", "too old", "Leak", "stuck", "halted"), "bad"),
    **dict.fromkeys(("unfinished", "unknown", "Unknown", "behind", "set aside", "rolled back", "incomplete"), "warn"),
    **dict.fromkeys(("waiting for approval", "drifted", "stopped", "counted"), "warn"),
    "going on": "busy",
    "allowed": "good",
    "refused": "bad",
}


class Pages:
    """Renders pages.

    Args:
        now: The time, in UTC.
    """

    def __init__(self, now: Callable[[], datetime]) -> None:
        self._now = now
        self._environment = template_environment("infra.console", "templates")
        filters = cast("dict[str, Any]", self._environment.filters)
        filters.update(
            counted=counted, dollars=dollars, tone=_tone, moment=self._moment, day=self._day, lasted=lasted, told=told
        )
        filters.update(verbatim=verbatim)
        names = cast("dict[str, Any]", self._environment.globals)
        names.update(meanings=MEANINGS, class_meanings={str(k): CLASS_MEANINGS[k] for k in FailureClass}, assets=ASSETS)

    def render(self, template: str, context: Mapping[str, object]) -> str:
        """A page.

        Args:
            template: The name of its template.
            context: What it shows.
        """
        return self._environment.get_template(template).render(context)

    def _moment(self, at: datetime) -> Markup:
        """A moment: the time of today, or the day too."""
        return _time(at, "%H:%M:%S UTC" if self._is_today(at) else "%d %b %Y, %H:%M UTC")

    def _day(self, at: datetime) -> Markup:
        """A moment where the day is enough, or today the hour."""
        return _time(at, "%H:%M" if self._is_today(at) else "%d %b %Y")

    def _is_today(self, at: datetime) -> bool:
        return at.astimezone(UTC).date() == self._now().date()


def _time(at: datetime, shown: str) -> Markup:
    utc = at.astimezone(UTC)
    return Markup('<time datetime="{}">{}</time>').format(utc.isoformat(timespec="seconds"), utc.strftime(shown))


def lasted(took: timedelta) -> str:
    """How long something took: ``12 s``, ``3 min 5 s``, ``2 h 10 min``."""
    seconds = max(0, int(took.total_seconds()))
    if seconds < 60:
        return f"{seconds} s"
    minutes, seconds = divmod(seconds, 60)
    if minutes < 60:
        return f"{minutes} min {seconds} s"
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes} min" if hours < 48 else f"{hours // 24} days {hours % 24} h"


def told(data: str) -> str:
    """What an event's data says, in words; empty where its name says it all."""
    found = cast("dict[str, Any]", json.loads(data))
    failure = found.get("failure")
    if failure:
        return f"{failure['step']}: {failure['message']}"
    if found.get("to"):
        return f"{found['from']} → {found['to']}" if found.get("from") else f"{found['to']}"
    if found.get("cell"):
        return str(found["cell"])
    step = f", {found['step']}" if found.get("step") else ""
    return f"{found['kind']}{step}, {found['percent']} %" if "kind" in found else ""


def verbatim(text: str) -> Markup:
    """Text of several lines as it is; what is not printable in them is replaced."""
    return Markup().join(each if each.isprintable() or each == "\n" else "\N{REPLACEMENT CHARACTER}" for each in text)


def _tone(word: str) -> str:
    return TONES.get(word, "")


def _assets() -> dict[str, tuple[str, bytes]]:
    """The console's own files by the name that pages load them by, which changes with what they hold."""
    folder = files("infra.console").joinpath("static")
    style = base_style() + folder.joinpath("console.css").read_text(encoding="utf-8")
    script = folder.joinpath("live.js").read_text(encoding="utf-8")
    icon = folder.joinpath("icon.svg").read_text(encoding="utf-8")
    found: dict[str, tuple[str, bytes]] = {}
    for stem, kind, media_type, text in (
        ("console", "css", "text/css", style),
        ("live", "js", "text/javascript", script),
        ("icon", "svg", "image/svg+xml", icon),
    ):
        content = text.encode()
        found[f"{stem}.{sha256(content).hexdigest()[:16]}.{kind}"] = (media_type, content)
    return found


FILES = _assets()
"""The console's own files: media type and content by name."""
ASSETS = {name.partition(".")[0]: name for name in FILES}
"""The names of those files by what they begin with: ``console``, ``live``, ``icon``."""
