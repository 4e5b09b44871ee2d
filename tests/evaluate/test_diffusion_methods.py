"""With a tiny random model: plumbing, not quality."""

from __future__ import annotations

import numpy as np
import pytest
import tiny_models

from wallpaint.evaluate import room_cases
from wallpaint.evaluate.diffusion_methods import STRENGTHS, diffusion_fingerprint, diffusion_methods


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    return str(tiny_models.save_tiny_model(tmp_path_factory.mktemp("methods") / "model"))


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
