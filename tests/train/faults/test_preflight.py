"""All that a run lacks is said at once, before any model is loaded."""

from __future__ import annotations

import pytest

from wallpaint.errors import MissingFileError, MissingWeightsError, SettingError, WallpaintError
from wallpaint.train.faults.preflight import all_of, check_trackers
from wallpaint.train.loop import train
from wallpaint.train.trainer.run import Run


def failing(error):
    def find():
        raise error

    return find


def test_what_is_found_is_given_in_order():
    assert all_of(lambda: 1, lambda: "two", lambda: None) == [1, "two", None]


def test_one_fault_stays_itself_and_several_are_numbered_in_one_line():
    with pytest.raises(MissingFileError, match=r"^a: gone$"):
        all_of(lambda: 1, failing(MissingFileError("a", "gone")))
    with pytest.raises(WallpaintError, match=r"^2 things are missing: \(1\) a: gone; \(2\) b: away\.$"):
        all_of(failing(MissingFileError("a", "gone.")), failing(MissingWeightsError("b", "away.")))


def test_a_fault_that_two_finders_meet_is_said_once():
    with pytest.raises(MissingFileError, match=r"^a: gone$"):
        all_of(failing(MissingFileError("a", "gone")), failing(MissingFileError("a", "gone")))


def test_base_adapter_and_data_are_missing_in_one_line_and_nothing_is_loaded(config, output, tmp_path, monkeypatch):
    monkeypatch.setattr(
        "wallpaint.train.trainer.run.load_training_models", lambda *_: pytest.fail("a model was loaded")
    )
    words = ("model.base=someone/base", "model.ip_adapter=nowhere.bin", f"model.image_encoder={tmp_path / 'encoder'}")
    words += ("data.dataset_class=null", "data.kind=photos", f"data.path={tmp_path / 'photos'}", "validation.every=1")
    with pytest.raises(WallpaintError) as caught:
        train(config(*words))
    message = str(caught.value)
    assert "\n" not in message
    for missing in (
        "photos: there is no dataset",
        "someone/base: it is not",
        "nowhere.bin",
        "encoder: there is no such",
    ):
        assert message.count(missing) == 1, missing
    assert not output.exists()


def test_a_missing_adapter_of_a_controlnet_is_named_beside_the_base(config, tmp_path):
    words = ("model.base=someone/base", f"model.adapter={tmp_path / 'adapter'}", "model.train=[controlnet]")
    with pytest.raises(WallpaintError, match=r"someone/base.*adapter: there is neither"):
        Run.set_up(config(*words, "model.controlnet=new"), None)


def test_a_tracker_that_is_not_installed_is_one_sentence(config, monkeypatch):
    monkeypatch.setattr("wallpaint.train.faults.preflight.find_spec", lambda name: None)
    with pytest.raises(SettingError, match=r"trackers: tensorboard is not installed. Run pip install tensorboard"):
        check_trackers(config("trackers=[tensorboard]"))
    check_trackers(config("trackers=[]"))
