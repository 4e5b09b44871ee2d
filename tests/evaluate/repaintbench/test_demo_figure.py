import numpy as np

from wallpaint.evaluate.repaintbench.demo_figure import demo_case, demo_sheet
from wallpaint.evaluate.repaintbench.scores import score


def test_the_case_has_a_truth_that_is_no_flat_fill():
    case = demo_case()
    assert case.track == "clean"
    assert score(case, case.truth, 0.0).inside == 0
    assert score(case, case.truth, 0.0).lab_distance > 1


def test_every_method_paints_the_case_and_is_measured_against_the_truth(monkeypatch):
    shown = []
    monkeypatch.setattr(
        "wallpaint.evaluate.repaintbench.demo_figure.contact_sheet", lambda pictures, columns: shown.extend(pictures)
    )
    case = demo_case()
    flat = np.full_like(case.source, case.reference.rgb8)
    demo_sheet(case, {"flat": lambda source, mask, color: flat, "truth": lambda *_: case.truth})
    captions = [caption for caption, _ in shown]
    assert captions[0] == "photo"
    assert captions[1] == f"reference {case.reference.hex}"
    assert captions[2].startswith(f"flat: dE {score(case, flat, 0.0).inside:.1f} to truth, 0.0 to swatch")
    assert captions[3].startswith("truth: dE 0.0 to truth")
    assert captions[-1] == f"physical {captions[3]}"
