from __future__ import annotations

import numpy as np
import pytest
import torch

from wallpaint.errors import WeightsError
from wallpaint.rooms.starter import starter_paths
from wallpaint.train.mini.models import mini_image_encoder, mini_unet, mini_vae
from wallpaint.train.mini.pool import encode_pool, paint_pool
from wallpaint.train.mini.vae import pyramid_error
from wallpaint.train.mini.vae_init import init_as_identity

ROOMS = starter_paths()[:2]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("pool")


@pytest.fixture(scope="module")
def pool(folder):
    return paint_pool(ROOMS, 5, 64, folder)


def test_a_pool_holds_rooms_before_and_after(pool):
    assert len(pool) == 5
    wall = pool.mask > 0
    assert wall.any(axis=(1, 2)).all()
    changed = np.abs(pool.source.astype(int) - pool.target).mean(axis=-1)
    assert changed[wall].mean() > 5 * changed[~wall].mean()


def test_a_pool_is_painted_once_and_deterministic(pool, folder, tmp_path):
    again, anew = paint_pool(ROOMS, 5, 64, folder), paint_pool(ROOMS, 5, 64, tmp_path)
    for other in (again, anew):
        np.testing.assert_array_equal(other.target, pool.target)


def test_a_pool_of_other_rooms_is_refused(folder, pool):
    with pytest.raises(WeightsError, match="other rooms"):
        paint_pool(ROOMS[:1], 5, 64, folder)


def test_latents_of_a_pool_have_unit_deviation_and_masks_cover_the_wall(pool):
    vae = mini_vae().eval()
    init_as_identity(vae)
    latents, scale = encode_pool(vae, pool)
    assert float(latents.latents.float().std()) == pytest.approx(1, abs=0.01)
    assert latents.mask.shape == (5, 1, 8, 8)
    with torch.no_grad():
        encoded = vae.encode(pool.signed("target", [3])).latent_dist.mode() * scale
    torch.testing.assert_close(latents.latents[3:4].float(), encoded, atol=0.01, rtol=0.01)


def test_the_identity_initialization_reconstructs_colours_better_than_the_default():
    colors = torch.tensor([[0.8, -0.2, 0.1], [-0.5, 0.6, 0.9], [0.0, 0.0, 0.0], [-0.9, -0.9, -0.9]])
    swatches = colors[:, :, None, None].expand(-1, -1, 64, 64)
    default, identity = mini_vae().eval(), mini_vae().eval()
    init_as_identity(identity)
    with torch.no_grad():
        losses = [
            float((vae.decode(vae.encode(swatches).latent_dist.mode()).sample - swatches).square().mean())
            for vae in (default, identity)
        ]
    assert losses[1] < 0.5 * losses[0]


def test_a_constant_hue_error_costs_more_than_noise_of_the_same_size():
    noise = torch.randn(1, 3, 64, 64, generator=torch.Generator().manual_seed(0)).sign() * 0.1
    tinted = torch.tensor([0.1, -0.1, 0.1])[:, None, None].expand(1, -1, 64, 64)
    assert pyramid_error(tinted) > 1.5 * pyramid_error(noise)
    assert pyramid_error(torch.zeros(1, 3, 64, 64)) == 0


def test_the_minis_sizes():
    counts = [sum(p.numel() for p in make().parameters()) for make in (mini_vae, mini_unet, mini_image_encoder)]
    assert counts == [1_718_807, 7_364_500, 506_752]
