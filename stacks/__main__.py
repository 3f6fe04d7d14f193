"""The platform's program, which ``pulumi up`` runs in the root of the repository."""

from infra.spec import load_platform
from stacks.platform import build_platform
from stacks.program import platform_file, user_errors

with user_errors():
    build_platform(load_platform(platform_file()))
