"""``wallpaint models``: fetch public models, list them, show the parts in files of weights."""

from __future__ import annotations

from functools import partial
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.progress import Progress, TaskID
from rich.table import Table

from wallpaint.cli.terminal import download_bar, say, show, step
from wallpaint.errors import MissingWeightsError, WallpaintError, WeightsError

if TYPE_CHECKING:
    from wallpaint.diffusion.checkpoints.inventory import PartInfo
    from wallpaint.diffusion.hub.catalog import KnownModel

_ENDINGS = (".safetensors", ".bin", ".ckpt", ".pt", ".pth")

app = typer.Typer(
    help="Public models for the diffusion engine: fetch them, list them, check them.\n\n"
    "[bold]wallpaint models pull sd15 ip-adapter-plus[/bold]\n\n"
    "That is all [bold]wallpaint paint --model sd15[/bold] needs (4.7 GB). With depth-controlnet and depth-anything as "
    "well (0.8 GB), --controlnet depth-controlnet keeps the room's depth.",
    no_args_is_help=True,
)


@app.command()
def pull(
    names: Annotated[
        list[str],
        typer.Argument(
            help="Known names and sets of them (see 'wallpaint models list') or hub ids: owner/name, "
            "owner/name@revision, or with one file or folder of it, owner/name:file."
        ),
    ],
) -> None:
    """Fetch models into the Hugging Face cache, and check every large file's SHA-256.

    [bold]wallpaint models pull sd15 ip-adapter-plus[/bold]

    [bold]wallpaint models pull wall-finder[/bold]  both models that --finder sam2 uses

    [bold]wallpaint models pull ByteDance/Hyper-SD:Hyper-SD15-1step-lora.safetensors[/bold]  one file of many

    Files that are in the cache are not fetched again. A dropped connection is resumed where it broke off; a pull that
    was killed starts the incomplete file again. HF_HOME sets the cache's folder, HF_ENDPOINT a mirror,
    HF_HUB_OFFLINE=1 forbids connections, and 'hf auth login' stores a token for private models.
    """
    from wallpaint.diffusion.hub.catalog import KNOWN_MODELS, MODEL_SETS, members
    from wallpaint.diffusion.hub.download import bytes_on_disk, pull_model

    for name in filter(MODEL_SETS.__contains__, names):
        brought = (f"{each} ({_about(KNOWN_MODELS[each])}, {KNOWN_MODELS[each].licence})" for each in members(name))
        say(f"{name}: {', '.join(brought)}")
    for name in chain.from_iterable(map(members, names)):
        with download_bar() as bar:
            folder = pull_model(name, partial(_report, bar, bar.add_task(name, total=None)))
        say(f"{name}: {_size(bytes_on_disk(name))}, checksums match, in {folder}")


@app.command("list")
def list_models() -> None:
    """List the known models, and which of them are on this machine."""
    from wallpaint.diffusion.hub.catalog import KNOWN_MODELS, MODEL_SETS
    from wallpaint.diffusion.hub.download import bytes_on_disk, cached_pipelines

    table = Table("name", "on this machine", "size", "licence", "description")
    table.columns[2].justify = "right"
    for model in KNOWN_MODELS.values():
        try:
            local, size = "yes", _size(bytes_on_disk(model.name))
        except MissingWeightsError:
            local, size = "no", _about(model)
        table.add_row(model.name, local, size, model.licence, model.description)
    for name, models in MODEL_SETS.items():
        table.add_row(name, "", "", "", f"set: {' and '.join(models)}")
    for hub_id, class_name in cached_pipelines().items():
        table.add_row(hub_id, "yes", _size(bytes_on_disk(hub_id)), "", class_name)
    show(table)
    say("Licences are those of the weights. Data that they were trained on may have other terms.")


@app.command()
def check(
    models: Annotated[
        list[str], typer.Argument(help="Known names, hub ids, folders, or files: .safetensors, .bin, .ckpt, .pt.")
    ],
) -> None:
    """Show the parts of models, read from headers only, and compare the checksums of those that were pulled.

    [bold]wallpaint models check sd15 my-lora.safetensors[/bold]

    The exit code is 2 if a file is damaged, a part is missing, or wallpaint paint would refuse it: another family, no
    inpainting model, an adapter of a kind that is not supported.
    """
    from wallpaint.diffusion.hub.catalog import members

    faulty = [each for model in models for each in members(model) if not _passes(each)]
    if faulty:
        raise typer.Exit(2)


@app.command("merge-inpainting")
def merge(
    custom: Annotated[str, typer.Argument(help="A text-to-image model of SD 1.5: a file, a folder or a hub id.")],
    base: Annotated[
        str, typer.Option(help="The model that it was fine-tuned from, as a rule Stable Diffusion 1.5 itself.")
    ],
    output: Annotated[Path, typer.Option("--output", "-o", help="A new folder.")],
    inpainting: Annotated[str, typer.Option(help="The inpainting version of the base.")] = "sd15",
) -> None:
    """Make an inpainting model of a text-to-image model: inpainting + (custom − base).

    [bold]wallpaint models merge-inpainting custom.safetensors --base v1-5.safetensors -o merged[/bold]

    Then: [bold]wallpaint paint room.jpg --model merged[/bold]
    """
    with step("Merging"):
        from wallpaint.diffusion.checkpoints.merge_inpainting import merge_inpainting

        folder = merge_inpainting(custom, base, output, inpainting)
    say(f"{folder}: an inpainting model. Use it: --model {folder}")


def _report(bar: Progress, task: TaskID, fetched: int, total: int) -> None:
    bar.update(task, completed=fetched, total=total)


def _passes(model: str) -> bool:
    try:
        _show_checked(model)
    except WallpaintError as error:
        say(error, err=True)
        return False
    return True


def _show_checked(model: str) -> None:
    from wallpaint.diffusion.checkpoints.inventory import parts_of
    from wallpaint.diffusion.hub.catalog import KNOWN_MODELS
    from wallpaint.diffusion.hub.download import find_model, verify_model

    is_file = Path(model).suffix in _ENDINGS and ":" not in model
    is_path = model not in KNOWN_MODELS and (Path(model).exists() or is_file)
    checked = []
    if not is_path:
        with step(f"Comparing checksums of {model}"):
            checked = verify_model(model)
    parts = parts_of(model if is_path else find_model(model))
    _show_parts(parts, f"{model}: {len(checked)} checksums match" if checked else model)
    missing = [part.name for part in parts if part.missing]
    if missing:
        raise MissingWeightsError(model, f"{', '.join(missing)} missing. Fetch or save the model again.")
    if fault := next((part.fault for part in parts if part.fault), ""):
        raise WeightsError(model, fault)


def _show_parts(parts: list[PartInfo], title: str) -> None:
    columns = ("part", "class", "family", "parameters", "type", "size")
    table = Table(*columns, title=title, title_justify="left", title_style="bold")
    for column in (3, 5):
        table.columns[column].justify = "right"
    for part in parts:
        size = "missing" if part.missing else _size(part.bytes) if part.bytes else "–"
        table.add_row(
            part.name,
            part.class_name,
            part.family,
            f"{part.parameters:,}" if part.parameters else "–",
            part.dtype or "–",
            size,
        )
    show(table)


def _about(model: KnownModel) -> str:
    return f"about {model.gigabytes} GB"


def _size(count: int) -> str:
    """
    >>> _size(2_134_218_891), _size(99_173_660), _size(1_500)
    ('2.1 GB', '99.2 MB', '1.5 kB')
    """
    for unit, amount in (("GB", 1e9), ("MB", 1e6)):
        if count >= amount:
            return f"{count / amount:.1f} {unit}"
    return f"{count / 1e3:.1f} kB"
