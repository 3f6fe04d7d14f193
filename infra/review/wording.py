"""The words of the comment and the page: how counts, sums and verdicts are said."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from infra.proof.report import Finding, Verdict
from infra.review.model import Op, Review, StackReview

_DONE: dict[Op, str] = {"create": "create", "update": "update", "replace": "replace", "delete": "delete"}

#: How each verdict is marked and called.
VERDICTS = {
    Verdict.PROVED: ("✅", "isolation is proven"),
    Verdict.LEAK: ("❌", "tenants are not isolated"),
    Verdict.UNKNOWN: ("⚠️", "isolation is not proven"),
}


def counted(number: int, one: str, many: str | None = None) -> str:
    """``1 stack``, ``1,200 stacks``."""
    return f"{number:,} {one if number == 1 else many or f'{one}s'}"


def dollars(amount: float) -> str:
    """A sum, without sign where it is none."""
    return f"{amount:,.2f} USD"


def difference(amount: float) -> str:
    """A difference, with its sign; ``no change`` below a cent."""
    if abs(amount) < 0.005:
        return "no change"
    return f"{'+' if amount > 0 else '-'}{abs(amount):,.2f} USD"


def operations(stack: StackReview) -> str:
    """What would be done with a stack, in numbers."""
    found = [f"{count:,} to {_DONE[op]}" for op in _DONE if (count := stack.count(op))]
    return ", ".join(found) or "no changes"


def headline(review: Review) -> tuple[str, str]:
    """The mark and the sentence that say how it stands, the worst first."""
    if review.verdict is Verdict.LEAK:
        return VERDICTS[Verdict.LEAK]
    if review.failed:
        return "❌", f"{counted(len(review.failed), 'preview')} failed"
    if review.forbidden:
        return "❌", f"{counted(len(review.forbidden), 'mandatory finding')} of the policy pack"
    if not review.stacks:
        return "✅", "no stack is touched"
    return VERDICTS[review.verdict]


def grouped(findings: Iterable[Finding]) -> Iterator[Sequence[Finding]]:
    """Every leak by itself, then what is not known, by whom it is about: one cause makes many of these."""
    unknown: dict[object, list[Finding]] = {}
    for finding in findings:
        if finding.verdict is Verdict.LEAK:
            yield (finding,)
        else:
            unknown.setdefault((finding.from_, finding.to, finding.claim), []).append(finding)
    yield from unknown.values()
