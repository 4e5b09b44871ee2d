"""Snapshots: light and labels agree, walls take another colour, files come back whole."""

from __future__ import annotations

import numpy as np
import pytest

from wallpaint.errors import MissingFileError, RoomFileError, SettingError
from wallpaint.rooms import Label, Phone, Snapshot
from wallpaint.rooms.generate import RenderJob, SnapshotBatch, generate, stored_snapshots, unfinished
from wallpaint.rooms.sheet import snapshot_sheet
from wallpaint.rooms.snapshots.surface import Surface


@pytest.fixture
def shot() -> Snapshot:
    """24 × 32: two walls of two paints that meet in the middle, a chair before them."""
    rng = np.random.default_rng(3)
    alpha = np.ones((24, 32), np.float32)
    alpha[14:, 10:20] = 0
    alpha[13, 10:20] = 0.5
    classes = np.where(alpha >= 0.5, Label.WALL, Label.FURNITURE).astype(np.uint8)
    planes = np.where(alpha > 0, np.where(np.arange(32) < 16, 1, 2), 0).astype(np.uint8)
    surfaces = (
        Surface("none"),
        Surface("wall", "paint", 1, (0.5, 0.5, 0.5)),
        Surface("wall", "paint", 2, (0.2, 0.3, 0.4)),
    )
    color = np.array([surface.color for surface in surfaces], np.float32)[planes]
    light = np.linspace(0.4, 1.6, 32, dtype=np.float32)[None, :, None]
    rest = (1 - alpha[..., None]) * np.array([0.3, 0.1, 0.05], np.float32)
    rest[0, 0] = 6.0  # a lamp
    return Snapshot(
        rest, alpha[..., None] * color * light, alpha, classes, planes, surfaces, 7, {"seen": int(rng.integers(9))}
    )


def test_a_saved_snapshot_comes_back(shot, tmp_path):
    shot.save(tmp_path / "one.npz")
    again = Snapshot.load(tmp_path / "one.npz")
    np.testing.assert_array_equal(again.classes, shot.classes)
    np.testing.assert_array_equal(again.planes, shot.planes)
    np.testing.assert_allclose(again.alpha, shot.alpha, atol=1 / 255)
    assert (again.surfaces, again.seed, again.meta) == (shot.surfaces, shot.seed, shot.meta)
    flat = np.s_[2:12, 2:30]
    np.testing.assert_allclose(again.light[flat], shot.light[flat], rtol=0.2, atol=0.02)
    assert (tmp_path / "one.npz").stat().st_size < 100_000


def test_a_torn_or_missing_snapshot_is_named(shot, tmp_path):
    shot.save(tmp_path / "one.npz")
    whole = (tmp_path / "one.npz").read_bytes()
    (tmp_path / "one.npz").write_bytes(whole[: len(whole) // 2])
    with pytest.raises(RoomFileError, match=r"one\.npz.*Render it again"):
        Snapshot.load(tmp_path / "one.npz")
    with pytest.raises(MissingFileError):
        Snapshot.load(tmp_path / "two.npz")


def test_repainting_one_paint_changes_its_pixels_by_the_ratio_and_no_others(shot):
    new = np.array([0.25, 0.5, 0.75])
    light = shot.repainted({1: new})
    mine = shot.paints == 1
    np.testing.assert_array_equal(light[~mine], shot.light[~mine])
    np.testing.assert_allclose(light[mine], (shot.rest + shot.wall * (new / 0.5))[mine], rtol=1e-5)


def test_an_edge_pixel_is_repainted_by_its_share(shot):
    light = shot.repainted({1: np.array([0.9, 0.9, 0.9])})
    np.testing.assert_allclose(light[13, 12] - shot.rest[13, 12], shot.wall[13, 12] * 1.8, rtol=1e-5)


def test_photos_follow_from_the_generator(shot):
    one, same, other = (
        shot.photo(np.random.default_rng(seed), Phone.draw(np.random.default_rng(4))) for seed in (1, 1, 2)
    )
    assert one.dtype == np.uint8
    assert one.shape == (24, 32, 3)
    np.testing.assert_array_equal(one, same)
    assert (one != other).any()


def test_new_paints_stay_within_what_the_stored_light_bears(shot):
    for seed in range(200):
        for number, color in shot.draw_paints(np.random.default_rng(seed)).items():
            assert (color > 0).all()
            assert (color <= 4 * np.array(shot.surfaces[number].color) + 1e-6).all()


def test_a_sheet_holds_pictures_over_their_classes(shot):
    assert snapshot_sheet([shot, shot, shot], columns=2, side=40).shape == (160, 80, 3)


def test_settings_of_folders_of_old_stay_valid():
    assert RenderJob(3).settings == {"size": 256, "samples": 32, "twins": 0.3}


@pytest.fixture(scope="module")
def rendered(mitsuba):
    from wallpaint.rooms.snapshots.render import render_snapshot

    return {seed: render_snapshot(seed, 64, 3) for seed in (20003, 20012, 20017)}


def test_classes_alpha_and_light_of_a_rendered_room_agree(rendered):
    for shot in rendered.values():
        assert shot.rest.shape == shot.wall.shape == (*shot.alpha.shape, 3)
        assert np.isfinite(shot.light).all()
        assert shot.light.max() > 0.05
        assert (shot.alpha[shot.classes == Label.WALL] > 0).all()
        assert (shot.classes[shot.alpha > 0.5] == Label.WALL).all()
        assert (shot.paints[shot.alpha > 0.5] > 0).all()
        assert (shot.wall[shot.alpha == 0] < 0.05).mean() > 0.95
        assert set(np.unique(shot.planes)) <= set(range(len(shot.surfaces)))


def test_rendered_rooms_show_more_than_walls(rendered):
    seen = set().union(*(set(np.unique(shot.classes)) for shot in rendered.values()))
    assert {Label.WALL, Label.FLOOR, Label.TRIM, Label.FURNITURE} <= seen


def test_a_rendered_snapshot_is_the_same_again(rendered):
    from wallpaint.rooms.snapshots.render import render_snapshot

    again = render_snapshot(20003, 64, 3)
    np.testing.assert_array_equal(again.classes, rendered[20003].classes)
    np.testing.assert_allclose(again.light, rendered[20003].light, atol=1e-4)


def test_rooms_without_planes_are_refused(mitsuba):
    from wallpaint.rooms.snapshots.render import render_snapshot

    with pytest.raises(SettingError, match="varied"):
        render_snapshot(3, 32, 2, kind="furnished")


def test_snapshots_are_rendered_once_and_go_on(mitsuba, tmp_path):
    batch = SnapshotBatch(2, 20005, size=32, samples=2)
    assert generate(batch, tmp_path) == 2
    assert generate(batch, tmp_path) == 0
    stored_snapshots(tmp_path)[0].write_bytes(b"torn")
    assert unfinished(batch, tmp_path) == [20005]
    with pytest.raises(SettingError, match="48"):
        generate(SnapshotBatch(2, 20005, size=48, samples=2), tmp_path)


def test_a_varied_room_is_paintable_too(mitsuba):
    from wallpaint.rooms import render_room

    room = render_room(20003, 24, 2, kind="varied")
    assert 0 < room.alpha.mean() < 1
    assert (room.render(np.full(3, 0.8)) >= room.render(np.full(3, 0.2)) - 1e-5).all()
