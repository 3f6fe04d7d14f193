"""What is a tenant's in an account: read over all services by name, ARN, tag and the keys that things refer to.

What cannot be read is named, and the inventory is then not empty. The index of tags finds what is of no kind in the
table. The index may lag by minutes behind what was just removed: take the inventory again before a verdict.
Source: Resource Groups Tagging API Reference, "GetResources".
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from typing import Any, cast

from infra.erasure import bucket_contents
from infra.erasure.account import ErasableAccount
from infra.erasure.kinds import TABLE, Kind, in_order
from infra.erasure.kinds.entry import Fields, at, filled
from infra.erasure.kinds.identity import KEY
from infra.erasure.kinds.storage import BUCKET
from infra.erasure.ownership import Claim, Owner
from infra.live.account import Absent, Unread
from infra.live.entry import tags
from infra.tags import TENANT_TAG

_INDEX = "resourcegroupstaggingapi"
#: The kind of what bears the tenant's tag and is of no kind in the table.
TAGGED = "tagged"
_WORKERS = 8


@dataclass(frozen=True)
class Item:
    """One thing of the tenant.

    Args:
        kind: What it is, as the table calls it.
        id: What tells it from others of its kind.
        arn: Its ARN; empty where it has none.
        claim: What makes it the tenant's.
        fields: What AWS says of it.
        count: How many there are of it, where it stands for many: the versions in a bucket.
        expires: Why it ends without being removed; empty where it does not.
    """

    kind: str
    id: str
    arn: str
    claim: Claim
    fields: Fields = field(default_factory=dict[str, Any], compare=False)
    count: int = 1
    expires: str = ""


@dataclass(frozen=True)
class NotRead:
    """A read that AWS did not answer: what it would have told may be there.

    Args:
        kind: Of what.
        resource: Of which thing; empty where a whole kind was not listed.
        why: What AWS said.
    """

    kind: str
    resource: str
    why: str


@dataclass(frozen=True)
class Inventory:
    """Everything of a tenant.

    Args:
        items: In the order in which they are removed.
        not_read: What was not to be read.
    """

    items: tuple[Item, ...]
    not_read: tuple[NotRead, ...] = ()

    @property
    def left(self) -> tuple[Item, ...]:
        """What does not end by itself."""
        return tuple(item for item in self.items if not item.expires)

    @property
    def empty(self) -> bool:
        """Whether nothing is left, and nothing was hidden."""
        return not self.left and not self.not_read


@dataclass(frozen=True)
class _Reader:
    account: ErasableAccount
    owner: Owner
    tagged: Mapping[str, Mapping[str, str]]

    def listed(self, kind: Kind, around: Fields) -> tuple[list[Fields], list[NotRead]]:
        """All things of a kind, or those in one that contains them."""
        try:
            answer = self.account.read(kind.service, kind.lists, **filled(kind.request, around))
        except Absent:
            return [], []
        except Unread as unread:
            return [], [NotRead(kind.name, str(around.get("Container", "")), str(unread))]
        found: list[Fields] = []
        hidden: list[NotRead] = []
        for each in at(answer, kind.at) or ():
            listed = cast("Fields", each) if isinstance(each, Mapping) else {"value": each}
            fields, unread = self.detailed(kind, {**around, **listed})
            if fields is not None and not kind.skips(fields):
                found.append(fields)
            hidden += unread
        return found, hidden

    def detailed(self, kind: Kind, fields: Fields) -> tuple[Fields | None, list[NotRead]]:
        """A thing with its details; those of others' things may be denied, whose tags the index has."""
        for detail in kind.details:
            try:
                answer = self.account.read(kind.service, detail.operation, **filled(detail.request, fields))
            except Absent:
                return None, []
            except Unread as unread:
                arn = _arn(kind, fields)
                if arn not in self.tagged:
                    continue
                return fields, [NotRead(kind.name, arn, str(unread))]
            told = at(answer, detail.at)
            fields = {**fields, detail.into: told} if detail.into else {**fields, **told}
        return fields, []

    def claimed(self, kind: Kind, fields: Fields, keys: frozenset[str]) -> Item | None:
        arn = _arn(kind, fields)
        identity = str(filled(kind.id, fields))
        names = kind.names(fields) if kind.names else (identity,)
        borne = {**self.tagged.get(arn, {}), **tags(fields.get(kind.tags))}
        references = [str(fields[name]) for name in kind.refers if fields.get(name)]
        claim = self.owner.claim(names, arn, borne, references, keys)
        return claim and Item(kind.name, identity, arn, claim, fields, expires=kind.expires(fields))


def take(account: ErasableAccount, owner: Owner, kinds: Iterable[Kind] = TABLE) -> Inventory:
    """Take the inventory of a tenant.

    Args:
        account: The account, read by credentials that the tenant's buckets and keys let in.
        owner: Whose things.
        kinds: The table; less of it only where a cloud does not serve all.

    Raises:
        UserError: The credentials are not valid.
    """
    table = tuple(kinds)
    around = {"Account": account.id, "Region": account.region, "Prefix": owner.prefix}
    tagged, hidden = _index(account, owner)
    reader = _Reader(account, owner, tagged)
    whole = [kind for kind in table if not kind.within]
    with ThreadPoolExecutor(_WORKERS) as pool:
        listings = list(zip(whole, pool.map(partial(reader.listed, around=around), whole), strict=True))
        hidden += [each for _, (_, unread) in listings for each in unread]
        listed = [(kind, fields) for kind, (things, _) in listings for fields in things]
        keys = _owned_keys(reader, listed)
        found = [item for kind, fields in listed if (item := reader.claimed(kind, fields, keys))]
        for items, unread in pool.map(partial(_inside, reader, table), tuple(found)):
            found += items
            hidden += unread
    found += _unknown(owner, tagged, found)
    return Inventory(_sorted(found, table), tuple(sorted(set(hidden), key=lambda each: (each.kind, each.resource))))


def _index(account: ErasableAccount, owner: Owner) -> tuple[dict[str, dict[str, str]], list[NotRead]]:
    try:
        answer = account.read(_INDEX, "get_resources", TagFilters=[{"Key": TENANT_TAG, "Values": [owner.id]}])
    except Absent:
        return {}, []
    except Unread as unread:
        return {}, [NotRead(TAGGED, "", str(unread))]
    return {str(each["ResourceARN"]): tags(each.get("Tags")) for each in answer["ResourceTagMappingList"]}, []


def _owned_keys(reader: _Reader, listed: Iterable[tuple[Kind, Fields]]) -> frozenset[str]:
    """The ARNs and ids of the keys that are the tenant's and nobody else's."""
    claimed = (reader.claimed(kind, fields, frozenset()) for kind, fields in listed if kind.name == KEY)
    return frozenset(each for item in claimed if item and not item.claim.dispute for each in (item.arn, item.id))


def _inside(reader: _Reader, table: tuple[Kind, ...], item: Item) -> tuple[list[Item], list[NotRead]]:
    """What a thing contains: it is whose the thing is."""
    found: list[Item] = []
    hidden: list[NotRead] = []
    claim = Claim(("container",), item.claim.dispute)
    for kind in (kind for kind in table if kind.within == item.kind):
        fields, unread = reader.listed(kind, {**item.fields, "Container": item.id})
        hidden += unread
        found += [
            Item(kind.name, str(filled(kind.id, each)), _arn(kind, each), claim, each, expires=kind.expires(each))
            for each in fields
        ]
    if item.kind == BUCKET:
        contents, unread = _contents(reader.account, item, claim)
        found += contents
        hidden += unread
    return list({(each.kind, each.id): each for each in found}.values()), hidden


def _contents(account: ErasableAccount, bucket: Item, claim: Claim) -> tuple[list[Item], list[NotRead]]:
    try:
        counts = bucket_contents.count(account, bucket.id)
    except Absent:
        return [], []
    except Unread as unread:
        return [], [NotRead(bucket_contents.KINDS[0], bucket.id, str(unread))]
    return [Item(kind, bucket.id, bucket.arn, claim, bucket.fields, many) for kind, many in counts.items() if many], []


def _unknown(owner: Owner, tagged: Mapping[str, Mapping[str, str]], found: Iterable[Item]) -> Iterator[Item]:
    known = {item.arn for item in found}
    for arn, borne in tagged.items():
        if arn not in known and (claim := owner.claim((), arn, borne)):
            yield Item(TAGGED, arn, arn, claim)


def _sorted(found: Iterable[Item], table: tuple[Kind, ...]) -> tuple[Item, ...]:
    names = [kind.name for kind in in_order(table)]
    place: dict[str, float] = {name: number for number, name in enumerate(names)}
    bucket = place.get(BUCKET, len(names))
    place |= dict.fromkeys(bucket_contents.KINDS, bucket - 0.5)
    key: Callable[[Item], tuple[float, str]] = lambda item: (place.get(item.kind, -1), item.id)  # noqa: E731
    return tuple(sorted(found, key=key))


def _arn(kind: Kind, fields: Fields) -> str:
    return str(filled(kind.arn, fields)) if kind.arn else ""
