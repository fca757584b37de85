"""An installed wheel runs from an empty folder as a checkout does: its command, its models and its page."""

import json
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
import venv
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PARTS = ("app.py", "assets", "grounding", "pseudo_query", "setup.py", "pyproject.toml", "MANIFEST.in", "README.md", "LICENSE",
         *(path.name for path in ROOT.glob("requirements*.txt")))


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    source, out = tmp_path_factory.mktemp("source"), tmp_path_factory.mktemp("wheel")
    for name in PARTS:
        copy = shutil.copytree if (ROOT / name).is_dir() else shutil.copy
        copy(ROOT / name, source / name, **({"ignore": shutil.ignore_patterns("__pycache__")} if (ROOT / name).is_dir() else {}))
    pip("wheel", "--no-deps", "--no-build-isolation", "--no-index", "--quiet", "-w", str(out), str(source))
    return next(out.glob("deixis-*.whl"))


@pytest.fixture(scope="module")
def installed(wheel, tmp_path_factory):
    """Runs the installed command `deixis` from an empty folder with its own data, in a fresh environment that holds the
    wheel alone and sees the packages it stands on."""
    place = tmp_path_factory.mktemp("environment")
    venv.create(place, with_pip=False)
    pip("--python", str(place / "bin/python"), "install", "--no-deps", "--no-index", "--quiet", str(wheel))
    [packages] = place.glob("lib/python*/site-packages")
    (packages / "stands_on.pth").write_text("\n".join(path for path in sys.path if path.endswith("-packages")))
    env = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    env["DEIXIS_DATA"], empty = str(tmp_path_factory.mktemp("data")), tmp_path_factory.mktemp("empty")

    def start(*words: str) -> subprocess.Popen:
        return subprocess.Popen(
            [place / "bin/deixis", *words], cwd=empty, env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
    return start


def pip(*words: str) -> None:
    done = subprocess.run([sys.executable, "-m", "pip", "--disable-pip-version-check", *words], capture_output=True, text=True, timeout=150)
    assert done.returncode == 0, done.stderr[-2000:]


def answer(process: subprocess.Popen) -> str:
    out, err = process.communicate(timeout=120)
    assert process.returncode == 0, err[-3000:]
    return out


def test_a_wheel_holds_every_file_of_the_packages_the_app_and_the_assets(wheel):
    held = set(zipfile.ZipFile(wheel).namelist())
    files = subprocess.run(
        ["git", "-C", ROOT, "ls-files", "grounding", "pseudo_query"], capture_output=True, text=True, check=True
    ).stdout.split()
    assert {file for file in files if (ROOT / file).exists()} <= held
    assert {f"grounding/assets/{path.name}" for path in (ROOT / "assets").iterdir() if path.suffix != ".png"} | {"grounding/app.py"} <= held
    assert {name.split("/")[0] for name in held} == {
        "grounding",
        "pseudo_query",
        next(name for name in held if "dist-info" in name).split("/")[0],
    }


def test_a_wheel_asks_for_what_the_requirements_ask_for(wheel):
    metadata = next(name for name in zipfile.ZipFile(wheel).namelist() if name.endswith("METADATA"))
    lines = zipfile.ZipFile(wheel).read(metadata).decode().splitlines()
    asked = {line.split(": ")[1].replace(" ", "") for line in lines if line.startswith("Requires-Dist") and "extra" not in line}
    wanted = [line.strip() for line in (ROOT / "requirements.txt").read_text().splitlines() if line.strip() and not line.startswith("#")]
    assert {part.split(",")[0].split("<")[0].split("=")[0].strip(">") for part in asked} == {
        part.split("<")[0].split("=")[0].strip(">") for part in wanted
    }
    assert all("<" in part or "==" in part for part in asked)


def test_its_commands_and_models_work_from_an_empty_folder(installed, tmp_path):
    from grounding.data.media_write import encode_png
    from grounding.synthetic import draw_scene

    assert "ground" in answer(installed("--help"))
    photo = tmp_path / "scene.png"
    photo.write_bytes(encode_png(draw_scene(3).image.pixels))
    found = json.loads(answer(installed("ground", str(photo), "the thing on the left", "--json")))
    assert len(found["regions"][0]["box"]) == 4


def test_its_page_is_served_from_an_empty_folder(installed):
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    process, deadline = installed("serve", "--port", str(port)), time.monotonic() + 120
    try:
        while not (page := _page(port)):
            assert process.poll() is None and time.monotonic() < deadline, (
                process.communicate(timeout=5)[1][-3000:] if process.poll() is not None else "no answer"
            )
            time.sleep(0.2)
    finally:
        process.kill()
        process.communicate()
    assert "Deixis" in page


def _page(port: int) -> str:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=5) as response:
            return response.read().decode()
    except OSError:
        return ""
