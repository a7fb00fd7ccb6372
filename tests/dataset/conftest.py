"""Lets the tests of this room import `run_folders`, and gives them a filled one."""

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from rendered import render
from run_folders import OUTPUTS, fill, make_manifest


@pytest.fixture
def run_folder(tmp_path: Path) -> Path:
    """Seven frames of four worlds with every kind of output."""
    return fill(tmp_path / "out", range(7), make_manifest(OUTPUTS))


@pytest.fixture(scope="session")
def rendered_set(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Six rendered frames of three worlds with boxes, annotated with everything."""
    return render(tmp_path_factory.mktemp("rendered"))
