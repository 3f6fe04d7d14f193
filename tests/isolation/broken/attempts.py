"""One request of somebody for something, and whether it goes through: with all documents, or with those of one layer.

In the world of one layer every other layer allows everything, so that what is refused there is refused by it alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache, lru_cache

from infra.evaluator.compiling import compile_policy
from infra.evaluator.document import Policy
from infra.evaluator.evaluate import evaluate
from infra.evaluator.kinds import PolicyKind
from infra.evaluator.layers.reach import IDENTITIES
from infra.evaluator.policies import Applicable
from infra.evaluator.request import ContextValue, Request
from tests.isolation.broken.blueprint import PLATFORM, Document, documents, vpce
from tests.isolation.broken.layers import Layer
from tests.isolation.broken.people import Somebody
from tests.isolation.broken.things import Thing


@dataclass(frozen=True, kw_only=True)
class Attempt:
    """One request.

    Args:
        who: Who asks.
        action: ``service:Action``.
        what: What for.
        through: The name of the endpoint document that it passes, if it comes through one.
        context: Context keys beside those that every request has; None removes one of those.
    """

    who: Somebody
    action: str
    what: Thing
    through: str | None = None
    context: Mapping[str, ContextValue] = field(default_factory=dict[str, ContextValue])

    def __str__(self) -> str:
        way = f" through {self.through}" if self.through else ""
        keys = f" with {dict(self.context)}" if self.context else ""
        return f"{self.who.name}: {self.action} on {self.what.name}{way}{keys}"

    def document(self, layer: Layer) -> tuple[str, ...]:
        """The names of the documents of a layer that this request meets."""
        match layer:
            case Layer.IDENTITY:
                return self.who.identity or ()
            case Layer.BOUNDARY | Layer.DENIALS:
                return () if self.who.boundary is None else (self.who.boundary,)
            case Layer.RESOURCE:
                return () if self.what.policy is None or self.what.trust else (self.what.policy,)
            case Layer.TRUST:
                return (self.what.policy,) if self.what.policy is not None and self._asks_for_trust else ()
            case Layer.ENDPOINT:
                return () if self.through is None else (self.through,)

    @property
    def layers(self) -> frozenset[Layer]:
        """The layers that have a document for this request."""
        own = self.what.account == PLATFORM.account
        return frozenset(layer for layer in Layer if self.document(layer) and (own or layer is not Layer.DENIALS))

    @property
    def documents(self) -> frozenset[str]:
        """The names of all documents that this request meets."""
        return frozenset(name for layer in Layer for name in self.document(layer))

    @property
    def _asks_for_trust(self) -> bool:
        return self.what.trust and self.action.startswith("sts:")

    def request(self) -> Request:
        """The request as the evaluator takes it."""
        usual: dict[str, ContextValue] = {
            "aws:SecureTransport": True,
            "aws:ViaAWSService": False,
            **({"s3:TlsVersion": "1.3"} if self.action.startswith("s3:") else {}),
            **({"kms:CallerAccount": self.who.caller.account} if self.action.startswith("kms:") else {}),
            **({"aws:SourceVpce": vpce(self.through)} if self.through else {}),
            **self.who.context,
            **{f"aws:ResourceTag/{key}": value for key, value in self.what.tags.items()},
        }
        context = {key: value for key, value in {**usual, **self.context}.items() if value is not None}
        return Request(self.who.caller, self.action, self.what.arn, self.what.account, context)

    def allowed(self, layer: Layer | None = None, changed: Mapping[str, Policy | None] | None = None) -> bool:
        """Whether it goes through.

        Args:
            layer: The one layer whose documents count; all documents for None.
            changed: Documents in the place of those of the same name; None where one is taken away.
        """
        kept = _compiled() if changed is None else {**_compiled(), **changed}

        def of(one: Layer) -> tuple[Policy, ...]:
            found = (kept[name] for name in self.document(one))
            return tuple(each for each in found if each is not None)

        counts = set(self.layers) if layer is None else {layer}
        resource = Layer.TRUST if self._asks_for_trust else Layer.RESOURCE
        boundary = of(Layer.BOUNDARY) if counts & {Layer.BOUNDARY, Layer.DENIALS} else ()
        applicable = Applicable(
            identity=of(Layer.IDENTITY) if Layer.IDENTITY in counts else self._open_identity(),
            boundary=boundary[0] if boundary else None,
            resource=next(iter(of(resource)), None) if resource in counts else self._open_resource(layer),
            trust=self._asks_for_trust,
            endpoint=next(iter(of(Layer.ENDPOINT)), None) if Layer.ENDPOINT in counts else None,
        )
        return evaluate(self.request(), applicable).allowed

    def _open_identity(self) -> tuple[Policy, ...]:
        """The caller's policies where they do not count; only identities of an account have any."""
        return (open_policy(PolicyKind.IDENTITY),) if self.who.caller.kind in IDENTITIES else ()

    def _open_resource(self, layer: Layer | None) -> Policy | None:
        """The resource's policy where it does not count, or where it is somebody else's."""
        if self.what.account != PLATFORM.account or layer is Layer.DENIALS:
            return open_policy(PolicyKind.RESOURCE, "*")
        if layer is None and self.document(Layer.RESOURCE):
            return None
        if self._asks_for_trust:
            return open_policy(PolicyKind.TRUST, PLATFORM.account)
        return open_policy(PolicyKind.RESOURCE, PLATFORM.account)


@cache
def open_policy(kind: PolicyKind, principal: str | None = None) -> Policy:
    """A policy that allows everything; where it names somebody, to `principal`: an account, or ``*``."""
    statement: dict[str, object] = {"Effect": "Allow", "Action": "sts:*" if kind is PolicyKind.TRUST else "*"}
    if principal is not None:
        statement["Principal"] = {"AWS": principal}
    if kind is not PolicyKind.TRUST:
        statement["Resource"] = "*"
    return compile_policy({"Version": "2012-10-17", "Statement": [statement]}, kind, label="open")


def compiled(document: Document) -> Policy:
    """A document as the evaluator takes it.

    Raises:
        MalformedPolicy: AWS would refuse it.
    """
    return compile_policy(document.policy.to_json(), document.kind, service=document.service, label=document.name)


@lru_cache(maxsize=1)
def _compiled() -> Mapping[str, Policy | None]:
    return {name: compiled(document) for name, document in documents().items()}
