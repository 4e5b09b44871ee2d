"""The diffusion engine: zero-prompt inpainting with a reference image as conditioning."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import torch

from wallpaint.albedo import AlbedoRoom
from wallpaint.color import Color
from wallpaint.diffusion.adapters.controlnet import control_image
from wallpaint.diffusion.fullsize.compositing import DiffusedWall, diffused_wall
from wallpaint.diffusion.fullsize.crop import crop_of
from wallpaint.diffusion.fullsize.detail import DETAILS, Detail, PhotoDetail, read_detail
from wallpaint.diffusion.fullsize.latent_mask import cover_latents
from wallpaint.diffusion.model import DiffusionModel, reference_colors
from wallpaint.diffusion.precision.choose import wider_precision
from wallpaint.diffusion.sampling.sampler import Callback, Sampler
from wallpaint.diffusion.sampling.settings import SamplingSettings
from wallpaint.diffusion.vision.depth_estimation import DepthEstimator
from wallpaint.errors import SettingError, WeightsError, warn_of
from wallpaint.mask import WallRegion
from wallpaint.reference import LaidTexture, color_of, create_solid_color_reference

_SWATCH = 224  # pixels a side; the input size of CLIP's image encoders


class DiffusionEngine:
    """Paints with a diffusion model (implements `wallpaint.painter.Engine`).

    Parameters
    ----------
    model : DiffusionModel
    sampling : SamplingSettings, optional
    detail : {"auto", "photo", "model"}
        Where the wall's fine detail comes from; see `wallpaint.diffusion.fullsize.detail`.
    depth_estimator : DepthEstimator, optional
        For photos without a depth map, if the model has a ControlNet.
    offload : bool
        Keep only the module that is computing on the accelerator.
    keep_precision : bool
        Never convert the model to a wider precision; for a model in training.
    """

    name = "diffusion"
    counts_steps = True

    def __init__(
        self,
        model: DiffusionModel,
        sampling: SamplingSettings | None = None,
        *,
        detail: Detail = "auto",
        depth_estimator: DepthEstimator | None = None,
        offload: bool = False,
        keep_precision: bool = False,
    ) -> None:
        if detail not in DETAILS:
            raise SettingError(f"detail cannot be {detail!r}: choose {', '.join(DETAILS[:-1])} or {DETAILS[-1]}.")
        self.model, self.detail, self.depth_estimator = model, detail, depth_estimator
        self.sampling = SamplingSettings() if sampling is None else sampling
        self.offload, self.keep_precision = offload, keep_precision
        self.sampler = Sampler(model, self.sampling, offload=offload)

    def sampled(self, **changes: Any) -> DiffusionEngine:
        """This engine with some `SamplingSettings` changed; the model is shared."""
        return DiffusionEngine(
            self.model,
            self.sampling.changed(**changes),
            detail=self.detail,
            depth_estimator=self.depth_estimator,
            offload=self.offload,
            keep_precision=self.keep_precision,
        )

    def from_noise(self) -> DiffusionEngine:
        """This engine, sampling from pure noise, so that the colour comes from the model alone."""
        return self.sampled(init="noise")

    def look(self, pixels: np.ndarray, region: WallRegion, depth: np.ndarray | None = None) -> DiffusionRoom:
        """Do all the work that does not depend on the reference.

        Parameters
        ----------
        pixels : (H, W, 3) uint8
            sRGB.
        region : WallRegion
        depth : (H, W) float32, optional
            [0, 1], near = 1. Estimated if it is not given, the model has a ControlNet and there is an estimator.
        """
        base = self.model.base
        crop = crop_of(region, base.working_size, base.side_multiple)
        depth = None if self.model.controlnet is None else self._depth_of(pixels, depth)
        photo = _planes(crop.shrink(pixels)).to(self.model.device)
        wall = torch.from_numpy(crop.shrink_mask(region.alpha)).float()[None, None]
        mask = cover_latents(wall, base.pixels_per_latent).to(self.model.device)
        return DiffusionRoom(self, photo, mask, depth, read_detail(pixels, region, crop, self.detail))

    def _depth_of(self, pixels: np.ndarray, given: np.ndarray | None) -> np.ndarray | None:
        return given if given is not None or self.depth_estimator is None else self.depth_estimator.estimate(pixels)

    @property
    def remark(self) -> str:
        """The precision and the reason for it."""
        return f"computing in {self.model.precision.why}"

    @property
    def batch_size(self) -> int:
        """The number of references sampled together."""
        return self.sampling.batch_size

    def widen_precision(self) -> bool:
        """Switch to a precision with a larger range of numbers; False if there is none."""
        wider = None if self.keep_precision else wider_precision(self.model.precision, self.model.device)
        if wider is None:
            return False
        warn_of(
            None,
            f"{self.model.name} gave NaN in {self.model.precision.unet}, so it is used in {wider.unet} from now on. "
            "Set this with --precision to avoid the second run.",
        )
        self.model = self.model.in_precision(wider)
        self.sampler = Sampler(self.model, self.sampling, offload=self.offload)  # cached latents may be NaN
        return True

    def describe(self) -> dict[str, str]:
        """Model and settings as text, for a picture's provenance."""
        sampling, precision = self.sampling, self.model.precision
        return {
            "model": f"{self.model.name} {self.model.fingerprint}",
            "sampling": f"{sampling.scheduler}, {sampling.steps} steps, seed {sampling.seed}, "
            f"init {sampling.init}, strength {sampling.effective_strength:g}, "
            f"reference strength {sampling.reference_strength:g}",
            "precision": f"{precision.unet}, VAE {precision.vae}",
        }


@dataclass(frozen=True)
class DiffusionRoom:
    """A photo prepared for painting (implements `wallpaint.painter.EngineRoom`).

    Attributes
    ----------
    engine : DiffusionEngine
    photo : (1, 3, h, w) float32 in [0, 1]
        The crop that the model paints, sRGB.
    mask : (1, 1, h, w) float32 in {0, 1}
        What the model paints: all latents that contain wall.
    depth : (H, W) float32 in [0, 1], near = 1, or None
        Depth of the whole photo; None if it is not used.
    detail : PhotoDetail
        The photo, its wall, the crop, and the wall's fine detail.
    """

    engine: DiffusionEngine
    photo: torch.Tensor
    mask: torch.Tensor
    depth: np.ndarray | None
    detail: PhotoDetail

    @property
    def notes(self) -> tuple[str, ...]:
        """A sentence for the user if the model has a ControlNet and there is no depth map for it."""
        if self.engine.model.controlnet is None or self.depth is not None:
            return ()
        return (
            "painting without depth: there is no depth map and no depth estimator. Use --depth FILE, wallpaint models "
            "pull depth-anything, or --no-depth to turn this warning off.",
        )

    @cached_property
    def albedo(self) -> AlbedoRoom:
        """The same photo prepared by the albedo engine, whose pictures are the initial ones with init "albedo"."""
        return AlbedoRoom.of_photo(self.detail.pixels, self.detail.region)

    def describe(self) -> dict[str, str]:
        """Model and settings as text, for a picture's provenance."""
        depth = "no" if self.depth is None else "yes"
        return {**self.engine.describe(), "depth": depth, "detail": f"of the {self.detail.source}"}

    def paint(
        self, references: Sequence[Color | LaidTexture], callback: Callback | None = None
    ) -> list[DiffusionPicture]:
        """One picture for each reference; see `wallpaint.painter.EngineRoom`."""
        first_pictures = None
        if self.engine.sampling.init == "albedo":
            first_pictures = [painted.picture for painted in self.albedo.paint(references)]
        walls = self.sample([encoder_picture(reference) for reference in references], first_pictures, callback)
        about = {"engine": self.engine.name, **self.describe()}
        return [
            DiffusionPicture(wall.lock(np.array(color_of(reference).srgb)).picture, wall.raw, about)
            for wall, reference in zip(walls, references, strict=True)
        ]

    def sample(
        self,
        references: Sequence[np.ndarray],
        first_pictures: Sequence[np.ndarray] | None = None,
        callback: Callback | None = None,
    ) -> list[DiffusedWall]:
        """Sample one wall for each of N references, in batches, before the colour lock.

        Parameters
        ----------
        references : sequence of (H', W', 3) uint8
            Swatches or samples, sRGB, of any size.
        first_pictures : sequence of N (H, W, 3) uint8, optional
            The photo with its wall painted, as initial pictures.
        callback : callable, optional
            ``callback(step, steps)`` is called after every denoising step.

        Raises
        ------
        WeightsError
            The model gives NaN, in a wider precision too.

        Warns
        -----
        WallpaintWarning
            The model gave NaN and is used in a wider precision from now on.
        """
        sampled = self._sampled(references, first_pictures, callback)
        while not torch.isfinite(sampled).all():
            if not self.engine.widen_precision():
                raise WeightsError(
                    self.engine.model.name,
                    f"it paints values that are NaN or infinite, in {self.engine.model.precision.unet}: its weights "
                    "are damaged, or a scale is far too high. Fetch it again, or lower --lora-scale or "
                    "--ip-adapter-scale.",
                )
            sampled = self._sampled(references, first_pictures, callback)
        return [diffused_wall(self.detail, picture.permute(1, 2, 0).numpy()) for picture in sampled]

    def _sampled(
        self,
        references: Sequence[np.ndarray],
        first_pictures: Sequence[np.ndarray] | None,
        callback: Callback | None,
    ) -> torch.Tensor:
        """(N, 3, h, w) float32, on the CPU."""
        device, crop = self.engine.model.device, self.detail.crop
        starts_from_reference = self.engine.sampling.init == "reference"
        start = None
        if first_pictures is not None:
            start = torch.cat([_planes(crop.shrink(picture)) for picture in first_pictures]).to(device)
        control = None if self.depth is None else control_image(self.depth[crop.window], crop.size)
        return self.engine.sampler.sample(
            self.photo,
            self.mask,
            self.engine.model.reference_embeds(references),
            depth=None if control is None else control.to(device),
            start=start,
            wall_colors=reference_colors(references).to(device) / 255 if starts_from_reference else None,
            callback=callback,
        )


@dataclass(frozen=True)
class DiffusionPicture:
    """A picture painted by the diffusion engine.

    Attributes
    ----------
    picture, raw : (H, W, 3) uint8
        sRGB, after and before the colour lock.
    about : mapping of str to str
        Engine and settings.
    """

    picture: np.ndarray
    raw: np.ndarray
    about: Mapping[str, str]

    def describe(self) -> dict[str, str]:
        """Engine and settings as text, for a picture's provenance."""
        return dict(self.about)


def encoder_picture(reference: Color | LaidTexture) -> np.ndarray:
    """(H, W, 3) uint8 picture of a reference for the image encoder: a texture's sample, or a flat swatch."""
    if isinstance(reference, LaidTexture):
        return reference.sample.pixels
    size = (_SWATCH, _SWATCH)
    return np.asarray(
        create_solid_color_reference(reference.rgb8, size, add_texture=False, add_lighting_gradient=False)
    )


def _planes(pixels: np.ndarray) -> torch.Tensor:
    """(H, W, 3) uint8 → (1, 3, H, W) float32 in [0, 1]."""
    return torch.from_numpy(np.ascontiguousarray(pixels.transpose(2, 0, 1)))[None].float() / 255
