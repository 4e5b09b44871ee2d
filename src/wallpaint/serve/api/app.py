"""FastAPI application: routes, page, middleware and operations endpoints."""

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
from wallpaint.serve.api.problem_details import install_error_handlers
from wallpaint.serve.api.room_routes import room_routes
from wallpaint.serve.metrics import CountedRequests, ServiceMetrics
from wallpaint.serve.page_guard import PageGuard
from wallpaint.serve.service import Service

_SAMPLE_ROOM = 'curl -F image=@room.jpg -F "color=#B9A08C" HOST/v1/paint -o painted.png'


def create_app(service: Service, *, token: str | None = None, page: bool = True) -> FastAPI:
    """Create the API of a service, with its page under ``/ui``.

    Parameters
    ----------
    service : Service
        Closed when the application shuts down.
    token : str, optional
        Access token, required in every request except ``/healthz`` and ``/readyz``. Default: no token.
    page : bool
        Whether the page is included.
    """

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        yield
        service.close()

    app = FastAPI(
        title="wallpaint",
        version=version("wallpaint"),
        summary="Repaint the wall of a photo in exactly the requested colour.",
        description="Input: photo and colour, and a mask or points if the wall shall not be found. Output: the painted "
        f"photo and its metrics.\n\n    {_SAMPLE_ROOM}",
        lifespan=lifespan,
    )
    metrics = ServiceMetrics(service)
    install_error_handlers(app)
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

    @routes.get("/healthz", summary="Liveness: the process runs.")
    async def healthz() -> responses.Health:
        return responses.Health(status="ok")

    @routes.get("/readyz", summary="Readiness: the queue accepts work.", responses=_only(429, 503))
    async def readyz() -> responses.Health:
        service.queue.admit()
        return responses.Health(status="ready", engines=list(service.engines.names))

    @routes.get("/metrics", summary="Metrics in the text format of Prometheus.", response_class=Response)
    async def prometheus() -> Response:
        return metrics.response()

    return routes


def _only(*statuses: int) -> dict[int | str, dict[str, object]]:
    return {status: responses.PROBLEMS[status] for status in statuses}
