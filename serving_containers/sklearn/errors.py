"""Why a request gets no prediction: one exception a reason, each with its HTTP status."""

from __future__ import annotations

from typing import ClassVar


class RequestRefused(Exception):
    """The request is answered with an error; the message is for the caller."""

    status: ClassVar[int] = 500
    headers: ClassVar[dict[str, str]] = {}


class BadRows(RequestRefused):
    """The rows cannot be given to the model."""

    status = 400


class NotAcceptable(RequestRefused):
    """The client accepts no format that the server writes."""

    status = 406


class PayloadTooLarge(RequestRefused):
    """The request's body exceeds the limit."""

    status = 413


class UnsupportedMedia(RequestRefused):
    """The request's body is in a format, or an encoding, that the server does not read."""

    status = 415


class NoModel(RequestRefused):
    """The model could not be loaded."""


class NotReady(RequestRefused):
    """The model is not loaded yet."""

    status = 503
    headers = {"Retry-After": "1"}


class Overloaded(NotReady):
    """More rows wait than the server may hold."""
