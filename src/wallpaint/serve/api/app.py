"""The HTTP API: every route a thin call into the service, through its queue."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib.metadata import version

from wallpaint.optional import needs_extra

with needs_extra("web", "The service"):
    from fastapi import APIRouter, FastAPI, Response
    from fastapi.responses import RedirectResponse

from wallpaint.serve.api import responses
from wallpaint.serve.api.middleware import BoundedBody, TokenGuard
from wallpaint.serve.api.painting_routes import painting_routes
from wallpaint.serve.api.problem_details import answer_errors_as_problems
from wallpaint.serve.api.room_routes import room_routes
from wallpaint.serve.metrics import CountedRequests, ServiceMetrics
from wallpaint.serve.page_guard import PageGuard
from wallpaint.serve.service import Service

_SAMPLE_ROOM = 'curl -F image=@room.jpg -F mask=@wall.png -F "color=#B9A08C" HOST/v1/paint -o painted.png'


def create_app(service: Service, *, token: str | None = None, page: bool = True) -> FastAPI:
    """The API of a service, and its page under ``/ui``.

    Parameters
    ----------
    service : Service
        Closed when the app ends.
    token : str, optional
        What every request must bring, but for ``/healthz`` and ``/readyz``.
    page : bool
        False leaves the page out.
    """

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        yield
        service.close()

    app = FastAPI(
        title="wallpaint",
        version=version("wallpaint"),
        summary="Repaint the wall of a photo in exactly the colour you ask for.",
        description=f"Photo, mask and colour in; the painted photo out, with how true it is:\n\n    {_SAMPLE_ROOM}",
        lifespan=lifespan,
    )
    metrics = ServiceMetrics(service)
    answer_errors_as_problems(app)
    app.include_router(_operations(service, metrics))
    app.include_router(room_routes(service), prefix="/v1", responses=responses.PROBLEMS)
    app.include_router(painting_routes(service, metrics), prefix="/v1", responses=responses.PROBLEMS)
    if page:
        _mount_page(app, service)
    app.add_middleware(BoundedBody, limits=service.limits, queue=service.queue)
    if token:
        app.add_middleware(TokenGuard, token=token)
    app.add_middleware(CountedRequests, metrics=metrics)
    return app


def _mount_page(app: FastAPI, service: Service) -> None:
    with needs_extra("web", "The page"):
        import gradio
    from gradio.utils import get_upload_folder

    from wallpaint.serve.page import create_page, css, theme

    gradio.mount_gradio_app(
        app,
        create_page(service),
        path="/ui",
        theme=theme(),
        css=css(),
        show_error=True,
        footer_links=[],
        run_history=False,
        ssr_mode=False,
        max_file_size=service.limits.request_bytes,
    )
    app.add_middleware(PageGuard, folder=get_upload_folder)


def _operations(service: Service, metrics: ServiceMetrics) -> APIRouter:
    routes = APIRouter(tags=["operations"])

    @routes.get("/", include_in_schema=False)
    async def page() -> RedirectResponse:
        return RedirectResponse("/ui/")

    @routes.get("/healthz", summary="Is the process alive?")
    async def healthz() -> responses.Health:
        return responses.Health(status="ok")

    @routes.get("/readyz", summary="Would work be taken now?", responses=_only(429, 503))
    async def readyz() -> responses.Health:
        service.queue.admit()
        return responses.Health(status="ready", engines=list(service.engines.names))

    @routes.get("/metrics", summary="For Prometheus.", response_class=Response)
    async def prometheus() -> Response:
        return metrics.response()

    return routes


def _only(*statuses: int) -> dict[int | str, dict[str, object]]:
    return {status: responses.PROBLEMS[status] for status in statuses}
