"""A page to paint on, and a service to call.

Read `limits`, `queue`, `recipe` and `rooms`, then `uploads` and `service` (all the work, without HTTP); then
`problems`, `admission`, `forms`, `answers`, `clients`, `metrics`, `room_routes`, `painting_routes` and `api` (HTTP);
then `page` and `page_guard`; `server` runs it all.

Needs the extra ``wallpaint[web]``.
"""
