"""The embedding of the empty prompt: computed once, then read."""

from __future__ import annotations

import json
import shutil

import ldm_layout
import pytest
import tiny_models
import torch
from safetensors.torch import load_file, save_file
from transformers import CLIPTokenizer

from wallpaint.diffusion.encoders import empty_prompt as zero_prompt
from wallpaint.diffusion.encoders.empty_prompt import (
    empty_prompt_embeds,
    encode_empty_prompt,
    encode_prompt,
    save_zero_prompt,
)
from wallpaint.errors import MissingWeightsError, WeightsError

pytestmark = pytest.mark.usefixtures("no_network")


@pytest.fixture(autouse=True)
def cache(monkeypatch, tmp_path):
    folder = tmp_path / "cache"
    monkeypatch.setenv("XDG_CACHE_HOME", str(folder))
    return folder


@pytest.fixture
def without_text_encoder(monkeypatch):
    """From now on whoever loads the text encoder fails."""

    def forbid():
        def refuse(path):
            raise AssertionError("the text encoder is loaded again")

        monkeypatch.setattr(zero_prompt, "load_text_encoder", refuse)

    return forbid


@pytest.fixture
def unwritable(monkeypatch):
    """Makes files below folders unwritable, for root too."""
    folders = []
    write = zero_prompt.write_files

    def guarded(contents):
        if any(path.is_relative_to(folder) for path in contents for folder in folders):
            raise PermissionError(13, "Permission denied")
        write(contents)

    monkeypatch.setattr(zero_prompt, "write_files", guarded)
    return folders.append


@pytest.fixture
def tokenizer(tmp_path):
    """CLIP's tokenizer with the few words that a test needs; the special ones have CLIP's numbers."""
    folder = tmp_path / "tokenizer"
    folder.mkdir()
    vocabulary = {"a</w>": 320, "wall</w>": 2569, "<|startoftext|>": 49406, "<|endoftext|>": 49407}
    (folder / "vocab.json").write_text(json.dumps(vocabulary))
    (folder / "merges.txt").write_text("#version: 0.2\n")
    config = {
        "tokenizer_class": "CLIPTokenizer",
        "model_max_length": 77,
        "bos_token": "<|startoftext|>",
        "eos_token": "<|endoftext|>",
        "pad_token": "<|endoftext|>",
        "unk_token": "<|endoftext|>",
    }
    (folder / "tokenizer_config.json").write_text(json.dumps(config))
    return folder


@pytest.fixture
def expected():
    """The text encoder's answer to <|startoftext|> and 76 times <|endoftext|>."""
    with torch.no_grad():
        return tiny_models.tiny_text_encoder()(torch.tensor([[49406] + [49407] * 76])).last_hidden_state


def test_it_is_the_text_encoders_output_for_an_empty_string(tokenizer, expected):
    tokens = CLIPTokenizer.from_pretrained(tokenizer)("", padding="max_length", max_length=77, return_tensors="pt")
    encoder = tiny_models.tiny_text_encoder()
    with torch.no_grad():
        answer = encoder(tokens.input_ids).last_hidden_state
    assert answer.shape == (1, 77, tiny_models.DIM)
    assert torch.equal(encode_empty_prompt(encoder), answer)
    assert torch.equal(answer, expected)


def test_the_embedding_of_a_half_precision_text_encoder_is_float32(expected):
    embeds = encode_empty_prompt(tiny_models.tiny_text_encoder().bfloat16())
    assert embeds.dtype == torch.float32
    torch.testing.assert_close(embeds, expected, atol=0.05, rtol=0.05)


def test_it_is_written_beside_the_weights_and_read_from_then_on(own_folder, expected, without_text_encoder, cache):
    assert torch.equal(empty_prompt_embeds(own_folder), expected)
    assert torch.equal(load_file(own_folder / "zero_prompt.safetensors")["prompt_embeds"], expected)
    without_text_encoder()
    assert torch.equal(empty_prompt_embeds(own_folder), expected)
    assert not cache.exists()


def test_a_folder_that_has_it_needs_no_text_encoder(own_folder):
    shutil.rmtree(own_folder / "text_encoder")
    stored = torch.randn(1, 77, 8)
    save_zero_prompt(stored, own_folder)
    assert torch.equal(empty_prompt_embeds(own_folder), stored)


def test_a_single_file_has_it_beside_itself(write_single_file, ldm_weights, expected, without_text_encoder):
    path = write_single_file(ldm_weights)
    assert torch.equal(empty_prompt_embeds(path), expected)
    assert path.with_name("model.safetensors.zero_prompt.safetensors").is_file()
    without_text_encoder()
    assert torch.equal(empty_prompt_embeds(path), expected)


def test_two_single_files_of_one_stem_do_not_share_it(write_single_file, ldm_weights, expected):
    other = ldm_layout.single_file(
        tiny_models.tiny_unet(), tiny_models.tiny_vae(), tiny_models.tiny_text_encoder(seed=9)
    )
    first, second = write_single_file(ldm_weights), write_single_file(other, "model.ckpt")
    assert torch.equal(empty_prompt_embeds(first), expected)
    assert not torch.allclose(empty_prompt_embeds(second), expected)


def test_for_read_only_weights_it_is_stored_in_the_cache(own_folder, expected, unwritable, cache, without_text_encoder):
    unwritable(own_folder)
    assert torch.equal(empty_prompt_embeds(own_folder), expected)
    assert not (own_folder / "zero_prompt.safetensors").exists()
    [kept] = cache.rglob("*.safetensors")
    assert kept.is_relative_to(cache / "wallpaint")
    without_text_encoder()
    assert torch.equal(empty_prompt_embeds(own_folder), expected)


def test_models_have_different_paths_in_the_cache(own_folder, tiny_folder, tmp_path, unwritable, cache):
    other = shutil.copytree(tiny_folder, tmp_path / "other")
    tiny_models.tiny_text_encoder(seed=9).save_pretrained(other / "text_encoder")
    for folder in (own_folder, other):
        unwritable(folder)
    assert not torch.allclose(empty_prompt_embeds(own_folder), empty_prompt_embeds(other))
    assert len(list(cache.rglob("*.safetensors"))) == 2


def test_a_single_file_that_was_replaced_has_another_place_in_the_cache(
    write_single_file, ldm_weights, tmp_path, unwritable, expected
):
    unwritable(tmp_path / "model.safetensors.zero_prompt.safetensors")
    assert torch.equal(empty_prompt_embeds(write_single_file(ldm_weights)), expected)
    encoder = tiny_models.tiny_text_encoder(seed=9)
    other = ldm_layout.single_file(tiny_models.tiny_unet(), tiny_models.tiny_vae(), encoder)
    assert torch.equal(empty_prompt_embeds(write_single_file(other)), encode_empty_prompt(encoder))


def test_if_nothing_is_writable_it_is_computed_every_time(own_folder, expected, unwritable, cache):
    unwritable(own_folder)
    unwritable(cache)
    for _ in range(2):
        assert torch.equal(empty_prompt_embeds(own_folder), expected)


def test_a_cache_that_is_not_a_folder_is_ignored(own_folder, expected, unwritable, cache):
    unwritable(own_folder)
    cache.write_text("in the way")
    assert torch.equal(empty_prompt_embeds(own_folder), expected)


def test_a_model_with_neither_embedding_nor_text_encoder_is_named(own_folder, empty_cache):
    shutil.rmtree(own_folder / "text_encoder")
    with pytest.raises(MissingWeightsError, match="model: it has no text encoder"):
        empty_prompt_embeds(own_folder)


@pytest.mark.parametrize(
    "damage",
    [
        lambda file: file.write_bytes(file.read_bytes()[:-20]),
        lambda file: file.write_bytes(b""),
        lambda file: save_file({"other": torch.zeros(1, 77, 8)}, file),
        lambda file: save_file({"prompt_embeds": torch.zeros(77, 8)}, file),
        lambda file: save_file({"prompt_embeds": torch.zeros(2, 77, 8)}, file),
    ],
    ids=["cut short", "empty", "without it", "of two dimensions", "of two prompts"],
)
def test_a_damaged_one_is_named(own_folder, damage):
    file = own_folder / "zero_prompt.safetensors"
    save_zero_prompt(torch.zeros(1, 77, 8), own_folder)
    damage(file)
    with pytest.raises(
        WeightsError, match=r"zero_prompt\.safetensors: this is not a stored prompt embedding \(.+\)\. Del"
    ):
        empty_prompt_embeds(own_folder)


def test_an_empty_prompt_is_the_zero_prompt_and_text_is_not(own_folder, tokenizer, expected):
    shutil.copytree(tokenizer, own_folder / "tokenizer")
    assert torch.equal(encode_prompt(own_folder, ""), expected)
    words = encode_prompt(own_folder, "a wall")
    assert words.shape == expected.shape
    assert not torch.allclose(words, expected)


def test_a_long_prompt_is_truncated(own_folder, tokenizer):
    shutil.copytree(tokenizer, own_folder / "tokenizer")
    assert encode_prompt(own_folder, "wall " * 200).shape == (1, 77, tiny_models.DIM)


def test_a_prompt_needs_a_tokenizer(own_folder, write_single_file, ldm_weights):
    for path in (own_folder, write_single_file(ldm_weights)):
        with pytest.raises(MissingWeightsError, match="there is no tokenizer, so a prompt cannot be encoded"):
            encode_prompt(path, "a wall")


def test_a_damaged_tokenizer_is_named(own_folder):
    (own_folder / "tokenizer").mkdir()
    (own_folder / "tokenizer" / "vocab.json").write_text("{")
    with pytest.raises(WeightsError, match="model: its tokenizer cannot be loaded"):
        encode_prompt(own_folder, "a wall")
