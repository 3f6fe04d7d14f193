"""The platform's program, which ``pulumi up`` runs in the root of the repository."""

from infra.spec import load_platform
from stacks.platform import build_platform
from stacks.program import platform_file, saml_metadata, user_errors

with user_errors():
    spec = load_platform(platform_file())
    build_platform(spec, saml_metadata=saml_metadata(spec))
