"""Sampling pictures from a model, in batches."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import torch

from wallpaint.diffusion.adapters.ip_adapter import scaled_by
from wallpaint.diffusion.model import DiffusionModel
from wallpaint.diffusion.sampling.pipeline import ZeroPromptControlNetInpaintPipeline, ZeroPromptInpaintPipeline
from wallpaint.diffusion.sampling.schedulers import make_scheduler, set_timesteps
from wallpaint.diffusion.sampling.settings import SamplingSettings

_SWATCH = 8  # latents a side; enough that the border of a plain picture does not change the mean of its latents
Callback = Callable[[int, int], None]  #: called after every step with (step, steps): steps done, steps in all


class Sampler:
    """Samples pictures from a model.

    Parameters
    ----------
    model : DiffusionModel
    sampling : SamplingSettings
    offload : bool
        Keep only the module that is computing on the accelerator: slower, for GPUs with less than about 4 GB.
    """

    def __init__(self, model: DiffusionModel, sampling: SamplingSettings, *, offload: bool = False) -> None:
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

    def sample(
        self,
        photo: torch.Tensor,
        mask: torch.Tensor,
        reference_embeds: Sequence[torch.Tensor],
        *,
        depth: torch.Tensor | None = None,
        start: torch.Tensor | None = None,
        wall_colors: torch.Tensor | None = None,
        callback: Callback | None = None,
    ) -> torch.Tensor:
        """Paint one picture for each of N references.

        Parameters
        ----------
        photo : (1, 3, H, W) float in [0, 1]
            sRGB; sides are multiples of `Base.side_multiple`.
        mask : (1, 1, H, W) float in {0, 1}
            1 is repainted. It consists of whole latents, see `cover_latents`.
        reference_embeds : sequence of (N, 1, …) float
            What `DiffusionModel.reference_embeds` returns.
        depth : (1, 3, H, W) float in [0, 1], optional
            Near is 1. Without it the ControlNet is not used.
        start : (N, 3, H, W) float in [0, 1], optional
            Initial pictures, used if the strength is below 1. Outside the mask they must be equal to the photo.
        wall_colors : (N, 3) float in [0, 1], optional
            sRGB of the wall under the initial noise, at any strength.
        callback : callable, optional
            ``callback(step, steps)`` is called after every denoising step.

        Returns
        -------
        (N, 3, H, W) float32 in [0, 1]
            sRGB, on the CPU.
        """
        count, size = len(reference_embeds[0]), self.sampling.batch_size
        starts = range(0, count, size)
        pipeline = self._plain if depth is None or self._with_depth is None else self._with_depth
        counter = _StepCounter(len(starts) * self._steps, callback)
        pictures = []
        for first in starts:
            chunk = slice(first, first + size)
            embeds = [features[chunk] for features in reference_embeds]
            image = photo.expand(len(embeds[0]), -1, -1, -1) if start is None else start[chunk]
            latents = None if wall_colors is None else self._noisy_walls(pipeline, photo, mask, wall_colors[chunk])
            with scaled_by(self.model.base.unet, self.sampling.reference_strength):
                latents = self._latents(pipeline, image, mask, embeds, depth, latents, counter)
            pictures.append(pipeline.decode(latents))
        return torch.cat(pictures)

    @property
    def _steps(self) -> int:
        """Number of steps that are run: at a lower strength the first ones are skipped."""
        return len(set_timesteps(self._plain.scheduler, self.sampling.steps, self.sampling.effective_strength))

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
            strength=self.sampling.effective_strength,
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
        """(N, 4, h, w) latents of the photo with its wall in each colour, with the noise of the first timestep."""
        side = _SWATCH * self.model.base.pixels_per_latent
        swatches = colors[:, :, None, None].expand(-1, -1, side, side)
        wall = pipeline._encode_vae_image(2 * swatches - 1).mean((2, 3), keepdim=True)
        rest = pipeline._encode_vae_image((2 * photo - 1) * (mask < 0.5))  # as in the pipeline: encoded once
        latent_mask = mask[..., :: self.model.base.pixels_per_latent, :: self.model.base.pixels_per_latent]
        clean = torch.where(latent_mask > 0.5, wall, rest)
        scheduler = pipeline.scheduler
        first = set_timesteps(scheduler, self.sampling.steps, self.sampling.effective_strength, clean.device)[:1]
        noise = [torch.randn(clean.shape[1:], generator=generator) for generator in self._generators(len(clean))]
        noisy: torch.Tensor = scheduler.add_noise(clean, torch.stack(noise).to(clean), first.repeat(len(clean)))
        return noisy

    def _generators(self, count: int) -> list[torch.Generator]:
        return [torch.Generator().manual_seed(self.sampling.seed) for _ in range(count)]


@dataclass
class _StepCounter:
    """Counts the steps of all batches; diffusers calls it after every step."""

    steps: int
    callback: Callback | None
    step: int = 0

    def __call__(self, pipeline: Any, step: int, timestep: Any, tensors: dict[str, Any]) -> dict[str, Any]:
        self.step += 1
        if self.callback is not None:
            self.callback(self.step, self.steps)
        return {}
