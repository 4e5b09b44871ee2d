"""Requests drawn from the OpenAPI of the live server: none may break it."""

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from hypothesis.errors import Unsatisfiable
from schemathesis import GenerationMode


@pytest.fixture(scope="module")
def operations(url):
    schema = schemathesis.openapi.from_url(f"{url}/openapi.json")
    return [found.ok() for found in schema.get_all_operations()]


def answered(operations, examples, pictures):
    """Send so many requests to every operation in either mode; how many were answered, none with 5xx.

    Half of the pictures in them are real ones: what is generated is hardly ever an image.
    """
    count = 0
    for operation in operations:
        for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE):

            @given(operation.as_strategy(generation_mode=mode), st.booleans())
            @settings(
                max_examples=examples,
                deadline=None,
                database=None,
                derandomize=True,
                phases=[Phase.generate],
                suppress_health_check=list(HealthCheck),
            )
            def send(case, real):
                nonlocal count
                if real and isinstance(case.body, dict):
                    case.body.update({part: content for part, content in pictures.items() if part in case.body})
                answer = case.call()
                count += 1
                assert answer.status_code < 500, f"{case.as_curl_command()}\n{answer.text}"

            try:
                send()
            except Unsatisfiable:
                continue  # nothing invalid can be said to a route without parameters
    return count


def test_no_generated_request_breaks_the_server(operations, photo, mask):
    assert answered(operations, 3, {"image": photo, "mask": mask}) >= 3 * len(operations)


@pytest.mark.slow
def test_none_of_two_thousand_generated_requests_breaks_the_server(operations, photo, mask):
    assert answered(operations, 150, {"image": photo, "mask": mask, "source": photo, "reference": photo}) >= 2000
