"""A sampling setting is declared once: every field of `SamplingSettings` appears wherever pictures are sampled."""

import inspect
import re

import pytest
from typer.testing import CliRunner

from wallpaint.cli import app
from wallpaint.diffusion import SamplingSettings, load_engine
from wallpaint.serve.api.requests import SamplingForm
from wallpaint.serve.paint_options import NOT_OFFERED
from wallpaint.train.config.sections import ValidationSection

# where a field does not appear under its own name
RUNS_SEED = {"seed"}  # a training run has one seed for everything
FIELDS = list(SamplingSettings.model_fields)


@pytest.mark.parametrize("command", ["paint", "palette", "walls", "validate"])
def test_it_is_an_option_of_every_command_that_samples(command):
    text = CliRunner().invoke(app, [command, "--help"], env={"COLUMNS": "300", "TERM": "dumb"}).output
    for name, setting in SamplingSettings.model_fields.items():
        assert re.search(rf"--{name.replace('_', '-')}\b", text), name
        assert setting.description in " ".join(text.replace("│", " ").split()), name


@pytest.mark.parametrize("name", FIELDS)
def test_it_is_a_key_of_the_validation_section(name):
    assert (name in ValidationSection.model_fields) != (name in RUNS_SEED)


@pytest.mark.parametrize("name", FIELDS)
def test_it_is_a_field_of_the_services_requests(name):
    assert (name in inspect.signature(SamplingForm).parameters) != (name in NOT_OFFERED)


@pytest.mark.parametrize("name", FIELDS)
def test_it_is_no_parameter_of_load_engine_beside_the_settings(name):
    assert name not in inspect.signature(load_engine).parameters


def test_the_validation_section_makes_settings_with_the_runs_seed():
    section = ValidationSection(steps=4, reference_strength=1.4)
    assert section.sampling(9) == SamplingSettings(steps=4, reference_strength=1.4, init="noise", seed=9)
