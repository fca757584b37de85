"""Writes what was measured of films and captions into the pages about them.  python docs/films.py

From film_voc.json, film_shipped.json and captions_photos.json in tests/benchmarks/results alone; what was not measured is not written.
"""

from __future__ import annotations

import json
import statistics
from pathlib import Path

from marked import written

ROOT = Path(__file__).resolve().parents[1]
RESULTS = ROOT / "tests" / "benchmarks" / "results"
METHOD, CARD = ROOT / "docs" / "methods" / "dense_voc.md", ROOT / "assets" / "captioner.md"
MEASURES = ("CHOTA-b", "DetA", "AssA", "CapA-b", "CHOTA-b time", "CHOTA-b still", "switches")
HEAD = "| CHOTA-b | DetA | AssA | CapA-b | CHOTA-b, sentences that need time | ... that do not | caption switches |"


def runs(page: dict) -> list[str]:
    """One row a way, of the networks that learned from everything: the mean over seeds, each seed's CHOTA-b behind it."""
    rows = [run["ways"] for run in page["runs"] if run["arm"] == "disjoint"]
    return [
        f"| {len(rows)} seeds {HEAD}",
        "|---" * (len(MEASURES) + 1) + "|",
        *(f"| {way} | {_cells([row[way] for row in rows])} |" for way in rows[0]),
    ]


def ratios(page: dict) -> list[str]:
    """One row a question; below 1 the first of the two loses."""
    rows = ["| ratio | mean | least and most of the seeds |", "|---|---|---|"]
    for name, found in page["ratios"].items():
        if found:
            best = f" (best alone: {found['best']})" if "best" in found else ""
            rows.append(f"| {name}{best} | {_strong(found['mean'])} | {found['from']:.3f} to {found['to']:.3f} ({found['seeds']}) |")
    return rows


def arms(page: dict) -> list[str]:
    """One row a source, told as a track after learned links."""
    rows = [f"| taught by {HEAD}", "|---" * (len(MEASURES) + 1) + "|"]
    for arm in dict.fromkeys(run["arm"] for run in page["runs"]):
        found = [run["ways"]["learned, hard"] for run in page["runs"] if run["arm"] == arm]
        rows.append(f"| {'all three' if arm == 'disjoint' else arm} ({len(found)} seed{'s' if len(found) > 1 else ''}) | {_cells(found)} |")
    return rows


def shipped(page: dict) -> list[str]:
    return [f"| {page['captioner']}, {page['films']} films {HEAD}", "|---" * (len(MEASURES) + 1) + "|",
            *(f"| {way} | {_cells([row])} |" for way, row in page["ways"].items())]


def photos(page: dict) -> list[str]:
    """The numbers of the card."""
    heads = [f"{name}: {page[name]['photos']} photos, {page[name]['boxes']} boxes" for name in ("test", "validation")]
    rows = [f"| {' | '.join(['a sentence shares half its content words with one of a person', *heads])} |", "|---|---|---|"]
    for way in page["test"]["ways"]:
        rows.append(f"| {way} | {' | '.join(_right(page[name]['ways'][way]) for name in ('test', 'validation'))} |")
    for place in page["test"]["points"]:
        rows.append(
            f"| a word points into its box: {place} | {' | '.join(_pointed(page[name], place) for name in ('test', 'validation'))} |"
        )
    sure = page["test"]
    return [
        *rows,
        "",
        f"Of the {sure['so sure']} test boxes of which it gave itself 60 % or more, "
        f"{100 * sure['right where it gave itself 0.6 or more']:.0f} % were right; "
        f"over all boxes it gave itself {100 * sure['mean chance it gave itself']:.0f} %, and "
        f"{100 * sure['ways']['captioner']['right']:.0f} % were right.",
    ]


def _cells(rows: list[dict]) -> str:
    means = [f"{statistics.mean(row[name] for row in rows):.3f}" for name in MEASURES]
    if len(rows) > 1:
        means[0] += f" ({', '.join(f'{row[MEASURES[0]]:.3f}' for row in rows)})"
    return " | ".join(means)


def _strong(value: float) -> str:
    return f"{value:.3f}" if value >= 1 else f"**{value:.3f}**"


def _right(row: dict) -> str:
    return f"{100 * row['right']:.1f} % ({100 * row['from']:.1f} to {100 * row['to']:.1f}), mean F1 {row['f1']:.3f}"


def _pointed(part: dict, place: str) -> str:
    row = part["points"][place]
    return (
        f"{100 * row['inside']:.1f} % of {part['words']:,} words, {100 * row['inside small boxes']:.1f} % of "
        f"the {row['words of small boxes']} of small boxes; "
        f"{100 * row['mean distance']:.1f} % of the diagonal from its middle"
    )


def main() -> None:
    for page, mark, file, table in (
        (METHOD, "ways", "film_voc", runs),
        (METHOD, "ratios", "film_voc", ratios),
        (METHOD, "sources", "film_voc", arms),
        (METHOD, "shipped", "film_shipped", shipped),
        (CARD, "photos", "captions_photos", photos),
    ):
        if (RESULTS / f"{file}.json").exists():
            text = written(page.read_text("utf-8"), mark, "docs/films.py", table(json.loads((RESULTS / f"{file}.json").read_text("utf-8"))))
            page.write_text(text, "utf-8")


if __name__ == "__main__":
    main()
