"""Web page and HTTP service for painting walls.

Reading order: `limits`, `queue`, `paint_options`, `rooms` and `service` (the work, without HTTP); then `api` and
`metrics` (HTTP), `page` and `page_guard` (the web page), `connections` and `memory_folder`; last `server`, which runs
all of them.

Needs the extra ``wallpaint[web]``.
"""
