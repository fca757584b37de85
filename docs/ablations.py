"""Writes into the grounder's method page what its parts are worth and which engines help.  python docs/ablations.py

From tests/benchmarks/results/grounding_ablations.json and grounding_engines.json alone; what was not measured is not written.
"""

from __future__ import annotations

import json
import statistics
from pathlib import Path

from marked import written

ROOT = Path(__file__).resolve().parents[1]
RESULTS, PAGE = ROOT / "tests" / "benchmarks" / "results", ROOT / "docs" / "methods" / "grounder.md"


def ablations(page: dict) -> list[str]:
    """One row a form; accuracies in percent, the mean over seeds, each seed's behind it if there are several."""
    rows = [
        f"| form | people's phrases, % ({page['phrases']['said']:,}) | phrases of place, % ({page['phrases']['placed']:,}) | parameters "
        "| ms a new phrase | encoding, ms |",
        "|---|---|---|---|---|---|",
    ]
    for name, runs in page["arms"].items():
        if runs:
            speed = page.get("speed", {}).get(name)
            rest = f"{speed['parameters'] / 1e6:.2f} M | {speed['phrase_ms']} | {speed['see_ms']}" if speed else "| |"
            rows.append(f"| {name} | {_mean(runs, 'said')} | {_mean(runs, 'placed')} | {rest} |")
    return rows


def _mean(runs: dict, kind: str) -> str:
    shares = [100 * run[kind] for run in runs.values()]
    each = f" ({', '.join(f'{share:.1f}' for share in shares)})" if len(shares) > 1 else ""
    return f"{statistics.mean(shares):.1f}{each}"


def engines(page: dict) -> list[str]:
    """One row an engine, one column a case; processor time, for the machine may have been busy."""
    cases = [name for name in page if name not in ("measured", "script", "pieces")]
    names = list(dict.fromkeys(engine for case in cases for engine in page[case] if engine != "load_average"))
    return [f"| ms of one core (least cosine) | {' | '.join(cases)} |", "|---" * (len(cases) + 1) + "|",
            *(f"| {name} | {' | '.join(_engine(page[case].get(name)) for case in cases)} |" for name in names)]


def _engine(told) -> str:
    if told is None:
        return ""
    if isinstance(told, str):
        return told.split(":")[0]
    return f"{told['processor_ms']:.1f} ({told['cosine']:.4f})"


def main() -> None:
    text = PAGE.read_text("utf-8")
    for mark, table in (("ablations", ablations), ("engines", engines)):
        file = RESULTS / f"grounding_{mark}.json"
        if file.exists():
            text = written(text, mark, "docs/ablations.py", table(json.loads(file.read_text("utf-8"))))
    PAGE.write_text(text, "utf-8")


if __name__ == "__main__":
    main()
