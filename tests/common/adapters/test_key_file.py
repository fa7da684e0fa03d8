"""The key file: made once, private, whole, and refused when it is anything else."""

from __future__ import annotations

import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from common.adapters.key_file import open_key_file, read_key_file
from common.errors import Misconfigured


def test_a_missing_file_is_made_for_its_owner_only_and_read_again(tmp_path: Path) -> None:
    path = tmp_path / "new" / "issuer.key"
    key = open_key_file(path)
    assert len(key) == 32
    assert open_key_file(path) == read_key_file(path) == key
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert list(path.parent.iterdir()) == [path]


def test_workers_that_start_together_get_one_key(tmp_path: Path) -> None:
    path = tmp_path / "issuer.key"
    with ThreadPoolExecutor(8) as pool:
        assert len(set(pool.map(open_key_file, [path] * 32))) == 1


@pytest.mark.parametrize("content", [b"", b"c2hvcnQ\n", bytes(range(200, 232)), "鍵".encode(), b"A" * 43 + b"=\n"])
def test_what_is_no_key_is_refused_and_left_alone(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "issuer.key"
    path.write_bytes(content)
    path.chmod(0o600)
    with pytest.raises(Misconfigured, match="one line of base64url"):
        open_key_file(path)
    assert path.read_bytes() == content


def test_a_missing_file_is_not_made_by_reading(tmp_path: Path) -> None:
    with pytest.raises(Misconfigured, match="cannot be read"):
        read_key_file(tmp_path / "absent")
    assert not (tmp_path / "absent").exists()


def test_a_place_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(Misconfigured, match="cannot be made"):
        open_key_file(tmp_path / "file" / "issuer.key")


@pytest.mark.parametrize("mode", [0o604, 0o606, 0o644, 0o660, 0o620, 0o601, 0o777])
def test_a_file_that_is_open_to_others(tmp_path: Path, mode: int) -> None:
    """Production refuses it, and says what to type; a sandbox warns."""
    path = tmp_path / "issuer.key"
    key = open_key_file(path)
    path.chmod(mode)
    for read in (read_key_file, open_key_file):
        with pytest.raises(Misconfigured, match=rf"issuer\.key.*{mode:o}.*chmod 600"):
            read(path)
        with capture_logs() as logs:
            assert read(path, strict=False) == key
        assert [(line["event"], line["mode"]) for line in logs] == [("secret_file_open", f"{mode:o}")]


@pytest.mark.parametrize("mode", [0o600, 0o400, 0o640, 0o440])
def test_a_file_for_its_owner_and_group(tmp_path: Path, mode: int) -> None:
    path = tmp_path / "issuer.key"
    key = open_key_file(path)
    path.chmod(mode)
    with capture_logs() as logs:
        assert read_key_file(path) == key
    assert logs == []
