"""An audit as Markdown: the proof, then what differs, details folded.

What was read is text that somebody else wrote: it is shown in code spans that it cannot end, and never as markup.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from infra.live.differences import Difference, DifferenceKind
from infra.live.report import Audit
from infra.proof import rendering
from infra.proof.rendering.markdown import code, escaped

_MOST_DIFFERENCES = 200


def as_markdown(audit: Audit) -> str:
    """The audit as Markdown.

    Args:
        audit: The audit.
    """
    return (
        "\n".join([rendering.as_markdown(audit.proof).rstrip(), "", *_differences(audit), *_rest(audit)]).rstrip()
        + "\n"
    )


def _differences(audit: Audit) -> Iterator[str]:
    counts = Counter(each.kind for each in audit.differences)
    told = ", ".join(f"{counts[kind]} {kind.value}" for kind in DifferenceKind)
    yield f"## Account {audit.account} in {audit.region}: {told}"
    yield ""
    yield f"{audit.resources} resources were read; {audit.alike} are as their stacks have them."
    yield ""
    for each in audit.differences[:_MOST_DIFFERENCES]:
        yield from _difference(each)
    left = len(audit.differences) - _MOST_DIFFERENCES
    if left > 0:
        yield f"{left} more: see the audit as JSON."
        yield ""


def _difference(found: Difference) -> Iterator[str]:
    name = f"{found.type.rpartition(':')[2]} {found.id}"
    owner = f" of {found.owner}" if found.owner else ""
    property_ = f", {found.property}" if found.property else ""
    yield f"<details><summary><b>{found.kind.value}</b>: {escaped(name + owner + property_)}</summary>"
    yield ""
    yield escaped(found.why)
    yield ""
    if found.urn:
        yield f"- {code(found.urn)}"
    if found.file:
        yield f"- {code(f'{found.file}:{found.line}')}"
    for title, texts in (("the stack has", found.declared), ("the account has", found.live)):
        yield from (f"- {title} {code(text)}" for text in texts)
    yield "</details>"
    yield ""


def _rest(audit: Audit) -> Iterator[str]:
    not_read = [
        f"{code(f'{each.type} {each.resource}'.strip())}: {_needed(each.action)}{escaped(each.why)}"
        for each in audit.not_read
    ]
    yield from _folded("Not read", not_read)
    yield from _folded(
        "Expected without a stack", [f"{each.resources}: {escaped(each.rule)}" for each in audit.expected]
    )
    yield from _folded("Declared as known and not met", [code(pattern) for pattern in audit.unused])
    from_state = [f"{code(each.type)}: {each.resources}" for each in audit.from_state]
    yield from _folded("In the proof as stacks have them", from_state)


def _needed(action: str) -> str:
    return f"give {code(action)}; " if action else ""


def _folded(title: str, entries: list[str]) -> Iterator[str]:
    if entries:
        yield f"<details><summary>{title}: {len(entries)}</summary>"
        yield ""
        yield from (f"- {entry}" for entry in entries)
        yield "</details>"
        yield ""
