"""Linear decoder of latents: a picture at an eighth of the VAE's size, at almost no cost.

A linear map from each latent vector of four numbers to the mean colour of the square of pixels it covers.
"""

from __future__ import annotations

from dataclasses import dataclass

from wallpaint.color import delta_e_2000, srgb_to_lab
from wallpaint.errors import WeightsError
from wallpaint.optional import needs_extra
from wallpaint.train.losses.sample_losses import at_least_float32, has_wall, masked_mean

with needs_extra("train", "Training"):
    import torch
    from torch.nn.functional import interpolate


@dataclass(frozen=True)
class ProbeFidelity:
    """Accuracy of a probe's colours.

    Attributes
    ----------
    r_squared : float
        Share of the pictures' variance that the probe explains, at most 1; NaN for pictures of a single colour.
    delta_e_2000, delta_e_2000_p95 : float
        CIEDE2000 between the walls' mean CIELAB in the probe's pictures and in the true ones: mean and 95th percentile
        over the walls; NaN without any.
    walls : int
        Number of pictures with a wall.
    """

    r_squared: float
    delta_e_2000: float
    delta_e_2000_p95: float
    walls: int

    def __str__(self) -> str:
        return (
            f"R² {self.r_squared:.3f}, CIEDE2000 of walls' means {self.delta_e_2000:.1f} "
            f"(95 %: {self.delta_e_2000_p95:.1f}) in {self.walls} pictures"
        )


@dataclass(frozen=True)
class LatentProbe:
    """Linear `Decoder` with fifteen parameters; `fit` finds them.

    Attributes
    ----------
    weight : (3, 4) float
    bias : (3,) float
    """

    weight: torch.Tensor
    bias: torch.Tensor

    @classmethod
    def fit(cls, latents: torch.Tensor, pictures: torch.Tensor) -> LatentProbe:
        """Fit a probe to encoded pictures by least squares; a few dozen pictures of many colours are enough.

        Parameters
        ----------
        latents : (N, 4, h, w) float
            As the UNet's input: times the VAE's scaling factor.
        pictures : (N, 3, H, W) float in [-1, 1]
            sRGB; the pictures that were encoded.

        Raises
        ------
        WeightsError
            Latents are NaN or infinite: the VAE is damaged, or its precision too low.
        """
        if not torch.isfinite(latents).all():
            raise WeightsError("vae", "it encodes pictures to NaN or infinite latents. Use it in fp32 or bf16.")
        vectors = latents.detach().cpu().double().movedim(1, -1).flatten(0, 2)
        colors = _shrunk(pictures, latents).cpu().double().movedim(1, -1).flatten(0, 2)
        with_one = torch.cat([vectors, torch.ones_like(vectors[:, :1])], 1)
        # gelsd works without full rank, which latents of pictures in one colour lack
        solution = torch.linalg.lstsq(with_one, colors, driver="gelsd").solution.float().to(latents.device)
        return cls(solution[:-1].T.contiguous(), solution[-1])

    def __call__(self, latents: torch.Tensor) -> torch.Tensor:
        """(B, 4, h, w) latents → (B, 3, h, w) sRGB, 1 = white, not clipped, float32 or wider."""
        latents = at_least_float32(latents)
        weight, bias = self.weight.to(latents), self.bias.to(latents)
        with torch.autocast(latents.device.type, enabled=False):
            return torch.einsum("rc,bchw->brhw", weight, latents) + bias[:, None, None]

    def fidelity(self, latents: torch.Tensor, pictures: torch.Tensor, masks: torch.Tensor) -> ProbeFidelity:
        """Accuracy on encoded pictures, preferably not those of the fit.

        latents, pictures : as in `fit`; masks : (N, 1, H, W) float in {0, 1}.
        """
        with torch.no_grad():
            decoded, true = self(latents), _shrunk(pictures, latents)
            wall = (interpolate(masks.to(true), true.shape[-2:], mode="area") > 0.5).to(true)
            scattered = (true - true.mean((0, 2, 3), keepdim=True)).square().sum()
            r_squared = 1 - (decoded - true).square().sum() / scattered if scattered > 0 else torch.tensor(torch.nan)
            errors = delta_e_2000(_mean_lab(decoded, wall), _mean_lab(true, wall))[has_wall(wall)]
        if not len(errors):
            return ProbeFidelity(float(r_squared), torch.nan, torch.nan, 0)
        return ProbeFidelity(float(r_squared), float(errors.mean()), float(errors.quantile(0.95)), len(errors))


def _shrunk(pictures: torch.Tensor, latents: torch.Tensor) -> torch.Tensor:
    """sRGB in [0, 1] at the latents' size; means of encoded values, which are nearly as uniform as CIELAB."""
    return (interpolate(pictures.float(), latents.shape[-2:], mode="area") + 1) / 2


def _mean_lab(pictures: torch.Tensor, wall: torch.Tensor) -> torch.Tensor:
    return masked_mean(srgb_to_lab(pictures.clamp(0, 1).movedim(1, -1)).movedim(-1, 1), wall)
