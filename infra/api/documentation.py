"""Write the OpenAPI document of the service, ``docs/openapi.json``: ``python -m infra.api.documentation``.

Source: OpenAPI Specification 3.1.1.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Never

from pydantic import SecretStr
from sqlalchemy import create_engine

from infra.api.auth.key_fetch import PublicKey
from infra.api.build import ServiceParts, build_app
from infra.api.rollouts import RolloutDesk
from infra.api.settings import ApiSettings, TokenSettings
from infra.gitops import FolderSpecs
from infra.operations.fleet_rollouts import Rollouts

#: From the checkout's root.
FILE = Path("docs/openapi.json")


class _NoKeys:
    async def find(self, kid: str) -> PublicKey | None:
        """No key: the application is only described."""
        del kid


def document() -> dict[str, Any]:
    """The document; nothing is opened for it, and no request could be answered."""
    settings = ApiSettings(
        tokens=TokenSettings(issuer="https://issuer.example", audience="bulkhead"),
        page_token_keys=(SecretStr("not a secret: it signs nothing here"),),
    )
    parts = ServiceParts(
        store=create_engine("sqlite://"),
        specs=FolderSpecs(Path()),
        platform_file=Path(),
        keys=_NoKeys(),
        preview=_undone,
        check=_undone,
        capacity=_undone,
        fleet=_undone,
        rollouts=RolloutDesk(rollouts=Rollouts(Path()), planner=_undone),
        certificate_key=_undone,
        version_of=_undone,
        export_link=_undone,
    )
    return build_app(settings, parts).openapi()


def render() -> str:
    """The document as its file holds it."""
    return json.dumps(document(), indent=2, ensure_ascii=False) + "\n"


def main() -> None:
    """Write the document below the current folder."""
    FILE.write_text(render(), encoding="utf-8")


def _undone(*_: object, **__: object) -> Never:
    raise NotImplementedError("the application is only described")


if __name__ == "__main__":
    main()
