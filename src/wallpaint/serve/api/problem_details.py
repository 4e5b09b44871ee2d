"""Errors as problem details (RFC 9457), with the sentences of the command line."""

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
_log = logging.getLogger(__name__)
# The first that fits; what a person can mend in the request is 422.
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
    """An answer that says what went wrong, in one sentence, and what to do."""
    content = {"type": "about:blank", "title": HTTPStatus(status).phrase, "status": status, "detail": detail}
    return Response(json.dumps(content), status, headers, PROBLEM_TYPE)


def problem_of(error: WallpaintError) -> Response:
    """The problem that an error is to whoever sent the request."""
    status = next(status for kind, status in _STATUS if isinstance(error, kind))
    headers = {"Retry-After": str(error.retry_after)} if isinstance(error, BusyError) else None
    return problem(status, as_parts_of_a_form(str(error)), headers)


def as_parts_of_a_form(sentence: str) -> str:
    """What a cure of the command line is called in a request.

    >>> as_parts_of_a_form("White means wall; is it inverted? Try --invert-mask.")
    'White means wall; is it inverted? Try invert_mask=true.'
    """
    return sentence.replace("--invert-mask", "invert_mask=true")


def answer_errors_as_problems(app: FastAPI) -> None:
    """Have an app answer every error as a problem."""

    @app.exception_handler(WallpaintError)
    async def of_ours(_: Request, error: WallpaintError) -> Response:
        return problem_of(error)

    @app.exception_handler(RequestValidationError)
    async def of_the_form(_: Request, error: RequestValidationError) -> Response:
        return problem(422, _first_fault(error))

    @app.exception_handler(HTTPException)
    async def of_http(_: Request, error: HTTPException) -> Response:
        return problem(error.status_code, str(error.detail), dict(error.headers or {}))

    @app.exception_handler(Exception)
    async def of_nobody(request: Request, error: Exception) -> Response:
        _log.exception("%s %s", request.method, request.url.path, exc_info=error)
        return problem(500, "something went wrong here, not with your request. The server's log has more.")


def _first_fault(error: RequestValidationError) -> str:
    fault = error.errors()[0]
    place = ".".join(str(part) for part in fault["loc"][1:]) or "the request"
    return f"{place}: {fault['msg'][0].lower()}{fault['msg'][1:]}. /docs has the parts of this request."
