import pytest

from wallpaint.errors import MissingWeightsError
from wallpaint.evaluate.validation.checkpoints import checkpoint_step, latest_checkpoint


@pytest.fixture
def run_folder(tmp_path):
    for name in ("checkpoint-000500", "checkpoint-001000", "checkpoint-010000"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "pytorch_lora_weights.safetensors").write_bytes(b"")
    (tmp_path / "checkpoint-000700").write_text("no folder")
    (tmp_path / "checkpoint-best").mkdir()
    return tmp_path


def test_the_latest_checkpoint_is_that_of_the_highest_step(run_folder):
    assert latest_checkpoint(run_folder) == run_folder / "checkpoint-010000"
    (run_folder / "checkpoint-9999999").mkdir()
    (run_folder / "checkpoint-9999999/ip_adapter.safetensors").write_bytes(b"")
    assert latest_checkpoint(run_folder) == run_folder / "checkpoint-9999999"


def test_one_without_weights_is_passed_over(run_folder):
    (run_folder / "checkpoint-020000").mkdir()
    assert latest_checkpoint(run_folder) == run_folder / "checkpoint-010000"


@pytest.mark.parametrize("folder", ["nowhere", "checkpoint-best"])
def test_a_folder_without_checkpoints_is_said_to_be_one(run_folder, folder):
    with pytest.raises(MissingWeightsError, match="there is no checkpoint in it"):
        latest_checkpoint(run_folder / folder)


def test_a_step_is_read_from_the_folder_name_only(run_folder, monkeypatch):
    assert checkpoint_step(run_folder / "checkpoint-000500") == 500
    assert checkpoint_step(run_folder / "checkpoint-best") is None
    assert checkpoint_step(run_folder / "adapter") is None
    monkeypatch.chdir(run_folder / "checkpoint-001000")
    assert checkpoint_step(run_folder.__class__(".")) == 1000
