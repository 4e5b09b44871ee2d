"""Stored rooms: the formula, the file, its faults."""

from __future__ import annotations

import dataclasses
import os
import zipfile

import numpy as np
import pytest
from wallpaint.errors import MissingFileError, RoomFileError
from wallpaint.rooms import PaintableRoom
from wallpaint.rooms.paintable import HIGH, LOW, fit


def test_black_paint_leaves_only_the_light_that_never_met_it(room):
    np.testing.assert_allclose(room.render(np.zeros(3), exposure=1.0), room.a)


def test_channels_of_a_paint_do_not_mix(room):
    red = room.render(np.array([0.7, 0.0, 0.0]), exposure=1.0)
    grey = room.render(np.full(3, 0.7), exposure=1.0)
    np.testing.assert_allclose(red[..., 0], grey[..., 0])
    np.testing.assert_allclose(red[..., 1:], room.a[..., 1:])


def test_brighter_paint_never_darkens_anything(room):
    pictures = [room.render(np.full(3, rho)) for rho in (0.0, 0.2, 0.5, 0.8, 0.95)]
    assert all((after >= before).all() for before, after in zip(pictures, pictures[1:], strict=False))


def test_fit_goes_through_the_three_paints_it_was_made_of():
    rng = np.random.default_rng(0)
    terms = rng.random((9, 5, 4, 3)) * 0.4 ** np.arange(9)[:, None, None, None]
    terms[1:] = np.sort(terms[1:], axis=0)[::-1]

    def light(rho):
        return sum(term * rho**k for k, term in enumerate(terms))

    a, b, c = fit(light(0), (light(LOW) - light(0)) / LOW, (light(HIGH) - light(0)) / HIGH)
    for rho in (0, LOW, HIGH):
        np.testing.assert_allclose(a + b * rho / (1 - c * rho), light(rho), rtol=1e-5)
    assert (c >= 0).all()
    assert (c < 1).all()


def test_fit_of_a_geometric_series_is_exact_for_every_paint():
    rho = np.linspace(0, 0.95, 20)
    c_true = np.array([[[0.1, 0.3, 0.6]]])
    shares = [0.8 / (1 - c_true * paint) for paint in (LOW, HIGH)]
    a, b, c = fit(np.full((1, 1, 3), 0.2), *shares)
    for paint in rho:
        np.testing.assert_allclose(a + b * paint / (1 - c * paint), 0.2 + 0.8 * paint / (1 - c_true * paint), rtol=1e-5)


def test_fit_of_noise_stays_within_bounds():
    rng = np.random.default_rng(1)
    a, b, c = fit(*np.abs(rng.normal(0, 1, (3, 16, 16, 3))) * np.array([1, 1e-6, 1]).reshape(3, 1, 1, 1))
    for values in (a, b, c):
        assert np.isfinite(values).all()
        assert (values >= 0).all()
    assert (c <= 0.98).all()


def test_exposure_brings_the_room_in_grey_to_a_photographs_brightness(room):
    median = np.median(room.render(np.full(3, 0.5)) @ [0.2126, 0.7152, 0.0722])
    assert 0.05 < median <= 0.2 + 1e-6
    bright = room.render(np.full(3, 0.85))[room.alpha > 0.5].max(-1)
    assert np.quantile(bright, 0.95) <= 1 + 1e-6


def test_a_photo_is_bytes_and_depends_on_the_colour(room):
    light, dark = room.photo("#f0efe8"), room.photo("#202830")
    assert light.dtype == np.uint8
    assert light.shape == (*room.shape, 3)
    assert light[room.alpha > 0.5].mean() > dark[room.alpha > 0.5].mean() + 60


def test_a_saved_room_comes_back(room, tmp_path):
    room.save(tmp_path / "room.npz")
    again = PaintableRoom.load(tmp_path / "room.npz")
    for rho in (0.1, 0.5, 0.9):
        np.testing.assert_allclose(again.render(np.full(3, rho)), room.render(np.full(3, rho)), rtol=2e-3, atol=1e-4)
    np.testing.assert_allclose(again.alpha, room.alpha, atol=0.5 / 255)
    np.testing.assert_allclose(again.normal, room.normal, atol=0.5 / 127)
    np.testing.assert_allclose(again.wallpaper, room.wallpaper, rtol=1e-3)
    assert (again.seed, again.meta, again.exposure) == (room.seed, room.meta, room.exposure)


def test_saving_leaves_nothing_else_behind(room, tmp_path):
    room.save(tmp_path / "room.npz")
    assert os.listdir(tmp_path) == ["room.npz"]


def test_a_room_without_twin_has_no_wallpaper_photo(room, tmp_path):
    dataclasses.replace(room, wallpaper=None).save(tmp_path / "plain.npz")
    assert PaintableRoom.load(tmp_path / "plain.npz").wallpaper_photo() is None
    assert room.wallpaper_photo().shape == (*room.shape, 3)


def test_a_missing_room_is_named():
    with pytest.raises(MissingFileError, match=r"nowhere\.npz"):
        PaintableRoom.load("nowhere.npz")


@pytest.mark.parametrize("damage", ["cut short", "flipped bits", "text", "empty", "other arrays", "wrong shape"])
def test_a_damaged_room_is_refused_by_name(room, tmp_path, damage):
    path = tmp_path / "room.npz"
    room.save(path)
    whole = path.read_bytes()
    if damage == "cut short":
        path.write_bytes(whole[: len(whole) // 2])
    elif damage == "flipped bits":
        middle = len(whole) // 2
        path.write_bytes(whole[:middle] + bytes(byte ^ 0x55 for byte in whole[middle : middle + 64]) + whole[middle + 64 :])
    elif damage == "text":
        path.write_text("no room")
    elif damage == "empty":
        path.write_bytes(b"")
    elif damage == "other arrays":
        np.savez(path, image=np.zeros(3))
    else:
        with np.load(path) as stored:
            arrays = dict(stored)
        np.savez(path, **{**arrays, "depth": arrays["depth"][:-1]})
    with pytest.raises(RoomFileError, match=r"room\.npz"):
        PaintableRoom.load(path)


def test_a_room_of_another_format_is_refused(room, tmp_path):
    path = tmp_path / "room.npz"
    room.save(path)
    with np.load(path) as stored:
        arrays = dict(stored)
    about = bytes(arrays["about"]).replace(b'"format": 1', b'"format": 9')
    np.savez(path, **{**arrays, "about": np.frombuffer(about, np.uint8)})
    with pytest.raises(RoomFileError, match="format 9"):
        PaintableRoom.load(path)


def test_rooms_are_plain_archives_anyone_can_open(room, tmp_path):
    room.save(tmp_path / "room.npz")
    with zipfile.ZipFile(tmp_path / "room.npz") as archive:
        assert {"a.npy", "b.npy", "c.npy", "alpha.npy"} <= set(archive.namelist())
