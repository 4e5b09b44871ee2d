"""The diffusion engine on tiny random models: properties that do not depend on the weights."""

from __future__ import annotations

import numpy as np
import pytest
import tiny_models
import torch

from wallpaint import Repainter, TextureSample
from wallpaint.color import delta_e_2000, srgb_to_lab
from wallpaint.diffusion import DiffusionEngine, ModelSources, SamplingSettings, load_engine, load_model
from wallpaint.diffusion.adapters.ip_adapter import scales
from wallpaint.errors import WallpaintWarning, WeightsError
from wallpaint.reference import wall_median

COLORS = ["#B9A08C", "#2F4858", "#C1440E"]


@pytest.fixture(scope="module")
def model_folder(tmp_path_factory):
    return tiny_models.save_tiny_model(tmp_path_factory.mktemp("engine") / "model", controlnet=True)


@pytest.fixture(scope="module")
def model(model_folder):
    return load_model(ModelSources(model_folder), precision="fp32", device="cpu")


@pytest.fixture(scope="module")
def depth():
    """(160, 240) float32: nearer towards the floor."""
    return np.repeat(np.linspace(0, 1, 160, dtype=np.float32)[:, None], 240, axis=1)


def engine_of(model, **choices):
    detail = choices.pop("detail", "auto")
    return DiffusionEngine(model, SamplingSettings(**{"steps": 2, **choices}), detail=detail)


@pytest.fixture
def opened(model, room_pixels, wall_mask, depth):
    return lambda **choices: Repainter(engine_of(model, **choices)).open(room_pixels, wall_mask, depth=depth)


def test_the_picture_depends_on_the_reference(opened):
    room = opened()
    one, other, again = (room.paint(color).raw for color in ("#B9A08C", "#2F4858", "#B9A08C"))
    assert np.count_nonzero(one != other) > 100
    np.testing.assert_array_equal(one, again)


def test_reference_strength_scales_the_reference_and_does_not_change_the_model(opened, model):
    before = scales(model.base.unet)
    one, three = (opened(init="noise", reference_strength=factor).paint("#C1440E").raw for factor in (1.0, 3.0))
    assert np.count_nonzero(one != three) > 100
    assert scales(model.base.unet) == before
    near_0 = [opened(init="noise", reference_strength=1e-6).paint(color).raw for color in ("#C1440E", "#2F4858")]
    np.testing.assert_allclose(near_0[0].astype(int), near_0[1], atol=1)


def test_the_seed_determines_the_picture(opened):
    first, same, other = (opened(seed=seed).paint("#7A9E7E").raw for seed in (1, 1, 2))
    np.testing.assert_array_equal(first, same)
    assert (first != other).any()


@pytest.mark.parametrize("batch_size", [1, 2, 3])
def test_a_batch_gives_the_same_pictures_as_one_colour_at_a_time(model, opened, batch_size):
    room = opened(batch_size=batch_size)
    seen = room.engine_room
    swatches = [np.full((32, 32, 3), rgb, np.uint8) for rgb in ((200, 90, 30), (20, 40, 90), (9, 99, 9))]
    embeds = model.reference_embeds(swatches)
    together = seen.engine.sampler.sample(seen.photo, seen.mask, embeds)
    alone = [seen.engine.sampler.sample(seen.photo, seen.mask, [each[i : i + 1] for each in embeds]) for i in range(3)]
    for i in range(3):
        np.testing.assert_allclose(together[i].numpy(), alone[i][0].numpy(), atol=1e-4)


@pytest.fixture
def encoded(model, monkeypatch):
    """Every picture that the VAE encodes, (1, 3, h, w) in [-1, 1], as it does."""
    pictures, encode = [], model.base.vae.encode
    monkeypatch.setattr(model.base.vae, "encode", lambda picture: pictures.append(picture) or encode(picture))
    return pictures


def test_a_photo_is_encoded_once_for_many_colours(opened, encoded):
    room = opened()
    room.palette(COLORS)
    room.paint("#123456")
    side = min(picture.shape[-1] for picture in encoded)
    swatches = [
        picture for picture in encoded if picture.shape[-2:] == (side, side) and picture.std((2, 3)).max() < 1e-6
    ]
    assert len(encoded) - len(swatches) == 1
    assert len(swatches) == len(COLORS) + 1
    opened(init="noise").palette(COLORS)
    assert len(encoded) - len(swatches) == 2


def test_a_photo_is_encoded_once_for_more_first_pictures_than_are_kept(opened, encoded, monkeypatch):
    monkeypatch.setattr("wallpaint.diffusion.sampling.pipeline._KEPT", 4)
    room = opened(init="albedo", steps=1, batch_size=2)
    room.palette([(40 * shade, 200, 90) for shade in range(6)])
    is_hidden = room.engine_room.mask.bool().expand(1, 3, -1, -1)
    assert len(encoded) == 6 + 1
    assert sum(not picture[is_hidden].any() for picture in encoded) == 1
    for picture in encoded:  # outside the mask all of them are the photo
        torch.testing.assert_close(picture[~is_hidden], 2 * room.engine_room.photo[~is_hidden] - 1)


def test_the_mask_is_every_latent_with_any_wall_and_hides_the_photo_there(opened, model, encoded):
    masks = []
    watch = model.base.unet.register_forward_pre_hook(lambda unet, args: masks.append(args[0][:, 4:5]))
    room = opened(steps=1, init="noise")
    room.paint("#7A9E7E")
    watch.remove()
    side = model.base.pixels_per_latent
    hidden = (encoded[0] == 0).all(1, keepdim=True).float()
    crop = room.engine_room.detail.crop
    has_wall = torch.from_numpy(crop.shrink_mask(room.region.alpha)).float()[None, None]
    assert torch.equal(masks[0], 1 - torch.nn.functional.max_pool2d(1 - hidden, side))
    assert torch.equal(masks[0], torch.nn.functional.max_pool2d(has_wall, side))


@pytest.mark.parametrize(
    "choices", [{}, {"init": "albedo", "strength": 0.6, "steps": 4}, {"detail": "model"}, {"detail": "photo"}]
)
@pytest.mark.parametrize("color", COLORS)
def test_the_locked_wall_has_the_reference_as_its_median(opened, color, choices):
    room = opened(**choices)
    painted = room.paint(color)
    median = wall_median(painted.image, room.region.is_wall) / 255
    assert delta_e_2000(srgb_to_lab(median), painted.color.lab) <= 0.5
    assert painted.metrics["delta_e_2000_median"] <= 0.5
    assert painted.raw_metrics["delta_e_2000_median"] >= painted.metrics["delta_e_2000_median"]


def test_not_one_byte_outside_the_wall_changes(opened, room_pixels):
    room = opened()
    painted = room.paint("#2F4858")
    outside = room.region.alpha == 0
    for picture in (painted.image, painted.raw):
        np.testing.assert_array_equal(picture[outside], room_pixels[outside])
    assert (painted.image != room_pixels).any()


def test_depth_changes_the_picture_only_when_it_is_given(model, room_pixels, wall_mask, depth):
    repainter = Repainter(engine_of(model))
    with pytest.warns(WallpaintWarning, match="without depth"):
        without = repainter.open(room_pixels, wall_mask)
    near, far = (repainter.open(room_pixels, wall_mask, depth=given) for given in (depth, 1 - depth))
    assert without.depth is None
    raw = [room.paint("#7A9E7E").raw for room in (without, near, far)]
    assert (raw[0] != raw[1]).any()
    assert (raw[1] != raw[2]).any()


def test_a_model_without_controlnet_ignores_depth(model_folder, room_pixels, wall_mask, depth):
    flat = load_model(ModelSources(model_folder), depth=False, precision="fp32", device="cpu")
    room = Repainter(engine_of(flat)).open(room_pixels, wall_mask, depth=depth)
    assert room.depth is None
    np.testing.assert_array_equal(
        room.paint("#7A9E7E").raw, Repainter(engine_of(flat)).open(room_pixels, wall_mask).paint("#7A9E7E").raw
    )


@pytest.mark.parametrize("scheduler", ["dpm++", "ddim", "unipc", "lcm"])
def test_the_initial_latents_are_the_wall_in_the_reference_colour_with_noise(model, opened, scheduler):
    """The mean over many seeds is the clean picture times √ᾱ."""
    started = {}
    for init in ("reference", "noise"):
        drawn = []
        watch = model.base.unet.register_forward_pre_hook(
            lambda unet, args, drawn=drawn: drawn.append(args[0][:, :4].clone())
        )
        for seed in range(60):
            opened(init=init, scheduler=scheduler, seed=seed, steps=1).paint("#E0C010")
        watch.remove()
        started[init] = torch.stack(drawn).mean(0)
    seen = opened().engine_room
    plain = seen.engine.sampler._plain
    picture = torch.where(seen.mask > 0.5, torch.tensor([0xE0, 0xC0, 0x10])[None, :, None, None] / 255, seen.photo)
    clean = plain._encode_vae_image(2 * picture - 1)
    lies_under = started["reference"] - started["noise"]  # the noise is the same
    faint = float(plain.scheduler.alphas_cumprod[-1].sqrt())
    cells = seen.mask[..., :: model.base.pixels_per_latent, :: model.base.pixels_per_latent] > 0.5
    wall = [each.masked_select(cells).reshape(4, -1).mean(1) for each in (lies_under, faint * clean)]
    torch.testing.assert_close(*wall, rtol=0.25, atol=0.02)


def test_a_lower_strength_keeps_more_of_the_albedo_engines_picture(opened, room_pixels, wall_mask):
    answer = Repainter().open(room_pixels, wall_mask).paint("#7A9E7E").image.astype(float)
    much, little = (
        opened(init="albedo", steps=20, strength=strength, detail="model").paint("#7A9E7E").raw
        for strength in (1.0, 0.05)
    )
    vae_alone = np.abs(little - answer).mean()
    assert vae_alone < np.abs(much - answer).mean()


def test_the_callback_is_called_after_every_step(opened):
    calls = []
    opened(batch_size=2, steps=3).palette(COLORS, callback=lambda step, steps: calls.append((step, steps)))
    assert calls == [(step, 6) for step in range(1, 7)]


def test_a_texture_is_encoded_unchanged(model, opened, monkeypatch):
    checks = np.kron(np.indices((8, 8)).sum(0) % 2, np.ones((8, 8)))[..., None] * np.array([200, 40, 90])
    sample = TextureSample(checks.astype(np.uint8))
    shown, features = [], model.image_encoder.features

    def watched(self, references):
        shown.extend(references)
        return features(references)

    monkeypatch.setattr(type(model.image_encoder), "features", watched)
    painted = opened().paint(sample)
    np.testing.assert_array_equal(shown[0], sample.pixels)
    assert painted.metrics["delta_e_2000_median"] <= 0.5


def test_a_picture_records_what_painted_it(opened, model, tmp_path):
    from PIL import Image

    path = opened(seed=7).paint("#7A9E7E").save(tmp_path / "painted.png")
    text = Image.open(path).text
    assert text["wallpaint:engine"] == "diffusion"
    assert model.fingerprint in text["wallpaint:model"]
    assert "seed 7" in text["wallpaint:sampling"]
    assert text["wallpaint:depth"] == "yes"
    assert "raw_metrics" in "".join(text)


def test_scale_0_disables_the_reference(model_folder, room_pixels, wall_mask):
    choices = {"steps": 2, "depth": False, "precision": "fp32", "device": "cpu", "init": "noise"}
    without_reference = load_engine(model_folder, ip_adapter_scale=0, **choices)
    room = Repainter(without_reference).open(room_pixels, wall_mask)
    np.testing.assert_array_equal(room.paint("#7A9E7E").raw, room.paint("#C1440E").raw)


def test_an_image_encoder_of_another_width_is_refused(model_folder, tmp_path):
    from transformers import CLIPVisionModelWithProjection

    config = tiny_models.tiny_image_encoder().config
    config.hidden_size, config.num_attention_heads = 48, 2
    CLIPVisionModelWithProjection(config).save_pretrained(tmp_path / "encoder")
    with pytest.raises(WeightsError, match="width 32, the one loaded has width 48"):
        load_model(ModelSources(model_folder, image_encoder=tmp_path / "encoder"), precision="fp32", device="cpu")
