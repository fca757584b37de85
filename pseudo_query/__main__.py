"""Pseudo queries from a shell: python -m pseudo_query PATH --out FILE"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import replace
from functools import partial
from pathlib import Path

from grounding.data import Progress
from grounding.machine.errors import MachineError, as_machine_error
from pseudo_query.settings import DEFAULT, FAITHFUL, TRAINING
from pseudo_query.sources import iter_folder_photos, open_coco
from pseudo_query.stream import Counts, GenerationConfig, worker_pool, write_jsonl
from pseudo_query.templates import template_names

MODES = {"default": DEFAULT, "faithful": FAITHFUL, "teaching": TRAINING}
EXAMPLES = """examples:
  python -m pseudo_query instances.json --out phrases.jsonl
  python -m pseudo_query photos/ --out phrases.jsonl --per-photo 20 --grammar
  python -m pseudo_query instances.json --out paper.jsonl --mode faithful --per-photo 6

Each line is {"file", "query", "targets", "unique", "score", "rules"}; targets are the photo's boxes, numbered from 0 in the
order of the source. Stopped in the middle, the same command goes on where it was; a run with other options begins anew."""


def main(arguments: list[str] | None = None) -> int:
    parser = _parser()
    options = parser.parse_args(arguments)
    try:
        return _run(options)
    except (ValueError, OSError, RuntimeError, MemoryError, MachineError) as error:
        print(f"pseudo_query: {as_machine_error(error, options.out.parent) or error}", file=sys.stderr)
        return 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m pseudo_query", description="Writes phrases for every object of many photos, in English.",
        epilog=EXAMPLES, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("path", type=Path, metavar="PATH", help="a COCO JSON file, or a folder of photos that a detector reads")
    parser.add_argument("--out", type=Path, required=True, metavar="FILE", help="where the JSON Lines go")
    parser.add_argument("--per-photo", type=_positive_int, default=10, metavar="N", help="phrases a photo at most (10)")
    parser.add_argument("--mode", choices=MODES, default="default", help="ours, the paper's rules, or many wordings for teaching")
    parser.add_argument("--grammar", action="store_true", help="leave out phrases that spaCy reads otherwise than meant (slow)")
    parser.add_argument("--negatives", type=int, default=0, metavar="N", help="also N phrases a photo that fit nothing in it")
    parser.add_argument("--without", action="append", default=[], metavar="TEMPLATE", choices=template_names(),
                        help="a template not to use; may be given several times")
    parser.add_argument("--seed", type=int, default=0, help="the same seed gives the same file")
    parser.add_argument("--workers", type=_positive_int, default=1, metavar="N", help="processes that work side by side (1)")
    parser.add_argument("--detector", default="", metavar="NAME", help="which detector reads a folder of photos")
    parser.add_argument("--explain", action="store_true", help="say for every photo and object without a phrase why")
    return parser


def _positive_int(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError(f"it must be 1 or more, got {number}")
    return number


def _run(options) -> int:
    settings = replace(
        MODES[options.mode], max_per_photo=options.per_photo, max_negatives=options.negatives, disabled_templates=frozenset(options.without)
    )
    if not options.path.exists():
        raise ValueError(f"there is nothing at {options.path}; give a COCO JSON file or a folder of photos")
    if options.out.is_dir():
        raise ValueError(f"{options.out} is a folder; --out takes the name of a file")
    options.out.parent.mkdir(parents=True, exist_ok=True)
    recipe = GenerationConfig(settings, options.seed, options.grammar, open_pixels, partial(load_detector, options.detector))
    with ExitStack() as stack:
        pool = stack.enter_context(worker_pool(options.workers))  # they start while the file is read
        photos, total = _open_source(options.path, stack)
        steps = write_jsonl(photos, options.out, recipe, pool, _source_fingerprint(options), total)
        counts = _report_progress(steps, options.explain)
    print(f"{counts.phrases} phrases for {counts.photos} photos in {options.out}", file=sys.stderr)
    return 0


def _open_source(path: Path, stack: ExitStack) -> tuple[Callable, int]:
    """Photos from any place on, and how many there are (0 = not known)."""
    if path.is_dir():
        return (lambda start: _skip_to(iter_folder_photos(path), start)), 0
    try:
        found = stack.enter_context(open_coco(path))
    except ValueError as error:
        raise ValueError(f"{path}: {error}") from None
    if found.invalid_boxes:
        print(
            f"{found.invalid_boxes} boxes of {path.name} are none (four numbers with an extent were wanted); "
            "they are left out and not counted",
            file=sys.stderr,
        )
    return found.photos, len(found)


def _skip_to(photos, start):
    for place, photo in enumerate(photos):
        if place >= start:
            yield photo


def _source_fingerprint(options) -> str:
    """What a half-written file must have come from to be continued."""
    facts = options.path.stat()
    return f"{options.path.resolve()} {facts.st_size} {facts.st_mtime_ns} {options.detector}"


def _report_progress(steps, explain: bool) -> Counts:
    """Shows the progress and the reasons as they come; the tally at the end."""
    step = Progress(0, 0)
    for step in steps:
        if explain and isinstance(step.result, list):
            for name, region, reason in step.result:
                print(f"{name}: {reason}" if region is None else f"{name}: region {region}: {reason}", file=sys.stderr)
        elif sys.stderr.isatty():
            print(f"\r{step.done} photos", end="", file=sys.stderr)
    counts = step.result
    if counts.without_pixels:
        print(f"{counts.without_pixels} of {counts.photos} photos are not there, so their phrases name no colours", file=sys.stderr)
    return counts


def open_pixels(path: Path):
    """The upright pixels of a photo."""
    from grounding.data.media_image import open_image

    return open_image(path).pixels


def load_detector(name: str) -> Callable:
    """A detector of the catalog, as pixels in, regions out."""
    from grounding.data.media_image import Image
    from grounding.model_cache import make
    from grounding.protocols import ThresholdedDetector

    model = make("detector", name)
    # detectors of other people say for themselves from which score on a box counts
    min_score = model.proposal_threshold if isinstance(model, ThresholdedDetector) else 0.4
    return lambda pixels: model.detect(Image(pixels)).above(min_score)


if __name__ == "__main__":
    from pseudo_query.__main__ import main as run  # by its full name, so that worker processes find what it hands them

    sys.exit(run())
