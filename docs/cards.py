"""Writes the numbers of the grounders into their model cards and their method page.  python docs/cards.py

They come from tests/benchmarks/results alone; the pages keep their own words outside the marked lines.
"""

from __future__ import annotations

import json
from pathlib import Path

from marked import written

ROOT = Path(__file__).resolve().parents[1]
RESULTS = ROOT / "tests" / "benchmarks" / "results"
TYPES = ("people", "animals", "vehicles", "scene", "clothing", "other", "bodyparts", "instruments")
BASELINES = {"whole_image": "the whole photo", "class_name": "best detection, by class name if one fits",
             "class_name_else_whole": "detection whose class name fits, else the whole photo"}
PAGES = {"assets/grounder-default.md": ("default",), "assets/grounder-pseudo.md": ("pseudo",), "assets/grounder-fast.md": ("fast",),
         "docs/methods/grounder.md": ("default", "pseudo", "fast")}


def numbers(names: tuple[str, ...]) -> list[str]:
    """Tables about these grounders: accuracy by type beside the baselines, and everything else that is measured of them."""
    found = _read("grounding_accuracy")["grounders"]
    chosen = {name: found[name] for name in names if name in found}
    return [*_accuracy(chosen, found["default"]), "", *_others(chosen)]


def _accuracy(chosen: dict, first: dict) -> list[str]:
    lines = [
        "| share of phrases with IoU >= 0.5, % | all | " + " | ".join(TYPES) + " | 500 px | 224 px | referring | spatial |",
        "|---" * 13 + "|",
    ]
    lines.append(f"| phrases | {first['phrases']:,} | " + " | ".join(f"{first['counts'].get(kind, 0):,}" for kind in TYPES)
                 + f" | | | {first['counts']['referring']:,} | {first['counts']['spatial']:,} |")
    for name, told in chosen.items():
        rest = [told["by_size"]["full"], told["by_size"]["224"], told["referring"], told["spatial"]]
        lines.append(f"| **{name}** | **{_share(told['accuracy'])} %** | " + " | ".join(_share(told["by_type"].get(kind)) for kind in TYPES)
                     + " | " + " | ".join(map(_share, rest)) + " |")
    for name, title in BASELINES.items():
        by_type = first["baselines_by_type"][name]
        lines.append(
            f"| {title} | {_share(first['baselines'][name])} | " + " | ".join(_share(by_type.get(kind)) for kind in TYPES) + " | | | | |"
        )
    return lines


def _others(chosen: dict) -> list[str]:
    """One column a grounder, one row a measure."""
    spatial, speed = _read("grounding_spatial"), _read("grounding_throughput")
    rows = {
        "the target is among the first 1 / 5 / 10 boxes, %": lambda n, t: " / ".join(
            _share(t["recall"][first]) for first in ("1", "5", "10")
        ),
        "pointing game, %": lambda n, t: _share(t["pointing"]),
        "phrases with several boxes, mean F1 of the boxes answered": lambda n, t: (
            f"{t['several_f1']:.3f} ({t['several_phrases']:,} phrases)"
        ),
        "there is none: AUROC of the best score": lambda n, t: f"{t['none_auroc']:.3f} ({t['none_phrases']:,} phrases)",
        "... of these answered with nothing, %": lambda n, t: _share(t["none_refused"]),
        "phrases with a box that are answered at all, %": lambda n, t: _share(t["answered"]),
        "expected calibration error": lambda n, t: f"{t['ece']:.3f}",
        "the right one of two things of a class, % (COCO128; chance 50)": lambda n, t: _share(spatial.get(n, {}).get("all")),
        "phrases a second from files / on encoded photos": lambda n, t: " / ".join(
            str(speed.get(n, {}).get(key, "-")) for key in ("phrases_per_s", "phrases_per_s_encoded")
        ),
    }
    lines = ["| | " + " | ".join(chosen) + " |", "|---" * (len(chosen) + 1) + "|"]
    return lines + [f"| {title} | " + " | ".join(say(name, told) for name, told in chosen.items()) + " |" for title, say in rows.items()]


def _read(name: str) -> dict:
    path = RESULTS / f"{name}.json"
    return json.loads(path.read_text()) if path.is_file() else {}


def _share(share: float | None) -> str:
    return "-" if share is None else f"{100 * share:.1f}"


def main() -> None:
    for name, grounders in PAGES.items():
        path = ROOT / name
        if path.is_file():
            path.write_text(written(path.read_text("utf8"), "numbers", "docs/cards.py", numbers(grounders)), "utf8")


if __name__ == "__main__":
    main()
