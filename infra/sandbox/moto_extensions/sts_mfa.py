"""STS and MFA: the one-time code that comes with a call is checked against the caller's virtual device.

Sources: AWS STS API Reference, "AssumeRole" (SerialNumber, TokenCode); RFC 6238, "TOTP: Time-Based One-Time Password
Algorithm", which virtual devices use.
"""

from __future__ import annotations

import base64
import time
from collections.abc import Mapping
from typing import Any

from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor import InvalidToken
from cryptography.hazmat.primitives.twofactor.totp import TOTP
from moto.iam.models import AccessKey, VirtualMfaDevice, iam_backends
from moto.sts.exceptions import STSClientError

_DIGITS = 6
_STEP_SECONDS = 30


class _Failed(STSClientError):
    code = "AccessDenied"

    def __init__(self, why: str) -> None:
        super().__init__("AccessDenied", f"MultiFactorAuthentication failed, {why}")


def proved(given: Mapping[str, Any], caller: AccessKey | None) -> bool:
    """Whether a call came with a valid code; False if it came with none.

    Args:
        given: The call's parameters.
        caller: The key that the call is signed with, if it is a user's or session's.

    Raises:
        STSClientError: It came with a wrong code, or of a device that is not the caller's.
    """
    serial, code = given.get("SerialNumber"), given.get("TokenCode")
    if serial is None and code is None:
        return False
    device = _device(str(serial), caller)
    if device is None:
        raise _Failed("unable to validate MFA code: the device is not a virtual device of the caller.")
    seed = base64.b32decode(device.base32_string_seed)
    # SHA-1 is what virtual devices use; it serves as a keyed hash here.
    totp = TOTP(seed, _DIGITS, SHA1(), _STEP_SECONDS, enforce_key_length=False)  # noqa: S303
    for step in (-1, 0, 1):
        try:
            totp.verify(str(code).encode(), int(time.time()) + step * _STEP_SECONDS)
        except InvalidToken:
            continue
        return True
    raise _Failed("invalid MFA one time pass code.")


def _device(serial: str, caller: AccessKey | None) -> VirtualMfaDevice | None:
    if caller is None or caller.user_name is None:
        return None
    for backends in iam_backends.values():
        device = backends["aws"].virtual_mfa_devices.get(serial)
        if device is not None and device.user is not None and device.user.name == caller.user_name:
            return device
    return None
