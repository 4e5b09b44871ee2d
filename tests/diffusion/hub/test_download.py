"""Public models: download, cache and errors. The hub is a server on this machine."""

from __future__ import annotations

import errno
import json
import os
import random
import shutil
import signal
import subprocess
import sys
from collections import namedtuple

import pytest
from hub_server import HubServer, Repo
from huggingface_hub import constants

from wallpaint.diffusion.hub.catalog import KNOWN_MODELS
from wallpaint.diffusion.hub.download import bytes_on_disk, cached_pipelines, find_model, pull_model, verify_model
from wallpaint.errors import MissingWeightsError, OutputError, SettingError, WeightsError

COMMIT = "0123456789abcdef0123456789abcdef01234567"
UNET = "unet/diffusion_pytorch_model.safetensors"


def weights(seed, size=50_000):
    return random.Random(seed).randbytes(size)


def pipeline_files():
    index = {
        "_class_name": "StableDiffusionInpaintPipeline",
        "unet": ["diffusers", "UNet2DConditionModel"],
        "vae": ["diffusers", "AutoencoderKL"],
        "scheduler": ["diffusers", "DDIMScheduler"],
        "safety_checker": ["stable_diffusion", "StableDiffusionSafetyChecker"],
        "text_encoder": [None, None],
    }
    return {
        "model_index.json": json.dumps(index).encode(),
        "scheduler/scheduler_config.json": b"{}",
        "unet/config.json": b'{"_class_name": "UNet2DConditionModel"}',
        UNET: weights(1),
        "unet/diffusion_pytorch_model.bin": weights(2),
        "vae/config.json": b'{"_class_name": "AutoencoderKL"}',
        "vae/diffusion_pytorch_model.bin": weights(3),
        "safety_checker/config.json": b"{}",
        "safety_checker/model.safetensors": weights(4),
        "whole.ckpt": weights(5),
    }


@pytest.fixture
def hub():
    with HubServer({"someone/tiny": Repo(COMMIT, pipeline_files())}) as server:
        yield server


@pytest.fixture(autouse=True)
def cache(hub, tmp_path, monkeypatch):
    """An empty cache, and this machine as the hub."""
    hub.stand_in(monkeypatch, tmp_path)
    monkeypatch.setattr(constants, "DOWNLOAD_CHUNK_SIZE", 1000)  # what is kept of a dropped connection: 10 MB steps
    return tmp_path / "hub"


def test_of_a_pipeline_one_copy_of_each_part_is_fetched_and_no_safety_checker(hub):
    folder = pull_model("someone/tiny")
    assert hub.fetched() == [
        "model_index.json",
        "scheduler/scheduler_config.json",
        "unet/config.json",
        UNET,
        "vae/config.json",
        "vae/diffusion_pytorch_model.bin",
    ]
    assert (folder / UNET).read_bytes() == weights(1)
    assert (
        find_model("someone/tiny") == folder == find_model(f"someone/tiny@{COMMIT}") == find_model("someone/tiny@main")
    )


@pytest.mark.parametrize("model", KNOWN_MODELS.values(), ids=lambda model: model.name)
def test_of_a_known_model_exactly_its_files_are_fetched_at_its_commit(hub, model):
    files = {path: weights(path, 3000) for path in model.files}
    decoys = {"v1-5.ckpt", "models/ip-adapter_sd15_light.bin", "unet/diffusion_pytorch_model.safetensors", "README.md"}
    hub.repos[model.repo] = Repo(model.revision, {**files, **{path: weights(path) for path in decoys}})
    folder = pull_model(model.name)
    assert hub.fetched() == sorted(files)
    assert folder.name == model.revision
    assert find_model(model.name) == folder
    assert bytes_on_disk(model.name) == 3000 * len(files)
    assert set(verify_model(model.name)) == set(files)


def test_models_that_share_a_repository_are_distinguished(hub):
    plus, plain = KNOWN_MODELS["ip-adapter-plus"], KNOWN_MODELS["ip-adapter"]
    hub.repos[plus.repo] = Repo(plus.revision, {path: weights(path) for path in {*plus.files, *plain.files}})
    pull_model("ip-adapter-plus")
    with pytest.raises(MissingWeightsError, match=r"models/ip-adapter_sd15\.safetensors missing"):
        find_model("ip-adapter")
    hub.asked.clear()
    pull_model("ip-adapter")
    assert hub.fetched() == ["models/ip-adapter_sd15.safetensors"]


def test_a_repository_without_a_known_file_is_refused(hub):
    model = KNOWN_MODELS["depth-anything"]
    hub.repos[model.repo] = Repo(model.revision, {"config.json": b"{}", "preprocessor_config.json": b"{}"})
    with pytest.raises(WeightsError, match=r"lacks model\.safetensors"):
        pull_model("depth-anything")


def test_a_missing_model_is_named_with_the_command_that_fetches_it(hub):
    for name in ("sd15", "someone/tiny"):
        with pytest.raises(MissingWeightsError, match=f"wallpaint models pull {name}$"):
            find_model(name)
    assert hub.asked == []


def test_cached_files_are_not_fetched_again(hub):
    pull_model("someone/tiny")
    hub.asked.clear()
    seen = []
    pull_model("someone/tiny", lambda here, total: seen.append(here / total))
    assert hub.fetched() == []
    assert seen == [1]


def test_a_file_that_is_missing_is_named_and_fetched_alone(hub):
    folder = pull_model("someone/tiny")
    (folder / UNET).resolve().unlink()
    with pytest.raises(MissingWeightsError, match=r"unet/\*\.safetensors missing"):
        find_model("someone/tiny")
    hub.asked.clear()
    assert pull_model("someone/tiny") == find_model("someone/tiny") == folder
    assert hub.fetched() == [UNET]


def test_progress_counts_bytes_from_none_to_all(hub):
    seen = []
    pull_model("someone/tiny", lambda here, total: seen.append((here, total)))
    assert seen == sorted(seen)
    assert {total for _, total in seen} == {sum(map(len, pulled_contents(hub)))}
    assert len({here for here, _ in seen}) > 10
    assert seen[-1][0] == seen[-1][1]


def pulled_contents(hub):
    return [hub.repos["someone/tiny"].files[path] for path in hub.fetched()]


def test_a_dropped_connection_is_resumed(hub):
    hub.drops[UNET] = 30_000
    folder = pull_model("someone/tiny")
    assert hub.ranges(UNET) == [None, "bytes=30000-"]
    assert (folder / UNET).read_bytes() == weights(1)


def test_a_killed_pull_keeps_complete_files_and_restarts_the_incomplete_one(hub, cache):
    hub.stalls[UNET] = 30_000
    code = "from wallpaint.diffusion.hub.download import pull_model; pull_model('someone/tiny')"
    names = {"HF_ENDPOINT": hub.endpoint, "HF_HUB_CACHE": str(cache), "HF_HUB_OFFLINE": "0"}
    with subprocess.Popen([sys.executable, "-c", code], env={**os.environ, **names}) as pull:
        assert hub.stalled.wait(30)
        while len([path for path in cache.glob("models--*/snapshots/**/*") if path.is_file()]) < 5:
            assert pull.poll() is None
        pull.send_signal(signal.SIGKILL)
    assert len(list(cache.glob("models--*/blobs/*.incomplete"))) == 1
    with pytest.raises(MissingWeightsError, match="unet"):
        find_model("someone/tiny")
    hub.stalls.clear()
    hub.asked.clear()
    folder = pull_model("someone/tiny")
    assert hub.fetched() == [UNET]
    assert hub.ranges(UNET) == [None]  # huggingface_hub does not take up another process's partial file
    assert not list(cache.glob("models--*/blobs/*.incomplete"))
    assert (folder / UNET).read_bytes() == weights(1)


def test_a_file_that_differs_from_the_published_one_is_deleted_and_fetched_again(hub):
    hub.corrupted.add(UNET)
    with pytest.raises(WeightsError, match=rf"{UNET} is damaged.*wallpaint models pull someone/tiny$"):
        pull_model("someone/tiny")
    with pytest.raises(MissingWeightsError):
        find_model("someone/tiny")
    hub.corrupted.clear()
    hub.asked.clear()
    assert (pull_model("someone/tiny") / UNET).read_bytes() == weights(1)
    assert hub.fetched() == [UNET]


def test_damage_on_disk_is_found_without_a_connection(hub):
    folder = pull_model("someone/tiny")
    hub.asked.clear()
    assert sorted(verify_model("someone/tiny")) == [UNET, "vae/diffusion_pytorch_model.bin"]
    blob = (folder / UNET).resolve()
    blob.write_bytes(blob.read_bytes()[:-1] + b"?")
    with pytest.raises(WeightsError, match=UNET):
        verify_model("someone/tiny")
    assert not os.path.lexists(folder / UNET)
    assert not blob.exists()
    assert hub.asked == []


def test_a_cache_without_links_is_verified_with_the_hub(hub):
    folder = pull_model("someone/tiny")
    for path in [path for path in folder.rglob("*") if path.is_symlink()]:
        content = path.read_bytes()
        path.unlink()
        path.write_bytes(content)
    assert sorted(verify_model("someone/tiny")) == [UNET, "vae/diffusion_pytorch_model.bin"]
    (folder / UNET).write_bytes(weights(6))
    with pytest.raises(WeightsError, match=UNET):
        verify_model("someone/tiny")


def test_offline_makes_no_connection(hub, monkeypatch):
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)
    with pytest.raises(MissingWeightsError, match="HF_HUB_OFFLINE"):
        pull_model("someone/tiny")
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", False)
    folder = pull_model("someone/tiny")
    hub.asked.clear()
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)
    assert pull_model("someone/tiny") == folder
    assert verify_model("someone/tiny")
    assert hub.asked == []


@pytest.mark.parametrize(
    ("name", "fault"),
    [
        ("someone/nothing", "has no repository someone/nothing"),
        ("someone/tiny@v9", "no revision 'v9'"),
        ("someone/gated", "its licence has to be accepted"),
        ("someone/text", "contains no weights that wallpaint can use"),
    ],
)
def test_a_refusal_of_the_hub_is_a_one_line_error(hub, name, fault):
    hub.repos["someone/gated"] = Repo(COMMIT, pipeline_files(), gated=True)
    hub.repos["someone/text"] = Repo(COMMIT, {"README.md": b"", "config.json": b"{}"})
    with pytest.raises(WeightsError, match=fault) as raised:
        pull_model(name)
    assert str(raised.value).startswith(f"{name}: ")
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize("name", ["sd16", "a/b/c", "someone/tiny@", "some--one/tiny", ""])
def test_an_invalid_name_is_a_setting_error(hub, name):
    for find in (find_model, pull_model):
        with pytest.raises(SettingError):
            find(name)
    assert hub.asked == []


def test_an_unreachable_hub_is_a_one_line_error(monkeypatch):
    monkeypatch.setattr(constants, "ENDPOINT", "http://127.0.0.1:9")
    with pytest.raises(WeightsError, match=r"127\.0\.0\.1:9 cannot be reached.*HF_ENDPOINT"):
        pull_model("someone/tiny")


def test_a_host_that_is_not_a_hub_is_a_one_line_error(hub):
    hub.is_hub = False
    with pytest.raises(WeightsError, match="is not a Hugging Face hub") as raised:
        pull_model("someone/tiny")
    assert "\n" not in str(raised.value)


def test_a_disk_that_is_too_small_is_an_error_before_the_download(hub, monkeypatch):
    monkeypatch.setattr(shutil, "disk_usage", lambda path: namedtuple("Usage", "free")(100_000))
    with pytest.raises(OutputError, match=r"0\.00 GB are free here\. Free some space, or set HF_HOME"):
        pull_model("someone/tiny")
    assert hub.fetched() == []


@pytest.mark.parametrize(("number", "fault"), [(errno.ENOSPC, "disk is full"), (errno.EACCES, "cannot be written to")])
def test_a_full_disk_is_a_one_line_error(monkeypatch, number, fault):
    def refuse(*_, **__):
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr("huggingface_hub.file_download.http_get", refuse)
    with pytest.raises(OutputError, match=fault):
        pull_model("someone/tiny")


def test_a_lora_under_any_name_is_fetched_if_it_is_the_only_one(hub):
    hub.repos["someone/lora"] = Repo(COMMIT, {"limewash.safetensors": weights(7), "README.md": b"", "x.ckpt": b"x"})
    folder = pull_model("someone/lora")
    assert hub.fetched() == ["limewash.safetensors"]
    assert find_model("someone/lora") == folder


def test_pipelines_of_other_tools_in_the_cache_are_listed(hub):
    assert cached_pipelines() == {}
    folder = pull_model("someone/tiny")
    assert cached_pipelines() == {"someone/tiny": "StableDiffusionInpaintPipeline"}
    (folder / UNET).unlink()
    assert cached_pipelines() == {}


def test_known_models_have_one_copy_of_the_weights_and_no_safety_checker():
    for model in KNOWN_MODELS.values():
        assert len(model.revision) == 40
        assert not any(path.startswith("safety_checker/") for path in model.files)
        folders = [path.rpartition("/")[0] for path in model.files if path.endswith((".safetensors", ".bin"))]
        assert len(folders) == len(set(folders))


# one file or folder of a repository


LORAS = {
    "README.md": b"x",
    "Hyper-SD15-1step-lora.safetensors": weights(20),
    "Hyper-SD15-2steps-lora.safetensors": weights(21),
    "images/[wall].safetensors": weights(22),
    "encoder/config.json": b"{}",
    "encoder/model.safetensors": weights(23),
    "encoder/pytorch_model.bin": weights(24),
    "peft/adapter_config.json": b"{}",
    "peft/adapter_model.safetensors": weights(25),
}


@pytest.fixture
def several(hub):
    hub.repos["someone/several"] = Repo(COMMIT, LORAS)
    return hub


@pytest.mark.parametrize(
    ("part", "fetched"),
    [
        ("Hyper-SD15-1step-lora.safetensors", ["Hyper-SD15-1step-lora.safetensors"]),
        ("images/[wall].safetensors", ["images/[wall].safetensors"]),
        ("encoder", ["encoder/config.json", "encoder/model.safetensors"]),
        ("encoder/", ["encoder/config.json", "encoder/model.safetensors"]),
        ("encoder/model.safetensors", ["encoder/config.json", "encoder/model.safetensors"]),
        ("peft/adapter_model.safetensors", ["peft/adapter_config.json", "peft/adapter_model.safetensors"]),
        ("peft", ["peft/adapter_config.json", "peft/adapter_model.safetensors"]),
    ],
)
@pytest.mark.parametrize("revision", ["", f"@{COMMIT}"])
def test_of_a_named_file_or_folder_only_that_is_fetched_and_found(several, part, fetched, revision):
    name = f"someone/several{revision}:{part}"
    with pytest.raises(MissingWeightsError, match=r"not on this machine\. Fetch it: wallpaint models pull "):
        find_model(name)
    place = pull_model(name)
    assert several.fetched() == fetched
    assert find_model(name) == place
    assert place.as_posix().endswith(f"snapshots/{COMMIT}/{part.rstrip('/')}")
    assert set(verify_model(name)) == {path for path in fetched if not path.endswith(".json")} - _beside(part, fetched)
    assert bytes_on_disk(name) >= 50_000


def _beside(part, fetched):
    """Files that are fetched with another, and are not checked with it."""
    return {path for path in fetched if not path.startswith(part.rstrip("/"))}


def test_two_files_of_a_repository_are_distinguished(several):
    pull_model("someone/several:Hyper-SD15-1step-lora.safetensors")
    with pytest.raises(MissingWeightsError, match=r"incomplete.*Hyper-SD15-2steps-lora\.safetensors missing"):
        find_model("someone/several:Hyper-SD15-2steps-lora.safetensors")


def test_a_repository_of_several_files_asks_for_the_name_of_one(several):
    with pytest.raises(
        WeightsError, match=r"has 6 files of weights, Hyper-SD15-1step.*Name one: someone/several:Hyper"
    ):
        pull_model("someone/several")


def test_a_file_that_the_repository_lacks_is_named_beside_those_it_has(several):
    with pytest.raises(WeightsError, match=r"has no walls\.safetensors\. It has Hyper-SD15-1step-lora\.safetensors,"):
        pull_model("someone/several:walls.safetensors")
