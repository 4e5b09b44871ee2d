"""Cost of a room: all colours from one render against one ordinary render, and the time from seed to stored room.

    python benchmarks/rooms.py --size 256 --samples 32 --seeds 8000 8001 8002

Both renders have the same scenes, samples and depth, with kernels compiled before timing starts; the ordinary one is
Mitsuba's own path integrator without Russian roulette. In the scalar variant, where the polynomial comes from four
ordinary renders, only the time is printed. Times are core-seconds (CPU time over all threads), which do not depend on
other load.
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Callable

import numpy as np

from wallpaint.rooms import variant
from wallpaint.rooms.scene import furnish


def core_seconds(action: Callable[[], object]) -> float:
    start = time.process_time()
    action()
    return time.process_time() - start


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--size", type=int, default=256)
    parser.add_argument("--samples", type=int, default=32)
    parser.add_argument("--seeds", type=int, nargs="+", default=[8000, 8001, 8002])
    options = parser.parse_args()
    active = variant.activate()
    print(f"{active}, {options.size}², {options.samples} samples")
    from wallpaint.rooms.render import render_room

    if active == variant.LLVM:
        ratios = [compare(seed, options.size, options.samples) for seed in options.seeds]
        print(f"all colours / one ordinary render: median {statistics.median(ratios):.2f}")
    whole = [core_seconds(lambda seed=seed: render_room(seed, options.size, options.samples)) for seed in options.seeds]
    print(f"seed to room: {', '.join(f'{value:.1f}' for value in whole)} s, median {statistics.median(whole):.1f} s")


def compare(seed: int, size: int, samples: int) -> float:
    from wallpaint.rooms.stage import Stage
    from wallpaint.rooms.tracer import render_ordinary, trace_polynomial

    stage = Stage(furnish(seed), size)
    stage.set_paint(np.ones(3))
    trace_polynomial(stage, samples, seed)
    render_ordinary(stage, samples, seed)
    ours = core_seconds(lambda: trace_polynomial(stage, samples, seed))
    ordinary = core_seconds(lambda: render_ordinary(stage, samples, seed))
    print(f"room {seed}: all colours {ours:.2f} s, one ordinary render {ordinary:.2f} s, ratio {ours / ordinary:.2f}")
    return ours / ordinary


if __name__ == "__main__":
    main()
