"""Embedding of the empty prompt: computed once with a base's text encoder and stored beside the weights.

The conditioning is images only, but Stable Diffusion needs 77 text tokens. Those of "" are constants of the weights, so
the text encoder (0.5 GB) is not needed for painting.
"""

from __future__ import annotations

import hashlib
import os
import tempfile
from contextlib import suppress
from pathlib import Path

import torch
from safetensors import safe_open
from safetensors.torch import save
from transformers import CLIPTextModel

from wallpaint.diffusion.checkpoints.base import load_text_encoder
from wallpaint.diffusion.checkpoints.loading import readable
from wallpaint.diffusion.checkpoints.single_file import is_single_file
from wallpaint.errors import MissingWeightsError, WeightsError
from wallpaint.photo import write_files

FILE = "zero_prompt.safetensors"
_START, _END = 49406, 49407  # <|startoftext|> and <|endoftext|> of CLIP's vocabulary; the latter is also the padding


def empty_prompt_embeds(path: Path) -> torch.Tensor:
    """The embedding of the empty prompt.

    Parameters
    ----------
    path : Path
        Folder or file of a base.

    Returns
    -------
    (1, 77, D) float32
        The text encoder's last hidden states.

    Raises
    ------
    MissingWeightsError
        The base has neither the embedding nor a text encoder to compute it.
    """
    for place in (_beside(path), _in_cache(path)):
        if place.is_file():
            return _read(place)
    embeds = encode_empty_prompt(load_text_encoder(path))
    _keep(embeds, path)
    return embeds


def encode_empty_prompt(text_encoder: CLIPTextModel) -> torch.Tensor:
    """Encode CLIP's tokens of "": (1, L, D) float32, L the encoder's number of positions."""
    ids = torch.full((1, text_encoder.config.max_position_embeddings), _END)
    ids[0, 0] = _START
    with torch.no_grad():
        embeds: torch.Tensor = text_encoder(ids.to(text_encoder.device))[0]
    return embeds.float().cpu()


def encode_prompt(path: Path, prompt: str) -> torch.Tensor:
    """Encode a text prompt: (1, 77, D) float32. For the ablation that compares text with images.

    Raises
    ------
    MissingWeightsError
        The base has no tokenizer or no text encoder.
    """
    from transformers import CLIPTokenizer

    folder = path / "tokenizer"
    if is_single_file(path) or not folder.is_dir():
        raise MissingWeightsError(path, "there is no tokenizer, so a prompt cannot be encoded. Use a diffusers folder.")
    encoder = load_text_encoder(path)
    length = encoder.config.max_position_embeddings
    with readable(path, "tokenizer"):
        tokenizer = CLIPTokenizer.from_pretrained(folder, local_files_only=True)
    tokens = tokenizer(prompt, padding="max_length", max_length=length, truncation=True, return_tensors="pt")
    with torch.no_grad():
        embeds: torch.Tensor = encoder(tokens.input_ids)[0]
    return embeds.float()


def has_text_encoder(path: Path) -> bool:
    """Whether a base has the tokenizer and the text encoder that `encode_prompt` needs."""
    return not is_single_file(path) and (path / "tokenizer").is_dir() and (path / "text_encoder").is_dir()


def save_zero_prompt(embeds: torch.Tensor, path: Path) -> None:
    """Store an embedding where `empty_prompt_embeds` looks first; `OSError` if it cannot be written."""
    write_files({_beside(path): save({"prompt_embeds": embeds.contiguous()})})


def _beside(path: Path) -> Path:
    return path.with_name(f"{path.name}.{FILE}") if is_single_file(path) else path / FILE


def _in_cache(path: Path) -> Path:
    """Path in the user's cache, for read-only weights. A single file that is replaced gets a new path."""
    stamp = path.stat().st_mtime_ns if is_single_file(path) else 0
    key = hashlib.sha256(f"{path.resolve()}:{stamp}".encode()).hexdigest()[:16]
    try:
        root = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    except RuntimeError:  # a user without a home, as in containers
        root = Path(tempfile.gettempdir())
    return root / "wallpaint" / key / FILE


def _keep(embeds: torch.Tensor, path: Path) -> None:
    """Store it beside the weights or in the cache; if neither is writable, it is computed again next time."""
    with suppress(OSError):
        return save_zero_prompt(embeds, path)
    place = _in_cache(path)
    with suppress(OSError):
        place.parent.mkdir(parents=True, exist_ok=True)
        write_files({place: save({"prompt_embeds": embeds.contiguous()})})


def _read(place: Path) -> torch.Tensor:
    try:
        with safe_open(place, "pt") as file:
            embeds: torch.Tensor = file.get_tensor("prompt_embeds")
            if embeds.ndim != 3 or embeds.shape[0] != 1:
                raise ValueError(f"its shape is {tuple(embeds.shape)}")
    except Exception as error:
        raise WeightsError(place, f"this is not a stored prompt embedding ({error}). Delete it to renew it.") from error
    return embeds.float()
