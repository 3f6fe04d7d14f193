"""A question with the values of every variable found: what the search for a request goes over."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from infra.evaluator.document import Policy
from infra.evaluator.facts import Facts
from infra.evaluator.glob import Pattern, Template, Variable, Wildcard
from infra.evaluator.policies import Grant
from infra.evaluator.request import ContextValue
from infra.proof.atoms.errors import NotModelled
from infra.proof.atoms.shapes import Stand, may_overlap, widely
from infra.proof.atoms.texts import text_atoms
from infra.proof.symbolic.checks import RESOURCE, Check, checks_of_grant, encryption_key, resource_shapes
from infra.proof.symbolic.question import Question
from infra.proof.symbolic.statements import Asked, asked_by
from infra.proof.symbolic.tables import Domain, Truth, resource_table, table_of

#: Keys that tell of the services through which a request came, and that follow from each other.
#: Source: IAM User Guide, "AWS global condition context keys", Properties of the request.
CALLED_VIA = "aws:calledvia"
_OF_CALLED_VIA = frozenset({"aws:calledviafirst", "aws:calledvialast"})
#: The part of an ARN that tells a KMS key from its alias.
KEY_MARK = ":key/"


class Model:
    """Statements, domains and truth tables of one question.

    Args:
        question: The question.

    Raises:
        NotModelled: the resources of the family cannot be told apart by a bounded number of ARNs.

    Attributes:
        question: The question.
        asked: The statements by policy, without those that are about none of the question's actions.
        grants: The constraints of every KMS grant.
        domains: The values of every free variable.
        truths: How every check of a free variable comes out.
        constants: How every check of a fixed key comes out.
        opaque: Every check that is not modelled, with the reason; it counts as fulfilled in an Allow, and as not
            fulfilled in a Deny.
        written: Context keys whose case is kept, by their names in lower case.
    """

    def __init__(self, question: Question) -> None:
        self.question = question
        self.asked = _about(question)
        self.written = _encryption_names(question.policies.grants)
        checks = [check for one in self._statements() for check in one.checks]
        keys = {*self.written, *(check.variable for check in checks if check.variable.startswith(encryption_key("")))}
        self.grants: Mapping[int, tuple[Check, ...]] = {
            place: tuple(checks_of_grant(grant, keys)) for place, grant in enumerate(question.policies.grants)
        }
        checks.extend(check for of_grant in self.grants.values() for check in of_grant)
        self._facts = question.facts(question.actions[0], "*", {})
        self.domains: dict[str, Domain] = {}
        self.truths: dict[Check, Truth] = {}
        self.constants: dict[Check, bool | None] = {}
        self.opaque: dict[Check, str] = {}
        by_variable: dict[str, list[Check]] = {RESOURCE: []}
        for check in checks:
            by_variable.setdefault(check.variable, []).append(check)
        for variable, those in by_variable.items():
            self._tell_apart(variable, [check for check in those if not self._is_opaque(check)])

    def free_keys(self) -> tuple[str, ...]:
        """The keys that policy variables take their values from and that the caller chooses."""
        return tuple(sorted({key for check in self.opaque for key in check.named_keys() if not self._is_fixed(key)}))

    def _statements(self) -> Iterator[Asked]:
        for statements in self.asked.values():
            yield from statements

    def _is_fixed(self, key: str) -> bool:
        return self.question.is_fixed(key) or (key in _OF_CALLED_VIA and self.question.is_fixed(CALLED_VIA))

    def _is_opaque(self, check: Check) -> bool:
        free = sorted(key for key in check.named_keys() if not self._is_fixed(key))
        if free and check.variable == RESOURCE and not self._may_match(check):
            return False
        if free:
            self.opaque[check] = f"a policy variable of {' and '.join(free)}, which the caller chooses"
        elif check.variable in _OF_CALLED_VIA and not self._is_fixed(check.variable):
            self.opaque[check] = f"{check.variable}, which follows from {CALLED_VIA}"
        return check in self.opaque

    def _may_match(self, check: Check) -> bool:
        """Whether an entry of a Resource matches some ARN of the family for some values of what the caller chooses."""
        domain = widely(self.question.family.pattern)
        return any(
            may_overlap(widely(_open(template)), domain)
            for template in check.templates
            if any(not self._is_fixed(variable.name) for variable in template.variables)
        )

    def _tell_apart(self, variable: str, checks: list[Check]) -> None:
        if variable == RESOURCE:
            self._tell_resources_apart(checks)
        elif self._is_fixed(variable):
            for check in checks:
                answer = check.holds(self._facts)
                self.constants[check] = answer if isinstance(answer, bool) else None
        elif checks:
            try:
                found = table_of(variable, checks, self._facts_with(variable), self._facts.text)
            except NotModelled as limit:
                self.opaque.update(dict.fromkeys(checks, f"{variable}: {limit.why}"))
            else:
                self.domains[variable] = found[0]
                self.truths.update(found[1])

    def _facts_with(self, key: str) -> Callable[[ContextValue], Facts]:
        return lambda value: self.question.facts(self.question.actions[0], "*", {key: value})

    def _tell_resources_apart(self, checks: list[Check]) -> None:
        keys = frozenset(grant.key for grant in self.question.policies.grants if grant.key is not None)
        arns = self._arns(checks, keys)
        action = self.question.actions[0]
        kept, truths = resource_table(
            arns,
            checks,
            lambda arn: self.question.facts(action, arn, {}),
            lambda arn: f"{KEY_MARK in arn} {arn if arn in keys else ''}",
        )
        self.domains[RESOURCE] = Domain(kept)
        self.truths.update(truths)

    def _arns(self, checks: list[Check], keys: frozenset[str]) -> tuple[str, ...]:
        """One ARN of the family for every combination of patterns; of a family of one ARN that ARN."""
        pattern = self.question.family.pattern
        if len(pattern) == 1 and isinstance(pattern[0], str):
            return (pattern[0],)
        shapes = [shape for check in checks for shape in resource_shapes(check, self._facts.text)]
        shapes.extend(widely((key,)) for key in sorted(keys))
        if any(action.lower().startswith("kms:") for action in self.question.actions):
            shapes.append((Stand.MANY, *KEY_MARK, Stand.MANY))
        domain = widely(pattern)
        return text_atoms(domain, (shape for shape in shapes if may_overlap(shape, domain)))


def _about(question: Question) -> Mapping[Policy, tuple[Asked, ...]]:
    """The statements that are about any of a question's actions, by policy."""
    facts = [question.facts(action, "*", {}) for action in question.actions]
    return {
        policy: tuple(one for one in statements if any(map(one.lists, facts)))
        for policy, statements in asked_by(question.policies).items()
    }


def _open(template: Template) -> Pattern:
    """A template with any text for its variables."""
    return tuple(Wildcard.MANY if isinstance(token, Variable) else token for token in template.tokens)


def _encryption_names(grants: tuple[Grant, ...]) -> Mapping[str, str]:
    """The keys of encryption contexts that grants name, as they write them: KMS does not ignore their case."""
    names: dict[str, str] = {}
    for grant in grants:
        for name in (*(grant.context_equals or {}), *(grant.context_subset or {})):
            if names.setdefault(encryption_key(name), name) != name:
                raise NotModelled(f"an encryption context with the key {name!r} in different case")
    prefix = "kms:EncryptionContext:"
    return {key: f"{prefix}{name}" for key, name in names.items()}
