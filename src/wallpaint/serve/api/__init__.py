"""HTTP API of the service (FastAPI).

Reading order: `requests` and `responses` (schemas), `uploads`, `problem_details` (errors), `middleware` (limits and
access token), `clients`, `room_routes`, `painting_routes`, then `app`.
"""
