"""Phrases for many photos from a shell: the same file however it is made, and sentences for what is wrong."""

import io
import json
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from grounding.data import Boxes, Regions
from pseudo_query.__main__ import main
from pseudo_query.settings import DEFAULT
from pseudo_query.sources import Photo, iter_folder_photos, iter_json_entries, open_coco
from pseudo_query.stream import BATCH_SIZE, GenerationConfig, generate_lines, write_jsonl


@pytest.fixture
def many(tmp_path) -> Path:
    """A COCO file of 150 photos that are not there, with the annotations first."""
    rng = np.random.default_rng(0)
    boxes, images = [], []
    for number in range(150):
        images.append({"id": 1000 - number, "file_name": f"{number:03d}.jpg", "width": 640, "height": 480})
        for _ in range(number % 7):
            x, y, w, h = rng.uniform(0, 300, 4).round(2).tolist()
            boxes.append(
                {
                    "id": len(boxes),
                    "image_id": 1000 - number,
                    "category_id": int(rng.integers(1, 4)),
                    "bbox": [x, y, w, h],
                    "segmentation": [[1.5] * 50],
                }
            )
    file = tmp_path / "many.json"
    file.write_text(json.dumps({"info": {"x": [1, {"y": "]"}]}, "annotations": boxes, "images": images,
                                "categories": [{"id": k, "name": name} for k, name in enumerate(("dog", "person", "traffic light"), 1)]}))
    return file


def run(*arguments):
    return subprocess.run([sys.executable, "-m", "pseudo_query", *map(str, arguments)], capture_output=True, text=True,
                          cwd=Path(__file__).resolve().parents[2])


def test_the_same_seed_gives_the_same_file_whatever_the_number_of_workers(many, tmp_path):
    assert main([str(many), "--out", str(tmp_path / "1.jsonl")]) == 0
    three = run(many, "--out", tmp_path / "3.jsonl", "--workers", 3)
    assert three.returncode == 0, three.stderr
    assert (tmp_path / "1.jsonl").read_bytes() == (tmp_path / "3.jsonl").read_bytes()
    assert "150 of 150 photos are not there, so their phrases name no colours" in three.stderr
    main([str(many), "--out", str(tmp_path / "other.jsonl"), "--seed", "1"])
    assert (tmp_path / "1.jsonl").read_bytes() != (tmp_path / "other.jsonl").read_bytes()


def test_a_line_has_the_promised_fields_and_targets_that_exist(many, tmp_path):
    main([str(many), "--out", str(tmp_path / "out.jsonl"), "--per-photo", "4", "--negatives", "1"])
    lines = [json.loads(line) for line in (tmp_path / "out.jsonl").read_text().splitlines()]
    assert lines and {frozenset(line) for line in lines} == {frozenset(("file", "query", "targets", "unique", "score", "rules"))}
    for line in lines:
        number = int(line["file"][:3])
        assert all(0 <= target < number % 7 for target in line["targets"])
    assert max(sum(line["file"] == name for line in lines) for name in {line["file"] for line in lines}) <= 4


def test_a_stopped_run_goes_on_where_it_was_and_ends_in_the_same_file(many, tmp_path):
    with open_coco(many) as found:
        whole, halved = tmp_path / "whole.jsonl", tmp_path / "halved.jsonl"
        for _ in write_jsonl(found.photos, whole, GenerationConfig(DEFAULT)):
            pass
        steps = write_jsonl(found.photos, halved, GenerationConfig(DEFAULT))
        next(steps)
        steps.close()
        assert not halved.exists()
        with open(halved.with_name("halved.jsonl.part"), "ab") as part:
            part.write(b'{"file": "torn')  # what a killed process leaves behind
        starts = []
        tally = list(write_jsonl(lambda start: starts.append(start) or found.photos(start), halved, GenerationConfig(DEFAULT)))[-1].result
    assert starts == [BATCH_SIZE] and halved.read_bytes() == whole.read_bytes() and tally.photos == 150
    assert sorted(path.name for path in tmp_path.iterdir()) == ["halved.jsonl", "many.json", "whole.jsonl"]


def test_a_half_written_file_of_another_recipe_is_begun_anew(many, tmp_path):
    with open_coco(many) as found:
        out = tmp_path / "out.jsonl"
        steps = write_jsonl(found.photos, out, GenerationConfig(DEFAULT, seed=1))
        next(steps)
        steps.close()
        starts = []
        list(write_jsonl(lambda start: starts.append(start) or found.photos(start), out, GenerationConfig(DEFAULT, seed=2)))
    assert starts == [0]


def test_phrases_of_a_photo_do_not_depend_on_the_photos_around_it(many):
    with open_coco(many) as found:
        photos = list(found.photos())
        assert [p.name for p in found.photos(100)] == [p.name for p in photos[100:]]
    assert generate_lines(photos[90], GenerationConfig(DEFAULT)) == generate_lines(photos[90], GenerationConfig(DEFAULT))
    assert (
        generate_lines(photos[90], GenerationConfig(DEFAULT))[0]
        != generate_lines(Photo("x.jpg", None, photos[90].size, photos[90].rows), GenerationConfig(DEFAULT))[0]
    )


def test_a_folder_is_read_by_a_detector_and_a_broken_photo_stops_nobody(tmp_path, capsys):
    (tmp_path / "in" / "deep").mkdir(parents=True)
    for name in ("b.png", "deep/a.png"):
        Image.fromarray(np.full((100, 200, 3), (200, 20, 30), np.uint8)).save(tmp_path / "in" / name)
    (tmp_path / "in" / "broken.jpg").write_text("no photo")
    (tmp_path / "in" / "notes.txt").write_text("not even called one")

    from pseudo_query.__main__ import open_pixels

    def detect(pixels):
        return Regions(Boxes([[20, 20, 80, 80]]), [0.9], ("cup",))

    recipe = GenerationConfig(DEFAULT, open_pixels=open_pixels, make_detector=lambda: detect)
    steps = list(write_jsonl(lambda start: iter_folder_photos(tmp_path / "in"), tmp_path / "out.jsonl", recipe))
    lines = [json.loads(line) for line in (tmp_path / "out.jsonl").read_text().splitlines()]
    assert {line["file"] for line in lines} == {"b.png", "deep/a.png"} and any("red" in line["rules"] for line in lines)
    assert [name for name, *_ in steps[0].result] == ["broken.jpg"] and "broken.jpg" in steps[0].result[0][2]


@pytest.mark.parametrize("text, reason", [
    ("", "ends in the middle"), ("hello", "not a COCO file"), ('{"images": [{"id": 1}', "ends in the middle"),
    ('{"images": [{"id": 1}, oops]}', "not valid JSON"), ("{}", "names no images"), ("[1, 2]", "not a COCO file"),
])
def test_a_file_that_is_no_coco_file_is_told_in_a_sentence(tmp_path, capsys, text, reason):
    file = tmp_path / "bad.json"
    file.write_text(text)
    assert main([str(file), "--out", str(tmp_path / "out.jsonl")]) == 1
    said = capsys.readouterr().err
    assert reason in said and "bad.json" in said and "Traceback" not in said and not (tmp_path / "out.jsonl").exists()


def test_a_file_that_is_not_there_is_told(tmp_path, capsys):
    assert main([str(tmp_path / "nothing"), "--out", str(tmp_path / "out.jsonl")]) == 1
    assert "there is nothing at" in capsys.readouterr().err


def test_broken_boxes_and_missing_ids_stop_nobody(tmp_path, capsys):
    file = tmp_path / "odd.json"
    file.write_text(json.dumps({"images": [{"id": 1, "file_name": "a.jpg", "width": 100, "height": 100}, {"file_name": "b.jpg"}, {"id": 3}],
                                "annotations": [
                                    {"image_id": 1, "category_id": 1, "bbox": [10, 10, 50, 50]},
                                    {"image_id": 1, "category_id": 9, "bbox": [10, 10, 50, 50]},
                                    {"image_id": 1, "category_id": 1, "bbox": [1, 2, 3]},
                                    {"image_id": 1, "category_id": 1, "bbox": ["x"] * 4},
                                    {"category_id": 1, "bbox": [0, 0, 9, 9]}, 7,
                                ],
                                "categories": [{"id": 1, "name": "dog"}]}))
    assert main([str(file), "--out", str(tmp_path / "out.jsonl"), "--explain"]) == 0
    told = capsys.readouterr().err
    assert "b.jpg: its width and height are not known" in told and "a.jpg: region 1: its class '' is no word" in told
    assert {line["query"] for line in map(json.loads, (tmp_path / "out.jsonl").read_text().splitlines())} >= {"the dog"}


def test_json_is_read_piece_by_piece():
    text = json.dumps({"a": [1, -2.5, "x]}", {"b": [[]]}, None], "c": {"d": [1]}, "e": [], "f": 3})
    assert list(iter_json_entries(_Drop(text))) == [
        ("a", 1), ("a", -2.5), ("a", "x]}"), ("a", {"b": [[]]}), ("a", None), ("c", {"d": [1]}), ("f", 3),
    ]


class _Drop(io.StringIO):
    """A file that gives three characters at a time."""

    def read(self, size=-1):
        return super().read(3)


def test_a_photo_outside_the_folder_is_never_opened(tmp_path):
    (tmp_path / "set").mkdir()
    Image.fromarray(np.zeros((9, 9, 3), np.uint8)).save(tmp_path / "secret.png")
    file = tmp_path / "set" / "x.json"
    file.write_text(json.dumps({"images": [{"id": 1, "file_name": "../secret.png", "width": 9, "height": 9}], "annotations": []}))
    with open_coco(file) as found:
        assert [photo.path for photo in found.photos()] == [None]


def test_real_photos_from_a_shell(shared_data, tmp_path):
    done = run(shared_data / "coco_train2017_128/instances.json", "--out", tmp_path / "out.jsonl", "--explain")
    assert done.returncode == 0, done.stderr
    lines = [json.loads(line) for line in (tmp_path / "out.jsonl").read_text().splitlines()]
    assert len(lines) > 700 and any("red" in line["rules"] for line in lines) and "nothing tells it from others like it" in done.stderr


ODD = {
    "an endless width": ({"width": 1e400}, {}),
    "a width in words": ({"width": "wide", "height": [4]}, {}),
    "a list as id": ({"id": [1]}, {"image_id": [1]}),
    "an id beyond 64 bits": ({"id": 10**30}, {"image_id": 10**30}),
    "half a letter in the name": ({"file_name": "\ud800.jpg"}, {}),
    "a name no disk takes": ({"file_name": "x" * 5000}, {}),
    "a nul in the name": ({"file_name": "a\0b.jpg"}, {}),
    "no name": ({"file_name": None}, {}),
    "a score of 170 %": ({}, {"score": 1.7}),
    "a score in words": ({}, {"score": "high"}),
    "no score": ({}, {"score": None}),
    "a float as id": ({"id": 1.0}, {}),
    "a class by a list": ({}, {"category_id": [1]}),
}


@pytest.mark.parametrize("odd", ODD)
def test_an_odd_entry_spoils_no_other(tmp_path, capsys, odd):
    image, box = ODD[odd]
    good = {"id": "good", "file_name": "good.jpg", "width": 640, "height": 480}
    file = tmp_path / "odd.json"
    file.write_text(
        json.dumps(
            {
                "images": [{"id": 1, "file_name": "odd.jpg", "width": 640, "height": 480} | image, good],
                "annotations": [
                    {"image_id": 1, "category_id": 1, "bbox": [10, 10, 200, 300]} | box,
                    {"image_id": "good", "category_id": 1, "bbox": [10, 10, 200, 300]},
                ],
                "categories": [{"id": 1, "name": "dog"}, {"id": [1], "name": None}, {"id": {"a": 1}}],
            }
        )
    )
    assert main([str(file), "--out", str(tmp_path / "out.jsonl"), "--explain"]) == 0, capsys.readouterr().err
    lines = [json.loads(line) for line in (tmp_path / "out.jsonl").read_text("utf-8").splitlines()]
    assert any(line["file"] == "good.jpg" and line["query"].startswith("the dog") for line in lines)
    if "width" not in image and odd != "a class by a list":
        assert len({line["file"] for line in lines}) == 2 and all(0 <= line["score"] <= 1 for line in lines)


def test_a_file_that_begins_with_a_byte_order_mark_is_read(many, tmp_path):
    (tmp_path / "marked.json").write_text(many.read_text(), "utf-8-sig")
    with open_coco(many) as plain, open_coco(tmp_path / "marked.json") as marked:
        assert list(plain.photos()) == list(marked.photos())


def test_boxes_that_are_none_are_counted_aloud(tmp_path, capsys):
    file = tmp_path / "few.json"
    file.write_text('{"images": [{"id": 1, "file_name": "a.jpg", "width": 99, "height": 99}], "annotations": '
                    '[{"image_id": 1, "bbox": [NaN, 1, 2, 3]}, {"image_id": 1, "bbox": [1, 1, Infinity, 3]}, 5], "categories": []}')
    assert main([str(file), "--out", str(tmp_path / "out.jsonl")]) == 0
    assert "3 boxes of few.json are none" in capsys.readouterr().err


def test_a_run_that_is_killed_ends_in_the_same_file(many, tmp_path):
    command = [sys.executable, "-m", "pseudo_query", many, "--out", tmp_path / "out.jsonl", "--workers", "2"]
    process = subprocess.Popen(command, cwd=Path(__file__).resolve().parents[2], stderr=subprocess.DEVNULL)
    deadline = time.monotonic() + 100
    while not (tmp_path / "out.jsonl.state").exists() and process.poll() is None and time.monotonic() < deadline:
        time.sleep(0.02)
    process.kill()
    process.wait()
    assert main([str(many), "--out", str(tmp_path / "out.jsonl")]) == 0
    assert main([str(many), "--out", str(tmp_path / "whole.jsonl")]) == 0
    assert (tmp_path / "out.jsonl").read_bytes() == (tmp_path / "whole.jsonl").read_bytes()


def test_a_learned_prompt_stands_where_the_fixed_sentences_do(many, tmp_path):
    def asked(query):
        return f"where is {query}?"

    with open_coco(many) as found:
        for name, prompt in (("learned", asked), ("fixed", "where is {query}?")):
            assert (
                list(write_jsonl(found.photos, tmp_path / name, GenerationConfig(replace(DEFAULT, prompt=prompt))))[-1].result.phrases > 100
            )
    assert (tmp_path / "learned").read_bytes() == (tmp_path / "fixed").read_bytes()
    assert all(json.loads(line)["query"].startswith("where is ") for line in (tmp_path / "fixed").read_text().splitlines())
