"""Partial models: a spec's own model with every key optional, for defaults that another spec completes."""

from __future__ import annotations

from collections.abc import Mapping
from copy import copy
from dataclasses import dataclass
from functools import cache
from typing import Any, TypeGuard, cast

from pydantic import GetCoreSchemaHandler, create_model, model_serializer
from pydantic.fields import FieldInfo
from pydantic_core import CoreSchema

from infra.spec.common import SpecModel


class PartialModel(SpecModel):
    """Base of partial models: what was not given is not there when it is written out either."""

    @model_serializer(mode="plain")
    def _only_given(self) -> dict[str, Any]:
        return {name: value for name, value in self if name in self.model_fields_set}


@dataclass(frozen=True)
class PartialOf:
    """Marks a field of type `SpecModel` as a partial one of `model`: ``Annotated[SpecModel, PartialOf(TenantSpec)]``.

    Args:
        model: The model whose keys may be given; keys of models inside it are optional too, entries of lists are whole.
        without: Keys of `model` that cannot be given.
    """

    model: type[SpecModel]
    without: frozenset[str] = frozenset()

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        del source
        return handler.generate_schema(partial_model(self.model, self.without))


@cache
def partial_model(model: type[SpecModel], without: frozenset[str] = frozenset()) -> type[PartialModel]:
    """The model of which every key, but those in `without`, may be given and none must."""
    fields: dict[str, Any] = {
        name: _optional(field) for name, field in model.model_fields.items() if name not in without
    }
    return create_model(f"{model.__name__}Defaults", __base__=PartialModel, __doc__=model.__doc__, **fields)


def _optional(field: FieldInfo) -> tuple[object, FieldInfo]:
    optional = copy(field)
    optional.default = None
    optional.default_factory = None
    return _partial_annotation(field.annotation), optional


def _partial_annotation(annotation: object) -> object:
    return partial_model(annotation) if _is_model(annotation) else annotation


def _is_model(annotation: object) -> TypeGuard[type[SpecModel]]:
    return isinstance(annotation, type) and issubclass(annotation, SpecModel)


def merged(defaults: Mapping[str, Any], own: Mapping[str, Any]) -> dict[str, Any]:
    """`own` with `defaults` where it has no value: mappings are merged key by key, everything else is taken whole."""
    result = dict(defaults)
    for key, value in own.items():
        default = result.get(key)
        both = isinstance(default, Mapping) and isinstance(value, Mapping)
        result[key] = merged(cast("Mapping[str, Any]", default), cast("Mapping[str, Any]", value)) if both else value
    return result
