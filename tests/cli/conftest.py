"""Fixtures of the commands' tests."""

import logging
from collections.abc import Generator

import pytest


@pytest.fixture(autouse=True)
def _logs_as_before() -> Generator[None]:
    """A command configures the logs of its process, which here is everybody's."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)
