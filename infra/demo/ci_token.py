"""The OIDC token that a tenant's CI job would present: the claims of GitHub Actions, signed with a throw-away key.

Source of the claims: GitHub, "About security hardening with OpenID Connect".
"""

from __future__ import annotations

import time

from joserfc import jwt
from joserfc.jwk import RSAKey

from infra.naming import GITHUB_OIDC
from infra.spec import TenantSpec


def ci_token(tenant: TenantSpec) -> str:
    """A token of the repository and environment that the tenant's deploy role trusts, valid for five minutes."""
    now = int(time.time())
    deploy = tenant.identity.deploy
    claims = {
        "iss": f"https://{GITHUB_OIDC}",
        "aud": "sts.amazonaws.com",
        "sub": f"repo:{deploy.repository}:environment:{deploy.environment}",
        "repository": deploy.repository,
        "environment": deploy.environment,
        "iat": now,
        "exp": now + 300,
    }
    return jwt.encode({"alg": "RS256"}, claims, RSAKey.generate_key(2048))
