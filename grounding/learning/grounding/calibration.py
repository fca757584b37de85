"""Calibration: scores that mean what they say. Of the boxes scored 0.7, seven in ten should be right."""

from __future__ import annotations

from collections.abc import Sequence

import torch
import torch.nn.functional as F
from torch import Tensor

from grounding.data import Boxes, apart
from grounding.learning.examples.feature_cache import FeatureCache
from grounding.learning.examples.samples import Batches, Diet, Lesson
from grounding.learning.examples.text_cache import Phrasebook
from grounding.learning.metrics.grounding import auroc, calibration_error, f1
from grounding.nn.grounding.network import GroundingNet
from grounding.nn.parts.geometry import pair_iou

# phrases with a box, right and wrong answers among them: fewer say less than an earlier calibration does
FEWEST, FEWEST_OF_EACH = 100, 10
LOST = 0.01  # share of right answers that may fall under the score below which nothing is answered


def calibrate(net: GroundingNet, lessons: Sequence[Lesson], cache: FeatureCache, book: Phrasebook, names: int) -> dict:
    """Fits `net.there` and `net.trust` on photos that taught the network nothing (Platt 1999); {"trust", "there", "least", "more",
    "phrases", "ece", "none_auroc"}, the last two on the photos it was fitted on.

    `least`: the score of the best box under which a phrase is taken to be about nothing in the picture; all but one in a hundred
    right answers score higher.
    """
    batches = Batches(lessons, cache, book, names, Diet(photos=1, phrases=64, absent=4, mirror=False, dim=0, seed=1))
    rows = torch.cat([_asked(net, *batches(step)) for step in range(batches.per_epoch)])  # (N, 4): logit, here, right, is there
    net.there.copy_(fit(rows[:, :2], rows[:, 3]))
    there = (rows[:, :2] @ net.there[:2] + net.there[2]).sigmoid()
    is_there = rows[:, 3] > 0
    net.trust.copy_(fit(rows[is_there, :2], rows[is_there, 2], there[is_there]))
    score = (rows[:, :2] @ net.trust[:2] + net.trust[2]).sigmoid() * there
    right = score[rows[:, 2] > 0]
    return {"trust": [round(float(value), 4) for value in net.trust], "there": [round(float(value), 4) for value in net.there],
            "least": round(float(torch.quantile(right, LOST)), 4) if len(right) else 0.0, "more": best_more(net, batches),
            "phrases": int(is_there.sum()), "ece": round(calibration_error(score[is_there].numpy(), rows[is_there, 2].numpy()), 4),
            "none_auroc": round(auroc(score[is_there].numpy(), score[~is_there].numpy()), 4)}


def recalibrate(
    net: GroundingNet,
    held_out: Sequence[Lesson],
    cache: FeatureCache,
    book: Phrasebook,
    names: int,
    found: dict,
    earlier: dict,
) -> dict:
    """Calibrates a network that learned in a project on the photos held out there, if `found`, its exam on them, says
    that they are enough; else it keeps what it had. `earlier` are the facts of the weights it learned from.

    {"calibration": see `calibrate`, "calibrated_on": "project", "earlier project" or "base"}.
    """
    right = round((found["accuracy"] or 0) * found["phrases"])
    if found["phrases"] >= FEWEST and min(right, found["phrases"] - right) >= FEWEST_OF_EACH:
        return {"calibration": calibrate(net, held_out, cache, book, names), "calibrated_on": "project"}
    inherited = earlier.get("calibrated_on", "base")
    return {
        "calibration": earlier.get("calibration", {}),
        "calibrated_on": "base" if inherited == "base" else "earlier project",
    }


@torch.inference_mode()
def best_more(net: GroundingNet, batches: Batches, tried: Sequence[float] = (0.5, 0.55, 0.6, 0.65, 0.7, 0.75, 0.8)) -> float:
    """The score from which further boxes are answered too: that with the best mean F1 over phrases of one box and of several, and
    never one at which a box is more likely wrong than right."""
    scores: dict[float, list[float]] = {least: [] for least in tried}
    for step in range(batches.per_epoch):
        scenes, words, truth = batches(step)
        answer = net.eval().ask(net.see(scenes), words)
        sure = net.certainty(answer)[0]
        for row in torch.nonzero(truth.weight[0] * truth.real[0].any(-1))[:, 0].tolist():
            targets = Boxes(truth.boxes[0, row][truth.real[0, row]].numpy())
            order = sure[row].argsort(descending=True)[:12]
            boxes, certain = Boxes(answer.boxes[0, row, order].numpy()), sure[row, order].numpy()
            kept = apart(boxes)
            for least in tried:
                scores[least].append(f1(boxes[kept[: max(1, int((certain[kept] >= least).sum()))]], targets))
    return max(tried, key=lambda least: sum(scores[least]))


def fit(values: Tensor, right: Tensor, factor: Tensor | None = None, pull: float = 1e-3) -> Tensor:
    """(F + 1,) weights of the columns of `values` (N, F) and a shift: logistic regression with a little `pull` towards (1, 0, ...).

    With a `factor` (N,) in (0, 1] the chance is the product of the two.
    """
    start = torch.eye(values.shape[1] + 1, dtype=torch.float64)[0]
    weights = start.clone().requires_grad_()
    optimizer = torch.optim.LBFGS([weights], max_iter=100, line_search_fn="strong_wolfe")
    values, right = values.double(), right.double()
    factor = torch.ones_like(right) if factor is None else factor.double()

    def loss() -> Tensor:
        optimizer.zero_grad()
        chance = ((values @ weights[:-1] + weights[-1]).sigmoid() * factor).clamp(1e-6, 1 - 1e-6)
        found = F.binary_cross_entropy(chance, right) if len(right) else weights.sum() * 0
        total = found + pull * ((weights - start) ** 2).sum()
        total.backward()
        return total

    optimizer.step(loss)
    return weights.detach().float()


@torch.inference_mode()
def _asked(net: GroundingNet, scenes, words, truth) -> Tensor:
    answer = net.eval().ask(net.see(scenes), words)
    boxes, logits = answer.best()
    overlap = (pair_iou(boxes[:, :, None], truth.boxes)[:, :, 0] * truth.real).amax(-1)
    columns = torch.stack([logits, answer.here, (overlap >= 0.5).float(), truth.real.any(-1).float()], -1)
    return columns[truth.weight > 0]
