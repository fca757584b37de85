"""Training learns, reports, and goes on after a kill as if nothing had happened."""

import copy

import numpy as np
import pytest
import torch
from torch import nn

from grounding.learning.checkpoints import CheckpointError
from grounding.learning.finetune import Schedule, finetune
from grounding.learning.grounding.losses import GroundingTargets
from grounding.nn.files.features import ImageFeatures
from grounding.nn.grounding import batches
from grounding.nn.grounding.network import GroundingConfig, GroundingNet
from grounding.nn.parts.geometry import pair_iou

SMALL = GroundingConfig(
    levels=(("ssd19", 3), ("ssd10", 3), ("eff28", 3), ("eff14", 3), ("eff7", 3)),
    grid_size=4,
    width=32,
    heads=2,
    feedforward_width=48,
    encoder_layers=1,
    decoder_layers=1,
    scorer_width=16,
    dropout=0.1,
)


def batch_at(step: int):
    """One picture with two boxes; the phrase whose states are all ones means the first, all minus ones the second."""
    rng = np.random.default_rng(step)
    boxes = np.float32([[0.05, 0.1, 0.4, 0.6], [0.6, 0.3, 0.95, 0.9]])
    levels = {name: rng.standard_normal((3, 4, 4)).astype(np.float16) for name, _ in SMALL.levels} | {
        "tint": np.zeros((12, 4, 4), np.float16)
    }
    picture = ImageFeatures(levels, boxes, np.array([16, 17]), np.float32([0.9, 0.8]), 1.0)
    phrases = [np.ones((3, 384), np.float32), -np.ones((3, 384), np.float32)]
    truth = GroundingTargets(torch.from_numpy(boxes)[None, :, None], torch.ones(1, 2, 1, dtype=torch.bool), torch.ones(1, 2))
    return batches.batch_images([picture], 80), batches.batch_texts([phrases]), truth


def fresh() -> GroundingNet:
    torch.manual_seed(0)
    net = GroundingNet(SMALL)
    net.name_embeddings.normal_()
    return net


def run(schedule, checkpoint=None, until=None):
    net, steps = fresh(), []
    work = finetune(net, batch_at, schedule, checkpoint)
    for progress in work:
        steps.append(progress)
        if progress.done == until:
            work.close()
    return net, steps


def test_it_learns_which_of_two_things_is_meant():
    net, steps = run(Schedule(40, learning_rate=3e-3, warmup_steps=5, ema_decay=0.9))
    images, texts, truth = batch_at(1000)
    with torch.no_grad():
        output = net.ground(net.encode(images), texts)
    best = output.boxes[0, torch.arange(2), output.logits[0].argmax(-1)]
    assert pair_iou(best, truth.boxes[0, :, 0]).diagonal().min() > 0.5
    assert steps[-1].result is net and [step.done for step in steps] == [*range(1, 41), 40]


def test_killed_and_resumed_comes_to_the_same_weights(tmp_path):
    schedule, checkpoint = Schedule(9, warmup_steps=2, checkpoint_every=2), tmp_path / "run.safetensors"
    whole, _ = run(schedule)
    run(schedule, checkpoint, until=5)
    resumed, steps = run(schedule, checkpoint)
    assert steps[0].done == 5  # the checkpoint was written after step 4
    for name, value in whole.state_dict().items():
        assert torch.allclose(value, resumed.state_dict()[name], atol=1e-6), name


def test_a_checkpoint_of_another_run_or_a_damaged_one_is_refused(tmp_path):
    checkpoint = tmp_path / "run.safetensors"
    run(Schedule(4, checkpoint_every=2), checkpoint)
    with pytest.raises(CheckpointError, match="another schedule or seed"):
        run(Schedule(4, checkpoint_every=2, seed=1), checkpoint)
    checkpoint.write_bytes(checkpoint.read_bytes()[:100])
    with pytest.raises(CheckpointError, match="cannot be read"):
        run(Schedule(4, checkpoint_every=2), checkpoint)


def test_the_rate_rises_and_falls():
    schedule = Schedule(1000, learning_rate=1.0, warmup_steps=100)
    rates = [schedule.learning_rate_at(step) for step in (0, 99, 500, 999)]
    assert rates[0] < 0.02 and rates[1] > 0.95 and 0.4 < rates[2] < 0.6 and rates[3] < 0.02


class Classifier(nn.Module):
    """A frozen part with dropout and running statistics, and a trained one."""

    def __init__(self):
        super().__init__()
        torch.manual_seed(0)
        self.frozen = nn.Sequential(nn.Linear(3, 4), nn.BatchNorm1d(4), nn.Dropout(0.5))
        self.trained = nn.Sequential(nn.Linear(4, 8), nn.BatchNorm1d(8), nn.Dropout(0.5), nn.Linear(8, 2))

    def forward(self, x):
        return self.trained(self.frozen(x))


def classify(net, batch):
    return {"loss": torch.nn.functional.cross_entropy(net(batch), torch.tensor([0, 1, 0, 1]))}


def train(net, steps=4, **options):
    schedule = Schedule(steps, learning_rate=0.01, warmup_steps=1, checkpoint_every=2)
    batch_at = lambda step: torch.randn(4, 3, generator=torch.Generator().manual_seed(step))  # noqa: E731
    return finetune(net, batch_at, schedule, compute_losses=classify, **options)


def changed(net, before):
    return {name for name, tensor in net.state_dict().items() if not torch.equal(tensor, before[name])}


def test_only_the_given_parameters_learn_and_frozen_parts_stay_in_eval():
    net, modes = Classifier(), []
    before = copy.deepcopy(net.state_dict())
    for _ in train(net, parameters=net.trained.parameters()):
        modes.append([part.training for part in (net, net.frozen, *net.frozen, net.trained, *net.trained)])
    assert modes[0] == [True] + [False] * 4 + [True] * 5 and not any(modes[-1])
    assert {name.split(".")[0] for name in changed(net, before)} == {"trained"}
    assert all(weight.requires_grad and (weight.grad is None) == name.startswith("frozen") for name, weight in net.named_parameters())


def test_without_parameters_those_learn_that_require_gradients():
    net = Classifier()
    net.frozen.requires_grad_(False)
    before = copy.deepcopy(net.state_dict())
    list(train(net))
    assert {name.split(".")[0] for name in changed(net, before)} == {"trained"}
    with pytest.raises(ValueError, match="Classifier has none that require gradients; give some"):
        next(train(net.requires_grad_(False)))


def test_a_checkpoint_holds_what_is_trained_alone_and_resumes_with_its_statistics(tmp_path):
    from safetensors import safe_open

    checkpoint, (whole, halves) = tmp_path / "run.safetensors", (Classifier(), Classifier())
    list(train(whole, parameters=whole.trained.parameters()))
    work = train(halves, parameters=halves.trained.parameters(), checkpoint=checkpoint)
    next(work), next(work), next(work)
    work.close()
    with safe_open(checkpoint, "pt") as file:
        names = {name for name in file.keys() if not name.startswith("adam.")}
    weights, state = dict(halves.trained.named_parameters()), halves.trained.state_dict()
    assert names == {*(f"net.trained.{name}" for name in state), *(f"kept.trained.{name}" for name in weights)}
    resumed = Classifier()
    list(train(resumed, parameters=resumed.trained.parameters(), checkpoint=checkpoint))
    for name, tensor in whole.state_dict().items():
        assert torch.allclose(tensor, resumed.state_dict()[name], atol=1e-6), name
    with pytest.raises(CheckpointError, match="trains other weights"):
        next(train(Classifier(), checkpoint=checkpoint))


def test_the_gradients_of_a_step_can_be_changed_before_it_is_taken():
    net = Classifier()
    before = copy.deepcopy(net.state_dict())
    list(train(net, parameters=net.trained[0].parameters(), after_backward=lambda: net.trained[0].weight.grad.zero_()))
    moved = {name: float((net.state_dict()[name] - before[name]).abs().max()) for name in ("trained.0.weight", "trained.0.bias")}
    assert moved["trained.0.bias"] > 1e-3 > moved["trained.0.weight"] > 0  # weight decay alone still moves it
