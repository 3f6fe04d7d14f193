"""GuardDuty detectors: features that are kept one by one, and tags after the creation, which moto lacks.

Source: Amazon GuardDuty API Reference, "UpdateDetector", "TagResource", "UntagResource", "ListTagsForResource".
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any, cast
from urllib.parse import unquote

from moto.guardduty.models import Detector
from moto.guardduty.responses import GuardDutyResponse
from moto.guardduty.urls import url_paths

from infra.sandbox.moto_extensions.registry import add, parameters, wrap


def apply() -> None:
    """Changes moto."""
    add(GuardDutyResponse, tag_resource=_tag, untag_resource=_untag, list_tags_for_resource=_list_tags)
    wrap(Detector, "update", _keep_other_features)
    url_paths["{0}/tags/(?P<resource_arn>.+)$"] = GuardDutyResponse.dispatch


def _keep_other_features(original: Callable[..., None], detector: Detector, *given: Any) -> None:
    """UpdateDetector changes the features that it names and leaves the others."""
    *others, features = given
    known = {each["name"]: each for each in (*detector.features, *cast("list[dict[str, Any]]", features or []))}
    original(detector, *others, list(known.values()))


def _tags(response: GuardDutyResponse) -> dict[str, str]:
    return response.guardduty_backend.get_detector(unquote(response.path).rpartition("/")[2]).tags


def _tag(response: GuardDutyResponse) -> str:
    _tags(response).update(parameters(response)["tags"])
    return "{}"


def _untag(response: GuardDutyResponse) -> str:
    tags = _tags(response)
    for key in response.querystring.get("tagKeys", []):
        tags.pop(key, None)
    return "{}"


def _list_tags(response: GuardDutyResponse) -> str:
    return json.dumps({"tags": _tags(response)})
