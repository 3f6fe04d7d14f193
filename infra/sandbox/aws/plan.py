"""What follows from an entry and the service's models: which inputs are supported, which force replacement."""

import string
from dataclasses import dataclass
from functools import cached_property

from infra.sandbox.aws.action import Action
from infra.sandbox.aws.entry import Call, Resource
from infra.sandbox.aws.schema import ResourceSchema
from infra.sandbox.aws.session import Session


@dataclass
class Plan:
    """One entry of the table with everything derived from it; built once a type and session."""

    aws: Session
    resource: Resource
    schema: ResourceSchema

    def action(self, props: dict[str, object], old: dict[str, object] | None = None, id_: str = "") -> Action:
        """Return a new operation on a resource of this type."""
        return Action(self.aws, self.resource, self.schema, dict(props), dict(old or {}), id_)

    @cached_property
    def created(self) -> frozenset[str]:
        """Inputs that creation itself carries."""
        create = self.resource.create
        if isinstance(create, Call):
            return frozenset(self._probe.carries(create))
        return frozenset((*self.resource.replace, *self.resource.writes))

    @cached_property
    def updated(self) -> frozenset[str]:
        """Inputs that an update carries."""
        carried = (
            self._probe.carries(update) if isinstance(update, Call) else update.properties
            for update in self.resource.updates
        )
        return frozenset(name for names in carried for name in names)

    @cached_property
    def identifying(self) -> frozenset[str]:
        """Inputs that the resource is found by; they cannot change."""
        templates = [self.resource.id, *self.resource.identity.values()]
        fields = (name for template in templates for _, name, _, _ in string.Formatter().parse(template))
        return frozenset(name for name in fields if name in self.schema["inputs"])

    @cached_property
    def supported(self) -> frozenset[str]:
        """Inputs that the provider knows what to do with."""
        named = {*self.resource.local, *self.resource.replace, *(("tags",) if self.resource.tags else ())}
        region = {"region"} & self.schema["inputs"].keys()
        return frozenset(self.created | self.updated | self.identifying | named | region)

    @cached_property
    def replacing(self) -> frozenset[str]:
        """Inputs whose change makes a new resource."""
        fixed = self.supported - self.updated - {*self.resource.local, "tags"}
        return fixed | self.identifying | {*self.resource.replace}

    @cached_property
    def computed(self) -> frozenset[str]:
        """Properties (dotted paths) that AWS fills in where they are not given; taking one away changes nothing."""
        required = (name for name, schema in self.schema["outputs"].items() if schema.get("required"))
        return frozenset((*required, *self.resource.computed))

    @cached_property
    def _probe(self) -> Action:
        return Action(self.aws, self.resource, self.schema, {})
