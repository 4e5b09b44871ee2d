"""``wallpaint models``, as users run it, with a hub on this machine."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest
import tiny_models
import weight_file_rows
from hub_server import HubServer, Repo
from safetensors.numpy import save, save_file

from wallpaint.diffusion.hub.catalog import KNOWN_MODELS, MODEL_SETS

COMMIT = "0123456789abcdef0123456789abcdef01234567"
UNET = "unet/diffusion_pytorch_model.safetensors"


@pytest.fixture(scope="module")
def tiny(tmp_path_factory):
    return tiny_models.save_tiny_model(tmp_path_factory.mktemp("tiny"))


@pytest.fixture
def hub(tiny, tmp_path, monkeypatch):
    files = {path.relative_to(tiny).as_posix(): path.read_bytes() for path in tiny.rglob("*") if path.is_file()}
    with HubServer({"someone/tiny": Repo(COMMIT, files)}) as server:
        server.stand_in(monkeypatch, tmp_path)
        yield server


def test_a_model_is_pulled_listed_and_checked(run, hub):
    pulled = run("models", "pull", "someone/tiny")
    assert pulled.code == 0
    assert "someone/tiny: " in pulled.out
    assert COMMIT in pulled.out
    listed = run("models", "list")
    assert [line.split()[0:2] for line in listed.out.splitlines() if "someone/tiny" in line] == [["│", "someone/tiny"]]
    checked = run("models", "check", "someone/tiny")
    assert checked.code == 0
    assert "checksums match" in checked.out
    for words in ("UNet2DConditionModel", "float32", f"{parameters():,}", "IP-Adapter Plus"):
        assert words in checked.out


def parameters():
    return sum(weights.numel() for weights in tiny_models.tiny_unet().parameters())


def test_the_list_names_every_known_model_and_makes_no_connection(run, hub):
    listed = run("models", "list")
    for name in KNOWN_MODELS:
        assert name in listed.out
    assert "about 2.1 GB" in listed.out
    assert hub.asked == []


def test_the_list_names_licences_and_sets(run, hub):
    listed = " ".join(run("models", "list").out.split())
    assert "non-commercial" in listed
    assert "Apache-2.0" in listed
    assert "wall-finder" in listed
    assert "Licences are those of the weights." in listed


def test_a_set_is_pulled_after_its_names_sizes_and_licences(run, hub):
    for name in MODEL_SETS["wall-finder"]:
        model = KNOWN_MODELS[name]
        hub.repos[model.repo] = Repo(model.revision, dict.fromkeys(model.files, b"{}"))
    pulled = run("models", "pull", "wall-finder")
    assert pulled.code == 0
    first, *rest = " ".join(pulled.out.split()).split("sam2: ")
    assert "upernet-ade (about 0.24 GB, MIT), sam2 (about 0.16 GB, Apache-2.0)" in first
    assert "upernet-ade: " in first
    assert len(rest) == 1
    assert all(KNOWN_MODELS[name].revision in pulled.out.replace("\n", "") for name in MODEL_SETS["wall-finder"])


def test_an_unknown_repository_is_one_line_and_code_2(run, hub):
    failed = run("models", "pull", "someone/nothing")
    assert failed.code == 2
    assert failed.err.count("\n") == 1
    assert "has no repository someone/nothing" in failed.err
    assert failed.out == ""


def test_damage_in_a_pulled_model_is_one_line_and_code_2(run, hub, tmp_path):
    run("models", "pull", "someone/tiny")
    (path,) = tmp_path.glob(f"hub/models--*/snapshots/*/{UNET}")
    path.resolve().write_bytes(b"damaged")
    failed = run("models", "check", "someone/tiny")
    assert failed.code == 2
    assert failed.err.count("\n") == 1
    assert UNET in failed.err
    assert run("models", "pull", "someone/tiny").code == 0
    assert run("models", "check", "someone/tiny").code == 0


def test_folders_and_files_are_checked_and_all_of_them(run, tiny, tmp_path):
    lora, damaged = tmp_path / "limewash.safetensors", tmp_path / "damaged.safetensors"
    save_file({"unet.a.lora_A.weight": np.zeros((4, 8), np.float32)}, lora)
    damaged.write_bytes(lora.read_bytes()[:-1])
    checked = run("models", "check", tiny, damaged, lora)
    assert checked.code == 2
    assert checked.err.startswith(f"{damaged}: ")
    assert checked.err.count("\n") == 1
    assert "UNet2DConditionModel" in checked.out
    assert "LoRA" in checked.out
    assert run("models", "check", tiny, lora).code == 0


def test_check_names_the_family_and_refuses_what_paint_would_refuse(run, tmp_path):
    row = weight_file_rows.ROWS
    good, other = row["lora-kohya"].make(tmp_path), row["lora-sdxl"].make(tmp_path)
    checked = run("models", "check", good, other)
    assert checked.code == 2
    assert "SD 1.5" in checked.out
    assert checked.err == f"{other}: it is for SDXL. Use one for SD 1.5.\n"


def test_a_file_of_a_repository_is_pulled_and_checked(run, hub):
    files = {"a.safetensors": tensors(4), "b.safetensors": tensors(8)}
    hub.repos["someone/several"] = Repo(COMMIT, files)
    pulled = run("models", "pull", "someone/several:b.safetensors")
    assert pulled.code == 0
    assert hub.fetched() == ["b.safetensors"]
    checked = run("models", "check", "someone/several:b.safetensors")
    assert checked.code == 0
    assert "LoRA" in checked.out
    assert run("models", "check", "someone/several:a.safetensors").code == 2


def tensors(rank):
    return save({"unet.a.lora_A.weight": np.zeros((rank, 800), np.float32)})


def test_merge_inpainting_writes_a_model_that_check_passes(run, tiny, tmp_path):
    unet = tiny_models.UNet2DConditionModel.from_config({**tiny_models.tiny_unet().config, "in_channels": 4})
    unet.save_pretrained(tmp_path / "custom" / "unet")
    words = (tmp_path / "custom", "--base", tmp_path / "custom", "--inpainting", tiny, "-o", tmp_path / "merged")
    assert run("models", "merge-inpainting", *words).code == 0
    assert run("models", "check", tmp_path / "merged").code == 0
    assert run("models", "check", tmp_path / "custom").code == 2


def test_a_missing_part_is_code_2(run, tmp_path):
    (tmp_path / "model_index.json").write_text('{"unet": ["diffusers", "UNet2DConditionModel"]}')
    checked = run("models", "check", tmp_path)
    assert checked.code == 2
    assert "unet missing" in checked.err


def test_the_error_of_a_missing_model_has_the_command_that_fetches_it(run, hub):
    checked = run("models", "check", "sd15")
    assert checked.code == 2
    assert "wallpaint models pull sd15" in checked.err


@pytest.mark.parametrize("library", ["torch", "numpy", "huggingface_hub", "safetensors"])
def test_the_command_loads_nothing_heavy_until_it_runs(library):
    code = "import sys, wallpaint.cli.models; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    assert library not in loaded
