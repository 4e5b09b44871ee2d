"""With a tiny random model: plumbing, not quality."""

from __future__ import annotations

import numpy as np
import pytest
import tiny_models

from wallpaint.evaluate import room_cases
from wallpaint.evaluate.repaintbench import benchmark as truth
from wallpaint.evaluate.repaintbench.diffusion_methods import (
    STRENGTHS,
    depth_methods,
    diffusion_fingerprint,
    diffusion_methods,
)


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    return str(tiny_models.save_tiny_model(tmp_path_factory.mktemp("methods") / "model"))


@pytest.fixture(scope="module")
def controlnet(tmp_path_factory):
    folder = tmp_path_factory.mktemp("methods") / "controlnet"
    tiny_models.tiny_controlnet().save_pretrained(folder)
    return str(folder)


@pytest.fixture(scope="module")
def case(papered_room):
    return next(room_cases(papered_room, ("clean",)))


def test_raw_is_before_the_lock_and_the_model_after(model, case):
    methods = diffusion_methods(model)
    assert list(methods) == [f"{model} raw", model, *(f"{model} from albedo {share:g}" for share in STRENGTHS)]
    raw, locked = (methods[name](case.source, case.mask, case.reference) for name in list(methods)[:2])
    wall, outside = case.mask >= 1, case.mask <= 0
    assert not np.array_equal(np.median(raw[wall], axis=0), case.reference.rgb8)
    np.testing.assert_allclose(np.median(locked[wall], axis=0), case.reference.rgb8, atol=1)
    np.testing.assert_array_equal(locked[outside], case.source[outside])


def test_what_was_drawn_for_one_case_is_not_given_for_another(model, papered_room):
    raw = diffusion_methods(model)[f"{model} raw"]
    first, second = list(room_cases(papered_room, ("clean",)))[:2]
    one, other = (raw(case.source, case.mask, case.reference) for case in (first, second))
    assert not np.array_equal(one, other)
    np.testing.assert_array_equal(raw(first.source, first.mask, first.reference), one)


def test_the_bench_measures_a_model_beside_the_others(model, stored, tmp_path, quick_bench):
    plain = quick_bench(stored[:1], tmp_path, ("clean",))
    rows = quick_bench(stored[:1], tmp_path, ("clean",), model=model)
    methods = list(dict.fromkeys(row["method"] for row in rows))
    assert methods == ["flat fill", "wallpaint albedo", *diffusion_methods(model)]
    assert len(rows) > len(plain)


def test_other_weights_have_another_fingerprint(model, tmp_path):
    other = str(tiny_models.save_tiny_model(tmp_path / "other", seed=1))
    assert diffusion_fingerprint(model) == diffusion_fingerprint(model) != diffusion_fingerprint(other)


def test_with_depth_the_picture_follows_depth(model, controlnet, case):
    raw = depth_methods(model, controlnet)[f"{model} with depth raw"]
    near, far = (raw(case.source.copy(), case.mask, case.reference, depth=d) for d in (case.depth, 1 - case.depth))
    assert not np.array_equal(near, far)


def test_the_bench_measures_a_model_with_the_rooms_depth_beside_the_same_without(
    model, controlnet, stored, tmp_path, quick_bench, rewrite, monkeypatch
):
    raw, deep = f"{model} raw", f"{model} with depth raw"
    monkeypatch.setattr(truth, "diffusion_methods", lambda model: {raw: diffusion_methods(model)[raw]})
    monkeypatch.setattr(truth, "depth_methods", lambda *parts: {deep: depth_methods(*parts)[deep]})
    without = quick_bench(stored[:1], tmp_path, ("clean",), model=model)
    rewrite(next(tmp_path.glob("*.json")), rows=[{**row, "inside": -1.0} for row in without])
    rows = quick_bench(stored[:1], tmp_path, ("clean",), model=model, controlnet=controlnet)
    inside = {(row["pair"], row["method"]): row["inside"] for row in rows}
    assert {method for _, method in inside} == {"flat fill", "wallpaint albedo", raw, deep}
    assert all(inside[row["pair"], row["method"]] == row["inside"] >= 0 for row in without)  # not what was kept
    assert all(inside[pair, deep] != inside[pair, raw] for pair, _ in inside)


def test_another_controlnet_has_another_fingerprint(model, controlnet, tmp_path):
    tiny_models.tiny_controlnet(seed=3).save_pretrained(tmp_path)
    prints = {diffusion_fingerprint(model, each) for each in (None, controlnet, str(tmp_path))}
    assert len(prints) == 3


def test_a_model_that_brings_a_controlnet_is_measured_without_depth_unless_it_is_asked_for(
    model, case, tmp_path, recwarn
):
    own = str(tiny_models.save_tiny_model(tmp_path / "own", controlnet=True))
    pictures = [diffusion_methods(name)[f"{name} raw"](case.source, case.mask, case.reference) for name in (own, model)]
    np.testing.assert_array_equal(*pictures)
    assert not [warning for warning in recwarn if "depth" in str(warning.message)]
