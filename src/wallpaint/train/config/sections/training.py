"""What the model is told and what it is asked for: reference, prompt, losses."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, StrictBool

from wallpaint.reference.dominant import Method
from wallpaint.train.config.sections.section import Name, Section, Share, Weight


class ReferenceSection(Section):
    """How a wall's colour is taken and shown, as in `wallpaint.data.ReferenceSettings`."""

    extraction_method: Method = "median"
    add_texture: StrictBool = True
    texture_noise_std: Weight = 8.0
    add_lighting_gradient: StrictBool = True


class TrainingSection(Section):
    """How the model is told what to paint, and whether colour has a loss of its own.

    Attributes
    ----------
    unconditional_training : bool
        Zero-prompt: the embedding of "" instead of that of `prompt`.
    prompt : str
        Words for the comparison with text; read only where training is not unconditional.
    reference : ReferenceSection
    use_color_loss : bool
    color_loss_weight : float
    color_loss_kind : {"lab", "histogram", "frequency"}
        See `wallpaint.train.losses.COLOR_DISTANCES`.
    color_loss_decoder : {"probe", "vae"}
        What makes pictures of predicted latents: a linear probe fitted when training starts, or the VAE.
    """

    unconditional_training: StrictBool = True
    prompt: Name = "a room with painted walls"
    reference: ReferenceSection = ReferenceSection()
    use_color_loss: StrictBool = False
    color_loss_weight: Weight = 0.1
    color_loss_kind: Literal["lab", "histogram", "frequency"] = "lab"
    color_loss_decoder: Literal["probe", "vae"] = "probe"


class ObjectiveSection(Section):
    """What the noise prediction is asked for; each key is a function of `wallpaint.train.losses` or `draws`.

    Attributes
    ----------
    noise_offset : float
        Of `draw_noise`.
    min_snr_gamma : float or None
        γ of `min_snr_weights`; null weighs all timesteps alike.
    masked_loss_weight : float
        How much more a latent of wall counts than another, in `masked_mse`.
    high_timestep_share : float
        Of `draw_timesteps`.
    mean_error_weight : float
        λ of `mean_error`.
    """

    noise_offset: Weight = 0.0
    min_snr_gamma: Annotated[float, Field(gt=0)] | None = None
    masked_loss_weight: Annotated[float, Field(gt=0)] = 1.0
    high_timestep_share: Share = 0.0
    mean_error_weight: Weight = 0.0
