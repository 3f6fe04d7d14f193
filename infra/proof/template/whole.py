"""The whole estate, without its facts in memory: the form of every tenant, and the facts of those asked for."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from pathlib import Path

import msgspec

from infra.proof.facts import Estate, Owners, Record, assemble
from infra.proof.template.cache import Cache, Together, digest
from infra.proof.template.forms import Form
from infra.proof.template.inputs import Input, Kind, records_of_all
from infra.proof.template.reading import Progress, read_alone
from infra.proof.template.stacks import Summary, tied
from infra.proof.template.units import Unit, only, units
from infra.proof.template.writing import form_of, form_of_texts


class Whole:
    """An estate.

    A deployment that is one tenant's alone, and that nothing ties to others, is read by itself, and only if the cache
    does not know it; everything else is read together, every time.

    Args:
        inputs: The deployments, previews and folders.
        owners: Whose is what; by tags alone where it is None.
        managed: The documents of policies that no input holds, by ARN.
        cache: What is known of deployments.
        progress: Told how many of the deployments are read.

    Raises:
        Unreadable: An input is not what it should be.

    Attributes:
        forms: The form of every tenant.
        shared: The forms of what is no tenant's.
        digest: Of all that is no tenant's: with the classes of the tenants, of everything that the proof reads.
    """

    def __init__(
        self,
        inputs: Iterable[Input],
        *,
        owners: Owners | None,
        managed: Mapping[str, str],
        cache: Cache,
        progress: Progress | None = None,
    ) -> None:
        self._inputs = tuple(inputs)
        self._owners = owners
        self._managed = managed
        found = read_alone(self._alone(), owners, managed, cache, progress)
        apart = {one: summary for one, (_, summary) in found.items()}
        together = tied(apart)
        self._input_of: dict[str, Input] = {}
        self.forms: dict[str, Form] = {}
        for one, summary in apart.items():
            if one not in together and summary.tenant is not None and summary.form is not None:
                self.forms[summary.tenant] = summary.form
                self._input_of[summary.tenant] = one
        self._arn_types = _arn_types(apart.values())
        marks = (found[one][0] if one in found else digest(*_content(one)) for one in self._together())
        arn_types = repr(sorted(self._arn_types.items()))
        together_key = digest(*marks, arn_types)
        kept = cache.together(together_key)
        if kept is None:
            kept = _forms(self._assembled(()))
            cache.keep_together(together_key, kept)
        self.shared = [*kept.shared]
        for owner, form in kept.forms.items():
            if owner in self.forms:
                self.shared.append(form)
            else:
                self.forms[owner] = form
        self.digest = digest(arn_types, *map(msgspec.msgpack.encode, self.shared))

    def estate(self, tenants: Collection[str]) -> Estate:
        """The facts of some tenants, and of what is shared."""
        return only(self._assembled(tenants), tenants)

    def _alone(self) -> tuple[Input, ...]:
        """The inputs that may be readable by themselves: deployments with a name of their own, and no preview."""
        times = Counter(one.name for one in self._inputs)
        return tuple(one for one in self._inputs if one.kind is Kind.DEPLOYMENT and times[one.name] == 1)

    def _together(self) -> tuple[Input, ...]:
        apart = set(self._input_of.values())
        return tuple(one for one in self._inputs if one not in apart)

    def _assembled(self, tenants: Collection[str]) -> Estate:
        left_out = {one for tenant, one in self._input_of.items() if tenant not in tenants}
        records: Iterable[Record] = records_of_all(one for one in self._inputs if one not in left_out)
        return assemble(records, owners=self._owners, managed=self._managed, arn_types=self._arn_types)


def _forms(estate: Estate) -> Together:
    """The forms of everything in what is read together."""
    texts = (text for one in estate.controls for text in (one.target, one.policy.text or ""))
    found = units(estate)
    shared = form_of_texts(texts), form_of("", found.get(None, Unit()))
    return Together(shared, {owner: form_of(owner, unit) for owner, unit in found.items() if owner is not None})


def _arn_types(summaries: Iterable[Summary]) -> dict[str, bool]:
    """Whether deployed resources of a type have an ARN, by the first deployment that has any."""
    found: dict[str, bool] = {}
    for one in summaries:
        found = {**one.arn_types, **found}
    return found


def _content(one: Input) -> Iterable[bytes]:
    """Everything that an input says, with its kind."""
    yield one.kind.encode()
    if one.kind is not Kind.FOLDER:
        yield one.read()
    elif isinstance(one.content, Path):
        for path in sorted(one.content.rglob("*.json")):
            yield str(path).encode("utf-8", "surrogateescape")
            yield path.read_bytes()
