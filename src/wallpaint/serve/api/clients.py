"""Who waits for an answer: what they accept, and whether they are still there."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from ipaddress import IPv6Address, ip_address, ip_network
from typing import Any

from fastapi import Request, Response

from wallpaint.serve.api.problem_details import problem
from wallpaint.serve.queue import Job
from wallpaint.serve.service import Service

_HOUSEHOLD = 64  # leading bits that the IPv6 addresses of one customer usually share
_LOOK_AFTER_CLIENT = 1.0  # seconds between two looks whether it is still there


async def until_done(service: Service, request: Request, work: Callable[[Job[Any]], Response]) -> Response:
    """Work's answer; work whose client has gone is stopped."""
    waiting = asyncio.ensure_future(service.queue.run(work))
    while not (await asyncio.wait({waiting}, timeout=_LOOK_AFTER_CLIENT))[0]:
        if await request.is_disconnected():
            waiting.cancel()
            return problem(408, "the client left before the answer was there.")
    return waiting.result()


def client_of(request: Any) -> str:
    """The client of a FastAPI or Gradio request: its address, of IPv6 the network of one household.

    Uvicorn takes the address from X-Forwarded-For where a proxy on this machine sends it.
    """
    host = request.client.host if request.client else ""
    try:
        address = ip_address(host.partition("%")[0])
    except ValueError:
        return host
    if isinstance(address, IPv6Address):
        return str(address.ipv4_mapped or ip_network((address, _HOUSEHOLD), strict=False))
    return host


def accepts_only_json(request: Request) -> bool:
    """Whether a picture would be of no use to the client."""
    accepted = request.headers.get("accept", "")
    return "application/json" in accepted and "image/png" not in accepted and "*/*" not in accepted
