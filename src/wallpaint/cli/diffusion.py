"""The options of the diffusion engine, worded once for every command that paints."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, fields
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, get_type_hints

import typer

from wallpaint.errors import SettingError

if TYPE_CHECKING:
    from wallpaint.color import Catalog
    from wallpaint.painter import Repainter, Room

_ENGINES = ("auto", "albedo", "diffusion")
_PANEL = "Diffusion, with --model (pip install 'wallpaint\\[diffusion]')"


def _option(help_text: str, *names: str) -> Any:
    return typer.Option(*names, help=help_text, rich_help_panel=_PANEL)


@dataclass(frozen=True)
class DiffusionOptions:
    """What a person may say of the diffusion engine; the names are those of `load_engine`, but for `model`."""

    engine: Annotated[
        str,
        _option(
            "[bold]albedo[/bold]: the photo's own light on new paint, the most exact by our bench. "
            "[bold]diffusion[/bold]: drawn by --model, or by the mini that comes with wallpaint. [bold]auto[/bold]: "
            "diffusion where --model is given."
        ),
    ] = "auto"
    model: Annotated[
        str | None,
        _option(
            "Paint by diffusion, with [bold]sd15[/bold], [bold]mini[/bold], a hub id, a diffusers folder, or a "
            ".safetensors or .ckpt file. Nothing is downloaded: wallpaint models pull does that."
        ),
    ] = None
    adapter: Annotated[Path | None, _option("A folder trained by wallpaint: LoRA, IP-Adapter, or both.")] = None
    lora: Annotated[Path | None, _option("A LoRA file, of diffusers or kohya.")] = None
    lora_scale: Annotated[float, _option("How strongly the LoRA speaks; 0 is silence.")] = 1.0
    ip_adapter: Annotated[
        str | None,
        _option("A file, ip-adapter-plus or ip-adapter; if not given, the adapter's, the model's or the released one."),
    ] = None
    ip_adapter_scale: Annotated[float, _option("How strongly the reference speaks; 0 is silence.")] = 1.0
    color_tokens_scale: Annotated[
        float, _option("How strongly colour tokens speak, in models that have them; 0 is silence.")
    ] = 1.0
    image_encoder: Annotated[Path | None, _option("Folder; if not given, the model's or the released one.")] = None
    controlnet: Annotated[
        str | None, _option("Hold the picture to the room's depth: depth-controlnet, a folder or a file.")
    ] = None
    depth_map: Annotated[
        Path | None, _option("The photo's depth as a picture, white = near; estimated if not given.", "--depth")
    ] = None
    depth_model: Annotated[str | None, _option("What estimates depth; depth-anything if not given.")] = None
    no_depth: Annotated[bool, _option("Leave depth out, even where the model has a ControlNet.", "--no-depth")] = False
    steps: Annotated[int, _option("Of denoising.")] = 20
    scheduler: Annotated[str, _option("dpm++, ddim, lcm or unipc.")] = "dpm++"
    seed: Annotated[int, _option("Of the noise: the same seed, the same picture.")] = 0
    init: Annotated[
        str,
        _option(
            "What lies under the noise at the start: the wall in the [bold]reference[/bold]'s colour, nothing but "
            "[bold]noise[/bold], or the [bold]albedo[/bold] engine's answer."
        ),
    ] = "reference"
    strength: Annotated[
        float | None, _option("How much noise goes on top, 0 to 1; if not given 1, but 0.5 with --init albedo.")
    ] = None
    emphasis: Annotated[
        float, _option("How many times as strongly as in training the reference speaks; more overdoes it some day.")
    ] = 1.0
    detail: Annotated[
        str,
        _option(
            "The wall's fine detail comes from the [bold]photo[/bold] or the [bold]model[/bold]; [bold]auto[/bold]: "
            "from the photo where the wall was plain."
        ),
    ] = "auto"
    prompt: Annotated[str, _option("Words; best left out.")] = ""
    batch_size: Annotated[int, _option("Colours drawn at once; fewer take less memory.")] = 8
    precision: Annotated[str, _option("auto tries out what this machine is fast in; or fp32, bf16, fp16.")] = "auto"
    device: Annotated[str, _option("auto, cpu, cuda, cuda:1, mps …")] = "auto"
    compile_unet: Annotated[bool, _option("Compile first: minutes once, for many pictures on a GPU.", "--compile")] = (
        False
    )
    vae_tiling: Annotated[bool, _option("Less memory at large sizes, for faint seams.", "--vae-tiling")] = False
    offload: Annotated[bool, _option("Keep on the GPU only what is computing.", "--offload")] = False

    @property
    def chosen_model(self) -> str | None:
        """What paints; None is the albedo engine.

        On rendered rooms no model that can be had here comes near the albedo engine (docs/results.md), so nothing but
        a person's wish leads to one.
        """
        if self.engine not in _ENGINES:
            raise SettingError(
                f"there is no engine {self.engine!r}: choose {', '.join(_ENGINES[:-1])} or {_ENGINES[-1]}."
            )
        if self.engine == "albedo" and self.model is not None:
            raise SettingError(f"--engine albedo paints without a model: leave out --model {self.model}.")
        return "mini" if self.engine == "diffusion" and self.model is None else self.model

    def repainter(
        self, edges: Any, edge_width: int | None, catalogs: Iterable[Catalog] = (), bounce: bool = False
    ) -> Repainter:
        """The albedo engine, or with --model the diffusion engine."""
        from wallpaint.painter import Repainter

        common = {"edges": edges, "edge_width": edge_width, "catalogs": catalogs}
        if self.chosen_model is None:
            self._refuse_given()
            return Repainter(**common, bounce=bounce)
        if bounce:
            raise SettingError("--bounce is painted by the albedo engine: leave out --model and --engine diffusion.")
        painted_apart = ("engine", "model", "depth_map", "no_depth")
        settings = {field.name: getattr(self, field.name) for field in fields(self) if field.name not in painted_apart}
        return Repainter.from_pretrained(self.chosen_model, **common, **settings, depth=not self.no_depth)

    def require_use_of_depth(self, room: Room) -> None:
        """Refuse a depth map that nothing looks at."""
        if self.depth_map is not None and room.depth is None:
            cure = "leave out --no-depth" if self.no_depth else "add --controlnet depth-controlnet"
            raise SettingError(f"--depth has no say without a ControlNet: {cure}.")

    def _refuse_given(self) -> None:
        own = [field for field in fields(self) if field.name != "engine"]
        given = [field.name for field in own if getattr(self, field.name) != field.default]
        if given:
            names = ", ".join(_flag(name) for name in given)
            raise SettingError(f"{names} is for the diffusion engine: say which model, --model sd15.")


def takes_diffusion_options(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command whose parameter `diffusion` is a `DiffusionOptions` one option for each of its fields."""
    hints = get_type_hints(DiffusionOptions, include_extras=True)
    signature = inspect.signature(command, eval_str=True)
    own = [parameter for parameter in signature.parameters.values() if parameter.name != "diffusion"]
    more = [
        inspect.Parameter(
            field.name, inspect.Parameter.KEYWORD_ONLY, default=field.default, annotation=hints[field.name]
        )
        for field in fields(DiffusionOptions)
    ]

    @wraps(command)
    def with_options(**values: Any) -> None:
        chosen = DiffusionOptions(**{field.name: values.pop(field.name) for field in fields(DiffusionOptions)})
        command(**values, diffusion=chosen)

    keyword_only = [parameter.replace(kind=inspect.Parameter.KEYWORD_ONLY) for parameter in own]
    with_options.__signature__ = inspect.Signature([*keyword_only, *more])  # type: ignore[attr-defined]
    with_options.__annotations__ = {parameter.name: parameter.annotation for parameter in (*keyword_only, *more)}
    return with_options


@contextmanager
def drawing(repainter: Repainter, words: str) -> Iterator[Callable[[int, int], None] | None]:
    """Show steps as they are done, or that something is being done where there are none to count."""
    from wallpaint.cli.terminal import progress_bar, step

    if not repainter.engine.counts_steps:
        with step(words):
            yield None
        return
    with progress_bar() as progress:
        task = progress.add_task(words, total=None)
        yield lambda done, total: progress.update(task, completed=done, total=total)


def _flag(name: str) -> str:
    renamed = {"depth_map": "--depth", "compile_unet": "--compile"}
    return renamed.get(name, "--" + name.replace("_", "-"))
