"""A tiny model in every form that loading knows, and proof that loading leaves the network alone."""

from __future__ import annotations

import shutil
import socket

import ldm_layout
import pytest
import tiny_models
import torch
from safetensors.torch import save_file


@pytest.fixture
def no_network(monkeypatch):
    """Whoever wants a socket or looks up a host fails, and the test with it, even if the failure is caught."""
    wanted = []

    def refuse(*args, **kwargs):
        wanted.append(args)
        raise OSError("no network in this test")

    monkeypatch.setattr(socket, "socket", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    yield
    assert not wanted


@pytest.fixture(scope="session")
def tiny_folder(tmp_path_factory):
    """A diffusers folder; to read only."""
    return tiny_models.save_tiny_model(tmp_path_factory.mktemp("tiny") / "model")


@pytest.fixture
def own_folder(tiny_folder, tmp_path):
    """A diffusers folder to damage."""
    return shutil.copytree(tiny_folder, tmp_path / "model")


@pytest.fixture(scope="session")
def ldm_weights():
    return ldm_layout.single_file(tiny_models.tiny_unet(), tiny_models.tiny_vae(), tiny_models.tiny_text_encoder())


@pytest.fixture
def tiny_sd15(monkeypatch, tiny_folder):
    """Single files are read as if the tiny model's configurations were those of Stable Diffusion 1.5."""
    monkeypatch.setattr("wallpaint.diffusion.checkpoints.single_file.sd15_folder", lambda part: tiny_folder / part)


@pytest.fixture
def empty_cache(monkeypatch, tmp_path):
    """No model of the hub is on this machine."""
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path / "hub"))


@pytest.fixture
def write_single_file(tmp_path, tiny_sd15):
    """Writes weights to a single file of the form that its name says."""

    def write(weights, name="model.safetensors"):
        path = tmp_path / name
        if path.suffix == ".safetensors":
            save_file(weights, path)
        else:
            torch.save({"state_dict": weights, "global_step": 440000}, path)
        return path

    return write
