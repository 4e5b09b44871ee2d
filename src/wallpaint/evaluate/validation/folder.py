"""Where validations are kept: each run's own folder, and ``validation_grids``, a link to the one used last."""

from __future__ import annotations

import os
import secrets
from contextlib import suppress
from pathlib import Path

from wallpaint.errors import SettingError, warn_of
from wallpaint.evaluate.validation.files import METRICS_FILES

WORKFLOW_FOLDER = "validation_grids"  #: where scripts of the workflow look, in the working folder


def refuse_other_run(folder: Path) -> None:
    """Refuse a folder for a new run that holds validations of a trained model: both would be one curve.

    A baseline, step 0, may be there.

    Raises
    ------
    SettingError
    """
    steps = sorted(path.name for path in folder.glob(METRICS_FILES))
    trained = [name for name in steps if not name.startswith("step_000000_")]
    if trained:
        raise SettingError(
            f"{folder} holds validations of an earlier run ({len(trained)}, {trained[0]} first). Go on with --resume "
            "latest, or train into another folder: --output FOLDER."
        )


def link_workflow_folder(folder: Path) -> None:
    """Make ``validation_grids`` in the working folder lead to a run's validations.

    A link that is there is replaced. A folder that holds files is left as it is.

    Warns
    -----
    WallpaintWarning
        It cannot be made; the message has where the validations are.
    """
    link, target = Path(WORKFLOW_FOLDER), folder.resolve()
    if link.resolve() == target:
        return
    with suppress(OSError):
        link.rmdir()  # only an empty folder
    if link.exists() and not link.is_symlink():
        warn_of(link, f"this folder is not of this run, whose validations are in {folder}. Move it away.")
        return
    staged = link.with_name(f".{secrets.token_hex(8)}.part")
    try:
        staged.symlink_to(_relative(target), target_is_directory=True)
        os.replace(staged, link)
    except OSError as error:  # Windows asks for a right, and some file systems know no links
        staged.unlink(missing_ok=True)
        warn_of(link, f"it cannot be made a link ({error.strerror or error}). This run's validations are in {folder}.")


def _relative(target: Path) -> str:
    """Relative, so that a project can be moved; on Windows there is no such path to another drive."""
    try:
        return os.path.relpath(target)
    except ValueError:
        return str(target)
