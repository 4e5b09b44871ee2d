"""How pictures are drawn from a model: steps, schedule, seed, and from what they start."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Literal, get_args

import torch

from wallpaint.diffusion.model import DiffusionModel
from wallpaint.diffusion.pipeline import ZeroPromptControlNetInpaintPipeline, ZeroPromptInpaintPipeline
from wallpaint.diffusion.schedulers import make_scheduler, set_timesteps
from wallpaint.errors import SettingError

Init = Literal["noise", "albedo"]
INITS: tuple[Init, ...] = get_args(Init)
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
    init : {"noise", "albedo"}
        Start from noise alone, or from the albedo engine's answer with noise on top.
    strength : float, optional
        How much noise: (0, 1]. 1 is nothing but noise. If not given: 1 for "noise", 0.5 for "albedo".
    batch_size : int
        Pictures at once, ≥ 1.
    """

    steps: int = 20
    scheduler: str = "dpm++"
    seed: int = 0
    init: Init = "noise"
    strength: float | None = None
    batch_size: int = 8

    def __post_init__(self) -> None:
        if self.init not in INITS:
            raise SettingError(f"init cannot be {self.init!r}: choose {' or '.join(INITS)}.")
        if self.steps < 1:
            raise SettingError(f"{self.steps} steps draw nothing: choose 1 or more, 20 as a rule.")
        if self.batch_size < 1:
            raise SettingError(f"a batch of {self.batch_size} holds nothing: choose 1 or more.")
        if self.strength is not None and not 0 < self.strength <= 1:
            raise SettingError(f"a strength of {self.strength} cannot be: choose more than 0, at most 1.")
        if self.init == "noise" and self.strength not in (None, 1):
            raise SettingError("a strength below 1 needs something to start from: choose init albedo.")

    @property
    def noise(self) -> float:
        """The strength that holds."""
        return self.strength if self.strength is not None else {"noise": 1.0, "albedo": 0.5}[self.init]


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
        step_done: StepDone | None = None,
    ) -> torch.Tensor:
        """One picture for each of N references.

        Parameters
        ----------
        photo : (1, 3, H, W) float in [0, 1]
            sRGB; sides are multiples of `Base.side_multiple`.
        mask : (1, 1, H, W) float in {0, 1}
            1 is repainted; of whole latents, see `cover_latent_cells`.
        reference_embeds : sequence of (N, 1, …) float
            From `DiffusionModel.reference_embeds`.
        depth : (1, 3, H, W) float in [0, 1], optional
            Near is 1. Without it no ControlNet has a say.
        start : (N, 3, H, W) float in [0, 1], optional
            What each picture starts from, where the strength is below 1. Outside the mask it must be the photo.
        step_done : callable, optional

        Returns
        -------
        (N, 3, H, W) float32 in [0, 1]
            sRGB, on the CPU.
        """
        count, size = len(reference_embeds[0]), self.sampling.batch_size
        starts = range(0, count, size)
        counter = _StepCounter(len(starts) * self._steps, step_done)
        pictures = []
        for first in starts:
            chunk = slice(first, first + size)
            embeds = [features[chunk] for features in reference_embeds]
            image = photo.expand(len(embeds[0]), -1, -1, -1) if start is None else start[chunk]
            pictures.append(self._plain.decode(self._latents(image, mask, embeds, depth, counter)))
        return torch.cat(pictures)

    @property
    def _steps(self) -> int:
        """Those that are taken: at a lower strength the first are left out."""
        return len(set_timesteps(self._plain.scheduler, self.sampling.steps, self.sampling.noise))

    def _latents(
        self,
        image: torch.Tensor,
        mask: torch.Tensor,
        embeds: list[torch.Tensor],
        depth: torch.Tensor | None,
        counter: _StepCounter,
    ) -> torch.Tensor:
        count, (height, width) = len(image), image.shape[-2:]
        pipeline, more = self._plain, {}
        if depth is not None and self._with_depth is not None:
            pipeline, more = self._with_depth, {"control_image": depth.expand(count, -1, -1, -1)}
        latents: torch.Tensor = pipeline(
            prompt_embeds=self.model.prompt_embeds.expand(count, -1, -1),
            image=image,
            mask_image=mask.expand(count, -1, -1, -1),
            height=height,
            width=width,
            strength=self.sampling.noise,
            num_inference_steps=self.sampling.steps,
            guidance_scale=1.0,
            generator=[torch.Generator().manual_seed(self.sampling.seed) for _ in range(count)],
            ip_adapter_image_embeds=embeds,
            output_type="latent",
            callback_on_step_end=counter,
            **more,
        ).images
        return latents


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
