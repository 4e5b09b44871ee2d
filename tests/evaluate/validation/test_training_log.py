from wallpaint.evaluate.validation.training_log import read_losses


def test_losses_are_read_by_step(tmp_path):
    path = tmp_path / "training_log.jsonl"
    path.write_text('{"step": 1, "loss": 0.5, "learning_rate": 1e-4}\n{"step": 2, "loss": 0.25}\n')
    assert read_losses(path) == {1: 0.5, 2: 0.25}


def test_a_killed_and_resumed_run_is_read_as_one(tmp_path):
    path = tmp_path / "training_log.jsonl"
    path.write_text(
        '{"step": 1, "loss": 0.5}\n{"step": 2, "loss": 0.9}\n{"step": 3, "lo'
        '\n{"step": 2, "loss": 0.25}\n{"step": 3, "loss": null}\n[1]\n\n{"resumed_from": 1}\n'
    )
    assert read_losses(path) == {1: 0.5, 2: 0.25}
