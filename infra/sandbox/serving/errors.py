"""What InvokeEndpoint answers when it cannot answer with a prediction, as AWS words it.

Source: SageMaker runtime API reference, "InvokeEndpoint", errors; the wording is what the service answers.
"""

from __future__ import annotations

from typing import Any

MAX_BODY_BYTES = 6_291_456
"""The largest body of a request (API model of the SageMaker runtime, shape BodyBlob)."""


class InvocationError(Exception):
    """An error of the InvokeEndpoint operation.

    Args:
        status: The HTTP status.
        code: AWS's code; empty where AWS sends none.
        message: AWS's message.
        details: Further members of the error.
    """

    def __init__(self, status: int, code: str, message: str, **details: Any) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message
        self.details = details


def validation(message: str) -> InvocationError:
    """The caller's mistake."""
    return InvocationError(400, "ValidationError", message)


def not_found(account: str, endpoint: str) -> InvocationError:
    """There is no such endpoint in service."""
    return validation(f"Endpoint {endpoint} of account {account} not found.")


def too_large() -> InvocationError:
    """The request's body exceeds the limit."""
    return InvocationError(413, "", f"HTTP content length exceeded {MAX_BODY_BYTES} bytes.")


def unavailable(message: str) -> InvocationError:
    """The platform, not the model, cannot answer now."""
    return InvocationError(503, "ServiceUnavailable", message)


def model_error(
    kind: type[InvocationError] = InvocationError,
    *,
    account: str,
    region: str,
    endpoint: str,
    status: int,
    message: str,
) -> InvocationError:
    """The model's container answered with an error, or not at all.

    Args:
        kind: The class of the error.
        account: The endpoint's account.
        region: Its region.
        endpoint: Its name.
        status: What the container answered with; 0 if it did not answer.
        message: The body of its answer, or why there is none.
    """
    group = f"/aws/sagemaker/Endpoints/{endpoint}"
    side = "client" if 400 <= status < 500 else "server"
    console = f"https://{region}.console.aws.amazon.com/cloudwatch/home?region={region}#logEventViewer:group={group}"
    return kind(
        424,
        "ModelError",
        f'Received {side} error ({status}) from primary with message "{message}". '
        f"See {console} in account {account} for more information.",
        OriginalStatusCode=status,
        OriginalMessage=message,
        LogStreamArn=f"arn:aws:logs:{region}:{account}:log-group:{group}",
    )
