"""What a promise is: a named set of requests that must never, or always, go through."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import product
from typing import Protocol

from infra.evaluator.request import ContextValue
from tests.isolation.broken.attempts import Attempt
from tests.isolation.broken.people import Somebody
from tests.isolation.broken.things import Thing


class Attempts(Protocol):
    """A function that makes the requests of a promise; its name is the promise's."""

    __name__: str

    def __call__(self) -> Iterator[Attempt]:
        """The requests."""
        ...


@dataclass(kw_only=True)
class Promise:
    """Something that the blueprint promises.

    Args:
        name: The promise in a few words.
        kept: Whether its requests must all go through, or never any.
        made: The function that makes its requests.
    """

    name: str
    kept: bool
    made: Attempts

    @cached_property
    def attempts(self) -> tuple[Attempt, ...]:
        """Its requests."""
        return tuple(self.made())


class Promises:
    """The promises of one file: its functions, by their names."""

    def __init__(self) -> None:
        self.made: list[Promise] = []

    def never(self, attempts: Attempts) -> Attempts:
        """Declare that none of the requests may go through."""
        return self._declared(attempts, kept=False)

    def always(self, attempts: Attempts) -> Attempts:
        """Declare that all of the requests must go through."""
        return self._declared(attempts, kept=True)

    def _declared(self, attempts: Attempts, *, kept: bool) -> Attempts:
        name = attempts.__name__.replace("_", " ")
        self.made.append(Promise(name=name, kept=kept, made=attempts))
        return attempts


def tries(
    who: Somebody | Iterable[Somebody],
    actions: str,
    what: Thing | Iterable[Thing],
    *keys: Mapping[str, ContextValue],
    through: str | None = None,
) -> Iterator[Attempt]:
    """Everybody of `who` tries each action on each thing.

    Args:
        who: Who asks.
        actions: A service and names of its actions: ``s3: GetObject PutObject``.
        what: What for.
        keys: Context keys; None removes one that every request has.
        through: The endpoint document that the requests pass.
    """
    service, names = actions.split(":")
    context = {key: value for some in keys for key, value in some.items()}
    everybody = (who,) if isinstance(who, Somebody) else who
    everything = (what,) if isinstance(what, Thing) else what
    for one, name, thing in product(everybody, names.split(), everything):
        yield Attempt(who=one, action=f"{service}:{name}", what=thing, through=through, context=context)
