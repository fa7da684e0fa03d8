"""The mark of `tests.interop.w3c.titles`, known to pytest."""

from __future__ import annotations

import pytest


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "mirrors(title): stands for the test of that title in a suite of the W3C")
