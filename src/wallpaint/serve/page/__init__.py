"""The page: photo in, click the wall, pick a colour, see the wall and how exact it is.

Read `edits` (how a wall was marked, so that it can be taken back), `pictures` and `wording` (what is shown), then
`views`, `colors` and `workbench` (what each control does) and `layout` (where everything is). Every picture travels as
PNG: Gradio's default, WebP, shifts colours.
"""

from wallpaint.serve.page.layout import create_page, css, theme

__all__ = ["create_page", "css", "theme"]
