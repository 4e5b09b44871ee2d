"""The options of the diffusion engine, written once for every command that paints."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import MISSING, Field, dataclass, field, fields
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, get_type_hints

import typer

from wallpaint.cli.sampling import Parameters, sampling_parameters, with_parameters
from wallpaint.diffusion.sampling.settings import DEFAULT_SAMPLING, SamplingSettings
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
    """Options of the diffusion engine. The names are those of `load_engine`'s parameters, except `model` (`base`)."""

    engine: Annotated[
        str,
        _option(
            "[bold]albedo[/bold]: keeps the photo's light and replaces the paint; the most exact in our benchmark. "
            "[bold]diffusion[/bold]: paints with --model, or with the mini model that comes with wallpaint. "
            "[bold]auto[/bold]: diffusion if --model is given."
        ),
    ] = "auto"
    model: Annotated[
        str | None,
        _option(
            "Paint with a diffusion model: [bold]sd15[/bold], [bold]mini[/bold], a hub id, a diffusers folder, or a "
            ".safetensors or .ckpt file. Nothing is downloaded; use wallpaint models pull for that."
        ),
    ] = None
    adapter: Annotated[Path | None, _option("Folder trained by wallpaint, with LoRA, IP-Adapter, or both.")] = None
    lora: Annotated[
        list[str],
        _option(
            "LoRA, LoHa, LoKr or DoRA to add: a file, a folder, or a hub id, owner/name or owner/name:file; with its "
            "weight, FILE=0.6. May be repeated."
        ),
    ] = field(default_factory=list)
    lora_scale: Annotated[
        float, _option("Weight of the adapter's LoRA, and of each --lora without its own; 0 disables them.")
    ] = 1.0
    ip_adapter: Annotated[
        str | None,
        _option(
            "File, folder, hub id, ip-adapter-plus or ip-adapter. Default: the adapter's, the model's or the released "
            "one."
        ),
    ] = None
    ip_adapter_scale: Annotated[float, _option("Weight of the reference image; 0 disables it.")] = 1.0
    color_tokens_scale: Annotated[
        float, _option("Weight of the colour tokens, in models that have them; 0 disables them.")
    ] = 1.0
    image_encoder: Annotated[
        str | None, _option("Folder, file or hub id. Default: that of the model, else the released one.")
    ] = None
    vae: Annotated[
        str | None,
        _option("Use another VAE: a folder, a file or a hub id, such as stabilityai/sd-vae-ft-mse."),
    ] = None
    controlnet: Annotated[
        str | None,
        _option("Keep the room's depth with a ControlNet: depth-controlnet, a hub id, a folder or a file."),
    ] = None
    depth_map: Annotated[
        Path | None, _option("Image with the photo's depth, white = near. Estimated if not given.", "--depth")
    ] = None
    depth_model: Annotated[str | None, _option("Model that estimates depth; depth-anything if not given.")] = None
    no_depth: Annotated[bool, _option("Paint without depth, even if the model has a ControlNet.", "--no-depth")] = False
    sampling: SamplingSettings = DEFAULT_SAMPLING
    detail: Annotated[
        str,
        _option(
            "Where the wall's fine detail comes from: the [bold]photo[/bold], the [bold]model[/bold], or "
            "[bold]auto[/bold]: the photo if the wall is plain, the model if it has a pattern."
        ),
    ] = "auto"
    prompt: Annotated[str, _option("Text prompt; best without.")] = ""
    precision: Annotated[str, _option("fp32, bf16, fp16, or auto, which measures the fastest on this machine.")] = (
        "auto"
    )
    device: Annotated[str, _option("auto, cpu, cuda, cuda:1, mps …")] = "auto"
    compile_unet: Annotated[
        bool, _option("Compile the UNet: takes minutes, worth it for many pictures on a GPU.", "--compile")
    ] = False
    vae_tiling: Annotated[bool, _option("Less memory at large sizes; may leave faint seams.", "--vae-tiling")] = False
    offload: Annotated[bool, _option("Keep on the GPU only the module that is computing.", "--offload")] = False

    @property
    def chosen_model(self) -> str | None:
        """The model that paints; None for the albedo engine.

        On rendered rooms no available model comes near the albedo engine (docs/results.md), so a model paints only if
        the user asks for one.
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
            raise SettingError("--bounce is for the albedo engine: leave out --model and --engine diffusion.")
        not_for_loading = ("engine", "model", "depth_map", "no_depth")
        settings = {
            option.name: getattr(self, option.name) for option in fields(self) if option.name not in not_for_loading
        }
        return Repainter.from_pretrained(self.chosen_model, **common, **settings, depth=not self.no_depth)

    def require_use_of_depth(self, room: Room) -> None:
        """Raise `SettingError` if a depth map is given and not used."""
        if self.depth_map is not None and room.depth is None:
            cure = "leave out --no-depth" if self.no_depth else "add --controlnet depth-controlnet"
            raise SettingError(f"--depth has no effect without a ControlNet: {cure}.")

    def _refuse_given(self) -> None:
        chosen = {option.name: (getattr(self, option.name), default_of(option)) for option in fields(self)}
        del chosen["engine"], chosen["sampling"]
        for name, setting in SamplingSettings.model_fields.items():
            chosen[name] = getattr(self.sampling, name), setting.default
        given = [name for name, (value, default) in chosen.items() if value != default]
        if given:
            names = ", ".join(flag_of(name) for name in given)
            raise SettingError(f"{names}: only for the diffusion engine. Give its model, --model sd15.")


def diffusion_parameters() -> Parameters:
    """An option for each field of `DiffusionOptions`, and for each sampling setting."""
    hints = get_type_hints(DiffusionOptions, include_extras=True)
    parameters: dict[str, tuple[Any, Any]] = {}
    for option in fields(DiffusionOptions):
        if option.name == "sampling":
            parameters |= sampling_parameters(_PANEL)
        else:
            parameters[option.name] = (hints[option.name], default_of(option))
    return parameters


def default_of(option: Field[Any]) -> Any:
    """The default of an option."""
    return option.default if option.default_factory is MISSING else option.default_factory()


def takes_diffusion_options(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command whose parameter `diffusion` is a `DiffusionOptions` one option for each of its fields."""

    def build(given: dict[str, Any]) -> DiffusionOptions:
        sampling = SamplingSettings(**{name: given.pop(name) for name in SamplingSettings.model_fields})
        return DiffusionOptions(**given, sampling=sampling)

    return with_parameters(command, "diffusion", diffusion_parameters(), build)


@contextmanager
def sampling_progress(repainter: Repainter, title: str) -> Iterator[Callable[[int, int], None] | None]:
    """A progress bar of denoising steps, as a callback; for the albedo engine, which has none, a spinner."""
    from wallpaint.cli.terminal import progress_bar, step

    if not repainter.engine.counts_steps:
        with step(title):
            yield None
        return
    with progress_bar() as progress:
        task = progress.add_task(title, total=None)
        yield lambda step, steps: progress.update(task, completed=step, total=steps)


def flag_of(name: str) -> str:
    """The option of a field."""
    renamed = {"depth_map": "--depth", "compile_unet": "--compile"}
    return renamed.get(name, "--" + name.replace("_", "-"))
