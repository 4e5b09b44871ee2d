import dataclasses

import numpy as np
import pytest

from wallpaint.color import delta_e_2000, srgb_to_lab
from wallpaint.evaluate import score
from wallpaint.evaluate.repaintbench.scores import error_map


@pytest.fixture(scope="module")
def case(clean_cases):
    return next(case for case in clean_cases if case.pair == "beige → sage")


def spoiled(case, where, step=12):
    """The truth, brighter where it is told to be."""
    picture = case.truth.astype(int)
    picture[where] = np.clip(picture[where] + step, 0, 255)
    return picture.astype(np.uint8)


def test_the_truth_has_no_error(clean_cases):
    for case in clean_cases:
        scored = score(case, case.truth, 1.5)
        assert (scored.inside, scored.inside_p95, scored.edge, scored.outside) == (0, 0, 0, 0)
        assert scored.seconds == 1.5


def test_the_photo_itself_keeps_all_its_shading_and_is_far_from_the_truth(case):
    scored = score(case, case.source, 0.0)
    assert scored.shading == pytest.approx(1)
    assert scored.inside > 5
    assert scored.outside > 0


@pytest.mark.parametrize(
    ("part", "where"),
    [
        ("inside", lambda alpha: alpha >= 1),
        ("edge", lambda alpha: (alpha > 0) & (alpha < 1)),
        ("outside", lambda alpha: alpha <= 0),
    ],
)
def test_an_error_counts_only_where_it_is(case, part, where):
    scored = dataclasses.asdict(score(case, spoiled(case, where(case.alpha)), 0.0))
    assert scored[part] > 1
    assert all(scored[other] == 0 for other in ("inside", "edge", "outside") if other != part)


def test_scores_are_means_of_ciede2000_to_the_truth(case):
    output = spoiled(case, slice(None))
    error = delta_e_2000(srgb_to_lab(output / 255), srgb_to_lab(case.truth / 255))
    np.testing.assert_allclose(error_map(case, output), error)
    pure = error[case.alpha >= 1]
    scored = score(case, output, 0.0)
    assert scored.inside == pytest.approx(pure.mean())
    assert scored.inside_p95 == pytest.approx(np.percentile(pure, 95))
    assert scored.edge == pytest.approx(error[(case.alpha > 0) & (case.alpha < 1)].mean())


def test_a_mask_that_is_off_does_not_move_the_scores(case):
    blind = dataclasses.replace(case, mask=np.zeros_like(case.mask))
    assert score(blind, case.source, 0.0) == score(case, case.source, 0.0)


def test_a_wall_in_the_reference_itself_has_no_distance_and_no_shading(case):
    flat = np.broadcast_to(np.array(case.reference.rgb8, np.uint8), case.truth.shape)
    scored = score(case, flat, 0.0)
    assert scored.lab_distance == pytest.approx(0, abs=1e-9)
    assert np.isnan(scored.shading)
    assert scored.inside > 1


def test_without_edges_the_edge_score_is_nan(case):
    hard = dataclasses.replace(case, alpha=(case.alpha > 0.5).astype(np.float32))
    assert np.isnan(score(hard, case.source, 0.0).edge)
    assert np.isfinite(score(hard, case.source, 0.0).inside)
