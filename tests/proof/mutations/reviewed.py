"""What people decided: mutants whose label nobody can derive, and why."""

from __future__ import annotations

from fnmatch import fnmatchcase

#: Mutants that are not tried, as documentation leaves open whether they do harm. ``*`` stands for any text.
UNDECIDED: tuple[tuple[str, str], ...] = (
    (
        "acme Role roles-[ts]*ing, *: *",
        "Nobody abroad can pass a role of this account to a service: what its trust says of the source of a call "
        "is a second line of defence.",
    ),
    (
        "acme Role roles-data-scientist, *: ForAllValues of *",
        "Somebody of the company in no group signs in: that is nobody of another tenant, and not outside.",
    ),
    (
        "acme Role roles-deploy, *: StringEqualsIfExists of *:sub",
        "Every token of GitHub's says of what it is; whether one could lack it is not AWS's to say.",
    ),
    (
        "acme Role roles-d*, *: for everybody",
        "Claims of one provider under the name of any: AWS does not say whether another provider can make them.",
    ),
)


def undecided(name: str) -> str | None:
    """Why a mutant is not tried; None if it is."""
    return next((why for pattern, why in UNDECIDED if fnmatchcase(name, pattern)), None)
