"""The families of an estate by how their ARNs begin and by which actions name them: what a statement could allow."""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Iterator
from functools import lru_cache

from infra.evaluator.document import Policy, Statement
from infra.evaluator.glob import glob
from infra.evaluator.kinds import Effect
from infra.proof.facts import Family, Resource
from infra.proof.world.families import actions_for, lowered
from infra.proof.world.listing import lists_any
from infra.proof.world.overlap import Ends, ends_alike, ends_of

_Wanted = frozenset[str] | None
#: What all families have in common that are named by the same actions: the service where the catalogue has no actions.
_Kind = tuple[str, ...] | str


class FamilyIndex:
    """The families of an estate.

    Args:
        resources: All resources.
    """

    def __init__(self, resources: Iterable[Resource]) -> None:
        entries = [(ends_of(each.pattern), each, one) for one in resources for each in one.families]
        entries.sort(key=lambda entry: entry[0])
        self._ends = [ends for ends, _, _ in entries]
        self._begins = [ends.begin for ends in self._ends]
        self._resources = [resource for _, _, resource in entries]
        self._open: dict[str, list[int]] = defaultdict(list)
        numbers: dict[_Kind, int] = {}
        self._kind_of = [numbers.setdefault(_kind(family), len(numbers)) for _, family, _ in entries]
        self._kinds = list(numbers)
        self._of_kind: list[list[int]] = [[] for _ in numbers]
        for place, ends in enumerate(self._ends):
            self._of_kind[self._kind_of[place]].append(place)
            if ends.is_open:
                self._open[ends.begin].append(place)
        self._lengths = sorted({len(begin) for begin in self._open})
        self._listed: dict[tuple[object, ...], frozenset[int]] = {}

    def allowed_by(self, policies: Iterable[Policy], wanted: frozenset[str] | None) -> Iterator[Resource]:
        """The resources that some statement allows something on, and perhaps a few more.

        Args:
            policies: Identity policies.
            wanted: The actions to look for, in lower case; any where it is None.
        """
        for policy in policies:
            for statement in policy.statements:
                if statement.effect is Effect.ALLOW:
                    kinds = self._kinds_listed(statement, wanted)
                    if kinds:
                        places = self._places(statement, kinds, variables=policy.has_variables)
                        yield from (self._resources[place] for place in places)

    def _kinds_listed(self, statement: Statement, wanted: _Wanted) -> frozenset[int]:
        """The kinds of families that are named by some action that a statement lists."""
        key = (statement.actions, statement.not_actions, wanted)
        found = self._listed.get(key)
        if found is None:
            every = enumerate(self._kinds)
            found = self._listed[key] = frozenset(number for number, kind in every if _lists(statement, kind, wanted))
        return found

    def _places(self, statement: Statement, kinds: frozenset[int], *, variables: bool) -> Iterable[int]:
        patterns = [ends_of(text, variables=variables) for text in statement.resources or ()]
        if statement.resources is None or any(ends.is_open and not ends.begin for ends in patterns):
            return [place for kind in kinds for place in self._of_kind[kind]]
        return {
            place
            for ends in patterns
            for place in self._beginning_like(ends)
            if self._kind_of[place] in kinds and ends_alike(ends, self._ends[place])
        }

    def _beginning_like(self, ends: Ends) -> Iterator[int]:
        """The families that begin as some text of a pattern does."""
        begin = ends.begin
        place = bisect_left(self._begins, begin)
        while place < len(self._begins) and self._begins[place].startswith(begin):
            if not ends.is_open and self._begins[place] != begin:
                break  # what begins with more comes after all that begins so
            yield place
            place += 1
        for length in self._lengths:
            if length < len(begin):
                yield from self._open.get(begin[:length], ())


@lru_cache(maxsize=4096)
def actions_among(family: Family, wanted: frozenset[str] | None) -> tuple[str, ...]:
    """The actions on a family that are looked for, in lower case; all of them where ``wanted`` is None."""
    known = lowered(actions_for(family))
    return known if wanted is None else tuple(action for action in known if action in wanted)


def _kind(family: Family) -> _Kind:
    return lowered(actions_for(family)) or (family.service or "unknown")


def _lists(statement: Statement, kind: _Kind, wanted: _Wanted) -> bool:
    """Whether a statement is about an action of a kind; of an unknown service, about any of its name."""
    if isinstance(kind, str):
        listed = statement.actions
        return wanted is None and (listed is None or any(glob(text.partition(":")[0])(kind) for text in listed))
    return lists_any(statement, kind if wanted is None else tuple(action for action in kind if action in wanted))
