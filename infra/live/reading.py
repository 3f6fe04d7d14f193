"""Reads an account by the table of kinds into the records that an export would have; nothing is skipped in silence.

What is denied, or what AWS does not answer here, is said by name. A property that was denied is unknown to the proof.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from typing import Any, cast

from infra.live.account import Absent, Account, Answer, Unread
from infra.live.entry import Found, Item, Kind
from infra.live.kinds import TABLE
from infra.live.kinds.identities import ROLE, USER
from infra.live.tagged import ACTION, TOKEN, tagged
from infra.planned import UNKNOWN
from infra.proof.facts import Record, Source

_FIELD = re.compile(r"\{(\w+)\}")
_AWS_MANAGED = "arn:aws:iam::aws:policy/"

#: Is told how much is done of how much is known to be to do, and what.
Progress = Callable[[int, int, str], None]


@dataclass(frozen=True)
class Hidden:
    """A read that was not let through.

    Args:
        token: The type of what it would have told.
        resource: The id of the resource that it is about; empty where a whole type was not listed.
        action: The IAM action that it needs.
        why: What AWS said.
        lost: Whether anything is lost by it; not for what only denies.
    """

    token: str
    resource: str
    action: str
    why: str
    lost: bool = True


@dataclass(frozen=True)
class Live:
    """An account as it was read.

    Args:
        account: Its number.
        region: The Region.
        records: What there is.
        managed: The documents of AWS's own policies that somebody has, by ARN.
        tagged: What bears a tenant's tag, whatever its type.
        hidden: What was not to be read.
        skipped: Why resources were left out, and how many.
        left_out: Their ids and ARNs.
        tokens: The types that were read.
    """

    account: str
    region: str
    records: tuple[Record, ...]
    managed: Mapping[str, str] = field(default_factory=dict[str, str])
    tagged: tuple[Record, ...] = ()
    hidden: tuple[Hidden, ...] = ()
    skipped: Mapping[str, int] = field(default_factory=dict[str, int])
    left_out: frozenset[str] = frozenset()
    tokens: frozenset[str] = frozenset()


@dataclass
class _Gathered:
    found: list[Found] = field(default_factory=list[Found])
    hidden: list[Hidden] = field(default_factory=list[Hidden])
    skipped: Counter[str] = field(default_factory=Counter[str])
    left_out: set[str] = field(default_factory=set[str])

    def add(self, more: _Gathered) -> None:
        self.found += more.found
        self.hidden += more.hidden
        self.skipped += more.skipped
        self.left_out |= more.left_out


def read(
    account: Account,
    kinds: Iterable[Kind] = TABLE,
    *,
    workers: int = 8,
    progress: Progress = lambda _done, _of, _what: None,
) -> Live:
    """Read an account.

    Args:
        account: The account.
        kinds: What to read of it.
        workers: How many reads run at the same time.
        progress: Is told what is done.

    Raises:
        UserError: The credentials are not valid.
    """
    wanted = tuple(kinds)
    number = account.id
    gathered = _Gathered()
    managed: dict[str, str] = {}
    with ThreadPoolExecutor(workers) as pool:
        jobs: list[tuple[Kind, Item]] = []
        for kind, (items, hidden) in zip(wanted, pool.map(partial(_listed, account), wanted), strict=True):
            jobs += [(kind, item) for item in items]
            gathered.hidden += hidden
            progress(0, len(jobs), kind.token)
        for done, each in enumerate(pool.map(partial(_item, account), *zip(*jobs, strict=True)) if jobs else (), 1):
            gathered.add(each)
            progress(done, len(jobs), jobs[done - 1][0].token)
        for arn, text, hidden in pool.map(partial(_managed, account), _aws_policies(gathered.found)):
            gathered.hidden += hidden
            if text is not None:
                managed[arn] = text
        bearing, unread = _tagged(account)
    return Live(
        account=number,
        region=account.region,
        records=tuple(_record(each, number) for each in gathered.found),
        managed=managed,
        tagged=tuple(_record(each, number) for each in bearing),
        hidden=(*gathered.hidden, *unread),
        skipped=gathered.skipped,
        left_out=frozenset(gathered.left_out),
        tokens=tokens_of(wanted),
    )


def tokens_of(kinds: Iterable[Kind] = TABLE) -> frozenset[str]:
    """The types that a table reads: those of its kinds, and of what else their listings and parts answer."""
    return frozenset(token for kind in kinds for token in kind.tokens())


def _listed(account: Account, kind: Kind) -> tuple[list[Item], list[Hidden]]:
    try:
        answer = account.read(kind.service, kind.lists, **_filled(kind.parameters, {}, account))
    except Absent:
        return [], []
    except Unread as unread:
        if unread.code in kind.nothing:
            return [], []
        return [], [Hidden(kind.token, "", kind.action, str(unread), lost=not kind.optional)]
    return [_as_item(each) for each in _at(answer, kind.at)], []


def _at(answer: Answer, path: str) -> list[Any]:
    if not path:
        return [answer]
    return list(answer.get(path) or ())


def _as_item(each: object) -> Item:
    """An item of a list; a list of bare texts has them under ``value``."""
    return cast("Item", each) if isinstance(each, Mapping) else {"value": each}


def _item(account: Account, kind: Kind, listed: Item) -> _Gathered:
    """Everything about one resource; nothing where it is gone since it was listed."""
    item = {**listed, "Account": account.id, "Region": account.region}
    made = list(kind.made(item))
    if not made:
        return _Gathered()
    whole, *others = made
    own = dict(whole.properties)
    hidden: list[Hidden] = []
    for part in kind.parts:
        try:
            answer = account.read(kind.service, part.operation, **_filled(part.request, item, account))
        except Absent:
            if part.essential:
                return _Gathered()
            continue
        except Unread as unread:
            if unread.code in part.nothing:
                continue
            own.update(dict.fromkeys(part.gives, UNKNOWN))
            hidden.append(Hidden(part.token or kind.token, whole.id, part.action, str(unread), not kind.optional))
            continue
        own.update(part.take(answer) if part.take else {})
        others += part.found(item, answer) if part.found else ()
        if kind.skips(own) is not None:
            break
    why = kind.skips(own)
    if why is not None:
        return _Gathered(skipped=Counter({why: 1}), left_out={whole.id, str(own.get("arn"))})
    return _Gathered([Found(whole.token, whole.id, own), *others], hidden)


def _tagged(account: Account) -> tuple[list[Found], list[Hidden]]:
    try:
        return list(tagged(account)), []
    except Unread as unread:
        return [], [Hidden(TOKEN, "", ACTION, str(unread))]


def _filled(templates: Mapping[str, Any], item: Item, account: Account) -> dict[str, Any]:
    return {name: _fill(template, item, account) for name, template in templates.items()}


def _fill(template: object, item: Item, account: Account) -> object:
    if not isinstance(template, str):
        return template
    return _FIELD.sub(lambda field: account.id if field[1] == "account" else str(item[field[1]]), template)


def _aws_policies(found: Iterable[Found]) -> tuple[str, ...]:
    """AWS's own policies that somebody has, or is bounded by: no listing of the account's policies has them."""
    held = (each.properties.get("policyArn") for each in found)
    bounds = (each.properties.get("permissionsBoundary") for each in found if each.token in (ROLE, USER))
    named = (arn for arns in (held, bounds) for arn in arns if isinstance(arn, str))
    return tuple(dict.fromkeys(arn for arn in named if arn.startswith(_AWS_MANAGED)))


def _managed(account: Account, arn: str) -> tuple[str, str | None, list[Hidden]]:
    try:
        version = account.read("iam", "get_policy", PolicyArn=arn)["Policy"]["DefaultVersionId"]
        answer = account.read("iam", "get_policy_version", PolicyArn=arn, VersionId=version)
    except Absent:
        return arn, None, []
    except Unread as unread:
        return arn, None, [Hidden("aws:iam/policy:Policy", arn, "iam:GetPolicyVersion", str(unread))]
    text = answer["PolicyVersion"]["Document"]
    return arn, text if isinstance(text, str) else json.dumps(text), []


def _record(found: Found, account: str) -> Record:
    arn = found.properties.get("arn")
    return Record(
        type=found.token,
        properties=found.properties,
        source=Source(f"live/{account}", arn if isinstance(arn, str) else f"{found.token}::{found.id}"),
        id=found.id,
    )
