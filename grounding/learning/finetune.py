"""Training: one plain loop, as a generator that reports every step and can be stopped and resumed."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import nn

from grounding.data import Progress
from grounding.learning.checkpoints import load_checkpoint, save_checkpoint
from grounding.learning.grounding.losses import grounding_batch_losses
from grounding.learning.trainable import copy_tensors, trainable_parameters, training_only, update_averages


@dataclass(frozen=True)
class Schedule:
    """`steps` of AdamW; the learning rate rises over `warmup_steps` to `learning_rate` and falls as a cosine to a hundredth of it."""

    steps: int
    learning_rate: float = 5e-4
    warmup_steps: int = 200
    weight_decay: float = 0.02
    max_grad_norm: float = 1.0
    ema_decay: float = 0.998  # the weights kept are an exponential moving average over about the last 500 steps
    seed: int = 0
    checkpoint_every: int = 200

    def learning_rate_at(self, step: int) -> float:
        rise = min(1.0, (step + 1) / max(1, self.warmup_steps))
        fall = 0.5 * (1 + math.cos(math.pi * step / max(1, self.steps)))
        return self.learning_rate * rise * (0.01 + 0.99 * fall)


def finetune(
    net: nn.Module, batch_at: Callable[[int], Any], schedule: Schedule, checkpoint: Path | None = None,
    compute_losses: Callable[[nn.Module, Any], dict[str, torch.Tensor]] = grounding_batch_losses,
    parameters: Iterable[nn.Parameter] | None = None, after_backward: Callable[[], object] | None = None,
) -> Iterator[Progress]:  # fmt: skip
    """Trains `parameters` of `net` in place, without them all that require gradients; the last progress holds `net` in eval mode with
    their averages. Nothing else is trained, averaged or saved, and the parts of `net` without any of them stay in eval mode.

    `batch_at(step)` gives the batch for `compute_losses(net, batch)` and must depend on the step alone, so that a run resumed
    from its `checkpoint` file continues as if it had never been interrupted. `after_backward()` may change the gradients of a step.
    """
    trained = trainable_parameters(net, parameters)
    averages = {name: weight.detach().clone() for name, weight in trained.items()}
    optimizer = torch.optim.AdamW(trained.values(), lr=schedule.learning_rate, weight_decay=schedule.weight_decay, betas=(0.9, 0.98))
    running_loss = 0.0
    with training_only(net, trained) as state, ThreadPoolExecutor(1) as executor:
        start_step = load_checkpoint(checkpoint, state, averages, optimizer, schedule) if checkpoint and checkpoint.exists() else 0
        next_batch = executor.submit(batch_at, start_step) if start_step < schedule.steps else None
        for step in range(start_step, schedule.steps):
            batch = next_batch.result()
            next_batch = executor.submit(batch_at, step + 1) if step + 1 < schedule.steps else None
            torch.manual_seed(schedule.seed * 1_000_003 + step)  # dropout as it would have been without a stop
            for group in optimizer.param_groups:
                group["lr"] = schedule.learning_rate_at(step)
            losses = compute_losses(net, batch)
            optimizer.zero_grad(set_to_none=True)
            sum(losses.values()).backward()
            if after_backward:
                after_backward()
            nn.utils.clip_grad_norm_(trained.values(), schedule.max_grad_norm)
            optimizer.step()
            update_averages(averages, trained, min(schedule.ema_decay, (step + 1) / (step + 10)))
            running_loss = 0.98 * running_loss + 0.02 * sum(float(loss.detach()) for loss in losses.values())
            if checkpoint and (step + 1) % schedule.checkpoint_every == 0:
                save_checkpoint(checkpoint, state, averages, optimizer, schedule, step + 1)
            yield Progress(step + 1, schedule.steps, f"loss {running_loss / (1 - 0.98 ** (step + 1 - start_step)):.3f}")
    copy_tensors(averages, trained)
    yield Progress(schedule.steps, schedule.steps, "trained", net.eval())
