"""The wall of a photo, chosen by a person: from clicks to a mask.

Read `surfaces` (a photo as pieces of surface and the borders between them), then `clicks` (`WallSelector`).
"""

from wallpaint.select.clicks import Click, WallSelector, select_by_clicks

__all__ = ["Click", "WallSelector", "select_by_clicks"]
