"""The settings a dataset was made with, stored in its folder, so that a resumed run uses the same ones."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

from wallpaint.errors import FileError, OutputError, SettingError
from wallpaint.photo import write_files


def agree_on_settings(record: Path, settings: Mapping[str, object]) -> None:
    """Store the settings of a new dataset; refuse settings that differ from the stored ones.

    Samples made with two seeds or sizes would otherwise be mixed under the same names.

    Parameters
    ----------
    record : Path
        A JSON file; its folder is created if missing.
    settings : mapping of str to JSON values

    Raises
    ------
    SettingError
        The stored values differ.
    FileError
        The file is damaged.
    OutputError
        The folder cannot be written to.
    """
    folder = record.parent
    if not record.exists():
        try:
            folder.mkdir(parents=True, exist_ok=True)
            write_files({record: (json.dumps(settings, indent=2) + "\n").encode()})
        except OSError as error:
            raise OutputError(folder, f"it cannot be written to ({error.strerror}). Choose another folder.") from None
        return
    try:
        made_with = dict(json.loads(record.read_text(encoding="utf-8")))
    except (ValueError, TypeError) as error:
        raise FileError(
            record, f"this file is damaged ({error}). Remove it to continue with {dict(settings)}."
        ) from None
    if made_with != settings:
        differing = [name for name in {**made_with, **settings} if made_with.get(name) != settings.get(name)]
        raise SettingError(
            f"{folder} holds samples made with another {' and '.join(differing)}: "
            f"{', '.join(f'{name} was {json.dumps(made_with.get(name))}' for name in differing)}. "
            "Take the same settings or another folder."
        )
