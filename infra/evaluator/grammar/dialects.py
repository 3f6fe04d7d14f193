"""How each part of AWS words its refusals.

AWS documents few of these sentences; they are those that its services are known to answer.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType

from infra.evaluator.grammar.refusal import Subject


def _no_sentences() -> Mapping[Subject, str]:
    return MappingProxyType({})


@dataclass(frozen=True, slots=True, kw_only=True)
class Dialect:
    """The sentences of one part of AWS.

    Attributes:
        general: What it answers to a document that does not follow the grammar.
        particular: What it answers instead where it says what the refusal is about.
    """

    general: str
    particular: Mapping[Subject, str] = field(default_factory=_no_sentences)

    def refuse(self, subject: Subject, problem: str) -> str:
        """AWS's sentence about a subject, and then what is wrong."""
        return f"{self.particular.get(subject, self.general)}: {problem}"

    def unknown_element(self, name: str) -> str:
        """An element that the grammar does not have."""
        return self.refuse(Subject.SYNTAX, f"{name!r} is no element here")

    def missing(self, name: str) -> str:
        """An element that must be there."""
        return self.refuse(Subject.ELEMENT, f"the statement needs {name}")

    def prohibited(self, name: str) -> str:
        """An element that this kind of policy cannot have."""
        return self.refuse(Subject.ELEMENT, f"{name} cannot be in a policy of this kind")


@dataclass(frozen=True, slots=True, kw_only=True)
class IamDialect(Dialect):
    """IAM, and STS for session policies."""

    def missing(self, name: str) -> str:
        """IAM asks for actions and resources in the plural, and names other elements."""
        plural = {"Action": "actions", "Resource": "resources"}.get(name)
        return f"Policy statement must contain {plural}." if plural else f"Missing required field {name}"

    def prohibited(self, name: str) -> str:
        """An identity's policy says nothing of principals, and a trust policy nothing of resources."""
        if name == "Principal":
            return "Policy document should not specify a principal."
        return f"Has prohibited field {name}"


@dataclass(frozen=True, slots=True, kw_only=True)
class S3Dialect(Dialect):
    """S3's bucket and access point policies."""

    def unknown_element(self, name: str) -> str:
        """S3 names the element."""
        return f"Unknown field {name}"

    def missing(self, name: str) -> str:
        """S3 names the element."""
        return f"Missing required field {name}"


IAM = IamDialect(
    general="Syntax errors in policy",
    particular={
        Subject.PRINCIPAL: "Invalid principal in policy",
        Subject.SIZE: "Cannot exceed quota for PolicySize",
    },
)
TRUST = replace(
    IAM,
    particular={
        Subject.PRINCIPAL: "Invalid principal in policy",
        Subject.ACTION: "AssumeRole policy may only specify STS AssumeRole actions",
        Subject.SIZE: "Cannot exceed quota for ACLSizePerRole",
    },
)
S3 = S3Dialect(
    general="Policies must be valid JSON and the first byte must be '{'",
    particular={
        Subject.VERSION: "The policy must contain a valid version string",
        Subject.ELEMENT: "Policy has invalid elements",
        Subject.ACTION: "Policy has invalid action",
        Subject.RESOURCE: "Policy has invalid resource",
        Subject.PRINCIPAL: "Invalid principal in policy",
        Subject.CONDITION: "Policy has an invalid condition key",
        Subject.SIZE: "The policy is larger than S3 takes",
    },
)
KMS = Dialect(
    general="The request was rejected because the specified policy is not syntactically or semantically correct",
    particular={Subject.PRINCIPAL: "Policy contains a statement with one or more invalid principals"},
)
#: SNS and SQS.
SCOPED = Dialect(
    general="Invalid parameter: Policy Error",
    particular={
        Subject.ACTION: "Policy statement action out of service scope",
        Subject.PRINCIPAL: "Invalid parameter: Policy Error: PrincipalNotFound",
    },
)
ORGANIZATIONS = Dialect(
    general="The provided policy document does not meet the requirements of the specified policy type",
    particular={Subject.SIZE: "You have exceeded the maximum size of a policy"},
)
OTHER = Dialect(
    general="Syntax errors in policy",
    particular={
        Subject.PRINCIPAL: "Invalid principal in policy",
        Subject.SIZE: "The policy is longer than the service takes",
    },
)
