"""A mask covers whole latents, so that the UNet's mask and the masked photo agree."""

from __future__ import annotations

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch.nn.functional import interpolate

from wallpaint.diffusion.fullsize.latent_mask import cover_latents
from wallpaint.errors import SettingError


@st.composite
def masks(draw):
    """(B, 1, H, W) masks, their marks anywhere from none to all, with the pixels along a latent's side."""
    side, batch, rows, columns = (draw(st.integers(1, most)) for most in (8, 3, 4, 4))
    shares = torch.tensor(draw(st.lists(st.floats(0, 1), min_size=batch, max_size=batch)))
    generator = torch.Generator().manual_seed(draw(st.integers(0, 1000)))
    values = torch.rand(batch, 1, rows * side, columns * side, generator=generator)
    return (values < shares[:, None, None, None] ** 4).float(), side


def cells_of(mask, side):
    """(B, 1, h, w, side, side): the pixels of each latent."""
    return mask.unfold(2, side, side).unfold(3, side, side)


@given(masks())
def test_every_latent_with_any_wall_is_covered_whole_and_no_other(given_mask):
    mask, side = given_mask
    has_wall = cells_of(mask, side).amax(dim=(-2, -1), keepdim=True)
    assert torch.equal(cells_of(cover_latents(mask, side), side), has_wall.expand_as(cells_of(mask, side)))


@given(masks())
def test_covering_again_changes_nothing(given_mask):
    mask, side = given_mask
    covered = cover_latents(mask, side)
    assert torch.equal(cover_latents(covered, side), covered)


@given(masks())
def test_the_latents_that_diffusers_marks_are_those_whose_pixels_are_hidden(given_mask):
    mask, side = given_mask
    covered = cover_latents(mask, side)
    reduced = interpolate(covered, size=(mask.shape[-2] // side, mask.shape[-1] // side))  # as in diffusers
    assert torch.equal(reduced, cells_of(covered, side).amin(dim=(-2, -1)))
    assert torch.equal(reduced, cells_of(mask, side).amax(dim=(-2, -1)))


@pytest.mark.parametrize("size", [(64, 60), (60, 64), (4, 8)])
def test_a_mask_that_ends_within_a_latent_is_refused(size):
    with pytest.raises(SettingError, match="multiples of 8"):
        cover_latents(torch.ones(1, 1, *size), 8)
