"""The sections `training` and `objective`: reference image, prompt and losses."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, StrictBool

from wallpaint.reference.dominant import Method
from wallpaint.train.config.sections.section import Name, Section, Share, Weight


class ReferenceSection(Section):
    """How a wall's colour is measured and drawn as a swatch, as in `wallpaint.data.ReferenceSettings`."""

    extraction_method: Method = "median"
    add_texture: StrictBool = True
    texture_noise_std: Weight = 8.0
    add_lighting_gradient: StrictBool = True


class TrainingSection(Section):
    """The conditioning of the model, and the additional colour loss.

    Attributes
    ----------
    unconditional_training : bool
        Whether to condition on the embedding of the empty prompt "" instead of `prompt`.
    prompt : str
        Text prompt, used only if `unconditional_training` is false.
    reference : ReferenceSection
        Settings of the reference swatch.
    use_color_loss : bool
        Whether to add a colour loss to the noise loss.
    color_loss_weight : float
        Weight of the colour loss, ≥ 0.
    color_loss_kind : {"lab", "histogram", "frequency"}
        Colour distance; see `wallpaint.train.losses.COLOR_DISTANCES`.
    color_loss_decoder : {"probe", "vae"}
        Decoder of the predicted latents for the colour loss: a linear probe fitted at the start, or the VAE.
    """

    unconditional_training: StrictBool = True
    prompt: Name = "a room with painted walls"
    reference: ReferenceSection = ReferenceSection()
    use_color_loss: StrictBool = False
    color_loss_weight: Weight = 0.1
    color_loss_kind: Literal["lab", "histogram", "frequency"] = "lab"
    color_loss_decoder: Literal["probe", "vae"] = "probe"


class ObjectiveSection(Section):
    """Settings of the noise prediction loss: functions of `wallpaint.train.losses` and `wallpaint.train.batches.noise`.

    Attributes
    ----------
    noise_offset : float
        Offset of `draw_noise`, ≥ 0.
    min_snr_gamma : float or None
        γ of `min_snr_weights`, > 0; null gives all timesteps the same weight.
    masked_loss_weight : float
        Weight of latents in the mask, relative to the others, in `masked_mse`; > 0.
    high_timestep_share : float
        Share of high timesteps in `draw_timesteps`, in [0, 1].
    mean_error_weight : float
        λ, the weight of `mean_error`, ≥ 0.
    """

    noise_offset: Weight = 0.0
    min_snr_gamma: Annotated[float, Field(gt=0)] | None = None
    masked_loss_weight: Annotated[float, Field(gt=0)] = 1.0
    high_timestep_share: Share = 0.0
    mean_error_weight: Weight = 0.0
