"""Sampling settings: ranges, defaults, and error messages."""

import subprocess
import sys

import pytest

from wallpaint.diffusion import SamplingSettings
from wallpaint.errors import SettingError


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"steps": 0}, r"steps cannot be 0: choose a whole number, at least 1\.$"),
        ({"steps": 2.5}, r"steps cannot be 2\.5: choose a whole number, at least 1\.$"),
        ({"steps": True}, "steps cannot be True"),
        ({"batch_size": 0}, "batch_size cannot be 0: choose a whole number, at least 1"),
        ({"seed": -1}, "seed cannot be -1: choose a whole number, at least 0"),
        ({"seed": 2**63}, "seed cannot be 9223372036854775808"),
        ({"reference_strength": 0}, "reference_strength cannot be 0: choose a number, more than 0"),
        ({"reference_strength": float("inf")}, "reference_strength cannot be inf"),
        ({"scheduler": "euler"}, r"scheduler cannot be 'euler': choose dpm\+\+, ddim, lcm or unipc"),
        ({"init": "photo"}, "init cannot be 'photo': choose reference, noise or albedo"),
        ({"init": "noise", "strength": 0.5}, "strength cannot be 0.5 with init noise.*choose init albedo or reference"),
        ({"init": "albedo", "strength": 0}, "strength cannot be 0: choose a number, more than 0, at most 1"),
        ({"init": "albedo", "strength": 1.5}, "at most 1"),
        ({"strength": float("nan")}, "strength cannot be nan"),
        ({"emphasis": 1.4}, r"emphasis has been renamed: use reference_strength\.$"),
        ({"step": 3}, "there is no sampling setting 'step': choose steps, "),
    ],
)
def test_a_value_out_of_range_is_named_with_the_range(values, message):
    with pytest.raises(SettingError, match=message) as caught:
        SamplingSettings(**values)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("values", "strength"),
    [({}, 1), ({"init": "noise"}, 1), ({"init": "albedo"}, 0.5), ({"init": "albedo", "strength": 0.2}, 0.2)],
)
def test_the_default_strength_depends_on_init(values, strength):
    assert SamplingSettings(**values).effective_strength == strength


def test_changes_leave_the_other_settings():
    settings = SamplingSettings(steps=3, strength=0.4)
    assert settings.changed(seed=5) == SamplingSettings(steps=3, strength=0.4, seed=5)
    assert settings.changed() == settings


def test_another_init_resets_the_strength():
    settings = SamplingSettings(strength=0.4)
    assert settings.changed(init="reference").strength == 0.4
    assert settings.changed(init="noise").strength is None
    assert settings.changed(init="albedo", strength=0.3).strength == 0.3


def test_settings_cannot_be_assigned():
    with pytest.raises(ValueError, match="frozen"):
        SamplingSettings().steps = 3


def test_they_can_be_imported_without_torch():
    code = "import sys, wallpaint.diffusion.sampling.settings; print('torch' in sys.modules, 'numpy' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["False", "False"]
