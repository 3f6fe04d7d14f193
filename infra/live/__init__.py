"""What is live: an account read by boto3 into the records of the proof, and how it differs from what stacks have.

``reading`` reads by the table in ``kinds``; ``canonical`` brings the stacks' state into the same form; ``differences``
compares by the table in ``compared``; ``facts`` joins both for the proof.
"""

from infra.live.account import Account, WayIn
from infra.live.canonical import canonical
from infra.live.differences import Comparison, Difference, DifferenceKind, compare
from infra.live.facts import Facts, exports, facts
from infra.live.known import Known, read_known
from infra.live.reading import Hidden, Live, read

__all__ = [
    "Account",
    "Comparison",
    "Difference",
    "DifferenceKind",
    "Facts",
    "Hidden",
    "Known",
    "Live",
    "WayIn",
    "canonical",
    "compare",
    "exports",
    "facts",
    "read",
    "read_known",
]
