from __future__ import annotations

import runpy
from pathlib import Path

import wallpaint.train.losses


def test_the_documents_module_hands_on_what_the_package_has():
    names = runpy.run_path(str(Path(__file__).parents[1] / "losses.py"))
    assert "ColorConsistencyLoss" in names["__all__"]
    assert all(names[name] is getattr(wallpaint.train.losses, name) for name in names["__all__"])
