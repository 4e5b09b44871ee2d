"""The diffusion engine: look at a room once, then paint it as often as you like."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import torch

from wallpaint.diffusion.adapters.controlnet import control_image
from wallpaint.diffusion.fullsize.compositing import DiffusedWall, diffused_wall
from wallpaint.diffusion.fullsize.crop import frame_of
from wallpaint.diffusion.fullsize.detail import DETAILS, Detail, PhotoDetail, read_detail
from wallpaint.diffusion.fullsize.latent_mask import cover_latents
from wallpaint.diffusion.model import DiffusionModel, reference_colors
from wallpaint.diffusion.sampling.sampler import Sampler, Sampling, StepDone
from wallpaint.diffusion.vision.depth_estimation import DepthEstimator
from wallpaint.errors import SettingError, warn_of
from wallpaint.mask import WallRegion


class DiffusionEngine:
    """Zero-prompt inpainting.

    Parameters
    ----------
    model : DiffusionModel
    sampling : Sampling
    detail : {"auto", "photo", "model"}
        Where the wall's fine detail comes from; see `wallpaint.diffusion.fullsize.detail`.
    depth_estimator : DepthEstimator, optional
        For photos that come without a depth map, where the model has a ControlNet.
    offload : bool
        Keep on the accelerator only what is computing.
    """

    def __init__(
        self,
        model: DiffusionModel,
        sampling: Sampling | None = None,
        *,
        detail: Detail = "auto",
        depth_estimator: DepthEstimator | None = None,
        offload: bool = False,
    ) -> None:
        if detail not in DETAILS:
            raise SettingError(
                f"detail cannot come from {detail!r}: choose {', '.join(DETAILS[:-1])} or {DETAILS[-1]}."
            )
        self.model, self.detail, self.depth_estimator = model, detail, depth_estimator
        self.sampling = Sampling() if sampling is None else sampling
        self.offload = offload
        self.sampler = Sampler(model, self.sampling, offload=offload)

    def sampled(self, **changes: Any) -> DiffusionEngine:
        """The same, but for these fields of its `Sampling`."""
        return DiffusionEngine(
            self.model,
            replace(self.sampling, **changes),
            detail=self.detail,
            depth_estimator=self.depth_estimator,
            offload=self.offload,
        )

    def from_noise(self) -> DiffusionEngine:
        """The same, but with nothing under the noise at the start: the reference speaks through the model alone."""
        return self.sampled(init="noise", strength=None)

    def look(self, pixels: np.ndarray, region: WallRegion, depth: np.ndarray | None = None) -> DiffusionRoom:
        """Do all the work that no reference needs.

        Parameters
        ----------
        pixels : (H, W, 3) uint8
            sRGB.
        region : WallRegion
        depth : (H, W) float32, optional
            [0, 1], near = 1. Estimated if it is not given, the model has a ControlNet and there is an estimator.
        """
        base = self.model.base
        frame = frame_of(region, base.working_size, base.side_multiple)
        depth = None if self.model.controlnet is None else self._depth_of(pixels, depth)
        photo = _planes(frame.shrink(pixels)).to(self.model.device)
        wall = torch.from_numpy(frame.shrink_mask(region.alpha)).float()[None, None]
        mask = cover_latents(wall, base.pixels_per_latent).to(self.model.device)
        return DiffusionRoom(self, photo, mask, depth, read_detail(pixels, region, frame, self.detail))

    def _depth_of(self, pixels: np.ndarray, given: np.ndarray | None) -> np.ndarray | None:
        if given is None and self.depth_estimator is None:
            warn_of(
                None,
                "painting without depth: the photo brings no depth map, and nothing here estimates one. Use --depth "
                "FILE, wallpaint models pull depth-anything, or --no-depth to say so yourself.",
            )
        return given if given is not None or self.depth_estimator is None else self.depth_estimator.estimate(pixels)

    def describe(self) -> dict[str, str]:
        """What painted, as text for a picture's provenance."""
        sampling, precision = self.sampling, self.model.precision
        return {
            "model": f"{self.model.name} {self.model.fingerprint}",
            "sampling": f"{sampling.scheduler}, {sampling.steps} steps, seed {sampling.seed}, "
            f"{sampling.init} at strength {sampling.noise:g}, emphasis {sampling.emphasis:g}",
            "precision": f"{precision.unet}, VAE {precision.vae}",
        }


@dataclass(frozen=True)
class DiffusionRoom:
    """A photo as the model sees it.

    Attributes
    ----------
    photo : (1, 3, h, w) float32 in [0, 1]
    mask : (1, 1, h, w) float32 in {0, 1}
        What the model paints: every latent with any wall, whole.
    depth : (H, W) float32 in [0, 1], near = 1, or None
        Of the whole photo; None if depth has no say.
    detail : PhotoDetail
        The photo, its wall, the frame in which the model sees it, and what the wall's fine detail is.
    """

    engine: DiffusionEngine
    photo: torch.Tensor
    mask: torch.Tensor
    depth: np.ndarray | None
    detail: PhotoDetail

    @property
    def starts_from_albedo(self) -> bool:
        """Whether `paint` wants first pictures."""
        return self.engine.sampling.init == "albedo"

    def describe(self) -> dict[str, str]:
        """What paints here, as text for a picture's provenance."""
        depth = "no" if self.depth is None else "yes"
        return {**self.engine.describe(), "depth": depth, "detail": f"of the {self.detail.source}"}

    def paint(
        self,
        references: Sequence[np.ndarray],
        first_pictures: Sequence[np.ndarray] | None = None,
        step_done: StepDone | None = None,
    ) -> list[DiffusedWall]:
        """One wall for each of N references, drawn in batches.

        Parameters
        ----------
        references : sequence of (H', W', 3) uint8
            Swatches or samples, sRGB, of any size.
        first_pictures : sequence of N (H, W, 3) uint8, optional
            The photo with its wall painted already, where the sampling starts from such.
        step_done : callable, optional
            Told how many steps of denoising are done, and of how many.
        """
        device, frame = self.engine.model.device, self.detail.frame
        starts_from_reference = self.engine.sampling.init == "reference"
        start = None
        if first_pictures is not None:
            start = torch.cat([_planes(frame.shrink(picture)) for picture in first_pictures]).to(device)
        control = None if self.depth is None else control_image(self.depth[frame.window], frame.size)
        drawn = self.engine.sampler.draw(
            self.photo,
            self.mask,
            self.engine.model.reference_embeds(references),
            depth=None if control is None else control.to(device),
            start=start,
            wall_colors=reference_colors(references).to(device) / 255 if starts_from_reference else None,
            step_done=step_done,
        )
        return [diffused_wall(self.detail, picture.permute(1, 2, 0).numpy()) for picture in drawn]


def _planes(pixels: np.ndarray) -> torch.Tensor:
    """(H, W, 3) uint8 → (1, 3, H, W) float32 in [0, 1]."""
    return torch.from_numpy(np.ascontiguousarray(pixels.transpose(2, 0, 1)))[None].float() / 255
