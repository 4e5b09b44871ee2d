"""Errors of huggingface_hub as one-line errors of wallpaint."""

from __future__ import annotations

import errno
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

from huggingface_hub import constants
from huggingface_hub.errors import (
    GatedRepoError,
    HfHubHTTPError,
    HFValidationError,
    HTTPError,  # the root of what its HTTP client raises, whichever client this version uses
    LocalEntryNotFoundError,
    RepositoryNotFoundError,
    RevisionNotFoundError,
)

from wallpaint.errors import OutputError, SettingError, WallpaintError, WeightsError

_AGAIN = "Complete files are kept: run the same command again."


@contextmanager
def explained(name: str, repo: str, revision: str | None) -> Iterator[None]:
    """Turn huggingface_hub's errors about a model into wallpaint's.

    Parameters
    ----------
    name : str
        The model's name, as the user gave it.
    repo, revision : str
        Repository and revision of the request to the hub.

    Raises
    ------
    SettingError
        The repository's name is not valid.
    WeightsError
        The hub does not have the model or refuses it, or cannot be reached.
    OutputError
        The cache is not writable.
    """
    try:
        yield
    except (HTTPError, HFValidationError, OSError, ValueError) as error:
        raise _in_words(error, name, repo, revision) from error


def _in_words(error: Exception, name: str, repo: str, revision: str | None) -> WallpaintError:
    host = urlsplit(constants.ENDPOINT).netloc or constants.ENDPOINT
    if isinstance(error, HFValidationError):
        return SettingError(f"{repo!r} is not a valid repository. A hub id is owner/name or owner/name@revision.")
    if isinstance(error, GatedRepoError):
        return WeightsError(
            name, f"its licence has to be accepted: do so at {constants.ENDPOINT}/{repo}, then run hf auth login."
        )
    if isinstance(error, RepositoryNotFoundError):
        return WeightsError(
            name,
            f"{host} has no repository {repo}, or it is private. Check the name; if it is private, run hf auth login.",
        )
    if isinstance(error, RevisionNotFoundError):
        return WeightsError(name, f"{repo} has no revision {revision!r}. Give a branch, a tag or a commit after the @.")
    if isinstance(error, HfHubHTTPError) and error.response.status_code in (401, 403):
        return WeightsError(
            name,
            f"{host} refused access ({error.response.status_code}). Use a token that may read it: hf auth login.",
        )
    if isinstance(error, HfHubHTTPError):
        return WeightsError(name, f"{host} answered {error.response.status_code}. {_AGAIN}")
    if isinstance(error, LocalEntryNotFoundError | ConnectionError | HTTPError) or _is_short(error):
        return WeightsError(
            name,
            f"{host} cannot be reached, or the connection broke off. Check the network, HTTPS_PROXY and HF_ENDPOINT. "
            + _AGAIN,
        )
    if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT):
        return OutputError(constants.HF_HUB_CACHE, "the disk is full. Free some space, or set HF_HOME to another disk.")
    if isinstance(error, OSError):
        return OutputError(
            constants.HF_HUB_CACHE, f"it cannot be written to ({error.strerror}). Set HF_HOME to another folder."
        )
    return WeightsError(name, f"{host} is not a Hugging Face hub ({_first_line(error)}). Check HF_ENDPOINT.")


def _is_short(error: Exception) -> bool:
    """Whether fewer bytes arrived than announced, for which huggingface_hub has no class of its own."""
    return isinstance(error, OSError) and error.errno is None and "Consistency check" in str(error)


def _first_line(error: Exception) -> str:
    return str(error).partition("\n")[0]
