"""Whose something is: by tag, by the tags of its provider, or by the mapping of whoever judges a foreign estate."""

from __future__ import annotations

from pathlib import Path

import pytest

from infra.proof.facts import Owners, Unreadable, assemble, read_deployment, read_owners
from tests.proof.facts.exports import Stack


def test_the_tag_says_whose_and_else_the_provider() -> None:
    stack = Stack()
    stack.bucket("tagged", tagsAll={"tenant": "globex"})
    stack.bucket("untagged", tagsAll={})
    stack.resources.pop(0)
    stack.bucket("nobodys", tagsAll={})
    owned = {each.arn: each.owner for each in assemble(read_deployment(stack.export())).resources}
    assert owned["arn:aws:s3:::tagged"] == "globex"
    assert owned["arn:aws:s3:::nobodys"] is None
    stack = Stack()
    stack.bucket("untagged", tagsAll={})
    assert assemble(read_deployment(stack.export())).resources[0].owner == "acme"


def test_a_mapping_wins_over_tags_and_its_first_entry_over_the_next(tmp_path: Path) -> None:
    file = tmp_path / "owners.yaml"
    file.write_text('"arn:aws:s3:::shared": platform\n"arn:aws:s3:::*": legacy\n"stack:tenants/*": all\n')
    owners = read_owners(file)
    assert owners.owner("arn:aws:s3:::shared", "x/y", {"tenant": "acme"}, {}) == "platform"
    assert owners.owner("arn:aws:s3:::other", "x/y", {"tenant": "acme"}, {}) == "legacy"
    assert owners.owner("arn:aws:sns:::t", "tenants/acme", {"tenant": "acme"}, {}) == "all"
    assert owners.owner("arn:aws:sns:::t", "x/y", {"tenant": "acme"}, {}) == "acme"
    assert Owners().owner("arn:aws:sns:::t", "x/y", {}, {}) is None


@pytest.mark.parametrize(
    "text",
    ["", "7", "- a", "a: {b: c}", "a: [", "a: 7", "[" * 500, "&a [*a]", "\x00"],
    ids=lambda text: repr(text[:9]),
)
def test_what_is_no_mapping_is_refused(tmp_path: Path, text: str) -> None:
    file = tmp_path / "owners.yaml"
    file.write_text(text)
    with pytest.raises(Unreadable, match=r"owners\.yaml"):
        read_owners(file)
