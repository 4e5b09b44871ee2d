"""Texts of the page, as HTML."""

from __future__ import annotations

import math
from html import escape

from wallpaint.metrics import Metrics
from wallpaint.painter import Repaint

TITLE = "wallpaint"
HEADER = """<div class="brand"><span class="swatch" aria-hidden="true"></span><b>wallpaint</b>
<span class="tagline">Paint a wall in exactly the colour you choose.</span></div>"""
FIRST_HINT = "Load a photo of a room to begin."
CLICK_HINT = "Click the wall. If too much is marked, switch to <b>Not wall</b> and click that."
OUTLINE_HINT = "Click the next corner. To close the outline, click its first corner."
READY_HINT = "Pick a colour and press <b>Paint</b>. Further clicks refine the wall."
_MEANINGS = (
    (0.5, "exact", "The difference is not visible, and few instruments can measure it."),
    (1.0, "exact", "The difference is not visible."),
    (2.0, "close", "The difference is visible to trained observers, side by side."),
    (5.0, "off", "The difference is visible at close inspection."),
    (math.inf, "far", "The colours are clearly different."),
)


def meaning(delta_e: float) -> tuple[str, str]:
    """CSS class and description of a CIEDE2000 difference.

    >>> meaning(0.2)[0]
    'exact'
    """
    return next((word, sentence) for limit, word, sentence in _MEANINGS if delta_e <= limit)


def hint(text: str) -> str:
    """Line under the header; `text` is HTML."""
    return f'<p class="hint" role="status">{text}</p>'


def step_title(number: int, words: str) -> str:
    """Heading of a step."""
    return f'<p class="step-title"><span>{number}</span>{escape(words)}</p>'


def working(steps: tuple[int, int] | None, words: str) -> str:
    """Description of running work, with a progress bar if it counts steps (done, total)."""
    if steps is None:
        return f'<p class="hint working" role="status">{escape(words)} …</p>'
    done, total = steps
    bar = f'<progress value="{done}" max="{total}"></progress>'
    return f'<p class="hint working" role="status">{escape(words)}, step {done} of {total} {bar}</p>'


def badge(painted: Repaint) -> str:
    """Colour accuracy of a painting, in figures and words."""
    metrics = painted.metrics
    delta = float(metrics.get("delta_e_2000_median", math.nan))
    word, sentence = meaning(delta)
    facts = [_light(metrics), _rest(metrics)]
    return (
        f'<div class="badge {word}" data-delta-e="{delta!r}">'
        f'<span class="chip" style="background:{painted.color.hex}"></span>'
        f'<div><b>ΔE {delta:.2f}</b> <span class="of">to {escape(str(painted.color))}</span><br>{sentence}'
        f"<ul>{''.join(f'<li>{fact}</li>' for fact in facts)}</ul></div></div>"
    )


def _light(metrics: Metrics) -> str:
    kept = float(metrics.get("shading_correlation", math.nan))
    return (
        "The wall is too uniform to compare light and shadow"
        if math.isnan(kept)
        else f"Light and shadow kept: {kept:.1%}"
    )


def _rest(metrics: Metrics) -> str:
    changed = int(metrics.get("outside_max_change", 0))
    return "No pixel outside the wall changed" if changed == 0 else f"Outside the wall: changes up to {changed} of 255"


def mask_download(room: str) -> str:
    """Link to the mask of the marked wall."""
    return f'<div class="downloads">{_mask_link(f"../v1/rooms/{escape(room)}")}</div>'


def _mask_link(address: str) -> str:
    return f'<a id="download-mask" href="{address}/mask" download="wall.png">Mask</a>'


def downloads(room: str, several: bool = False) -> str:
    """Links to API routes: picture at full size, mask, figures, and for several walls an archive of all walls."""
    address = f"../v1/rooms/{escape(room)}"
    layers = f'<a id="download-layers" href="{address}/layers" download="walls.zip">All walls</a>' if several else ""
    return (
        '<div class="downloads">'
        f'<a class="primary" id="download-picture" href="{address}/painted" download="painted.png">Download picture</a>'
        f"{_mask_link(address)}"
        f'<a id="download-report" href="{address}/report" download="painted.json">Figures</a>{layers}</div>'
    )
