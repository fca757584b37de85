"""What we stand on has no known hole that an update would close, and of Gradio nothing is used that reads, fetches or keeps by itself."""

import ast
import importlib.metadata
import json
import subprocess
import sys
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.version import Version

ROOT = Path(__file__).resolve().parents[2]
BANNED = {
    "load", "load_chat", "FileExplorer", "DateTime", "Interface", "ChatInterface", "TabbedInterface", "FlagMethod",
    "CSVLogger", "SimpleCSVLogger", "ClassicCSVLogger", "FlaggingCallback", "File", "UploadButton", "DownloadButton",
    "Image", "ImageEditor", "Video", "Audio", "Gallery", "Model3D", "AnnotatedImage", "MultimodalTextbox", "Chatbot",
    "Dataset", "Examples", "LoginButton", "DeepLinkButton", "set_static_paths",
}  # fmt: skip
SAFE_GRADIO = Version("6.31.0")  # the first whose routes are those that grounding/web/allowed_routes.py was held against


def required(path: Path) -> list[Requirement]:
    lines = (line.split("#")[0].strip() for line in path.read_text().splitlines())
    return [Requirement(line) for line in lines if line and not line.startswith("-")]


def installed() -> dict[str, str]:
    """Name and version of what `requirements.txt` brings in on this machine, the dependencies of dependencies too."""
    found, waiting = {}, [requirement.name for requirement in required(ROOT / "requirements.txt")]
    while waiting:
        try:
            package = importlib.metadata.distribution(waiting.pop())
        except importlib.metadata.PackageNotFoundError:
            continue  # of another platform or an extra
        name = package.metadata["Name"].lower()
        if name not in found:
            found[name] = package.version.split("+")[0]
            needs = [Requirement(need) for need in package.requires or ()]
            waiting += [need.name for need in needs if need.marker is None or need.marker.evaluate({"extra": ""})]
    return found


def test_what_is_installed_has_no_known_hole_that_an_update_closes(tmp_path):
    pytest.importorskip("pip_audit", reason="pip-audit is not installed; run: pip install -r requirements-test.txt")
    pins = tmp_path / "pins.txt"
    pins.write_text("".join(f"{name}=={version}\n" for name, version in sorted(installed().items())))
    command = [
        sys.executable,
        "-m",
        "pip_audit",
        "-r",
        str(pins),
        "--no-deps",
        "--disable-pip",
        "-f",
        "json",
        "--progress-spinner",
        "off",
        "--timeout",
        "10",
    ]
    try:
        ran = subprocess.run(command, capture_output=True, text=True, timeout=150)
        known = [package for package in json.loads(ran.stdout)["dependencies"] if "vulns" in package]
    except (subprocess.TimeoutExpired, ValueError, KeyError):
        pytest.skip("the index of known holes did not answer; run this test where PyPI can be reached")
    if not known:
        pytest.skip("this package index knows of no package whether it has holes; run this test where PyPI itself can be reached")
    holes = {
        f"{package['name']} {package['version']}": [(hole["id"], hole["fix_versions"]) for hole in package["vulns"] if hole["fix_versions"]]
        for package in known
    }
    assert {name: found for name, found in holes.items() if found} == {}, "raise these versions"


def test_what_is_installed_is_looked_up_with_what_it_needs_in_turn():
    found = installed()
    assert {"gradio", "starlette", "python-multipart", "torch"} <= set(found) and len(found) > 60


def test_no_older_gradio_than_the_one_whose_routes_were_checked_may_be_installed():
    [gradio] = [requirement for requirement in required(ROOT / "requirements.txt") if requirement.name == "gradio"]
    floor = min(Version(part.version) for part in gradio.specifier if part.operator in (">=", "=="))
    assert floor >= SAFE_GRADIO and any(part.operator == "<" for part in gradio.specifier)
    assert Version(importlib.metadata.version("gradio")) >= SAFE_GRADIO


def forbidden(code: str) -> set[str]:
    """Names of Gradio in this code that are not to be used."""
    tree = ast.parse(code)
    words = {word.arg for node in ast.walk(tree) if isinstance(node, ast.Call) for word in node.keywords if word.arg}
    used = {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute) and ast.unparse(node.value) in ("gr", "gradio")}
    used |= {
        name.name
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == "gradio"
        for name in node.names
    }
    return used & BANNED | words & {"flagging_mode", "allow_flagging", "flagging_dir", "allowed_paths"}


@pytest.mark.parametrize(
    "code",
    [
        "gr.load('x')",
        "gradio.FileExplorer()",
        "from gradio import DateTime",
        "gr.Interface(f, flagging_mode='auto')",
        "gr.Image()",
        "page.launch(allowed_paths=['/'])",
    ],
)
def test_the_gate_sees_what_it_must(code):
    assert forbidden(code)


def test_nothing_of_gradio_is_used_that_reads_fetches_or_keeps_by_itself():
    places = [ROOT / "app.py", *(ROOT / "grounding").rglob("*.py")]
    assert {str(path): found for path in places if (found := forbidden(path.read_text()))} == {}
