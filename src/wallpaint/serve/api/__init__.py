"""The HTTP API.

Read `requests` and `responses` (what is sent and answered), `uploads`, `problem_details` (errors), `middleware` (limits
before anything is read), `clients`, `room_routes`, `painting_routes`, then `app`.
"""
