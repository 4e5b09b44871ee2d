from wallpaint.photo import read_photo


def test_the_demo_needs_nothing_and_leaves_four_pictures(run, tmp_path):
    finished = run("demo", "--output", tmp_path / "demo")
    assert finished.code == 0
    for name in ("painted.png", "before-after.png", "palette.png", "story.png"):
        assert read_photo(tmp_path / "demo" / name).std() > 10
    assert "delta_e_2000_median │   0.000" in finished.out
