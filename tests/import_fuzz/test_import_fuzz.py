"""Fuzz: whatever became of a set, `load` ends with a report, and nothing is truth that no file draws.

`corpus/` keeps sets that once came in wrongly, and their like: {name: text}. Others are made from a seed. To keep one
that fails, write what
`python -m tests.import_fuzz.test_import_fuzz FORMAT SEED` prints into a file of the corpus.
"""

import json
import random
import sys
import zipfile
from pathlib import Path

import pytest

from grounding.data import new_id, run_to_end
from grounding.tasks.intake.load import load
from grounding.tasks.intake.report import LoadReport
from tests import barcode, drawn
from tests.import_fuzz.mutations import mutated
from tests.import_fuzz.sets import FILM, FORMATS, FRAMES, PHOTO
from tests.import_fuzz.truth import drawn as drawn_boxes
from tests.import_fuzz.truth import is_drawn, plain, told

CORPUS = sorted((Path(__file__).parent / "corpus").glob("*.json"))
MADE = 60  # sets of each format
HIDDEN = {".hidden.jpg", "Thumbs.db"}  # stay out of folders and zips without a word


@pytest.fixture(scope="module")
def film(tmp_path_factory):
    return barcode.write_video(tmp_path_factory.mktemp("film") / "film.mp4", count=FRAMES, size=FILM).read_bytes()


@pytest.fixture(scope="module")
def known(film, tmp_path_factory, empty_database):
    """A store that has the film, so that no case decodes it again; and what it knows of it."""
    import shutil

    from grounding.store import Store
    folder = tmp_path_factory.mktemp("data")
    shutil.copy(empty_database, folder / "deixis.sqlite")
    store = Store.open(folder)
    path = tmp_path_factory.mktemp("first") / "film.mp4"
    path.write_bytes(film)
    project = store.create_project("first")
    run_to_end(load(store, project.id, [path]))
    (item,) = store.items(project.id)
    yield store, {
        "kind": "video", "sha256": item.sha256, "ext": item.ext, "size": item.size, "pts": store.pts(item.id),
        "meta": store.meta(item.id),
    }
    store.close()


def content(text: str, film: bytes) -> bytes:
    if text == "film":
        return film
    if text.startswith("photo "):
        return drawn.encode_photo("PNG" if len(text) > 7 else "JPEG", int(text[6:] or 0), size=PHOTO)
    return text.encode("utf-8", "surrogatepass")


def laid(root: Path, files: dict[str, str], film: bytes, zipped: bool) -> Path:
    """The files in a folder or a .zip; of two that cannot both be there the later one is."""
    if zipped:
        with zipfile.ZipFile(root / "set.zip", "w") as archive:
            for name, text in files.items():
                archive.writestr(name, content(text, film))
        return root / "set.zip"
    for name, text in files.items():
        try:
            (root / "set" / name).parent.mkdir(parents=True, exist_ok=True)
            (root / "set" / name).write_bytes(content(text, film))
        except OSError:
            continue
    return root / "set"


def came_in(store, facts, root: Path, files: dict[str, str], film: bytes, zipped: bool) -> tuple[LoadReport, list]:
    """Loads the files; the report, and what is wrong with what came in, held against what the files tell."""
    project = store.create_project(new_id())
    store.add_item(project.id, name="film.mp4", **facts)
    report = run_to_end(load(store, project.id, [laid(root, files, film, zipped)]))
    json.dumps([report.skipped, report.notes, report.labels], ensure_ascii=False).encode()
    wrong = [("no sentence", name, why) for name, why in report.skipped + report.notes if not (name and why.strip() and len(why) <= 500)]
    boxes, sure = drawn_boxes(files), told(files)
    count, by_label = 0, not any("<annotations" in text for text in files.values())
    for item in store.all_items(project.id):
        for annotation in store.current(item.id):
            value = annotation.value
            for box in (
                [value.box] if annotation.kind == "box" else [key.box for key in value.keyframes] if annotation.kind == "track" else []
            ):
                count += annotation.kind == "box"
                if not (0 <= box[0] < box[2] <= item.width and 0 <= box[1] < box[3] <= item.height):
                    wrong.append(("outside of its picture", item.name, box))
                if not is_drawn(box, boxes, item.size):
                    wrong.append(("a box that no file draws", item.name, box))
                if (
                    annotation.kind == "box"
                    and by_label
                    and not any(
                        plain(name) == plain(item.name) and label == value.label and is_drawn(box, [other], item.size)
                        for name, label, other in sure
                    )
                ):
                    wrong.append(("told nowhere, or in two ways", item.name, value.label, box))
    if count != report.boxes:
        wrong.append(("the report counts", report.boxes, "boxes, there are", count))
    photos = sum(text.startswith("photo ") for name, text in files.items() if name not in HIDDEN)
    if (count < len(set(sure)) or photos > report.photos) and not (report.skipped or report.notes or report.tracks):
        wrong.append(("something stayed out without a word", count, report.photos))
    return report, wrong


@pytest.mark.parametrize("path", CORPUS, ids=lambda path: path.stem)
@pytest.mark.parametrize("zipped", [False, True])
def test_a_set_of_the_corpus_brings_nothing_that_it_does_not_tell(known, film, tmp_path, path, zipped):
    assert came_in(*known, tmp_path, json.loads(path.read_text("utf-8")), film, zipped)[1] == []


@pytest.mark.parametrize("zipped", [False, True])
@pytest.mark.parametrize("format, boxes, tracks, phrases", [
    ("coco", 6, 0, 0), ("grefs", 6, 0, 4), ("coco_film", 0, 1, 0), ("cvat_video", 0, 2, 0), ("cvat_images", 6, 0, 0),
    ("mot", 0, 2, 0), ("vidstg", 0, 2, 0),
])
def test_a_sound_set_comes_in_whole(known, film, tmp_path, format, boxes, tracks, phrases, zipped):
    report, wrong = came_in(*known, tmp_path, FORMATS[format](), film, zipped)
    assert (report.boxes, report.tracks, report.phrases, report.skipped, wrong) == (boxes, tracks, phrases, [], [])


@pytest.mark.parametrize("seed", range(MADE))
@pytest.mark.parametrize("format", FORMATS)
def test_a_set_that_was_harmed_brings_nothing_that_it_does_not_tell(known, film, tmp_path, format, seed):
    assert came_in(*known, tmp_path, made(format, seed), film, seed % 4 == 3)[1] == []


def made(format: str, seed: int) -> dict[str, str]:
    return mutated(FORMATS[format](), random.Random(f"{format} {seed}"))


if __name__ == "__main__":
    print(json.dumps(made(sys.argv[1], int(sys.argv[2])), indent=1))
