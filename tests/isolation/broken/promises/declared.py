"""What a promise is: a named set of requests that must never, or always, go through."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import product

from infra.evaluator.request import ContextValue
from tests.isolation.broken.attempts import Attempt
from tests.isolation.broken.people import Somebody
from tests.isolation.broken.things import Thing

Attempts = Callable[[], Iterator[Attempt]]


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
        name = attempts.__name__.replace("_", " ")  # type: ignore[attr-defined]
        self.made.append(Promise(name=name, kept=kept, made=attempts))
        return attempts


def tries(
    who: Somebody | Iterable[Somebody],
    actions: str,
    what: Thing | Iterable[Thing],
    *,
    through: str | None = None,
    **context: ContextValue,
) -> Iterator[Attempt]:
    """Everybody of `who` tries each action on each thing.

    Args:
        who: Who asks.
        actions: A service and names of its actions: ``s3: GetObject PutObject``.
        what: What for.
        through: The endpoint document that the requests pass.
        context: Context keys, where ``__`` stands for ``:`` in a key.
    """
    service, names = actions.split(":")
    keys = {key.replace("__", ":"): value for key, value in context.items()}
    everybody = (who,) if isinstance(who, Somebody) else who
    everything = (what,) if isinstance(what, Thing) else what
    for one, name, thing in product(everybody, names.split(), everything):
        yield Attempt(who=one, action=f"{service}:{name}", what=thing, through=through, context=keys)
