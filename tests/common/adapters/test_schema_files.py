"""The operator's folder of schemas: what is read at start-up, and how its mistakes are named."""

from __future__ import annotations

from pathlib import Path

import pytest

from common.adapters.schema_files import open_schemas
from common.errors import Misconfigured
from tests.common.formats.json_schema.schemas import ADDRESS, written


def test_nothing_is_set(tmp_path: Path) -> None:
    assert open_schemas(None) is None
    demanding = open_schemas(None, demanded=True)
    assert demanding is not None
    assert len(demanding) == 0
    assert len(open_schemas(tmp_path) or ()) == 0


def test_files_that_are_read(tmp_path: Path) -> None:
    (tmp_path / "README.md").write_text("what lies here")
    (tmp_path / "folder.json").mkdir()
    (tmp_path / "degree.json").write_bytes(written())
    (tmp_path / "name.json").write_bytes(written(id="https://school.example/schemas/name.json", ref=ADDRESS))
    library = open_schemas(tmp_path)
    assert library is not None
    assert [one.address for one in library.held] == [ADDRESS, "https://school.example/schemas/name.json"]


@pytest.mark.parametrize(
    ("content", "word"),
    [
        (b"", "bad.json"),
        (b"{", "bad.json"),
        (written(type="text"), "bad.json: .*/type"),
        (written(pattern="(?=a)"), "bad.json: a pattern"),
        (written(ref="https://elsewhere.example/"), "refers to a schema that is not held"),
        (written("http://json-schema.org/draft-04/schema#"), "bad.json"),
    ],
)
def test_mistakes_are_named_with_their_file(tmp_path: Path, content: bytes, word: str) -> None:
    (tmp_path / "bad.json").write_bytes(content)
    with pytest.raises(Misconfigured, match=word):
        open_schemas(tmp_path)


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(Misconfigured, match="cannot be read"):
        open_schemas(tmp_path / "none")
