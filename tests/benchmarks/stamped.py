"""Writes the results of a benchmark, and with them the commit, the date, the machine and the weights they were measured with."""

from __future__ import annotations

import json
import os
import platform
import subprocess
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
RESULTS = Path(__file__).resolve().parent / "results"
MEASURED = (
    "app.py",
    "assets",
    "grounding",
    "pseudo_query",
    "requirements.txt",
    "tests",
    ":!tests/benchmarks/results",
)  # what a number depends on


def write(file: Path, report: dict, *models, kept: dict | None = None) -> None:
    """Writes `report` as JSON, stamped. `models`: what was measured, each with a `version`, or such versions.

    `kept`: the page as it was before, where some of its numbers stay: its stamp is then kept beside the new one.
    """
    earlier = [kept["measured"], *kept["measured"].get("earlier", [])] if kept and "measured" in kept else []
    stamp = measured(*models) | ({"earlier": [{k: v for k, v in old.items() if k != "earlier"} for old in earlier]} if earlier else {})
    file.parent.mkdir(parents=True, exist_ok=True)
    part = file.with_suffix(".part")
    part.write_text(
        json.dumps({"measured": stamp, **{key: value for key, value in report.items() if key != "measured"}}, indent=1) + "\n", "utf8"
    )
    part.replace(file)


def measured(*models) -> dict:
    """By which code, when, on what and with which weights; nothing that names the machine or its owner."""
    return {"commit": STARTED, "date": datetime.now(UTC).strftime("%Y-%m-%d"), "machine": machine(), "python": platform.python_version(),
            "torch": _version("torch"), "weights": weights(*models)}


def commit(root: Path = ROOT) -> str:
    """The short commit of the files that were measured; "+changes" where they differ from it."""
    head = _git(root, "rev-parse", "--short=7", "HEAD")
    return head + ("+changes" if _git(root, "status", "--porcelain", "--", *MEASURED) else "") if head else "not in a git repository"


def machine() -> dict:
    return {
        "processor": _processor(),
        "cores": os.cpu_count(),
        "memory_gb": round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30),
        "load_average": round(os.getloadavg()[0], 1),
    }


def weights(*models) -> dict[str, str]:
    """Name -> the beginning of the sha256 of each file of weights (or of its settings, where a model has no weights)."""
    told = [one for model in models for one in ([model] if isinstance(model, str) else [model.version, *_frozen_networks(model)])]
    return dict(part.split("@", 1) for whole in told for part in whole.split("+") if "@" in part)


def _frozen_networks(model) -> list[str]:
    card = getattr(model, "card", {})
    return [card[name] for name in ("eyes", "text") if isinstance(card.get(name), str)]


def _processor() -> str:
    table = Path("/proc/cpuinfo")
    names = (
        [line.split(":", 1)[1].strip() for line in table.read_text().splitlines() if line.startswith("model name")]
        if table.exists()
        else []
    )
    return names[0] if names else platform.processor() or platform.machine()


def _version(package: str) -> str | None:
    try:
        return version(package)
    except PackageNotFoundError:
        return None


def _git(root: Path, *words: str) -> str:
    try:
        return subprocess.run(["git", "-C", str(root), *words], capture_output=True, text=True, check=True).stdout.strip()
    except (OSError, subprocess.CalledProcessError):
        return ""


STARTED = commit()  # when the script begins: what it runs is what lay there then, whatever is committed while it runs
