"""The image encoder: CLIP's preprocessing, features, and their cache."""

from __future__ import annotations

import shutil

import numpy as np
import pytest
import tiny_models
import torch
from PIL import Image
from transformers import CLIPImageProcessor

from wallpaint.diffusion.encoders.image_encoder import ImageEncoder, clip_input, load_image_encoder
from wallpaint.diffusion.pixel_values import to_pixel_values
from wallpaint.errors import MissingWeightsError, WeightsError

pytestmark = pytest.mark.usefixtures("no_network")


@pytest.fixture
def seen():
    """Sizes of the batches that the encoder's model was given."""
    return []


@pytest.fixture
def encoder(seen):
    model = tiny_models.tiny_image_encoder()
    model.register_forward_pre_hook(lambda module, inputs: seen.append(len(inputs[0])))
    return ImageEncoder(model)


def picture(seed, height=40, width=40):
    """A smooth picture with some noise."""
    generator = np.random.default_rng(seed)
    rows, columns = np.mgrid[:height, :width] / max(height, width)
    waves = np.stack([np.sin(7 * rows + phase) * np.cos(5 * columns - phase) for phase in generator.random(3)], axis=-1)
    return np.clip(128 + 90 * waves + generator.normal(0, 8, waves.shape), 0, 255).astype(np.uint8)


def clips_own(pixels, side):
    processor = CLIPImageProcessor(size={"shortest_edge": side}, crop_size={"height": side, "width": side})
    return processor(Image.fromarray(pixels), return_tensors="pt").pixel_values


@pytest.mark.parametrize("size", [224, 256, 512])
def test_a_square_picture_is_prepared_as_clip_prepares_it(size):
    pixels = picture(1, size, size)
    ours, theirs = clip_input(to_pixel_values(pixels)[None], 224), clips_own(pixels, 224)
    # theirs is rounded to whole code values, after each of two passes where it is scaled
    tolerance = 1e-5 if size == 224 else 1.1 / 255 / 0.2613
    torch.testing.assert_close(ours, theirs, atol=tolerance, rtol=0)


def test_a_flat_picture_keeps_its_colour_whatever_its_size():
    flat = np.full((37, 91, 3), (185, 160, 140), np.uint8)
    wanted = (torch.tensor([185, 160, 140]) / 255 - torch.tensor([0.48145466, 0.4578275, 0.40821073])) / torch.tensor(
        [0.26862954, 0.26130258, 0.27577711]
    )
    torch.testing.assert_close(
        clip_input(to_pixel_values(flat)[None], 28), wanted.view(1, 3, 1, 1).expand(1, 3, 28, 28), atol=1e-5, rtol=0
    )


def test_the_border_of_a_picture_is_kept():
    framed = np.full((40, 80, 3), 128, np.uint8)
    framed[:, :8] = 255
    prepared = clip_input(to_pixel_values(framed)[None], 28)
    assert prepared[..., 0].mean() > prepared[..., 14].mean() + 1


def test_no_value_is_outside_the_range_of_pictures():
    edge = np.zeros((56, 56, 3), np.uint8)
    edge[:, 28:] = 255
    prepared = clip_input(to_pixel_values(edge)[None], 37)
    black, white = (clip_input(to_pixel_values(np.full((1, 37, 37, 3), v, np.uint8)), 37) for v in (0, 255))
    assert bool((prepared >= black - 1e-6).all())
    assert bool((prepared <= white + 1e-6).all())


def test_features_are_those_of_the_model(encoder):
    pixels = picture(1)
    with torch.no_grad():
        output = encoder.model(clip_input(to_pixel_values(pixels)[None], 28), output_hidden_states=True)
    features = encoder.features([pixels])
    assert torch.equal(features.hidden_states, output.hidden_states[-2])
    assert torch.equal(features.embeds, output.image_embeds)
    assert features.hidden_states.shape == (1, 5, 32)
    assert features.embeds.shape == (1, 16)


def test_a_reference_is_encoded_once(encoder, seen):
    first, second = picture(1), picture(2, 30, 50)
    encoder.features([first])
    encoder.features([first.copy()])
    assert seen == [1]
    encoder.features([first, second, first, second])
    assert seen == [1, 1]
    encoder.features([second, first])
    assert seen == [1, 1]


def test_the_same_bytes_in_another_shape_are_another_reference(encoder, seen):
    wide = picture(1, 20, 40)
    encoder.features([wide, wide.reshape(40, 20, 3)])
    assert seen == [2]


def test_the_features_of_a_reference_do_not_depend_on_the_batch(encoder):
    pictures = [picture(seed, 30 + seed, 50) for seed in range(4)]
    together = encoder.features(pictures)
    for place, pixels in enumerate(pictures):
        alone = ImageEncoder(encoder.model).features([pixels])
        torch.testing.assert_close(together.hidden_states[place], alone.hidden_states[0], atol=1e-5, rtol=0)
        torch.testing.assert_close(together.embeds[place], alone.embeds[0], atol=1e-5, rtol=0)


def test_references_come_in_the_order_they_were_given(encoder):
    first, second = picture(1), picture(2)
    one, two = encoder.features([first]).embeds, encoder.features([second]).embeds
    assert not torch.allclose(one, two, atol=1e-3)
    assert torch.equal(encoder.features([second, first, second]).embeds, torch.cat([two, one, two]))


def test_the_cache_is_limited(encoder, seen):
    encoder.kept = 2
    pictures = [picture(seed) for seed in range(3)]
    assert len(encoder.features(pictures).embeds) == 3
    encoder.features(pictures[1:])
    assert seen == [3]
    encoder.features(pictures[:1])
    assert seen == [3, 1]


def test_features_of_a_half_precision_encoder_are_float32(encoder):
    full = encoder.features([picture(1)])
    encoder.model.bfloat16()
    halved = ImageEncoder(encoder.model).features([picture(1)])
    assert halved.embeds.dtype == halved.hidden_states.dtype == torch.float32
    torch.testing.assert_close(halved.hidden_states, full.hidden_states, atol=0.1, rtol=0.1)


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
def test_an_encoder_is_loaded_frozen_in_the_given_dtype(tiny_folder, dtype):
    model = load_image_encoder(tiny_folder / "image_encoder", dtype).model
    assert not model.training
    assert {(value.dtype, value.requires_grad) for value in model.parameters()} == {(dtype, False)}
    saved = tiny_models.tiny_image_encoder().to(dtype).state_dict()
    assert all(torch.equal(value, saved[key]) for key, value in model.state_dict().items())


def test_a_missing_folder_is_named(tmp_path):
    with pytest.raises(
        MissingWeightsError, match=r"nowhere: there is no image encoder\. Fetch one: wallpaint models pull"
    ):
        load_image_encoder(tmp_path / "nowhere")


def test_a_file_cut_short_is_named(tiny_folder, tmp_path):
    folder = shutil.copytree(tiny_folder / "image_encoder", tmp_path / "image_encoder")
    file = folder / "model.safetensors"
    file.write_bytes(file.read_bytes()[:-100])
    with pytest.raises(WeightsError, match="image_encoder: its model cannot be loaded"):
        load_image_encoder(folder)


def test_a_file_beside_its_configuration_is_loaded(tmp_path):
    model = tiny_models.tiny_image_encoder()
    model.save_pretrained(tmp_path)
    loaded = load_image_encoder(tmp_path / "model.safetensors")
    expected = ImageEncoder(model).features([picture(0)])
    torch.testing.assert_close(loaded.features([picture(0)]).hidden_states, expected.hidden_states)
    torch.testing.assert_close(loaded.features([picture(0)]).embeds, expected.embeds)
    assert not any(parameter.requires_grad for parameter in loaded.model.parameters())


def test_a_file_alone_is_taken_for_the_encoder_of_ip_adapter(tmp_path, tiny_folder, monkeypatch):
    model = tiny_models.tiny_image_encoder()
    torch.save(
        {**model.state_dict(), "vision_model.embeddings.position_ids": torch.arange(5)[None]}, tmp_path / "h.pth"
    )
    with pytest.raises(
        WeightsError, match=r"h\.pth: (.* is 32.*, that of ViT-H/14 is 1,280|.* more weights are missing)"
    ):
        load_image_encoder(tmp_path / "h.pth")
    monkeypatch.setattr("wallpaint.diffusion.encoders.image_encoder.sd15_folder", lambda part: tiny_folder / part)
    loaded = load_image_encoder(tmp_path / "h.pth", torch.bfloat16)
    assert {parameter.dtype for parameter in loaded.model.parameters()} == {torch.bfloat16}


def test_another_file_is_not_an_image_encoder(tmp_path):
    torch.save({"unet.x.lora_A.weight": torch.zeros(2, 2)}, tmp_path / "lora.pt")
    with pytest.raises(WeightsError, match=r"not the image encoder of an IP-Adapter: .*its first is unet\.x"):
        load_image_encoder(tmp_path / "lora.pt")
