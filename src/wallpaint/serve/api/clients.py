"""Clients of the API: address, accepted media types, and disconnection."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from ipaddress import IPv6Address, ip_address, ip_network
from typing import Any

from fastapi import Request, Response

from wallpaint.serve.api.problem_details import problem
from wallpaint.serve.queue import Job
from wallpaint.serve.service import Service

_IPV6_PREFIX = 64  # leading bits that the IPv6 addresses of one customer usually share
_DISCONNECT_CHECK = 1.0  # seconds between two checks whether the client is still connected


async def until_done(service: Service, request: Request, work: Callable[[Job[Any]], Response]) -> Response:
    """Run work in the queue and return its response; stop it if the client disconnects."""
    waiting = asyncio.ensure_future(service.queue.run(work))
    while not (await asyncio.wait({waiting}, timeout=_DISCONNECT_CHECK))[0]:
        if await request.is_disconnected():
            waiting.cancel()
            return problem(408, "the client disconnected before the response was ready. Send the request again.")
    return waiting.result()


def client_of(request: Any) -> str:
    """Client of a FastAPI or Gradio request: its IPv4 address or its IPv6 /64 network.

    Uvicorn takes the address from X-Forwarded-For if a proxy on this machine sends it.
    """
    host = request.client.host if request.client else ""
    try:
        address = ip_address(host.partition("%")[0])
    except ValueError:
        return host
    if isinstance(address, IPv6Address):
        return str(address.ipv4_mapped or ip_network((address, _IPV6_PREFIX), strict=False))
    return host


def accepts_only_json(request: Request) -> bool:
    """Whether the client accepts JSON and no PNG."""
    accepted = request.headers.get("accept", "")
    return "application/json" in accepted and "image/png" not in accepted and "*/*" not in accepted
