"""The OpenAPI document says what the service does: any operation may answer with a problem, and only with that.

Sources: OpenAPI Specification 3.1.1, "Responses Object" (``default``); FastAPI documentation, "Extending OpenAPI".
"""

from __future__ import annotations

from typing import Any, cast

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from infra.api.problems.problem import MEDIA_TYPE, Problem

_REFERENCE = "#/components/schemas/{model}"
_FRAMEWORK_SCHEMAS = ("HTTPValidationError", "ValidationError")


def openapi_document(app: FastAPI) -> dict[str, Any]:
    """The document of an application, made once.

    Args:
        app: With all its routes.
    """
    if app.openapi_schema is None:
        document = get_openapi(
            title=app.title,
            version=app.version,
            description=app.description,
            routes=app.routes,
            separate_input_output_schemas=False,
        )
        _describe_problems(document)
        app.openapi_schema = document
    return app.openapi_schema


def _describe_problems(document: dict[str, Any]) -> None:
    schemas = cast("dict[str, Any]", document.setdefault("components", {}).setdefault("schemas", {}))
    for name in _FRAMEWORK_SCHEMAS:
        schemas.pop(name, None)
    problem = Problem.model_json_schema(ref_template=_REFERENCE)
    schemas.update(problem.pop("$defs", {}))
    schemas["Problem"] = problem
    content = {MEDIA_TYPE: {"schema": {"$ref": _REFERENCE.format(model="Problem")}}}
    for path in cast("dict[str, dict[str, Any]]", document["paths"]).values():
        for operation in path.values():
            responses = cast("dict[str, Any]", operation["responses"])
            responses.pop("422", None)
            responses["default"] = {"description": "A problem, as RFC 9457 has it", "content": content}
