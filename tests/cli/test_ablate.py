import pytest
import tiny_ablation

from wallpaint.cli.several_values import spread


def test_options_take_several_values(run):
    words = ["--experiments", "A1", "A2", "--seeds", "0", "1", "-o", "out", "--seeds", "2"]
    assert spread(words, ["--experiments", "--seeds"]) == [
        *("--experiments", "A1", "--experiments", "A2"),
        *("--seeds", "0", "--seeds", "1", "-o", "out", "--seeds", "2"),
    ]


def test_an_unknown_experiment_is_named(run):
    finished = run("ablate", "--experiments", "A1", "A9")
    assert finished.code == 2
    assert finished.err == "there is no experiment 'A9': choose from A1, A2, A3, A4, A5, A6, A7, A8.\n"


@pytest.mark.filterwarnings("ignore:`log_with=")
def test_a_table_is_printed_and_written(run, tmp_path):
    base = tiny_ablation.bare_base(tmp_path / "model")
    chosen = tiny_ablation.overrides(base, tiny_ablation.two_rooms(tmp_path / "rooms"))
    settings = [word for override in chosen for word in ("--set", override)]
    finished = run(
        "ablate", "--experiments", "A2", "--seeds", "3", "--max-steps", "1", "-o", tmp_path / "out", *settings
    )
    assert finished.code == 0
    assert finished.out.startswith((tmp_path / "out" / "ablations.md").read_text())
    assert "| A2 | references without texture | 1 |" in finished.out
    assert "2 of 2: A2-seed3" in finished.err
