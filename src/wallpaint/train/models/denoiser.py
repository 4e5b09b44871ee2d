"""UNet and ControlNet as one module."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch


class Denoiser(torch.nn.Module):
    """The UNet and an optional ControlNet, as one module that distributed training can wrap.

    Parameters
    ----------
    unet : UNet2DConditionModel
        The UNet with its adapters.
    controlnet : ControlNetModel or None
        The depth ControlNet.
    """

    def __init__(self, unet: Any, controlnet: Any) -> None:
        super().__init__()
        self.unet = unet
        self.controlnet = controlnet

    def forward(
        self,
        noisy: torch.Tensor,
        timesteps: torch.Tensor,
        mask: torch.Tensor,
        masked_latents: torch.Tensor,
        prompt: torch.Tensor,
        reference_embeds: Sequence[torch.Tensor],
        depth: torch.Tensor | None,
    ) -> torch.Tensor:
        """The predicted noise (or v), (B, 4, h, w) float32.

        prompt : (B, L, D); depth : (B, 3, S, S) in [0, 1], or None, which skips the ControlNet. The other arguments are
        as in `Batch`.
        """
        residuals: dict[str, Any] = {}
        if self.controlnet is not None and depth is not None:
            down, middle = self.controlnet(noisy, timesteps, prompt, depth, return_dict=False)
            residuals = {"down_block_additional_residuals": down, "mid_block_additional_residual": middle}
        predicted: torch.Tensor = self.unet(
            torch.cat([noisy, mask, masked_latents], dim=1),
            timesteps,
            prompt,
            added_cond_kwargs={"image_embeds": list(reference_embeds)},
            return_dict=False,
            **residuals,
        )[0]
        return predicted.float()
