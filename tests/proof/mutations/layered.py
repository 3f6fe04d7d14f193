"""Several layers broken at once: a tenant's walls stand behind each other, so that one alone is rarely missed.

A wall is what keeps one kind of request from another tenant, and an attack is all walls in the way of it. With all of
them down it goes through; with any one of them up it does not, or the label says otherwise.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

from tests.proof.mutations.mutants import Edit, Mutant, Statement, document, outputs, statements, without_boundary
from tests.proof.mutations.weaker import listed, unended, with_value

_ACCOUNT = "123456789012"
_ANY_ROLE = f"arn:aws:iam::{_ACCOUNT}:role/bulkhead/dev/*"


@dataclass(frozen=True)
class Wall:
    """A way to take one wall down.

    Args:
        what: What is done, in words.
        kind: Of what kind it is.
        edits: How.
    """

    what: str
    kind: str
    edits: tuple[Edit, ...]


@dataclass(frozen=True)
class Attack:
    """The walls between a role and what is another tenant's, each with the ways to take it down.

    Args:
        name: Who attacks what.
        walls: The ways for each wall.
    """

    name: str
    walls: tuple[tuple[Wall, ...], ...]


def layered_mutants(attacks: Sequence[Attack]) -> Iterator[Mutant]:
    """All walls down, each of them in every way; and each wall alone up again, the others down in the first way."""
    for attack in attacks:
        first = tuple(ways[0] for ways in attack.walls)
        chosen = [first]
        for at, ways in enumerate(attack.walls):
            chosen += [(*first[:at], way, *first[at + 1 :]) for way in ways[1:]]
        if len(first) > 1:
            chosen += [*combinations(first, len(first) - 1)]
        for walls in chosen:
            edits = _merged(edit for wall in walls for edit in wall.edits)
            yield Mutant(
                name=f"{attack.name}: {', '.join(wall.what for wall in walls)}",
                kind=" + ".join(dict.fromkeys(wall.kind for wall in walls)),
                edits=edits,
            )


def _merged(edits: Iterator[Edit]) -> tuple[Edit, ...]:
    found = {edit.place: edit for edit in edits}
    return tuple(found.values())


# Ways


def changed(owner: str, type_: str, name: str, changes: Mapping[str, Statement | None]) -> Edit:
    """A document with other statements in the place of those of some Sids; without those for None."""
    place = document(owner, type_, name)
    missing = changes.keys() - {one["Sid"] for one in statements(place)}
    if missing:
        raise KeyError(f"{place} has no {missing}")
    kept = [changes.get(one["Sid"], one) for one in statements(place)]
    return Edit.document(place, [one for one in kept if one is not None])


def statement(owner: str, type_: str, name: str, sid: str) -> Statement:
    """One statement of a recorded document."""
    (found,) = (one for one in statements(document(owner, type_, name)) if one["Sid"] == sid)
    return found


def identity_on(owner: str, role: str, sid: str, *resources: str) -> Wall:
    """An identity policy's statement on other resources."""
    wide = {**statement(owner, "RolePolicy", role, sid), "Resource": list(resources)}
    return Wall(
        f"{sid} on {resources[0].rpartition(':')[2]}",
        "widen a resource",
        (changed(owner, "RolePolicy", role, {sid: wide}),),
    )


def identity_open_ended(owner: str, role: str, sid: str) -> Wall:
    """An identity policy's statement on the names of ids that extend the owner's."""
    before = statement(owner, "RolePolicy", role, sid)
    wide = with_value(before, "Resource", [unended(each) or each for each in listed(before["Resource"])])
    return Wall(f"{sid} un-terminated", "un-terminate a prefix", (changed(owner, "RolePolicy", role, {sid: wide}),))


def no_boundary(owner: str, role: str) -> Wall:
    """A role without its boundary."""
    return Wall(f"{role} without boundary", "remove a boundary", (without_boundary(owner, role),))


def wider_boundary(owner: str, sid: str, *dropped: str) -> Wall:
    """A boundary with a statement on everything and without conditions, and without some of its denials."""
    wide = with_value({**statement(owner, "Policy", "roles-boundary", sid), "Resource": "*"}, "Condition", None)
    what = f"boundary's {sid} on everything" + "".join(f" without {each}" for each in dropped)
    changes: dict[str, Statement | None] = {sid: wide, **dict.fromkeys(dropped)}
    kind = "widen a resource" + (" + drop a deny" if dropped else "")
    return Wall(what, kind, (changed(owner, "Policy", "roles-boundary", changes),))


def open_ended_boundary(owner: str, sid: str, *dropped: str) -> Wall:
    """A boundary with a statement on the names of ids that extend the owner's, and without some of its denials."""
    before = statement(owner, "Policy", "roles-boundary", sid)
    wide = with_value(before, "Resource", [unended(each) or each for each in listed(before["Resource"])])
    what = f"boundary's {sid} un-terminated" + "".join(f" without {each}" for each in dropped)
    changes: dict[str, Statement | None] = {sid: wide, **dict.fromkeys(dropped)}
    kind = "un-terminate a prefix" + (" + drop a deny" if dropped else "")
    return Wall(what, kind, (changed(owner, "Policy", "roles-boundary", changes),))


def no_guard(owner: str, type_: str, name: str, sid: str) -> Wall:
    """A resource's policy without a denial."""
    return Wall(f"{name} without {sid}", "drop a deny", (changed(owner, type_, name, {sid: None}),))


def guard_of(owner: str, type_: str, name: str, sid: str, *actions: str) -> Wall:
    """A resource's policy whose denial is of some actions only."""
    some = {**statement(owner, type_, name, sid), "Action": list(actions)}
    return Wall(f"{sid} of {', '.join(actions)}", "drop a deny", (changed(owner, type_, name, {sid: some}),))


def guard_if(
    owner: str, type_: str, name: str, sid: str, condition: Mapping[str, Mapping[str, object]], what: str
) -> Wall:
    """A resource's policy whose denial has other conditions."""
    loose = {**statement(owner, type_, name, sid), "Condition": condition}
    return Wall(f"{sid} {what}", "change an operator", (changed(owner, type_, name, {sid: loose}),))


def guard_but_for(owner: str, name: str, arn: str) -> Wall:
    """A bucket's wall with one role more that it is not for."""
    before = statement(owner, "BucketPolicy", name, "NobodyElse")
    inside = listed(before["Condition"]["ArnNotEquals"]["aws:PrincipalArn"])
    loose = {**before, "Condition": {"ArnNotEquals": {"aws:PrincipalArn": [*inside, arn]}}}
    return Wall(
        f"NobodyElse but {arn.rpartition('/')[2]}",
        "add a principal",
        (changed(owner, "BucketPolicy", name, {"NobodyElse": loose}),),
    )


def named_in(owner: str, type_: str, name: str, sid: str, arn: str) -> Wall:
    """A policy's statement that names one principal more."""
    before = statement(owner, type_, name, sid)
    named = {**before["Principal"], "AWS": [*listed(before["Principal"].get("AWS", [])), arn]}
    more = {**before, "Principal": named}
    return Wall(
        f"{owner}'s {name} {sid} for {arn.rpartition('/')[2]}",
        "add a principal",
        (changed(owner, type_, name, {sid: more}),),
    )


def role_arn(owner: str, role: str) -> str:
    """The ARN of a recorded role."""
    return outputs(owner, "Role", role)["arn"]
