"""Finds what an interrupted run made at AWS, so that it is adopted and not made twice."""

from infra.aws_finder.finder import AwsFinder

__all__ = ["AwsFinder"]
