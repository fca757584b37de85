"""Bad input: each a plain sentence that names the file and the cure; the rest goes on; nothing half-written stays."""

import json
import struct
import time
import zipfile
import zlib

import pytest

from grounding.data import run_to_end
from grounding.tasks.intake.load import load
from tests import barcode, drawn


def png(width: int, height: int) -> bytes:
    """A PNG whose head promises these pixels and whose body is a few bytes."""
    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(bytes(1000))) + chunk(b"IEND", b"")


def zipped(path, members):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(zipfile.ZipInfo(name), data, zipfile.ZIP_DEFLATED)


def film_bytes(tmp_path) -> bytes:
    return barcode.write_video(tmp_path / "whole.mp4", count=30).read_bytes()


BAD = {  # name -> (bytes, words that the sentence holds)
    "text.jpg": (lambda tmp: b"this is not a photo\n" * 20, "text"),
    "empty.jpg": (lambda tmp: b"", "empty"),
    "cut.jpg": (lambda tmp: drawn.encode_photo("JPEG", size=(640, 480))[:3000], "too early"),
    "head.jpg": (lambda tmp: drawn.encode_photo("JPEG")[:12], "head.jpg"),
    "noise.png": (lambda tmp: b"\x89PNG\r\n\x1a\n" + bytes(range(256)), "damaged"),
    "cut.mp4": (lambda tmp: film_bytes(tmp)[:500], "too early"),
    "nothing.mp4": (lambda tmp: b"", "empty"),
    "huge.png": (lambda tmp: png(30_000, 30_000), "pixels"),
    "drawing.svg": (lambda tmp: b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>', "SVG"),
    "drawing.png": (lambda tmp: b'<svg onload="alert(1)"></svg>', "SVG"),
    "page.jpg": (lambda tmp: b"<!DOCTYPE html><html><script>alert(1)</script></html>", "web page"),
    "list.mp4": (lambda tmp: b"#EXTM3U\n#EXT-X-MEDIA-SEQUENCE:0\n#EXTINF:1.0,\nfile:///etc/passwd\n", "list.mp4"),
    "paper.pdf": (lambda tmp: b"%PDF-1.7 \x00\x01", "PDF"),
    "phone.heic": (lambda tmp: b"\x00\x00\x00\x18ftypheic" + bytes(40), "HEIC"),
    "damaged.zip": (lambda tmp: b"PK\x03\x04 cut off", "damaged"),
}


@pytest.mark.parametrize("name", BAD)
def test_each_is_named_with_its_cure_and_the_rest_goes_on(tmp_path, store, name):
    make, words = BAD[name]
    folder = tmp_path / "in"
    drawn.write_photo(folder / "a good one.jpg", 1), drawn.write_photo(folder / "z good one.jpg", 2)
    (folder / name).write_bytes(make(tmp_path))
    project = store.create_project("P")
    began = time.monotonic()
    report = run_to_end(load(store, project.id, [folder]))
    assert time.monotonic() - began < 10 and report.added == 2
    [(called, sentence)] = report.skipped
    assert (
        called == name and name in sentence and words in sentence and (";" in sentence or ":" in sentence) and "Traceback" not in sentence
    )
    assert list((store.folder / "cache").iterdir()) == []
    assert len([path for path in (store.folder / "media").rglob("*") if path.is_file()]) == 2


@pytest.mark.parametrize("name", ["text.jpg", "cut.jpg", "cut.mp4", "huge.png", "drawing.svg"])
def test_the_same_inside_an_archive(tmp_path, store, name):
    zipped(tmp_path / "pack.zip", {name: BAD[name][0](tmp_path), "good.jpg": drawn.encode_photo("JPEG", 1)})
    report = run_to_end(load(store, store.create_project("P").id, [tmp_path / "pack.zip"]))
    assert report.added == 1 and [called for called, _ in report.skipped] == [name]
    assert list((store.folder / "cache").iterdir()) == []


def test_a_zip_with_names_that_lead_out(tmp_path, store):
    zipped(
        tmp_path / "pack.zip",
        {"../../evil.jpg": drawn.encode_photo(), "/abs.jpg": drawn.encode_photo(), "good.jpg": drawn.encode_photo("JPEG", 1)},
    )
    before = {path for path in tmp_path.rglob("*") if "data" not in path.parts}
    report = run_to_end(load(store, store.create_project("P").id, [tmp_path / "pack.zip"]))
    assert report.added == 1 and sorted(name for name, _ in report.skipped) == ["../../evil.jpg", "/abs.jpg"]
    assert all("pack.zip" in sentence and "outside" in sentence for _, sentence in report.skipped)
    assert {path for path in tmp_path.rglob("*") if "data" not in path.parts} == before


def test_a_bomb_in_a_zip_is_not_unpacked(tmp_path, store):
    zipped(tmp_path / "pack.zip", {"bomb.png": bytes(64 << 20), "good.jpg": drawn.encode_photo("JPEG", 1)})
    report = run_to_end(load(store, store.create_project("P").id, [tmp_path / "pack.zip"]))
    assert report.added == 1 and "zip bombs" in report.skipped[0][1]


def test_a_damaged_tail_keeps_the_frames_before_it(tmp_path, store):
    film = barcode.write_video(tmp_path / "film.mkv", count=60)
    film.write_bytes(film.read_bytes()[: film.stat().st_size * 2 // 3])
    report = run_to_end(load(store, store.create_project("P").id, [film]))
    [item] = store.items(store.projects()[0].id)
    assert report.skipped == [] and 0 < item.frame_count < 60 and len(store.pts(item.id)) == item.frame_count


def test_a_video_that_takes_too_long_is_given_up(tmp_path):
    from grounding.data.media import MediaError
    from grounding.tasks.intake.probe import probe_video

    film = barcode.write_video(tmp_path / "film.mp4", count=5)
    with pytest.raises(MediaError, match="film.mp4 takes too long to decode; convert it"):
        for _ in probe_video(film, "film.mp4", timeout_s=0.01):
            continue


def test_a_decoder_that_wants_all_memory_takes_only_itself_along(tmp_path, monkeypatch):
    from grounding.data.media import MediaError
    from grounding.tasks.intake import probe

    monkeypatch.setattr(probe, "MEMORY_BYTES", 200 << 20)
    film = barcode.write_video(tmp_path / "film.mp4", count=5)
    with pytest.raises(MediaError, match="film.mp4"):
        for _ in probe.probe_video(film, "film.mp4"):
            continue


def test_a_coco_set_full_of_faults(tmp_path, store):
    root = tmp_path / "set"
    drawn.write_photo(root / "photos/good.jpg", 1), drawn.write_photo(root / "photos/nobody.jpg", 2)
    (root / "photos/broken.jpg").write_text("no photo")
    images = [
        {"id": 1, "file_name": "good.jpg"},
        {"file_name": "nobody.jpg"},
        {"id": 3, "file_name": "lost.jpg"},
        {"id": 4},
        {"id": 5, "file_name": "broken.jpg"},
    ]
    box = {"bbox": [1, 2, 3, 4], "category_id": 1}
    rows = [
        box | {"image_id": 1}, box | {"id": 2}, {"id": 3, "image_id": 1, "bbox": [1, 2, 3, 4]},
        {"id": 4, "image_id": 1, "category_id": 9, "bbox": [1, 2, 3, 4]},
        box | {"id": 5, "image_id": 1, "bbox": [500, 2, 3, 4]}, box | {"id": 6, "image_id": 1, "bbox": [1, 2, -3, 4]},
        box | {"id": 7, "image_id": 77}, box | {"id": 8, "image_id": 1},
    ]
    (root / "instances.json").write_text(json.dumps({"images": images, "annotations": rows, "categories": [{"id": 1, "name": "dog"}]}))
    report = run_to_end(load(store, store.create_project("P").id, [root]))
    assert (report.added, report.boxes) == (2, 2)
    said = "\n".join(sentence for _, sentence in report.skipped + report.notes)
    for words in (
        "nobody.jpg has no id", "lost.jpg is not in the folder", "image 4 has no file_name", "broken.jpg is text",
        "annotation number 1 has no id", "annotation 2 has no image_id", "annotation 3 has no category_id",
        "annotation 4 names category 9",
        "good.jpg has a box that stayed out: box [500.0, 2.0, 503.0, 6.0] covers nothing", "annotation 6",
        "image 77 is not in the file",
    ):
        assert words in said, words
    assert all(name for name, _ in report.skipped)


@pytest.mark.parametrize("text", ["", "{", "[]", '{"images": 3}', "\x00\x01"])
def test_a_coco_file_that_is_none(tmp_path, store, text):
    drawn.write_photo(tmp_path / "set/images/a.jpg")
    (tmp_path / "set/instances.json").write_text(text)
    report = run_to_end(load(store, store.create_project("P").id, [tmp_path / "set"]))
    assert report.added == 0 and "instances.json" in report.skipped[0][1]


def test_a_phrase_of_ten_thousand_characters_or_none_stays_out_of_an_import(tmp_path, store):
    root = tmp_path / "set"
    drawn.write_photo(root / "a.jpg")
    (root / "instances.json").write_text(json.dumps({"images": [{"id": 1, "file_name": "a.jpg"}], "annotations": [], "categories": []}))
    (root / "grefs(x).json").write_text(
        json.dumps([{"image_id": 1, "ann_id": [-1], "sentences": [{"raw": text}]} for text in ("x" * 10_000, " ", "a dog")])
    )
    report = run_to_end(load(store, store.create_project("P").id, [root]))
    assert (report.added, report.phrases) == (1, 1) and any(name == "a.jpg" and "1000 characters" in why for name, why in report.skipped)
