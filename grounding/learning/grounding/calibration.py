"""Calibration: scores that are probabilities. Of the boxes scored 0.7, seven in ten should be correct."""

from __future__ import annotations

from collections.abc import Sequence

import torch
import torch.nn.functional as F
from torch import Tensor

from grounding.data import Boxes, containment_nms
from grounding.learning.examples.feature_cache import FeatureCache
from grounding.learning.examples.samples import BatchLoader, Example, SamplingConfig
from grounding.learning.examples.text_cache import TextEmbeddingCache
from grounding.learning.metrics.grounding import auroc, box_f1, expected_calibration_error
from grounding.nn.grounding.network import GroundingNet
from grounding.nn.parts.geometry import pair_iou

# phrases with a box, and correct and wrong ones among them: a calibration on fewer is worse than an inherited one
MIN_PHRASES, MIN_PER_OUTCOME = 100, 10
MAX_REJECTED_SHARE = 0.01  # share of correct boxes that may fall under the score below which no box is returned


def calibrate(net: GroundingNet, examples: Sequence[Example], cache: FeatureCache, text_cache: TextEmbeddingCache,
              num_classes: int) -> dict:
    """Fits `net.existence_platt` and `net.candidate_platt` on photos the network was not trained on (Platt 1999); {"trust", "there",
    "least", "more", "phrases", "ece", "none_auroc"}, the last two on the photos it was fitted on.

    "least": the score of the best box under which a phrase is taken to refer to nothing in the image; all but one in a hundred
    correct boxes score higher.
    """
    sampling = SamplingConfig(photos_per_batch=1, phrases_per_photo=64, negatives_per_photo=4, mirror_photos=False,
                              score_scaling_rate=0, seed=1)
    loader = BatchLoader(examples, cache, text_cache, num_classes, sampling)
    # rows: (N, 4) logit, existence logit, correct, exists
    rows = torch.cat([_score_phrases(net, *loader(step)) for step in range(loader.steps_per_epoch)])
    net.existence_platt.copy_(fit_platt(rows[:, :2], rows[:, 3]))
    existence = (rows[:, :2] @ net.existence_platt[:2] + net.existence_platt[2]).sigmoid()
    exists = rows[:, 3] > 0
    net.candidate_platt.copy_(fit_platt(rows[exists, :2], rows[exists, 2], existence[exists]))
    score = (rows[:, :2] @ net.candidate_platt[:2] + net.candidate_platt[2]).sigmoid() * existence
    correct_scores = score[rows[:, 2] > 0]
    return {"trust": [round(float(value), 4) for value in net.candidate_platt],
            "there": [round(float(value), 4) for value in net.existence_platt],
            "least": round(float(torch.quantile(correct_scores, MAX_REJECTED_SHARE)), 4) if len(correct_scores) else 0.0,
            "more": choose_extra_box_score(net, loader),
            "phrases": int(exists.sum()), "ece": round(expected_calibration_error(score[exists].numpy(), rows[exists, 2].numpy()), 4),
            "none_auroc": round(auroc(score[exists].numpy(), score[~exists].numpy()), 4)}


def recalibrate(
    net: GroundingNet,
    held_out: Sequence[Example],
    cache: FeatureCache,
    text_cache: TextEmbeddingCache,
    num_classes: int,
    evaluation: dict,
    base_training: dict,
) -> dict:
    """Calibrates a network fine-tuned in a project on the photos held out there, if `evaluation`, its result on them, shows
    that they are enough; else it keeps what it had. `base_training` is the "training" of the weights it started from.

    {"calibration": see `calibrate`, "calibrated_on": "project", "earlier project" or "base"}.
    """
    correct = round((evaluation["accuracy"] or 0) * evaluation["phrases"])
    if evaluation["phrases"] >= MIN_PHRASES and min(correct, evaluation["phrases"] - correct) >= MIN_PER_OUTCOME:
        return {"calibration": calibrate(net, held_out, cache, text_cache, num_classes), "calibrated_on": "project"}
    inherited = base_training.get("calibrated_on", "base")
    return {
        "calibration": base_training.get("calibration", {}),
        "calibrated_on": "base" if inherited == "base" else "earlier project",
    }


@torch.inference_mode()
def choose_extra_box_score(net: GroundingNet, loader: BatchLoader,
                           candidates: Sequence[float] = (0.5, 0.55, 0.6, 0.65, 0.7, 0.75, 0.8)) -> float:
    """The score from which further boxes are returned too: that with the best mean F1 over phrases of one box and of several, and
    never one at which a box is more likely wrong than correct."""
    scores: dict[float, list[float]] = {min_score: [] for min_score in candidates}
    for step in range(loader.steps_per_epoch):
        images, texts, truth = loader(step)
        output = net.eval().ground(net.encode(images), texts)
        confidence = net.calibrated_scores(output)[0]
        for row in torch.nonzero(truth.phrase_weight[0] * truth.valid[0].any(-1))[:, 0].tolist():
            targets = Boxes(truth.boxes[0, row][truth.valid[0, row]].numpy())
            order = confidence[row].argsort(descending=True)[:12]
            boxes, box_confidence = Boxes(output.boxes[0, row, order].numpy()), confidence[row, order].numpy()
            nms_rows = containment_nms(boxes)
            for min_score in candidates:
                count = max(1, int((box_confidence[nms_rows] >= min_score).sum()))
                scores[min_score].append(box_f1(boxes[nms_rows[:count]], targets))
    return max(candidates, key=lambda score: sum(scores[score]))


def fit_platt(values: Tensor, correct: Tensor, factor: Tensor | None = None, l2: float = 1e-3) -> Tensor:
    """(F + 1,) weights of the columns of `values` (N, F) and a shift: logistic regression with a little `pull` towards (1, 0, ...).

    With a `factor` (N,) in (0, 1] the chance is the product of the two.
    """
    initial = torch.eye(values.shape[1] + 1, dtype=torch.float64)[0]
    weights = initial.clone().requires_grad_()
    optimizer = torch.optim.LBFGS([weights], max_iter=100, line_search_fn="strong_wolfe")
    values, correct = values.double(), correct.double()
    factor = torch.ones_like(correct) if factor is None else factor.double()

    def loss() -> Tensor:
        optimizer.zero_grad()
        probability = ((values @ weights[:-1] + weights[-1]).sigmoid() * factor).clamp(1e-6, 1 - 1e-6)
        nll = F.binary_cross_entropy(probability, correct) if len(correct) else weights.sum() * 0
        total = nll + l2 * ((weights - initial) ** 2).sum()
        total.backward()
        return total

    optimizer.step(loss)
    return weights.detach().float()


@torch.inference_mode()
def _score_phrases(net: GroundingNet, images, texts, truth) -> Tensor:
    output = net.eval().ground(net.encode(images), texts)
    boxes, logits = output.best()
    ious = (pair_iou(boxes[:, :, None], truth.boxes)[:, :, 0] * truth.valid).amax(-1)
    columns = torch.stack([logits, output.existence_logits, (ious >= 0.5).float(), truth.valid.any(-1).float()], -1)
    return columns[truth.phrase_weight > 0]
