"""Training: one plain loop, as a generator that reports every step and can be stopped and resumed."""

from __future__ import annotations

import copy
import math
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import nn

from grounding.data import Progress
from grounding.learning.checkpoints import load_checkpoint, save_checkpoint
from grounding.learning.grounding.losses import grounding_losses


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


def grounding_batch_losses(net: nn.Module, batch: tuple) -> dict[str, torch.Tensor]:
    """The losses of a grounder on (images, texts, truth)."""
    images, texts, truth = batch
    return grounding_losses(net.ground(net.encode(images), texts), truth)


def finetune(net: nn.Module, batch_at: Callable, schedule: Schedule, checkpoint: Path | None = None,
             compute_losses: Callable[[nn.Module, Any], dict[str, torch.Tensor]] = grounding_batch_losses) -> Iterator[Progress]:
    """Trains `net` in place; the last progress holds it with the averaged weights.

    `batch_at(step)` gives the batch for `compute_losses(net, batch)` and must depend on the step alone, so that a run resumed
    from its `checkpoint` file continues as if it had never been interrupted.
    """
    trainable = [weight for weight in net.parameters() if weight.requires_grad]
    optimizer = torch.optim.AdamW(trainable, lr=schedule.learning_rate, weight_decay=schedule.weight_decay, betas=(0.9, 0.98))
    ema = copy.deepcopy(net).requires_grad_(False)
    start_step = load_checkpoint(checkpoint, net, ema, optimizer, schedule) if checkpoint and checkpoint.exists() else 0
    net.train()
    running_loss = 0.0
    with ThreadPoolExecutor(1) as executor:
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
            nn.utils.clip_grad_norm_(trainable, schedule.max_grad_norm)
            optimizer.step()
            _update_ema(ema, net, min(schedule.ema_decay, (step + 1) / (step + 10)))
            running_loss = 0.98 * running_loss + 0.02 * sum(float(loss.detach()) for loss in losses.values())
            if checkpoint and (step + 1) % schedule.checkpoint_every == 0:
                save_checkpoint(checkpoint, net, ema, optimizer, schedule, step + 1)
            yield Progress(step + 1, schedule.steps, f"loss {running_loss / (1 - 0.98 ** (step + 1 - start_step)):.3f}")
    net.load_state_dict(ema.state_dict())
    yield Progress(schedule.steps, schedule.steps, "trained", net.eval())


@torch.no_grad()
def _update_ema(ema: nn.Module, net: nn.Module, decay: float) -> None:
    for mean, now in zip(ema.parameters(), net.parameters()):
        mean.lerp_(now, 1 - decay)
