"""Training learns, reports, and goes on after a kill as if nothing had happened."""

import numpy as np
import pytest
import torch

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
