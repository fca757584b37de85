"""How many human phrases can pseudo queries replace? With the arm that has only the human phrases that are left.

    OMP_NUM_THREADS=1 python tests/benchmarks/annotation_saving.py --cache FOLDER --work FOLDER [--data FOLDER]

x % of the photos lose all their human phrases, as if nobody had annotated them; which, is drawn by seed, and those of
31 % are among those of
60 %. In one arm these photos get pseudo phrases (those that are shipped), in the other they are not learned from at all; steps are equal.
"""

from __future__ import annotations

import json
from dataclasses import asdict

import numpy as np
from pseudo_material import SHIPPED, Material, prepare
from pseudo_plots import curves
from pseudo_trials import RESULTS, ROOT, Trial, baselines, command, head_of, hits, run_cells, shares, subsets, summary, taught

TRIAL = Trial()
REPLACED = (0, 31, 60, 90, 97, 100)  # per cent of the photos
FILE = RESULTS / "annotation_saving.json"
PLOT = ROOT / "docs" / "methods" / "annotation_saving.svg"
CELLS = ("0 replaced", "31 replaced", "31 left out", "60 replaced", "60 left out", "100 replaced",
         "90 replaced", "90 left out", "97 replaced", "97 left out")  # 100 left out: nothing to learn from


def run(chosen) -> None:
    material = prepare(chosen.data, chosen.cache, chosen.work, TRIAL)
    parts = subsets(material.asked, material.detections)
    human = sum(map(len, material.human.values()))
    head = head_of(
        __file__,
        TRIAL,
        material.asked,
        human_phrases=human,
        photos_taught=len(material.human),
        replaced_by="photo",
        parts={name: int(part.sum()) for name, part in parts.items()},
        baselines=baselines(material.asked, material.detections, parts),
    )

    def cell(arm: str, seed: int) -> dict:
        if arm == "100 replaced" and (same := _run_before(seed)):
            return same
        lessons = diet(material, arm, seed)
        net, loss = taught(lessons, material.seen, material.book, TRIAL, seed)
        kept = sum(len(material.human[photo]) for photo in lessons if lessons[photo] is material.human[photo])
        return {"accuracy": shares(hits(net, material.asked, material.seen, material.book), parts), "loss": loss,
                "human_phrases": kept, "human_share": round(kept / human, 4)}

    run_cells(FILE, head, [(arm, seed) for seed in chosen.seeds or TRIAL.seeds for arm in CELLS], cell)


def _run_before(seed: int) -> dict | None:
    """All photos with the shipped phrases: a cell of pseudo_training.py, if that was run with the same numbers."""
    file = RESULTS / "pseudo_training.json"
    page = json.loads(file.read_text()) if file.exists() else {}
    if page.get("trial") != json.loads(json.dumps(asdict(TRIAL))):
        return None
    found = [row for row in page["runs"] if (row["arm"], row["seed"]) == (SHIPPED, seed)]
    return {"accuracy": found[0]["accuracy"], "loss": found[0]["loss"], "human_phrases": 0, "human_share": 0.0} if found else None


def diet(material: Material, arm: str, seed: int) -> dict[str, list]:
    """Photo -> its phrases: people's, or of the lost photos pseudo ones or none."""
    percent, way = arm.split(" ", 1)
    photos = sorted(material.human)
    lost = {photos[row] for row in np.random.default_rng([seed, 31]).permutation(len(photos))[: round(len(photos) * int(percent) / 100)]}
    kept = {photo: material.human[photo] for photo in photos if photo not in lost}
    return kept | ({photo: material.pseudo[SHIPPED][photo] for photo in lost} if way == "replaced" else {})


def draw() -> None:
    page = json.loads(FILE.read_text())
    floor = page["baselines"]["class_name"]["all"]
    print(f"class name {100 * floor:.1f}, class name else whole {100 * page['baselines']['class_name_else_whole']['all']:.1f}")
    lines: dict[str, list[tuple[int, list[float]]]] = {"with pseudo phrases instead": [], "only the human phrases left": []}
    for percent in REPLACED:
        both = {way: summary(page, f"{percent} {way}") for way in ("replaced", "left out")}
        both["left out"] = both["replaced"] if percent == 0 else both["left out"] if percent < 100 else (floor, 0.0, [floor])
        for (title, points), found in zip(lines.items(), both.values()):
            if percent < 100 or title == "with pseudo phrases instead":
                points.append((percent, found[2]))
        gains = [a - b for a, b in zip(both["replaced"][2], both["left out"][2] * (3 if percent == 100 else 1))]
        print(
            f"{percent:3} %  replaced {100 * both['replaced'][0]:5.1f} ± {100 * both['replaced'][1]:.1f}   "
            f"left out {100 * both['left out'][0]:5.1f} ± "
            f"{100 * both['left out'][1]:.1f}   gain by seed {[round(100 * gain, 1) for gain in gains]}"
        )
    PLOT.write_text(
        curves(
            "People's phrases found (IoU 0.5), by how many human phrases are gone",
            "% of the photos without human phrases",
            lines,
            [("class name", floor)],
        )
    )


if __name__ == "__main__":
    command(__doc__, run, draw)
