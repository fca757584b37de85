"""What every test may ask for."""

import os
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of real photos and videos; tests that need it skip where it is missing."""
    folder = Path(os.environ.get("DEIXIS_TEST_DATA", ROOT.parent / "shared" / "data"))
    if not folder.is_dir():
        pytest.skip(f"no real photos at {folder}; set DEIXIS_TEST_DATA to the folder that holds flickr8k_entities")
    return folder
