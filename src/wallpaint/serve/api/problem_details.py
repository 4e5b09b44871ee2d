"""Error responses as problem details (RFC 9457), with the messages of the command line."""

from __future__ import annotations

import json
import logging
from http import HTTPStatus

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import Response
from starlette.exceptions import HTTPException

from wallpaint.errors import (
    BusyError,
    ClosingError,
    ImageTooLargeError,
    TimeLimitError,
    UnknownRoomError,
    UnreadableImageError,
    WallpaintError,
)

PROBLEM_TYPE = "application/problem+json"
_FORM_FIELDS = {"--invert-mask": "invert_mask=true", "--keep X,Y": "keep=x,y", "--drop X,Y": "drop=x,y"}
_log = logging.getLogger(__name__)
# The first match counts. Faults in the request that the client can correct are 422.
_STATUS: tuple[tuple[type[WallpaintError], int], ...] = (
    (ImageTooLargeError, 413),
    (UnreadableImageError, 415),
    (UnknownRoomError, 404),
    (BusyError, 429),
    (ClosingError, 503),
    (TimeLimitError, 504),
    (WallpaintError, 422),
)


def problem(status: int, detail: str, headers: dict[str, str] | None = None) -> Response:
    """Problem response with one sentence: the fault and its cure."""
    content = {"type": "about:blank", "title": HTTPStatus(status).phrase, "status": status, "detail": detail}
    return Response(json.dumps(content), status, headers, PROBLEM_TYPE)


def problem_of(error: WallpaintError) -> Response:
    """Problem response for an error."""
    status = next(status for kind, status in _STATUS if isinstance(error, kind))
    headers = {"Retry-After": str(error.retry_after)} if isinstance(error, BusyError) else None
    return problem(status, with_form_fields(str(error)), headers)


def with_form_fields(sentence: str) -> str:
    """Replace options of the command line in a message with fields of a form.

    >>> with_form_fields("White means wall; is it inverted? Try --invert-mask.")
    'White means wall; is it inverted? Try invert_mask=true.'

    >>> with_form_fields("Mark a point on the wall: --keep X,Y.")
    'Mark a point on the wall: keep=x,y.'
    """
    for option, field in _FORM_FIELDS.items():
        sentence = sentence.replace(option, field)
    return sentence


def install_error_handlers(app: FastAPI) -> None:
    """Turn every error of an application into a problem response."""

    @app.exception_handler(WallpaintError)
    async def wallpaint_error(_: Request, error: WallpaintError) -> Response:
        return problem_of(error)

    @app.exception_handler(RequestValidationError)
    async def validation_error(_: Request, error: RequestValidationError) -> Response:
        return problem(422, _first_fault(error))

    @app.exception_handler(HTTPException)
    async def http_error(_: Request, error: HTTPException) -> Response:
        return problem(error.status_code, str(error.detail), dict(error.headers or {}))

    @app.exception_handler(Exception)
    async def unexpected_error(request: Request, error: Exception) -> Response:
        _log.exception("%s %s", request.method, request.url.path, exc_info=error)
        return problem(500, "internal error; the request is not the cause. See the log of the server.")


def _first_fault(error: RequestValidationError) -> str:
    fault = error.errors()[0]
    place = ".".join(str(part) for part in fault["loc"][1:]) or "the request"
    return f"{place}: {fault['msg'][0].lower()}{fault['msg'][1:]}. See /docs for the fields of this request."
