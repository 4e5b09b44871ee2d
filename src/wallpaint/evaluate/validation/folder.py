"""Folders of validations: one for each run, and ``validation_grids``, a link to the folder used last."""

from __future__ import annotations

import os
import secrets
from contextlib import suppress
from pathlib import Path

from wallpaint.errors import SettingError, warn_of
from wallpaint.evaluate.validation.files import METRICS_FILES

WORKFLOW_FOLDER = "validation_grids"  #: read by scripts of the workflow, in the working folder


def refuse_other_run(folder: Path) -> None:
    """Refuse a folder for a new run that holds validations of another run, because a report would mix both.

    A validation of step 0, the baseline, is allowed.

    Raises
    ------
    SettingError
        The folder holds validations of other steps.
    """
    steps = sorted(path.name for path in folder.glob(METRICS_FILES))
    trained = [name for name in steps if not name.startswith("step_000000_")]
    if trained:
        raise SettingError(
            f"{folder} holds validations of an earlier run ({len(trained)}, {trained[0]} first). Resume it with "
            "--resume latest, or use another folder: --output FOLDER."
        )


def link_workflow_folder(folder: Path) -> None:
    """Make ``validation_grids`` in the working folder a link to a run's validations.

    An existing link is replaced. A folder with files is not changed.

    Warns
    -----
    WallpaintWarning
        The link cannot be created; the message names the folder of the validations.
    """
    link, target = Path(WORKFLOW_FOLDER), folder.resolve()
    if link.resolve() == target:
        return
    with suppress(OSError):
        link.rmdir()  # removes only an empty folder
    if link.exists() and not link.is_symlink():
        warn_of(link, f"this folder is not a link to this run's validations, which are in {folder}. Move it away.")
        return
    staged = link.with_name(f".{secrets.token_hex(8)}.part")
    try:
        staged.symlink_to(_relative(target), target_is_directory=True)
        os.replace(staged, link)
    except OSError as error:  # Windows requires a privilege, and some file systems have no links
        staged.unlink(missing_ok=True)
        warn_of(link, f"the link cannot be created ({error.strerror or error}). The validations are in {folder}.")


def _relative(target: Path) -> str:
    """The relative path, so that a project can be moved; absolute if the target is on another drive of Windows."""
    try:
        return os.path.relpath(target)
    except ValueError:
        return str(target)
