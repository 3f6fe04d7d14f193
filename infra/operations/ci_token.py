"""The OIDC token that a tenant's CI job would present: the claims of GitHub Actions, signed by the sandbox's issuer.

Source of the claims: GitHub, "About security hardening with OpenID Connect".
"""

from __future__ import annotations

import time

from joserfc import jwt
from joserfc.jwk import RSAKey

from infra.naming import GITHUB_OIDC
from infra.sandbox.token_issuer import ALGORITHM
from infra.spec import TenantSpec


def ci_token(tenant: TenantSpec, key: RSAKey) -> str:
    """A token of the repository and environment that the tenant's deploy role trusts, valid for five minutes.

    Args:
        tenant: Whose CI job.
        key: The key of the issuer (`infra.sandbox.token_issuer`), by which STS verifies the token.
    """
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
    return jwt.encode({"alg": ALGORITHM}, claims, key)
