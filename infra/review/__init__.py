"""What a reviewer is told of a change: as a comment, a page and a JSON document."""

from infra.review.model import Review

__all__ = ["Review"]
