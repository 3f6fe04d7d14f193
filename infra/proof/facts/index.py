"""Finds records by what others call them: by name, id, ARN or URL, near the one that asks; and what a provider adds.

Source: Pulumi Registry, "AWS Classic", "Provider" (allowedAccountIds, defaultTags, assumeRoles, region).
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, cast

import msgspec

from infra.proof.facts.inputs import plain
from infra.proof.facts.records import Record

_ACCOUNT = re.compile(r"arn:aws[a-z-]*:[a-z0-9-]*:[a-z0-9-]*:(?P<account>\d{12}):.+", re.DOTALL)
_NAMES = ("arn", "name", "bucket", "url", "keyId", "repository", "modelPackageGroupName", "domainName")


class Index:
    """Every record of an estate.

    Args:
        records: Of all its stacks.
        arn_types: Whether deployed resources of a type have an ARN, by stacks that are not among them.

    Attributes:
        records: The same, in their order.
        asked: The types and names that were looked for and are not in the stack that asked, or only elsewhere in it.
    """

    def __init__(self, records: Iterable[Record], arn_types: Mapping[str, bool] | None = None) -> None:
        self.records = tuple(records)
        self._arn_types = arn_types or {}
        self.asked: set[tuple[str, str]] = set()
        self._types: dict[str, list[Record]] = defaultdict(list)
        self._urns: dict[str, Record] = {}
        self._named: dict[tuple[str | None, ...], Record] = {}
        seen: dict[str, Counter[str]] = defaultdict(Counter)
        for record in self.records:
            self._types[record.type].append(record)
            self._urns[record.source.urn] = record
            account = account_of(record.text("arn"))
            if account:
                seen[_realm(record)][account] += 1
        self._providers = {urn: _provider(record) for urn, record in self._urns.items() if _is_provider(record)}
        #: The account of a provider, or of a stack without one, if all of its ARNs agree.
        self._seen = {realm: next(iter(accounts)) for realm, accounts in seen.items() if len(accounts) == 1}
        for record in self.records:
            scopes = self._scopes(record)
            for name in set(_names(record)):
                for scope in scopes:
                    self._named.setdefault((record.type, name, *scope), record)

    def of(self, *types: str) -> Iterator[Record]:
        """The records of some types, in the order of their stacks."""
        for token in types:
            yield from self._types.get(token, ())

    def has_arn(self, token: str) -> bool | None:
        """Whether deployed resources of a type have an ARN; None where there is none to tell."""
        deployed = (record.text("arn") is not None for record in self.of(token) if not record.planned)
        return next(deployed, self._arn_types.get(token))

    def by_urn(self, urn: str) -> Record | None:
        """The record of a URN."""
        return self._urns.get(urn)

    def account(self, record: Record) -> str | None:
        """The account that a record's resource is in; None where nothing says it."""
        return account_of(record.text("arn")) or self._provider(record).get("account") or self._seen.get(_realm(record))

    def region(self, record: Record) -> str | None:
        """The Region that a record's resource is in; None where nothing says it."""
        return record.text("region") or self._provider(record).get("region")

    def default_tags(self, record: Record) -> Mapping[str, str]:
        """The tags that its provider gives to all that can have tags."""
        return cast("Mapping[str, str]", self._provider(record).get("tags") or {})

    def find(self, types: Iterable[str], name: str, near: Record) -> Record | None:
        """The record that another one means by a name.

        Args:
            types: What it can be.
            name: Its name, id, ARN or URL.
            near: Who asks: names are unique in an account, and the asker's account is meant.
        """
        wanted = tuple(types)
        for place, scope in enumerate(self._scopes(near)):
            if place == 1:
                self.asked.update((token, name) for token in wanted)
            for token in wanted:
                found = self._named.get((token, name, *scope))
                if found is not None:
                    return found
        return None

    def names(self) -> Iterator[tuple[str, str]]:
        """Every type and name under which a record can be found."""
        for record in self.records:
            yield from ((record.type, name) for name in _names(record))

    def follow(self, record: Record, key: str, types: Iterable[str]) -> Record | None:
        """The record that a property refers to: by its value, or where that is not known by what it comes from.

        The engine knows where a property as a whole comes from, for ``rules[0].kmsKeyId`` that is ``rules``.
        """
        wanted = tuple(types)
        name = record.text(key)
        if name is not None:
            return self.find(wanted, name, record)
        whole = key.partition(".")[0].partition("[")[0]
        leads = [self._urns[urn] for urn in record.leads_to.get(whole, ()) if urn in self._urns]
        fitting = [each for each in leads if each.type in wanted]
        return fitting[0] if len(fitting) == 1 else None

    def _scopes(self, record: Record) -> tuple[tuple[str | None, ...], ...]:
        """Where names are looked for, the nearest first."""
        account, region, stack = self.account(record), self.region(record), record.source.stack
        return (
            ("place and stack", account, region, stack),
            ("place", account, region),
            ("account", account),
            ("stack", stack),
            ("anywhere",),
        )

    def _provider(self, record: Record) -> Mapping[str, Any]:
        return self._providers.get(record.provider, {})


def account_of(arn: str | None) -> str | None:
    """The account in an ARN; None where it has none."""
    found = _ACCOUNT.fullmatch(arn) if arn else None
    return found["account"] if found else None


def _names(record: Record) -> Iterator[str]:
    if record.id:
        yield record.id
    yield from (text for text in map(record.text, _NAMES) if text)


def _realm(record: Record) -> str:
    return record.provider or record.source.stack


def _is_provider(record: Record) -> bool:
    return record.type == "pulumi:providers:aws"


def _provider(record: Record) -> Mapping[str, Any]:
    """What a provider says of all its resources; the engine keeps its properties as JSON texts."""
    accounts = _unpacked(record, "allowedAccountIds")
    only = cast("list[Any]", accounts) if isinstance(accounts, list) else []
    tags = plain((plain(_unpacked(record, "defaultTags")) or {}).get("tags")) or {}
    return {
        "account": only[0] if len(only) == 1 and isinstance(only[0], str) else None,
        "region": record.text("region"),
        "tags": {key: value for key, value in tags.items() if isinstance(value, str)},
    }


def _unpacked(record: Record, key: str) -> object:
    value = record.properties.get(key)
    if not isinstance(value, str):
        return value
    try:
        return msgspec.json.decode(value)
    except (msgspec.DecodeError, RecursionError):
        return None
