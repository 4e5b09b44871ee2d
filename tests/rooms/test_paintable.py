"""Stored rooms: the formula, the file, its faults."""

from __future__ import annotations

import dataclasses
import os
import zipfile
from itertools import pairwise

import numpy as np
import pytest

from wallpaint.errors import MissingFileError, RoomFileError
from wallpaint.rooms import PaintableRoom
from wallpaint.rooms.paintable import HIGH, LOW, MIDDLE, evaluate, fit


def test_black_paint_leaves_only_the_light_that_never_met_it(room):
    np.testing.assert_allclose(room.render(np.zeros(3), exposure=1.0), room.a)


def test_channels_of_a_paint_do_not_mix(room):
    red = room.render(np.array([0.7, 0.0, 0.0]), exposure=1.0)
    grey = room.render(np.full(3, 0.7), exposure=1.0)
    np.testing.assert_allclose(red[..., 0], grey[..., 0])
    np.testing.assert_allclose(red[..., 1:], room.a[..., 1:])


def test_brighter_paint_never_darkens_anything(room):
    pictures = [room.render(np.full(3, rho)) for rho in (0.0, 0.2, 0.5, 0.8, 0.95)]
    assert all((after >= before).all() for before, after in pairwise(pictures))


def bounced(light):
    return [(light(rho) - light(0)) / rho for rho in (LOW, MIDDLE, HIGH)]


def test_fit_goes_through_the_paints_it_was_made_of():
    rng = np.random.default_rng(0)
    terms = rng.random((9, 5, 4, 3)) * 0.4 ** np.arange(9)[:, None, None, None]

    def light(rho):
        return sum(term * rho**k for k, term in enumerate(terms))

    maps = fit(light(0), *bounced(light))
    for rho in (0, LOW, HIGH):
        np.testing.assert_allclose(evaluate(*maps, rho), light(rho), rtol=1e-4)
    np.testing.assert_allclose(evaluate(*maps, MIDDLE).mean((0, 1)), light(MIDDLE).mean((0, 1)), rtol=1e-5)
    assert all((values >= 0).all() for values in maps)


def test_fit_is_exact_for_every_paint_where_light_fades_at_one_rate():
    rng = np.random.default_rng(2)
    first, second, rate = rng.random((4, 4, 3)), rng.random((4, 4, 3)), np.array([0.2, 0.4, 0.6])

    def light(rho):
        return 0.2 + first * rho + 0.1 * second * rho**2 / (1 - rate * rho)

    maps = fit(light(0), *bounced(light))
    np.testing.assert_allclose(maps[3], rate, rtol=1e-4)
    for rho in np.linspace(0, 0.95, 20):
        np.testing.assert_allclose(evaluate(*maps, rho), light(rho), rtol=1e-4)


def test_fit_of_noise_stays_within_bounds():
    rng = np.random.default_rng(1)
    maps = fit(*np.abs(rng.normal(0, 1, (4, 16, 16, 3))))
    for values in maps:
        assert np.isfinite(values).all()
        assert (values >= -1e-6).all()
    assert (maps[3] <= 0.95).all()


def test_a_room_may_be_halved_by_halving_its_maps(room):
    def halved(image):
        return image.reshape(image.shape[0] // 2, 2, image.shape[1] // 2, 2, -1).mean((1, 3))

    small = dataclasses.replace(room, a=halved(room.a), b=halved(room.b), c=halved(room.c))
    paint = np.array([0.6, 0.4, 0.2])
    np.testing.assert_allclose(small.render(paint), halved(room.render(paint)), rtol=1e-5)


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
        np.testing.assert_allclose(again.render(np.full(3, rho)), room.render(np.full(3, rho)), rtol=3e-3, atol=1e-4)
    np.testing.assert_allclose(again.alpha, room.alpha, atol=0.5 / 255)
    np.testing.assert_allclose(again.normal, room.normal, atol=0.5 / 127)
    np.testing.assert_allclose(again.wallpaper, room.wallpaper, rtol=2e-3)
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
        path.write_bytes(
            whole[:middle] + bytes(byte ^ 0x55 for byte in whole[middle : middle + 64]) + whole[middle + 64 :]
        )
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
