"""Who waits for an answer: what they accept, and whether they are still there."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

from fastapi import Request, Response

from wallpaint.serve.api.problem_details import problem
from wallpaint.serve.queue import Job
from wallpaint.serve.service import Service

_LOOK_AFTER_CLIENT = 1.0  # seconds between two looks whether it is still there


async def until_done(service: Service, request: Request, work: Callable[[Job[Any]], Response]) -> Response:
    """Work's answer; work whose client has gone is stopped."""
    waiting = asyncio.ensure_future(service.queue.run(work))
    while not (await asyncio.wait({waiting}, timeout=_LOOK_AFTER_CLIENT))[0]:
        if await request.is_disconnected():
            waiting.cancel()
            return problem(408, "the client left before the answer was there.")
    return waiting.result()


def accepts_only_json(request: Request) -> bool:
    """Whether a picture would be of no use to the client."""
    accepted = request.headers.get("accept", "")
    return "application/json" in accepted and "image/png" not in accepted and "*/*" not in accepted
