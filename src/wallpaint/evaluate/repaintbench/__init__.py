"""RepaintBench: every engine and baseline against the physically rendered truth.

Read `benchmark_cases` (the rooms, colours and tracks), `baselines` and `diffusion_methods` (what is compared),
`scores`, `benchmark` (the run), then `report` and `demo_figure`.
"""
