"""The mark of `tests.interop.w3c.titles`, known to pytest, and the doors that the suites over documents knock at."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from tests.interop.w3c.model_doors import ModelDoors, open_model_doors
from tests.interop.w3c.vc_api_doors import Doors, open_doors


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "mirrors(title): stands for the test of that title in a suite of the W3C")


@pytest.fixture(scope="session")
def model(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ModelDoors]:
    doors = open_model_doors(tmp_path_factory.mktemp("model"))
    yield doors
    doors.close()


@pytest.fixture(scope="session")
def issued(model: ModelDoors) -> dict[str, Any]:
    """A credential with statuses of our issuer's."""
    return model.issue(issuer=model.did_web, options={"status": True})


@pytest.fixture(scope="session")
def lists(model: ModelDoors, issued: Mapping[str, Any]) -> list[Any]:
    """The lists of its entries, as anybody reads them."""
    return [model.published(entry["statusListCredential"]) for entry in issued["credentialStatus"]]


@pytest.fixture(scope="session")
def doors(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Doors]:
    made = open_doors(tmp_path_factory.mktemp("doors"))
    yield made
    made.close()
