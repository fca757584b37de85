"""Which weights should a colour or a place that a phrase names have in the scores?

    python tests/benchmarks/choose_reranking.py [--data ../shared/data/flickr8k_entities] [--photos 366]

Chooses COLOUR_WEIGHT and COLOUR_SMOOTHING (colours), RELATION_WEIGHT and RELATION_SMOOTHING (places) of grounding/nn/grounding/network.py
for the default grounder, on the photos for choosing alone
(their number ends in 01, 21, 41, 61 or 81: neither trained on nor reported). Each pair is chosen from a grid while the other is as shipped.
What is chosen has the best mean of two shares: people's phrases that name a colour (a place) whose first box is right
at IoU 0.5, and phrases
that only the colour (the place) decides: pairs people told apart by colour (right: nearer to the meant box than to the
other), and phrases of
place that `pseudo_query` writes about the boxes people drew (IoU 0.5, seed 0). Its gain over what ships has a standard
error, by 2,000 samples
of the photos with replacement (seed 0); what ships is changed only where the gain is more than two of these.
"""

import argparse
import json
import os
import sys
import time
from itertools import product
from pathlib import Path

import numpy as np
import stamped
import torch

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from grounding_colours import twins  # noqa: E402

from grounding import model_cache  # noqa: E402
from grounding.data.media import open_image  # noqa: E402
from grounding.learning.examples.flickr30k import is_validation, read_entities  # noqa: E402
from grounding.learning.examples.spatial_phrases import generate_spatial_phrases  # noqa: E402
from grounding.models.grounding import cross_attention  # noqa: E402
from grounding.nn.grounding import batches, network  # noqa: E402
from grounding.nn.parts.geometry import pair_iou  # noqa: E402
from pseudo_query.parse import named_colours, named_location  # noqa: E402

RESULTS = Path(__file__).parent / "results" / "choose_reranking.json"
GRIDS = {"colours": {"COLOUR_WEIGHT": (0.0, 1.0, 1.5, 2.0, 2.5, 3.0, 4.0), "COLOUR_SMOOTHING": (0.02, 0.05, 0.1, 0.2)},
         "places": {"RELATION_WEIGHT": (0.0, 1.0, 1.5, 2.0, 2.5, 3.0, 4.0), "RELATION_SMOOTHING": (0.02, 0.05, 0.1, 0.2)}}
SORTS = {"colours": ("people's phrases", "pairs told apart"), "places": ("people's phrases", "phrases of place")}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    data = Path(os.environ.get("DEIXIS_TEST_DATA", ROOT.parent / "shared" / "data")) / "flickr8k_entities"
    parser.add_argument("--data", type=Path, default=data)
    parser.add_argument("--photos", type=int, help="at most so many of the photos for choosing")
    parser.add_argument("--out", type=Path, default=RESULTS)
    chosen = parser.parse_args()
    photos, began = [photo for photo in read_entities(chosen.data) if is_validation(photo.id)][:chosen.photos], time.process_time()
    grounder, hits = model_cache.make("grounder", "default"), {}
    for number, (photo, placed) in enumerate(zip(photos, generate_spatial_phrases(photos, 0))):
        for kind, asked in questions(photo, placed).items():
            for setting, sort, right in answered(grounder, photo, kind, asked) if asked else ():
                hits.setdefault(kind, {}).setdefault(setting, {}).setdefault(sort, []).append((number, right))
        if number % 50 == 49:
            print(f"{number + 1}/{len(photos)} photos, {time.process_time() - began:.0f} s", flush=True)
    report = {"script": Path(__file__).name, "split": "photos whose number ends in 01, 21, 41, 61 or 81", "photos": len(photos),
              **{kind: told(kind, table) for kind, table in hits.items()}, "cpu_s": round(time.process_time() - began)}
    stamped.write(chosen.out, report, grounder)
    print(json.dumps({kind: {name: report[kind][name] for name in ("ships", "best", "gain")} for kind in hits}, indent=1))


def questions(photo, placed) -> dict[str, list[tuple[str, object, object]]]:
    """For each kind its (sort, phrase, the other of a pair or None)."""
    single = [phrase for phrase in photo.phrases if len(phrase.boxes) == 1]
    people, apart, written = "people's phrases", "pairs told apart", "phrases of place"
    return {"colours": [(people, phrase, None) for phrase in single if any(named_colours(phrase.text))]
            + [(apart, meant, other) for meant, other in twins(photo)],
            "places": [(people, phrase, None) for phrase in single if named_location(phrase.text) in cross_attention.EXCLUDED_RELATIONS]
            + [(written, phrase, None) for phrase in placed
               if len(phrase.boxes) == 1 and named_location(phrase.text) in cross_attention.EXCLUDED_RELATIONS]}


@torch.inference_mode()
def answered(grounder, photo, kind: str, asked):
    """(setting, sort, whether it is right) of every phrase with every setting; the network itself is asked once."""
    net, _ = grounder._loaded()
    encoded, texts = grounder.encode(open_image(photo.path)).batch, [phrase.text for _, phrase, _ in asked]
    output = net.ground(encoded, batches.batch_texts([grounder._encode_phrases(texts)]))
    usual = settings_now(kind)
    for setting in {usual, *product(*GRIDS[kind].values())}:
        set_to(kind, setting)
        boxes = cross_attention._rerank(net, output, encoded, texts).best()[0][0].clamp(0, 1)
        for box, (sort, phrase, other) in zip(boxes, asked):
            yield setting, sort, right(box, phrase, other)
    set_to(kind, usual)


def right(box, phrase, other) -> bool:
    meant, rival = (float(pair_iou(box[None], torch.from_numpy(one.boxes)).max()) if one else 0.0 for one in (phrase, other))
    return meant > rival if other else meant >= 0.5


def settings_now(kind: str) -> tuple[float, ...]:
    return tuple(getattr(network, name) for name in GRIDS[kind])


def set_to(kind: str, setting: tuple[float, ...]) -> None:
    for name, value in zip(GRIDS[kind], setting):
        setattr(network, name, value)


def told(kind: str, table: dict) -> dict:
    """The shares of each setting, the best of them, and its gain over what ships with its standard error."""
    ships = settings_now(kind)
    best = max(table, key=lambda setting: (mean_share(table[setting]), setting == ships))
    gain, error = gained(table[best], table[ships])
    return {
        "of": list(GRIDS[kind]),
        "ships": list(ships),
        "best": list(best),
        "gain": round(gain, 4),
        "standard error": round(error, 4),
        "asked": {sort: len(rows) for sort, rows in table[ships].items()},
        "settings": [
            {"setting": list(setting), "mean": round(mean_share(rows), 4), **{sort: round(share(rows[sort]), 4) for sort in rows}}
            for setting, rows in sorted(table.items())
        ],
    }


def share(rows) -> float:
    return float(np.mean([right for _, right in rows])) if rows else 0.0


def mean_share(rows: dict) -> float:
    return float(np.mean([share(rows[sort]) for sort in rows]))


def gained(best: dict, ships: dict) -> tuple[float, float]:
    """The gain in the mean of both shares, and its standard error over samples of the photos."""
    rng, count = np.random.default_rng(0), 1 + max(photo for rows in ships.values() for photo, _ in rows)
    change, asked = (np.zeros((len(ships), count)) for _ in range(2))
    for row, sort in enumerate(ships):
        for (photo, new), (_, old) in zip(best[sort], ships[sort]):
            change[row, photo] += float(new) - float(old)
            asked[row, photo] += 1
    drawn = [rng.integers(0, count, count) for _ in range(2000)]
    gains = [np.mean(change[:, rows].sum(1) / np.maximum(asked[:, rows].sum(1), 1)) for rows in drawn]
    return float(np.mean(change.sum(1) / asked.sum(1))), float(np.std(gains))


if __name__ == "__main__":
    main()
