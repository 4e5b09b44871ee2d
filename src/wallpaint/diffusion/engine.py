"""The diffusion engine: look at a room once, then paint it as often as you like."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
import torch

from wallpaint.albedo import AlbedoRoom
from wallpaint.color import Color
from wallpaint.diffusion.adapters.controlnet import control_image
from wallpaint.diffusion.fullsize.compositing import DiffusedWall, diffused_wall
from wallpaint.diffusion.fullsize.crop import frame_of
from wallpaint.diffusion.fullsize.detail import DETAILS, Detail, PhotoDetail, read_detail
from wallpaint.diffusion.fullsize.latent_mask import cover_latents
from wallpaint.diffusion.model import DiffusionModel, reference_colors
from wallpaint.diffusion.precision.choose import wider_precision
from wallpaint.diffusion.sampling.sampler import Sampler, Sampling, StepDone
from wallpaint.diffusion.vision.depth_estimation import DepthEstimator
from wallpaint.errors import SettingError, WeightsError, warn_of
from wallpaint.mask import WallRegion
from wallpaint.reference import LaidTexture, color_of, create_solid_color_reference

_SWATCH = 224  # pixels a side; the input size of CLIP's image encoders


class DiffusionEngine:
    """Zero-prompt inpainting (implements `wallpaint.painter.Engine`).

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
    keep_precision : bool
        Never convert the model to another precision, as while it is trained.
    """

    name = "diffusion"
    counts_steps = True

    def __init__(
        self,
        model: DiffusionModel,
        sampling: Sampling | None = None,
        *,
        detail: Detail = "auto",
        depth_estimator: DepthEstimator | None = None,
        offload: bool = False,
        keep_precision: bool = False,
    ) -> None:
        if detail not in DETAILS:
            raise SettingError(
                f"detail cannot come from {detail!r}: choose {', '.join(DETAILS[:-1])} or {DETAILS[-1]}."
            )
        self.model, self.detail, self.depth_estimator = model, detail, depth_estimator
        self.sampling = Sampling() if sampling is None else sampling
        self.offload, self.keep_precision = offload, keep_precision
        self.sampler = Sampler(model, self.sampling, offload=offload)

    def sampled(self, **changes: Any) -> DiffusionEngine:
        """The same, but for these fields of its `Sampling`."""
        return DiffusionEngine(
            self.model,
            replace(self.sampling, **changes),
            detail=self.detail,
            depth_estimator=self.depth_estimator,
            offload=self.offload,
            keep_precision=self.keep_precision,
        )

    def from_noise(self) -> DiffusionEngine:
        """The same, but with nothing under the noise at the start: the reference speaks through the model alone."""
        return self.sampled(init="noise", strength=None)

    def prepare(self, pixels: np.ndarray, region: WallRegion, depth: np.ndarray | None = None) -> DiffusionRoom:
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
        return given if given is not None or self.depth_estimator is None else self.depth_estimator.estimate(pixels)

    @property
    def remark(self) -> str:
        """The precision and the reason for it."""
        return f"computing in {self.model.precision.why}"

    @property
    def batch_size(self) -> int:
        """The number of references drawn together."""
        return self.sampling.batch_size

    def widen_precision(self) -> bool:
        """Go on in a precision that holds larger numbers, if there is one; whether there was."""
        wider = None if self.keep_precision else wider_precision(self.model.precision, self.model.device)
        if wider is None:
            return False
        warn_of(
            None,
            f"{self.model.name} gave NaN in {self.model.precision.unet}, so it paints in {wider.unet} from now on. "
            "Choose that from the start with --precision.",
        )
        self.model = self.model.in_precision(wider)
        self.sampler = Sampler(self.model, self.sampling, offload=self.offload)  # forgets codes that were NaN
        return True

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
    def notes(self) -> tuple[str, ...]:
        """A sentence for the user if the model has a ControlNet and there is no depth map for it."""
        if self.engine.model.controlnet is None or self.depth is not None:
            return ()
        return (
            "painting without depth: the photo brings no depth map, and nothing here estimates one. Use --depth "
            "FILE, wallpaint models pull depth-anything, or --no-depth to say so yourself.",
        )

    @cached_property
    def albedo(self) -> AlbedoRoom:
        """The photo as the albedo engine sees it, whose pictures sampling may start from."""
        return AlbedoRoom.of_photo(self.detail.pixels, self.detail.region)

    def describe(self) -> dict[str, str]:
        """Model and settings as text, for a picture's provenance."""
        depth = "no" if self.depth is None else "yes"
        return {**self.engine.describe(), "depth": depth, "detail": f"of the {self.detail.source}"}

    def paint(
        self, references: Sequence[Color | LaidTexture], step_done: StepDone | None = None
    ) -> list[DiffusionPicture]:
        """One picture for each reference; see `wallpaint.painter.EngineRoom`."""
        first_pictures = None
        if self.engine.sampling.init == "albedo":
            first_pictures = [painted.picture for painted in self.albedo.paint(references)]
        walls = self.draw([encoder_picture(reference) for reference in references], first_pictures, step_done)
        about = {"engine": self.engine.name, **self.describe()}
        return [
            DiffusionPicture(wall.lock(np.array(color_of(reference).srgb)).picture, wall.raw, about)
            for wall, reference in zip(walls, references, strict=True)
        ]

    def draw(
        self,
        references: Sequence[np.ndarray],
        first_pictures: Sequence[np.ndarray] | None = None,
        step_done: StepDone | None = None,
    ) -> list[DiffusedWall]:
        """One wall for each of N references, drawn in batches, before the colour lock.

        Parameters
        ----------
        references : sequence of (H', W', 3) uint8
            Swatches or samples, sRGB, of any size.
        first_pictures : sequence of N (H, W, 3) uint8, optional
            The photo with its wall painted already, where the sampling starts from such.
        step_done : callable, optional
            Called with the denoising steps finished and the steps in all.

        Raises
        ------
        WeightsError
            The model gives NaN, in a wider precision too.

        Warns
        -----
        WallpaintWarning
            The model gave NaN and is used in a wider precision from now on.
        """
        drawn = self._drawn(references, first_pictures, step_done)
        while not torch.isfinite(drawn).all():
            if not self.engine.widen_precision():
                raise WeightsError(
                    self.engine.model.name,
                    f"it paints values that are NaN or infinite, in {self.engine.model.precision.unet}: its weights "
                    "are damaged, or a scale is far too high. Fetch it again, or lower --lora-scale or "
                    "--ip-adapter-scale.",
                )
            drawn = self._drawn(references, first_pictures, step_done)
        return [diffused_wall(self.detail, picture.permute(1, 2, 0).numpy()) for picture in drawn]

    def _drawn(
        self,
        references: Sequence[np.ndarray],
        first_pictures: Sequence[np.ndarray] | None,
        step_done: StepDone | None,
    ) -> torch.Tensor:
        """(N, 3, h, w) float32, on the CPU."""
        device, frame = self.engine.model.device, self.detail.frame
        starts_from_reference = self.engine.sampling.init == "reference"
        start = None
        if first_pictures is not None:
            start = torch.cat([_planes(frame.shrink(picture)) for picture in first_pictures]).to(device)
        control = None if self.depth is None else control_image(self.depth[frame.window], frame.size)
        return self.engine.sampler.draw(
            self.photo,
            self.mask,
            self.engine.model.reference_embeds(references),
            depth=None if control is None else control.to(device),
            start=start,
            wall_colors=reference_colors(references).to(device) / 255 if starts_from_reference else None,
            step_done=step_done,
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
