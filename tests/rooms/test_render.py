"""Rendered light: the polynomial against direct renders, Mitsuba's own path tracer, the stored form, the scalar way."""

from __future__ import annotations

import numpy as np
import pytest

from wallpaint.color import delta_e_2000, linear_to_lab, parse_color
from wallpaint.rooms.scene import furnish

SIZE = 48
PAINTS = ["#c1440e", "#5d8aa8", "#e8e0d0"]


@pytest.fixture(scope="module")
def stage(mitsuba):
    from wallpaint.rooms.stage import Stage

    return Stage(furnish(6), SIZE)


@pytest.fixture(scope="module")
def terms(stage):
    from wallpaint.rooms.tracer import trace_polynomial

    return trace_polynomial(stage, 16, seed=1)


@pytest.fixture(scope="module")
def features(stage):
    from wallpaint.rooms.tracer import trace_features

    return trace_features(stage, 16, seed=1)


def evaluate(terms, paint):
    return sum(term * np.asarray(paint, np.float32) ** k for k, term in enumerate(terms))


@pytest.mark.parametrize("color", PAINTS)
def test_the_polynomial_is_the_direct_render_at_the_same_noise(stage, terms, color):
    """A direct render carries the paint in its BSDF; what it sorts by k is then only to be summed."""
    from wallpaint.rooms.tracer import trace_polynomial

    paint = parse_color(color).linear
    stage.set_paint(paint)
    direct = trace_polynomial(stage, 16, seed=1).sum(0)
    stage.set_paint(np.ones(3))
    np.testing.assert_allclose(evaluate(terms, paint), direct, rtol=2e-3, atol=2e-4)


def test_the_polynomial_has_no_bias_against_mitsubas_own_path_tracer(stage, terms):
    from wallpaint.rooms.tracer import render_ordinary

    paint = np.array([0.7, 0.5, 0.3])
    stage.set_paint(paint)
    ordinary = render_ordinary(stage, 64, seed=2)
    stage.set_paint(np.ones(3))
    ours = evaluate(terms, paint)
    np.testing.assert_allclose(ours.mean((0, 1)), ordinary.mean((0, 1)), rtol=0.04)


@pytest.mark.parametrize("seed", [6, 8])
def test_a_stored_room_is_the_direct_render_at_the_same_noise(mitsuba, seed, tmp_path):
    """Mean CIEDE2000 ≤ 0.15 inside the wall for chromatic paints, through fit, float16 and file."""
    from wallpaint.rooms import PaintableRoom
    from wallpaint.rooms.render import render_room
    from wallpaint.rooms.stage import Stage
    from wallpaint.rooms.tracer import trace_polynomial

    render_room(seed, 32, samples=256, clean=False).save(tmp_path / "room.npz")
    stored = PaintableRoom.load(tmp_path / "room.npz")
    wall, stage = stored.alpha > 0.5, Stage(furnish(seed), 32)
    for color in PAINTS:
        paint = parse_color(color).linear
        stage.set_paint(paint)
        direct = trace_polynomial(stage, 256, seed).sum(0) * stored.exposure
        lab = [linear_to_lab(np.clip(light, 0, 1)[wall]) for light in (stored.render(paint), direct)]
        assert delta_e_2000(*lab).mean() <= 0.15


def test_coefficients_are_light_and_fade_with_the_number_of_scatterings(terms):
    assert (terms >= 0).all()
    means = terms.mean((1, 2, 3))
    assert (np.diff(means[1:-1]) < 0).all()


def test_features_are_what_the_camera_sees_first(features):
    assert 0.08 < features.alpha.mean() < 0.85
    for share in (features.alpha, features.emitter):
        assert share.min() >= 0
        assert share.max() <= 1 + 1e-5
    assert (features.depth > 0.05).mean() > 0.95
    lengths = np.linalg.norm(features.normal, axis=-1)
    inside = (features.alpha > 0.999) & (lengths > 0.999)  # off the corners between two walls
    assert inside.sum() > 0.9 * (features.alpha > 0.999).sum()
    np.testing.assert_allclose(features.normal[inside][:, 2], 0, atol=0.02)
    np.testing.assert_allclose(features.albedo[inside], 0, atol=1e-6)
    np.testing.assert_allclose(features.relief[inside].mean(), 1, atol=0.03)


def test_a_rendered_room_repeats_with_its_seed(mitsuba):
    from wallpaint.rooms.render import render_room

    one, other = (render_room(6, 32, samples=2) for _ in range(2))
    np.testing.assert_array_equal(one.alpha, other.alpha)
    np.testing.assert_allclose(one.b, other.b, rtol=1e-4, atol=1e-5)


def test_the_sun_adds_its_own_light(mitsuba):
    from wallpaint.rooms.stage import Stage
    from wallpaint.rooms.tracer import trace_polynomial

    seed = next(seed for seed in range(300, 400) if furnish(seed).sun is not None)
    stage = Stage(furnish(seed), 32)
    assert len(stage.scenes) == 2
    both = trace_polynomial(stage, 8, seed=1)
    stage.scenes.pop()
    assert both.sum() > trace_polynomial(stage, 8, seed=1).sum()


def test_a_twin_shows_the_same_room_in_another_dress(mitsuba):
    from wallpaint.rooms.render import render_room

    room = render_room(6, 32, samples=8, twin=True)
    assert room.wallpaper is not None
    outside = (room.alpha < 0.01) & (room.emitter < 0.01)
    assert (
        np.corrcoef(room.wallpaper[outside].mean(-1), room.render(np.full(3, 0.5), 1.0)[outside].mean(-1))[0, 1] > 0.8
    )


@pytest.mark.slow
def test_the_scalar_way_leads_to_the_same_room(mitsuba, tmp_path):
    """In a process of its own, since a process keeps its variant."""
    import os
    import subprocess
    import sys

    from wallpaint.rooms import PaintableRoom
    from wallpaint.rooms.render import render_room

    code = (
        "from wallpaint.rooms import variant; variant._PLACES = (); from wallpaint.rooms.render import render_room; "
        f"render_room(6, 32, samples=64, clean=False).save({str(tmp_path / 'scalar.npz')!r})"
    )
    environment = {**os.environ, "DRJIT_LIBLLVM_PATH": "", "XDG_CACHE_HOME": str(tmp_path)}
    subprocess.run([sys.executable, "-c", code], check=True, env=environment)
    scalar, fast = PaintableRoom.load(tmp_path / "scalar.npz"), render_room(6, 32, samples=64, clean=False)
    np.testing.assert_allclose(scalar.alpha, fast.alpha, atol=0.35)
    assert abs(scalar.alpha.mean() - fast.alpha.mean()) < 0.01
    assert abs(scalar.emitter.mean() - fast.emitter.mean()) < 0.01
    for paint in (0.1, 0.5, 0.9):
        one, other = (room.render(np.full(3, paint), 1.0).mean() for room in (scalar, fast))
        assert abs(one / other - 1) < 0.05
