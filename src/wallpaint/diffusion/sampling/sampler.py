"""How pictures are drawn from a model: steps, schedule, seed, and from what they start."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Literal, get_args

import torch

from wallpaint.diffusion.adapters.ip_adapter import emphasized
from wallpaint.diffusion.model import DiffusionModel
from wallpaint.diffusion.sampling.pipeline import ZeroPromptControlNetInpaintPipeline, ZeroPromptInpaintPipeline
from wallpaint.diffusion.sampling.schedulers import make_scheduler, set_timesteps
from wallpaint.errors import SettingError

Init = Literal["reference", "noise", "albedo"]
INITS: tuple[Init, ...] = get_args(Init)
_SWATCH = 8  # latents a side: as many as tell an even colour's code from what the picture's rim does to it
StepDone = Callable[[int, int], None]  #: told how many steps are done, and of how many


@dataclass(frozen=True)
class Sampling:
    """Choices about drawing.

    Attributes
    ----------
    steps : int
        Of denoising, ≥ 1.
    scheduler : str
        See `make_scheduler`.
    seed : int
        Of the noise. Every picture of a batch starts from the same, so a colour looks alike alone and among others.
    init : {"reference", "noise", "albedo"}
        What lies under the noise at the start: the wall in the reference's even colour, nothing, or the albedo engine's
        answer. Stable Diffusion was never trained on nothing: at its noisiest timestep 7 % of the picture is left (√ᾱ
        = 0.068), and a model that finds 7 % of grey there paints greyer than it was asked to (Lin et al. 2024, "Common
        Diffusion Noise Schedules and Sample Steps are Flawed"; measured in docs/results.md).
    strength : float, optional
        How much noise: (0, 1]; 1 begins at the noisiest timestep. If not given: 1, but 0.5 for "albedo".
    batch_size : int
        Pictures at once, ≥ 1.
    emphasis : float
        How many times as strongly as its scales say the reference speaks, > 0. A model that has not quite learned to
        follow paints between the reference and what it would paint by itself; a little more than 1 makes up for that.
    """

    steps: int = 20
    scheduler: str = "dpm++"
    seed: int = 0
    init: Init = "reference"
    strength: float | None = None
    batch_size: int = 8
    emphasis: float = 1.0

    def __post_init__(self) -> None:
        if self.init not in INITS:
            raise SettingError(f"init cannot be {self.init!r}: choose {', '.join(INITS[:-1])} or {INITS[-1]}.")
        if self.steps < 1:
            raise SettingError(f"{self.steps} steps draw nothing: choose 1 or more, 20 as a rule.")
        if self.batch_size < 1:
            raise SettingError(f"a batch of {self.batch_size} holds nothing: choose 1 or more.")
        if not 0 < self.emphasis < math.inf:
            raise SettingError(f"an emphasis of {self.emphasis} cannot be: choose more than 0, 1 as a rule.")
        if self.strength is not None and not 0 < self.strength <= 1:
            raise SettingError(f"a strength of {self.strength} cannot be: choose more than 0, at most 1.")
        if self.init == "noise" and self.strength not in (None, 1):
            raise SettingError("a strength below 1 needs something to start from: choose init albedo or reference.")

    @property
    def noise(self) -> float:
        """The strength that holds."""
        return self.strength if self.strength is not None else {"albedo": 0.5}.get(self.init, 1.0)


class Sampler:
    """Draws pictures from a model.

    Parameters
    ----------
    model : DiffusionModel
    sampling : Sampling
    offload : bool
        Keep on the accelerator only what is computing; slower, for GPUs with less than about 4 GB.
    """

    def __init__(self, model: DiffusionModel, sampling: Sampling, *, offload: bool = False) -> None:
        self.model, self.sampling = model, sampling
        scheduler = make_scheduler(sampling.scheduler, model.base.scheduler_config)
        parts = {"vae": model.base.vae, "unet": model.base.unet, "scheduler": scheduler}
        absent = dict.fromkeys(("text_encoder", "tokenizer", "safety_checker", "feature_extractor"))
        self._plain = ZeroPromptInpaintPipeline(**parts, **absent, requires_safety_checker=False)
        self._with_depth = (
            None
            if model.controlnet is None
            else ZeroPromptControlNetInpaintPipeline(
                **parts, **absent, controlnet=model.controlnet, requires_safety_checker=False
            )
        )
        for pipeline in (self._plain, self._with_depth):
            if pipeline is not None:
                pipeline.set_progress_bar_config(disable=True)
                if offload:
                    pipeline.enable_model_cpu_offload(device=model.device)

    def draw(
        self,
        photo: torch.Tensor,
        mask: torch.Tensor,
        reference_embeds: Sequence[torch.Tensor],
        *,
        depth: torch.Tensor | None = None,
        start: torch.Tensor | None = None,
        wall_colors: torch.Tensor | None = None,
        step_done: StepDone | None = None,
    ) -> torch.Tensor:
        """One picture for each of N references.

        Parameters
        ----------
        photo : (1, 3, H, W) float in [0, 1]
            sRGB; sides are multiples of `Base.side_multiple`.
        mask : (1, 1, H, W) float in {0, 1}
            1 is repainted; of whole latents, see `cover_latents`.
        reference_embeds : sequence of (N, 1, …) float
            From `DiffusionModel.reference_embeds`.
        depth : (1, 3, H, W) float in [0, 1], optional
            Near is 1. Without it no ControlNet has a say.
        start : (N, 3, H, W) float in [0, 1], optional
            What each picture starts from, where the strength is below 1. Outside the mask it must be the photo.
        wall_colors : (N, 3) float in [0, 1], optional
            sRGB that lies under the noise of the wall at the start, whatever the strength.
        step_done : callable, optional

        Returns
        -------
        (N, 3, H, W) float32 in [0, 1]
            sRGB, on the CPU.
        """
        count, size = len(reference_embeds[0]), self.sampling.batch_size
        starts = range(0, count, size)
        pipeline = self._plain if depth is None or self._with_depth is None else self._with_depth
        counter = _StepCounter(len(starts) * self._steps, step_done)
        pictures = []
        for first in starts:
            chunk = slice(first, first + size)
            embeds = [features[chunk] for features in reference_embeds]
            image = photo.expand(len(embeds[0]), -1, -1, -1) if start is None else start[chunk]
            latents = None if wall_colors is None else self._noisy_walls(pipeline, photo, mask, wall_colors[chunk])
            with emphasized(self.model.base.unet, self.sampling.emphasis):
                latents = self._latents(pipeline, image, mask, embeds, depth, latents, counter)
            pictures.append(pipeline.decode(latents))
        return torch.cat(pictures)

    @property
    def _steps(self) -> int:
        """Those that are taken: at a lower strength the first are left out."""
        return len(set_timesteps(self._plain.scheduler, self.sampling.steps, self.sampling.noise))

    def _latents(
        self,
        pipeline: Any,
        image: torch.Tensor,
        mask: torch.Tensor,
        embeds: list[torch.Tensor],
        depth: torch.Tensor | None,
        first: torch.Tensor | None,
        counter: _StepCounter,
    ) -> torch.Tensor:
        count, (height, width) = len(image), image.shape[-2:]
        more = {} if depth is None or pipeline is self._plain else {"control_image": depth.expand(count, -1, -1, -1)}
        latents: torch.Tensor = pipeline(
            prompt_embeds=self.model.prompt_embeds.expand(count, -1, -1),
            image=image,
            mask_image=mask.expand(count, -1, -1, -1),
            height=height,
            width=width,
            strength=self.sampling.noise,
            num_inference_steps=self.sampling.steps,
            guidance_scale=1.0,
            generator=self._generators(count),
            latents=first,
            ip_adapter_image_embeds=embeds,
            output_type="latent",
            callback_on_step_end=counter,
            **more,
        ).images
        return latents

    def _noisy_walls(
        self, pipeline: Any, photo: torch.Tensor, mask: torch.Tensor, colors: torch.Tensor
    ) -> torch.Tensor:
        """(N, 4, h, w): the photo with its wall in each colour, as latents at the first timestep's noise."""
        side = _SWATCH * self.model.base.pixels_per_latent
        swatches = colors[:, :, None, None].expand(-1, -1, side, side)
        wall = pipeline._encode_vae_image(2 * swatches - 1).mean((2, 3), keepdim=True)
        rest = pipeline._encode_vae_image((2 * photo - 1) * (mask < 0.5))  # as the pipeline itself will ask
        cells = mask[..., :: self.model.base.pixels_per_latent, :: self.model.base.pixels_per_latent]
        clean = torch.where(cells > 0.5, wall, rest)
        scheduler = pipeline.scheduler
        first = set_timesteps(scheduler, self.sampling.steps, self.sampling.noise, clean.device)[:1]
        noise = [torch.randn(clean.shape[1:], generator=generator) for generator in self._generators(len(clean))]
        noisy: torch.Tensor = scheduler.add_noise(clean, torch.stack(noise).to(clean), first.repeat(len(clean)))
        return noisy

    def _generators(self, count: int) -> list[torch.Generator]:
        return [torch.Generator().manual_seed(self.sampling.seed) for _ in range(count)]


@dataclass
class _StepCounter:
    """Counts steps over all batches, in the form diffusers calls."""

    total: int
    step_done: StepDone | None
    done: int = 0

    def __call__(self, pipeline: Any, step: int, timestep: Any, tensors: dict[str, Any]) -> dict[str, Any]:
        self.done += 1
        if self.step_done is not None:
            self.step_done(self.done, self.total)
        return {}
