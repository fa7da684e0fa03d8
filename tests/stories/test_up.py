"""`./dev up`: data that stays; with `--lan` https under a name that no name server knows, from end to end."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from pathlib import Path

import httpx
import pytest
from rich.console import Console

from examples.demo.lan import lan_cast
from examples.demo.programs import NAMES, draw_ports
from examples.demo.story import Story
from tests.house.tree import ROOT
from tests.stories.quick_start import quicken

NAME = "tegata-box.local"


def test_the_story_over_https_under_a_name(tmp_path: Path) -> None:
    """University, student and shop, as in `test_main_job`; the names resolve to this machine by the programs' own settings."""
    cast = quicken(lan_cast(tmp_path, name=NAME, ports=draw_ports(3)))
    try:
        cast.introduce()
        cast.start()
        story = Story(cast, Console(file=sys.stderr, width=140))
        story.walk()
        assert len(story.steps) == 11
        assert cast.issuer.url.startswith(f"https://{NAME}:")
    finally:
        statuses = cast.stop()
    assert statuses == dict.fromkeys(NAMES, 0)


@pytest.mark.slow
def test_the_whole_demo_over_https_under_a_name(tmp_path: Path) -> None:
    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "examples.demo",
            "--lan",
            "--once",
            "--name",
            NAME,
            "--data",
            str(tmp_path / "demo"),
        ],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=240,
    )
    outcome = json.loads(done.stdout.splitlines()[-1])
    assert done.returncode == 0, outcome.get("error")
    assert outcome["exit_status"] == {"issuer": 0, "wallet": 0, "verifier": 0}
    assert f"https://{NAME}" in done.stderr
    assert [step["name"] for step in outcome["steps"]][-1] == "After the fireworks: both journals, put together"


def test_a_second_start_finds_everything_as_it_was(tmp_path: Path) -> None:
    """`./dev up` keeps its data: the same addresses, the same tokens, and the wallet that was made at first."""
    invitations = [_start_and_stop(tmp_path / "up") for _ in range(2)]
    assert invitations[0] == invitations[1]
    assert any("/hanako/" in line for line in invitations[0])
    assert (tmp_path / "up" / "cast.json").stat().st_mode & 0o077 == 0


def _start_and_stop(folder: Path) -> list[str]:
    """What ``./dev up`` says when it is ready; then it is told to end."""
    command = [sys.executable, "-m", "examples.demo.stay", "--data", str(folder)]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    assert process.stdout is not None
    said = []
    for line in process.stdout:
        said.append(line.strip())
        if "/cafe/ask" in line:
            said.append(process.stdout.readline().strip())
            break
    addresses = [word for line in said for word in line.split() if word.startswith("http")]
    opened = {address: httpx.get(address, follow_redirects=True).status_code for address in addresses}
    assert opened == dict.fromkeys(addresses, 200)
    assert len(addresses) >= len(NAMES)
    process.send_signal(signal.SIGTERM)
    assert process.wait(30) == 0, said
    return said
