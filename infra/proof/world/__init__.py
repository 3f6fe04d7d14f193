"""The estate, indexed for questions: who asks (`Actor`), about what (`questions`), and which of it is worth asking."""

from infra.proof.world.actors import Actor, Identity, actors_of
from infra.proof.world.candidates import candidates
from infra.proof.world.origins import doubts, statements_of
from infra.proof.world.outside import outsiders
from infra.proof.world.questions import ask, questions
from infra.proof.world.world import World

__all__ = [
    "Actor",
    "Identity",
    "World",
    "actors_of",
    "ask",
    "candidates",
    "doubts",
    "outsiders",
    "questions",
    "statements_of",
]
