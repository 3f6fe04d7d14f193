"""The comment on a pull request: one Markdown text that fits, the worst first, details folded."""

from __future__ import annotations

from collections.abc import Iterator

from infra.proof.report import Finding, Statement, Step, Verdict
from infra.review.fitting import Item, Section, fitted
from infra.review.markdown import code, details, inline_html, table
from infra.review.model import Access, CostChange, Isolation, PolicyFinding, ResourceDiff, Review, StackReview
from infra.review.wording import VERDICTS, counted, difference, dollars, grouped, headline, operations

#: By this line the comment is found again, to be written anew in its place.
MARKER = "<!-- bulkhead:preview -->"

#: GitHub takes 65,536 characters.
MOST_CHARACTERS = 60_000

#: What is shown of a list in a folded part.
_MOST_ROWS = 60
_ELSEWHERE = "see the HTML report"
_TIGHT = 0.8


def comment(review: Review, *, report_url: str | None = None, most: int = MOST_CHARACTERS) -> str:
    """The comment.

    Args:
        review: What is said.
        report_url: Where the HTML report can be had, if anywhere.
        most: The most characters.
    """
    sections = [
        Section(head="\n\n".join(_head(review, report_url))),
        *_alarms(review),
        *_isolation(review),
        *_changes(review),
        *_costs(review),
        *_quotas(review),
        *_policy(review),
        *_why(review),
    ]
    return fitted(sections, most, f"[{_ELSEWHERE}]({report_url})" if report_url else _ELSEWHERE)


def _head(review: Review, report_url: str | None) -> Iterator[str]:
    mark, sentence = headline(review)
    yield MARKER
    yield f"## {mark} Bulkhead preview: {sentence}"
    rows = [
        ["stacks touched", _stacks(review)],
        ["isolation", _verdict(review)],
        ["data that would be lost", f"**{counted(review.destroyed, 'resource')}**" if review.destroyed else "none"],
        ["cost a month", difference(review.usd_month)],
        ["policy pack", _policy_count(review)],
    ]
    yield table(["", ""], rows)
    if report_url:
        yield f"[Everything, to search and filter, as an HTML report]({report_url})"
    commit = f"{review.base[:12]}..{review.head[:12]}"
    yield f"<sub>Compared with {code(review.ref)}, {code(commit)}.</sub>"
    for note in review.notes:
        yield f"> [!NOTE]\n> {code(note, 600)}"


def _verdict(review: Review) -> str:
    mark, sentence = VERDICTS[review.verdict]
    if not review.stacks:
        return "as it was"
    return f"{mark} {sentence}" if review.isolation else f"{mark} not decided"


def _stacks(review: Review) -> str:
    if not review.stacks:
        return "none"
    fates = {fate: sum(each.fate == fate for each in review.stacks) for fate in ("changed", "new", "deleted")}
    listed = [f"{count} {fate}" for fate, count in fates.items() if count]
    return f"{len(review.stacks):,} ({', '.join(listed)})"


def _policy_count(review: Review) -> str:
    if not review.policy:
        return "no finding"
    new = sum(each.new for each in review.policy)
    return f"{counted(len(review.policy), 'finding')}, {len(review.forbidden):,} of them mandatory, {new:,} new"


def _alarms(review: Review) -> Iterator[Section]:
    """What nobody may overlook: ends of tenants, lost data, failed previews."""
    deleted = [each for each in review.stacks if each.fate == "deleted"]
    if deleted:
        head = (
            "> [!CAUTION]\n> **The spec of a tenant was deleted. Its stack is still there, with all of its data; "
            "it ends by `bulkhead destroy`, and not by merging this.**"
        )
        yield Section(head=head, items=tuple(_line(0, f"- **{code(each.stack)}** {_end(each)}") for each in deleted),
                      what="deleted tenants")  # fmt: skip
    lost = [(each, resource) for each in review.stacks if each.fate != "deleted" for resource in each.destroyed]
    if lost:
        yield Section(
            head="### Data that would be lost",
            items=tuple(_line(0, f"- {code(stack.stack)}: {_destroyed(resource)}") for stack, resource in lost),
            what="resources whose data would be lost",
        )
    if review.failed:
        yield Section(
            head="### Failed previews",
            items=tuple(_line(1, f"- {code(each.stack)}: {code(each.error, 500)}") for each in review.failed),
            what="failed previews",
        )


def _end(stack: StackReview) -> str:
    notes = "; ".join(code(note) for note in stack.notes)
    said = f"{counted(len(stack.resources), 'resource')}, {len(stack.destroyed):,} of them with data"
    return f"{said}{': ' if notes else ''}{notes}"


def _destroyed(resource: ResourceDiff) -> str:
    because = [each.path for each in resource.properties if each.replaces] if resource.op == "replace" else []
    reason = f", as {', '.join(map(code, because[:5]))} differs" if because else ""
    return f"**{resource.op} {code(resource.name)}** ({code(resource.type)}): loses **{resource.loses}**{reason}"


def _line(rank: int, text: str) -> Item:
    return Item(rank=rank, full=text, short=text)


def _isolation(review: Review) -> Iterator[Section]:
    found = review.isolation
    if found is None:
        if review.isolation_error:
            yield Section(head=f"### Isolation\n\n⚠️ Not decided: {code(review.isolation_error, 600)}")
        return
    report = found.report
    mark, sentence = VERDICTS[review.verdict]
    over = f"{counted(len(report.tenants), 'tenant')}, {counted(report.pairs, 'ordered pair')}, {report.seconds:.1f} s"
    before = f" Before: {found.before}." if found.before is not None else ""
    partly = ""
    if report.verdict is Verdict.PROVED and review.failed:
        partly = " All else is proven: the stacks whose preview failed count as they are deployed."
    if found.without_new is not None:
        partly += (
            f" Without the new stacks: {found.without_new}. Policies of what is new hold ids that AWS has still to "
            "choose: bring it up with `--no-models`, and prove it again."
        )
    head = f"### Isolation\n\n{mark} **{review.verdict}**: {sentence}, over {over}.{before}{partly}"
    items = [_finding(alike[0], len(alike) - 1) for alike in grouped(report.findings)]
    yield Section(head=head, items=tuple(items), what="findings")
    yield from _delta(found)
    unknown = [each for each in report.unknown if each.matters]
    if unknown:
        rows = tuple(_line(2, f"- {code(each.urn)}, {code(each.property)}: {code(each.why, 500)}") for each in unknown)
        yield Section(head="#### Not known", items=rows, what="things that are not known")
    types = [each for each in report.not_modelled if each.could_matter]
    if types:
        rows = tuple(_line(2, f"- {code(each.type)} ({len(each.urns)}): {code(each.why, 500)}") for each in types)
        yield Section(head="#### Not modelled, and could give access", items=rows, what="types")
    if report.shared:
        lines = [
            [code(each.from_), code(each.to), code(", ".join(each.actions)), code(each.reason), code(each.expires),
             code(each.state)]
            for each in report.shared
        ]  # fmt: skip
        body = table(["from", "to", "actions", "reason", "until", ""], lines[:_MOST_ROWS])
        text = details(f"Shared on purpose: {len(report.shared)}", body + _rest(len(lines)))
        yield Section(head="", items=(Item(rank=6, full=text, short=text),), what="declared sharings")


def _finding(finding: Finding, more: int) -> Item:
    leak = finding.verdict is Verdict.LEAK
    whose = code(finding.to or "the platform")
    # A claim such as encryption is about a resource, and starts from nobody.
    about = f"{code(finding.from_ or 'somebody')} → {whose}" if finding.from_ or finding.principal else whose
    does = [f"{code(finding.action)} on {code(finding.resource or 'a resource')}"] if finding.action else []
    reason = [code(finding.reason, 400)] if finding.reason else []
    short = f"- {'❌' if leak else '⚠️'} **{about}** ({finding.claim}): {'. '.join([*does, *reason])}"
    if more:
        short += f" And {counted(more, 'more request')} of which this is not known."
    body: list[str] = []
    if finding.principal:
        body.append(f"- by {code(finding.principal)}")
    if finding.context:
        body.append("- with " + ", ".join(code(f"{key} = {value}") for key, value in finding.context.items()))
    body += [f"- {number}. {_step(step)}" for number, step in enumerate(finding.chain, start=1)]
    body += [f"- allowed by {_statement(each)}" for each in finding.statements]
    if not body:
        return _line(0 if leak else 2, short)
    title = f"witness: {inline_html(finding.action or finding.claim)} on {inline_html(finding.resource or 'it')}"
    return Item(rank=0 if leak else 2, full=f"{short}\n\n{details(title, chr(10).join(body))}", short=short)


def _step(step: Step) -> str:
    by = "; ".join(map(_statement, step.statements))
    said = f"{code(step.principal)} does {code(step.action)} on {code(step.resource)}, becomes {code(step.becomes)}"
    return f"{step.kind}: {said}{f' (allowed by {by})' if by else ''}"


def _statement(statement: Statement) -> str:
    where = f", {code(f'{statement.file}:{statement.line or 1}')}" if statement.file else ""
    return f"{code(statement.statement)} of {code(statement.policy)} ({statement.layer}){where}"


def _delta(found: Isolation) -> Iterator[Section]:
    if not found.gained and not found.dropped:
        yield Section(head="Nobody can newly do anything, and nobody loses a right.")
        return
    for rows, title, rank in ((found.gained, "Newly possible", 1), (found.dropped, "No longer possible", 5)):
        if rows:
            across = [each for each in rows if each.owner != each.of]
            text = f"{counted(len(rows), 'right')}, {len(across):,} of them on what is another's"
            head = f"{title}: {text}."
            yield Section(head=head, items=(_rights(title, rows, rank),), what="tables of rights")


def _rights(title: str, rows: tuple[Access, ...], rank: int) -> Item:
    ordered = sorted(rows, key=lambda each: (each.owner == each.of, each))
    lines = [
        [code(each.owner), code(each.principal), code(each.may), code(each.of), code(each.resource), code(each.via)]
        for each in ordered[:_MOST_ROWS]
    ]
    body = table(["who", "principal", "may", "whose", "resource", "via"], lines) + _rest(len(rows))
    return Item(rank=rank, full=details(title, body), short=f"_{title}: {counted(len(rows), 'right')}._")


def _rest(count: int) -> str:
    return f"\n\n_{count - _MOST_ROWS:,} more: {_ELSEWHERE}._" if count > _MOST_ROWS else ""


def _changes(review: Review) -> Iterator[Section]:
    shown = [each for each in review.stacks if each.fate != "deleted"]
    if shown:
        yield Section(head="### What changes", items=tuple(map(_stack, shown)), what="stacks")


def _stack(stack: StackReview) -> Item:
    name = inline_html(stack.stack) + (f" {inline_html(stack.title)}" if stack.title else "")
    lost = f", <b>{counted(len(stack.destroyed), 'loses', 'lose')} data</b>" if stack.destroyed else ""
    fate = "new: " if stack.fate == "new" else ""
    cost = "" if abs(stack.usd_month) < 0.005 else f", {difference(stack.usd_month)} a month"
    state = operations(stack) if stack.outcome == "succeeded" else f"preview {stack.outcome}"
    summary = f"<b>{name}</b>: {fate}{state}{lost}{cost}"
    body: list[str] = []
    if stack.error and stack.outcome == "skipped":
        body.append(code(stack.error, 500))
    body += [f"> {code(note, 500)}" for note in stack.notes]
    if stack.resources:
        rows = [_resource(each) for each in stack.resources[:_MOST_ROWS]]
        body.append(table(["", "resource", "type", "what differs"], rows) + _rest(len(stack.resources)))
    body += [f"- warning: {code(each, 400)}" for each in stack.warnings[:10]]
    short = f"- {summary}"
    rank = 1 if stack.destroyed or stack.outcome != "succeeded" else 4 if stack.resources else 6
    return Item(rank=rank, full=details(summary, "\n\n".join(body)) if body else short, short=short)


def _resource(resource: ResourceDiff) -> list[str]:
    bold = "**" if resource.destroys else ""
    differs = [
        f"{code(each.path)}{f' {code(each.before)} →' if each.before else ''}"
        f"{f' {code(each.after)}' if each.after else ''}{' (replaces)' if each.replaces else ''}"
        for each in resource.properties[:6]
    ]
    more = len(resource.properties) - len(differs)
    text = "<br>".join([*differs, f"and {more} more"] if more > 0 else differs)
    return [f"{bold}{resource.op}{bold}", f"{bold}{code(resource.name)}{bold}", code(resource.type), text]


def _costs(review: Review) -> Iterator[Section]:
    rows = [_charge(stack, each) for stack in review.stacks for each in stack.costs]
    if not rows:
        return
    body = table(["stack", "resource", "charge", "before", "after", ""], rows[:_MOST_ROWS]) + _rest(len(rows))
    notes = "\n".join(f"- {code(note, 400)}" for note in review.prices)
    text = details(f"{counted(len(rows), 'charge')} {'differs' if len(rows) == 1 else 'differ'}", f"{body}\n\n{notes}")
    head = f"### Cost\n\n{difference(review.usd_month)} a month, of what is charged for being there."
    yield Section(head=head, items=(Item(rank=3, full=text, short=""),), what="tables of charges")


def _charge(stack: StackReview, change: CostChange) -> list[str]:
    sums = [_money(change.before), _money(change.after)]
    return [
        code(stack.stack),
        code(change.resource),
        code(change.item),
        *sums,
        code(change.note) if change.note else "",
    ]


def _money(amount: float | None) -> str:
    return "not known" if amount is None else "" if amount == 0 else dollars(amount)


def _quotas(review: Review) -> Iterator[Section]:
    shown = [each for each in review.quotas if each.share >= _TIGHT or each.before != each.after]
    rest = f"{counted(len(review.quotas) - len(shown), 'other quota')} as before, below {_TIGHT:.0%}."
    if not review.quotas:
        return
    rows = [
        [code(each.scope), code(each.quota), "?" if each.before is None else f"{each.before:,}",
         f"**{each.after:,}**" if each.share >= _TIGHT else f"{each.after:,}", f"{each.limit:,}", f"{each.share:.0%}"]
        for each in shown[:_MOST_ROWS]
    ]  # fmt: skip
    if not rows:
        yield Section(head=f"### Quotas\n\n{rest}")
        return
    body = table(["of", "quota", "before", "after", "limit", "used"], rows) + _rest(len(shown))
    yield Section(head="### Quotas", items=(Item(rank=3, full=f"{body}\n\n{rest}", short=rest),), what="quotas")


def _policy(review: Review) -> Iterator[Section]:
    if not review.policy:
        return
    told = [each for each in review.policy if each.new or each.level == "mandatory"]
    known = len(review.policy) - len(told)
    rest = f"\n\n{counted(known, 'advisory finding')} as deployed." if known else ""
    ordered = sorted(told, key=lambda each: (each.level != "mandatory", each.stack, each.rule))
    yield Section(head=f"### Policy pack{rest}", items=tuple(map(_rule, ordered)), what="findings")


def _rule(found: PolicyFinding) -> Item:
    mandatory = found.level == "mandatory"
    control = f" ({code(found.control)})" if found.control else ""
    level = "❌ **mandatory**" if mandatory else "advisory"
    short = f"- {level} {code(found.rule)}{control}: {code(found.stack)}, {code(found.resource)}"
    full = f"{short}: {code(found.message, 400)}" + (f" Remedy: {code(found.remedy, 400)}" if found.remedy else "")
    return Item(rank=1 if mandatory else 4, full=full, short=short)


def _why(review: Review) -> Iterator[Section]:
    body = [
        f"- **{code(stack.stack)}**: "
        + "; ".join(f"{code(each.file)} ({code(each.why)})" for each in stack.reasons[:8])
        + (f"; and {len(stack.reasons) - 8} more files" if len(stack.reasons) > 8 else "")
        for stack in review.stacks[:_MOST_ROWS]
    ]
    if review.stacks:
        text = details("Why these stacks", "\n".join(body) + _rest(len(review.stacks)))
        yield Section(head="", items=(Item(rank=5, full=text, short=""),), what="reasons")
    if review.idle:
        lines = [f"- {code(each.file)}: {code(each.why)}" for each in review.idle[:_MOST_ROWS]]
        title = f"{counted(len(review.idle), 'file')} that {'touches' if len(review.idle) == 1 else 'touch'} no stack"
        text = details(title, "\n".join(lines) + _rest(len(review.idle)))
        yield Section(head="", items=(Item(rank=7, full=text, short=""),), what="files")
