"""What goes wrong between this machine and the hub, in words a person can act on."""

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

_AGAIN = "Files that are here stay: run the same command again."


@contextmanager
def explained(name: str, repo: str, revision: str | None) -> Iterator[None]:
    """Raise huggingface_hub's errors about a model as wallpaint's.

    Parameters
    ----------
    name : str
        What the person asked for.
    repo, revision : str
        What is asked of the hub for it.

    Raises
    ------
    SettingError
        The repository's name can be no name.
    WeightsError
        The hub does not have it or does not give it, or cannot be reached.
    OutputError
        The cache cannot be written to.
    """
    try:
        yield
    except (HTTPError, HFValidationError, OSError, ValueError) as error:
        raise _in_words(error, name, repo, revision) from error


def _in_words(error: Exception, name: str, repo: str, revision: str | None) -> WallpaintError:
    host = urlsplit(constants.ENDPOINT).netloc or constants.ENDPOINT
    if isinstance(error, HFValidationError):
        return SettingError(f"{repo!r} can be no repository's name. A hub id is owner/name or owner/name@revision.")
    if isinstance(error, GatedRepoError):
        return WeightsError(
            name, f"its owner wants a licence accepted: do so at {constants.ENDPOINT}/{repo}, then run hf auth login."
        )
    if isinstance(error, RepositoryNotFoundError):
        return WeightsError(
            name,
            f"{host} has no repository {repo}, or it is private. Check the name; for a private one, hf auth login.",
        )
    if isinstance(error, RevisionNotFoundError):
        return WeightsError(name, f"{repo} has no revision {revision!r}. Name a branch, a tag or a commit after the @.")
    if isinstance(error, HfHubHTTPError) and error.response.status_code in (401, 403):
        return WeightsError(
            name,
            f"{host} refuses it ({error.response.status_code}). Log in with a token that may read it: hf auth login.",
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
        return OutputError(constants.HF_HUB_CACHE, "the disk is full. Make room, or set HF_HOME to another disk's.")
    if isinstance(error, OSError):
        return OutputError(
            constants.HF_HUB_CACHE, f"it cannot be written to ({error.strerror}). Set HF_HOME elsewhere."
        )
    return WeightsError(name, f"{host} does not answer as a hub does ({_first_line(error)}). Check HF_ENDPOINT.")


def _is_short(error: Exception) -> bool:
    """Whether fewer bytes came than were announced, for which huggingface_hub has no class of its own."""
    return isinstance(error, OSError) and error.errno is None and "Consistency check" in str(error)


def _first_line(error: Exception) -> str:
    return str(error).partition("\n")[0]
