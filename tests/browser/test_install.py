"""`make test` installs the browser, node and tsc that the tests need, and only where they are missing."""

import shutil
import subprocess
from pathlib import Path

import pytest

SCRIPT = Path(__file__).with_name("install.sh")


@pytest.fixture
def installed(tmp_path):
    """Runs the script where only `there` is installed: (exit code, what apt-get was asked for, what was said)."""
    def run(*there: str, root: bool = True, **env: str):
        folder = tmp_path / "bin"
        folder.mkdir()
        asked = tmp_path / "asked"
        stubs = {"id": f"echo {0 if root else 1000}", "sudo": "exit 1", "apt-get": f'echo "$@" >> {asked}', **dict.fromkeys(there, "")}
        for name, body in stubs.items():
            (folder / name).write_text(f"#!/bin/sh\n{body}\n")
            (folder / name).chmod(0o755)
        (folder / "env").symlink_to(shutil.which("env"))
        done = subprocess.run([shutil.which("sh"), SCRIPT], env={"PATH": str(folder), **env}, capture_output=True, text=True, timeout=20)
        lines = asked.read_text().splitlines() if asked.exists() else []
        return done.returncode, lines, done.stdout + done.stderr
    return run


def test_a_missing_node_is_installed(installed):
    code, asked, said = installed("chromium-headless-shell", CHROMIUM="/usr/bin/chromium")
    assert code == 0 and asked[0].startswith("update") and asked[1].split()[-2:] == ["nodejs", "node-typescript"]
    assert "nodejs" in said


def test_tsc_alone_is_installed_where_only_it_is_missing(installed):
    code, asked, _ = installed("node", CHROMIUM="/usr/bin/chromium")
    assert code == 0 and asked[1].split()[-2:] == ["--no-install-recommends", "node-typescript"]


def test_node_and_browser_are_installed_together_where_both_are_missing(installed):
    code, asked, _ = installed()
    assert code == 0 and {"chromium-headless-shell", "nodejs", "node-typescript"} <= set(asked[1].split())
    assert "--no-install-recommends" in asked[1]


def test_nothing_is_installed_where_all_is_there(installed):
    assert installed("node", "tsc", CHROMIUM="/usr/bin/chromium") == (0, [], "")


def test_without_root_the_missing_package_is_named(installed):
    code, asked, said = installed("chromium-headless-shell", root=False, CHROMIUM="/usr/bin/chromium")
    assert code == 1 and asked == [] and "apt-get install" in said and "nodejs" in said
