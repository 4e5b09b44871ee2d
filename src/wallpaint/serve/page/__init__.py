"""Web page (Gradio): open a photo, mark the wall, choose a colour, compare before and after.

Reading order: `edits` (marks with undo), `pictures` and `wording` (previews and texts), `views`, `colors` and
`workbench` (event handlers), `layout` (controls and their events). All pictures are sent as PNG, because Gradio's
default, WebP, changes colours.
"""

from wallpaint.serve.page.layout import create_page, css, theme

__all__ = ["create_page", "css", "theme"]
