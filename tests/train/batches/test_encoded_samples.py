from __future__ import annotations

import pytest
import torch
from tiny_training import tiny_config

from wallpaint.train.batches.encoded_samples import EncodedSamples, encoded_samples_of
from wallpaint.train.loop import train
from wallpaint.train.trainer.run import Run


def weights_after(config):
    run = Run.set_up(config, None)
    batches = run.batches()
    for step in range(4):
        run.run_step(step, batches)
    return {name: value.detach().clone() for name, value in run.models.trained().items()}


def test_what_is_kept_trains_as_what_is_painted(config, tmp_path):
    kept = config("data.redraw=false", f"caching.folder={tmp_path / 'kept'}")
    first, again = weights_after(kept), weights_after(kept)
    painted = weights_after(config("data.redraw=false", "caching.latents=false"))
    assert first.keys() == painted.keys()
    for name, value in first.items():
        assert torch.equal(again[name], value)
        torch.testing.assert_close(painted[name], value, rtol=1e-3, atol=1e-6)


def test_every_tensor_comes_back(config, tmp_path):
    run = Run.set_up(config("data.redraw=false"), None)
    encoded = EncodedSamples(tmp_path)
    batch = run._batch(0, next(run.batches()))
    for index, sample in enumerate(batch.split()):
        encoded.keep(index, sample)
    again = type(batch).join([encoded.get(index) for index in range(len(batch.names))], torch.device("cpu"))
    assert again.names == batch.names
    assert encoded.get(len(batch.names)) is None
    for name, value in vars(batch).items():
        if isinstance(value, torch.Tensor):
            assert torch.equal(getattr(again, name), value), name
    for kind, kind_again in zip(batch.reference_embeds, again.reference_embeds, strict=True):
        assert torch.equal(kind, kind_again)


def test_samples_are_encoded_once(config, output, monkeypatch):
    train(config("data.redraw=false"))
    folder = next((output / "cache").iterdir())
    assert list(folder.glob("*.safetensors"))
    monkeypatch.setattr("wallpaint.train.trainer.run.encode_batch", lambda *_: pytest.fail("encoded again"))
    run = Run.set_up(config("data.redraw=false"), None)
    run.run_step(0, run.batches())


@pytest.mark.parametrize("word", ["seed=1", "data.mirror_prob=0", "training.reference.texture_noise_std=3"])
def test_other_settings_do_not_meet(config, word):
    ours, others = (
        encoded_samples_of(each, Run.set_up(each, None).models).folder
        for each in (config("data.redraw=false"), config("data.redraw=false", word))
    )
    assert ours != others


def test_nothing_is_kept_where_each_epoch_draws_anew(tiny_model, output):
    drawn_anew = tiny_config(tiny_model, output)
    assert encoded_samples_of(drawn_anew, Run.set_up(drawn_anew, None).models).folder is None
