"""Training: one loop that everybody can see, as a generator that reports every step and can be stopped and resumed."""

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
from grounding.learning.grounding.losses import grounding_loss


@dataclass(frozen=True)
class Schedule:
    """`steps` of AdamW; the learning rate rises over `warmup` steps to `rate` and falls as a cosine to a hundredth of it."""

    steps: int
    rate: float = 5e-4
    warmup: int = 200
    decay: float = 0.02
    clip: float = 1.0
    smooth: float = 0.998  # the weights kept are a running mean of the last ~500 steps
    seed: int = 0
    save_every: int = 200

    def rate_at(self, step: int) -> float:
        rise = min(1.0, (step + 1) / max(1, self.warmup))
        fall = 0.5 * (1 + math.cos(math.pi * step / max(1, self.steps)))
        return self.rate * rise * (0.01 + 0.99 * fall)


def asked(net: nn.Module, batch: tuple) -> dict[str, torch.Tensor]:
    """The losses of a grounder on (scenes, words, truth)."""
    scenes, words, truth = batch
    return grounding_loss(net.ask(net.see(scenes), words), truth)


def finetune(net: nn.Module, batch_at: Callable, schedule: Schedule, checkpoint: Path | None = None,
             losses_of: Callable[[nn.Module, Any], dict[str, torch.Tensor]] = asked) -> Iterator[Progress]:
    """Trains `net` in place; the last progress holds it with the smoothed weights.

    `batch_at(step)` gives what `losses_of(net, batch)` learns from and must depend on the step alone, so that a run resumed
    from its `checkpoint` file goes on as if it had never been killed.
    """
    learns = [weight for weight in net.parameters() if weight.requires_grad]
    optimizer = torch.optim.AdamW(learns, lr=schedule.rate, weight_decay=schedule.decay, betas=(0.9, 0.98))
    kept = copy.deepcopy(net).requires_grad_(False)
    first = load_checkpoint(checkpoint, net, kept, optimizer, schedule) if checkpoint and checkpoint.exists() else 0
    net.train()
    running = 0.0
    with ThreadPoolExecutor(1) as ahead:
        coming = ahead.submit(batch_at, first) if first < schedule.steps else None
        for step in range(first, schedule.steps):
            batch = coming.result()
            coming = ahead.submit(batch_at, step + 1) if step + 1 < schedule.steps else None
            torch.manual_seed(schedule.seed * 1_000_003 + step)  # dropout as it would have been without a stop
            for group in optimizer.param_groups:
                group["lr"] = schedule.rate_at(step)
            losses = losses_of(net, batch)
            optimizer.zero_grad(set_to_none=True)
            sum(losses.values()).backward()
            nn.utils.clip_grad_norm_(learns, schedule.clip)
            optimizer.step()
            _smooth(kept, net, min(schedule.smooth, (step + 1) / (step + 10)))
            running = 0.98 * running + 0.02 * sum(float(loss.detach()) for loss in losses.values())
            if checkpoint and (step + 1) % schedule.save_every == 0:
                save_checkpoint(checkpoint, net, kept, optimizer, schedule, step + 1)
            yield Progress(step + 1, schedule.steps, f"loss {running / (1 - 0.98 ** (step + 1 - first)):.3f}")
    net.load_state_dict(kept.state_dict())
    yield Progress(schedule.steps, schedule.steps, "trained", net.eval())


@torch.no_grad()
def _smooth(kept: nn.Module, net: nn.Module, keep: float) -> None:
    for mean, now in zip(kept.parameters(), net.parameters()):
        mean.lerp_(now, 1 - keep)
