"""The policies of what is deployed in moto, read anew for each request: one file a subject.

Nothing is remembered between requests but what a document's text compiles to, so that a change counts at once.
"""

from infra.sandbox.enforcement.deployed.applicable import policies_for

__all__ = ["policies_for"]
