"""IAM identity providers: tags of SAML providers, and client ids of OpenID Connect providers, which moto lacks.

Source: IAM API reference, "CreateSAMLProvider", "TagSAMLProvider", "UntagSAMLProvider", "ListSAMLProviderTags",
"AddClientIDToOpenIDConnectProvider", "RemoveClientIDFromOpenIDConnectProvider".
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

from moto.core.responses import ActionResult, EmptyResult
from moto.iam.models import IAMBackend
from moto.iam.responses import IamResponse

from infra.sandbox.moto_extensions.registry import add, wrap


def apply() -> None:
    """Changes moto."""
    add(
        IamResponse,
        tag_saml_provider=_tag,
        untag_saml_provider=_untag,
        list_saml_provider_tags=_list_tags,
        add_client_id_to_open_id_connect_provider=_add_client,
        remove_client_id_from_open_id_connect_provider=_remove_client,
    )
    wrap(IamResponse, "create_saml_provider", _create)


def _parameters(response: IamResponse) -> dict[str, Any]:
    return cast("dict[str, Any]", response.params)


def _create(original: Callable[..., ActionResult], response: IamResponse) -> ActionResult:
    answer = original(response)
    arn = f":saml-provider/{_parameters(response)['Name']}"
    made = next(each for each in response.backend.list_saml_providers() if each.arn.endswith(arn))
    vars(made)["tags"] = _parameters(response).get("Tags", [])
    return answer


def _tags(response: IamResponse) -> dict[str, str]:
    provider = response.backend.get_saml_provider(_parameters(response)["SAMLProviderArn"])
    return {tag["Key"]: tag["Value"] for tag in vars(provider).get("tags", [])}


def _keep(response: IamResponse, tags: dict[str, str]) -> None:
    provider = response.backend.get_saml_provider(_parameters(response)["SAMLProviderArn"])
    vars(provider)["tags"] = [{"Key": key, "Value": value} for key, value in tags.items()]


def _tag(response: IamResponse) -> ActionResult:
    added = {tag["Key"]: tag["Value"] for tag in _parameters(response)["Tags"]}
    _keep(response, {**_tags(response), **added})
    return EmptyResult()


def _untag(response: IamResponse) -> ActionResult:
    removed = _parameters(response)["TagKeys"]
    _keep(response, {key: value for key, value in _tags(response).items() if key not in removed})
    return EmptyResult()


def _list_tags(response: IamResponse) -> ActionResult:
    tags = [{"Key": key, "Value": value} for key, value in _tags(response).items()]
    return ActionResult({"Tags": tags, "IsTruncated": False})


def _clients(response: IamResponse) -> list[str]:
    backend: IAMBackend = response.backend
    return backend.get_open_id_connect_provider(_parameters(response)["OpenIDConnectProviderArn"]).client_id_list


def _add_client(response: IamResponse) -> ActionResult:
    clients, added = _clients(response), _parameters(response)["ClientID"]
    if added not in clients:
        clients.append(added)
    return EmptyResult()


def _remove_client(response: IamResponse) -> ActionResult:
    clients, removed = _clients(response), _parameters(response)["ClientID"]
    if removed in clients:
        clients.remove(removed)
    return EmptyResult()
