"""What do our phrases teach, what do the paper's, and what does each rule of ours add?

    OMP_NUM_THREADS=1 python tests/benchmarks/pseudo_training.py --cache FOLDER --work FOLDER [--data FOLDER]

A small grounder learns from the phrases of one arm (pseudo_material.ARMS) and is asked people's one-box phrases about held-out
photos. No checkpoint is chosen: the last weights answer. What was run is not run again.
"""

from __future__ import annotations

from collections import Counter

from pseudo_material import ARMS, SHIPPED, prepare
from pseudo_plots import bars
from pseudo_trials import RESULTS, ROOT, Trial, baselines, command, head_of, hits, run_cells, shares, subsets, summary, taught

TRIAL = Trial()
FILE = RESULTS / "pseudo_training.json"
PLOT = ROOT / "docs" / "methods" / "pseudo_training.svg"
TITLES = {"noun": "noun", "+ attributes": "+ attributes", "+ relations": "+ places, relations", "+ uniqueness": "+ uniqueness",
          "all ours": "all ours", "all faithful": "all faithful", SHIPPED: "ours + common speech"}


def run(chosen) -> None:
    material = prepare(chosen.data, chosen.cache, chosen.work, TRIAL)
    parts = subsets(material.asked, material.detections)
    head = head_of(__file__, TRIAL, material.asked, parts={name: int(part.sum()) for name, part in parts.items()},
                   baselines=baselines(material.asked, material.detections, parts), phrases=described(material.pseudo))

    def cell(arm: str, seed: int) -> dict:
        net, loss = taught(material.pseudo[arm], material.seen, material.book, TRIAL, seed)
        return {"accuracy": shares(hits(net, material.asked, material.seen, material.book), parts), "loss": loss}

    run_cells(FILE, head, [(arm, seed) for seed in chosen.seeds or TRIAL.seeds for arm in (*ARMS, SHIPPED)], cell)


def described(pseudo) -> dict[str, dict]:
    """Arm -> how many phrases and photos it has, how many texts, and how many phrases of a photo contradict another."""
    found = {}
    for arm, lessons in pseudo.items():
        texts = Counter(p.text for phrases in lessons.values() for p in phrases)
        twice = sum(count for phrases in lessons.values() for count in Counter(p.text for p in phrases).values() if count > 1)
        found[arm] = {"phrases": sum(texts.values()), "photos": sum(bool(phrases) for phrases in lessons.values()),
                      "texts": len(texts), "said of several": round(twice / max(sum(texts.values()), 1), 4)}
    return found


def draw() -> None:
    import json

    page = json.loads(FILE.read_text())
    rows = []
    for arm in (*ARMS, SHIPPED):
        mean, error, values = summary(page, arm)
        rows.append((TITLES[arm], mean, values))
        several = summary(page, arm, "several of the name")[0]
        print(
            f"{arm:14} {100 * mean:5.1f} ± {100 * error:.1f}  named "
            f"{100 * summary(page, arm, 'named by the detector')[0]:5.1f}  several {100 * several:5.1f}  "
            f"{[round(100 * value, 1) for value in values]}  {page['phrases'][arm]}"
        )
    lines = [(name.replace("_", " "), page["baselines"][name]["all"]) for name in ("whole_image", "class_name", "class_name_else_whole")]
    print(lines)
    PLOT.write_text(bars("People's phrases found (IoU 0.5), by what the grounder was taught", rows, lines))


if __name__ == "__main__":
    command(__doc__, run, draw)
