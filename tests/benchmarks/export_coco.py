"""How long does an export of 10,000 photos with 70,000 boxes take, and how much memory?

    python tests/benchmarks/export_coco.py [--photos 10000] [--boxes 7]

Makes a project of that size (not counted), then publishes it to a folder and to a .zip, each in a fresh process whose
peak memory the operating system reports. The same with a tenth of the photos shows whether memory stays flat.
"""

import argparse
import io
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import stamped
from PIL import Image

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from grounding.data import Annotation, new_id  # noqa: E402
from grounding.store import Store
from tests.annotated import annotation  # noqa: E402

RESULTS = Path(__file__).parent / "results" / "export_coco.json"
SIZE = (320, 240)
CHILD = """
import json, sys, time
from pathlib import Path
from grounding.data import run_to_end
from grounding.store import Store
from grounding.tasks.publish.publish import publish
store = Store.open(sys.argv[1])
start = time.perf_counter()
report = run_to_end(publish(store, sys.argv[2], Path(sys.argv[3])))
print(json.dumps({"seconds": time.perf_counter() - start, "images": report.images, "boxes": report.boxes}))
"""


def project(store: Store, name: str, photos: int, boxes: int) -> str:
    """A project of real JPEG files, every one different, with accepted boxes and one phrase a photo."""
    made, rng = store.create_project(name, ["dog", "cat", "car"]), np.random.default_rng(0)
    scratch = store.folder / "cache" / "photo.jpg"
    for start in range(0, photos, 500):
        with store.transaction():
            for number in range(start, min(start + 500, photos)):
                scratch.write_bytes(jpeg(rng, number))
                item = store.add_item(made.id, name=f"{number % 10}/{number}.jpg", kind="photo", size=SIZE,
                                      sha256=store.add_file(scratch, "jpg"), ext="jpg")
                store.append(item.id, said(item, rng, boxes), edit=new_id())
    return made.id


def jpeg(rng, number: int) -> bytes:
    """About 20 KB."""
    coarse = rng.integers(0, 256, (60, 80, 3), np.uint8)
    data = io.BytesIO()
    Image.fromarray(coarse).resize(SIZE, Image.Resampling.BILINEAR).save(data, "JPEG", quality=92, comment=str(number))
    return data.getvalue()


def said(item, rng, boxes: int) -> list[Annotation]:
    corners = np.sort(rng.uniform(0, 240, (boxes, 2, 2)), axis=1).reshape(boxes, 4)
    things = [annotation(item.id, "box", {"box": corner.tolist(), "label": "dog", "score": 1.0, "state": "accepted"}, "person:ann")
              for corner in corners]
    phrase = {"text": "the left dog", "targets": [things[0].object], "state": "accepted", "origin": "person", "score": 1.0}
    return [*things, annotation(item.id, "phrase", phrase, "person:ann")]


def measured(store: Store, project_id: str, out: Path) -> dict:
    """Publishes in a fresh process; `peak_mb` is the largest child so far, so measure the smallest first."""
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}
    run = subprocess.run([sys.executable, "-c", CHILD, str(store.folder), project_id, str(out)], env=environment,
                         check=True, capture_output=True, text=True)
    answer = json.loads(run.stdout)
    written = out.stat().st_size if out.is_file() else sum(path.stat().st_size for path in out.rglob("*") if path.is_file())
    return {**answer, "seconds": round(answer["seconds"], 2), "written_mb": round(written / 1e6, 1),
            "peak_mb": round(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024, 1)}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--photos", type=int, default=10_000)
    parser.add_argument("--boxes", type=int, default=7, help="a photo")
    choice = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="deixis-export-") as folder:
        store = Store.open(Path(folder) / "data")
        start = time.perf_counter()
        few, all_of_them = (project(store, name, count, choice.boxes) for name, count in
                            (("few", choice.photos // 10), ("all", choice.photos)))
        print(f"made the projects in {time.perf_counter() - start:.0f} s", file=sys.stderr)
        runs = {f"{name} to a {form}": measured(store, project_id, Path(folder) / f"{name}{ending}")
                for name, project_id in (("a tenth", few), ("all", all_of_them)) for form, ending in (("folder", ""), ("zip", ".zip"))}
        store.close()
    result = {"question": __doc__.splitlines()[0], "runs": runs}
    stamped.write(RESULTS, result)
    print(json.dumps(result, indent=1))


if __name__ == "__main__":
    main()
