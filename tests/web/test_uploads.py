"""Uploads: files, folders, zips and sets come in whole under their names, or nothing of them stays."""

import io
import json
import zipfile

import pytest

from tests.web.sending import boxes, picture


def test_an_upload_comes_in_with_proposals_and_a_report(web, upload, items):
    job = upload(("b.png", picture("PNG")), ("folder/a.jpg", picture()), ("notes.txt", b"hello"))
    assert job["state"] == "done" and job["kind"] == "load" and job["error"] is None
    assert job["result"]["photos"] == 2 and [name for name, _ in job["result"]["skipped"]] == ["notes.txt"]
    assert [item["name"] for item in items()] == ["b.png", "folder/a.jpg"]
    kinds = [a["kind"] for a in web.get(f"/api/items/{items()[0]['id']}").json()["annotations"]]
    assert kinds[0] == "box" and set(kinds[1:]) == {"phrase"}


def test_an_upload_may_name_its_paths_beside_the_files(web, project, works, items):
    files = [("files", ("a.jpg", picture())), ("files", ("a.jpg", picture(color=(1, 2, 3))))]
    sent = web.post(f"/api/projects/{project['id']}/upload", files=files, data={"paths": ["x/a.jpg", "y/a.jpg"]})
    works.jobs.wait(sent.json()["job"])
    assert [item["name"] for item in items()] == ["x/a.jpg", "y/a.jpg"]


@pytest.mark.parametrize("other", ["A.jpg", "a.JPG"])
def test_photos_of_an_upload_whose_names_differ_in_case_keep_them_and_a_set_is_about_the_one_it_names(web, upload, items, other):
    told = {"images": [{"id": 1, "file_name": "a.jpg", "width": 64, "height": 48}], "categories": [{"id": 1, "name": "dog"}],
            "annotations": [{"id": 1, "image_id": 1, "category_id": 1, "bbox": [1, 2, 30, 40]}]}
    job = upload((other, picture()), ("a.jpg", picture(color=(1, 2, 3))), ("instances.json", json.dumps(told).encode()))
    assert job["result"]["boxes"] == 1 and {item["name"] for item in items()} == {other, "a.jpg"}
    accepted = {item["name"]: [box["value"]["box"] for box in boxes(web, item) if box["value"]["state"] == "accepted"] for item in items()}
    assert accepted == {other: [], "a.jpg": [[1, 2, 31, 42]]}


@pytest.mark.parametrize("folder", ["", "set/"])
@pytest.mark.parametrize("zipped", [False, True])
def test_a_set_of_any_name_brings_its_boxes_and_a_hidden_photo_that_was_chosen_comes_in(web, upload, items, folder, zipped):
    told = {"images": [{"id": 1, "file_name": "C:\\x\\a.jpg", "width": 64, "height": 48}], "categories": [{"id": 1, "name": "dog"}],
            "annotations": [{"id": 1, "image_id": 1, "category_id": 1, "bbox": [1, 2, 30, 40]}]}
    files = {
        f"{folder}result.json": json.dumps(told).encode(),
        f"{folder}a.jpg": picture(),
        ".hidden.jpg": picture(color=(1, 2, 3)),
        "Thumbs.db": b"thumbs",
    }
    if zipped:
        data = io.BytesIO()
        with zipfile.ZipFile(data, "w") as archive:
            for name in (f"{folder}result.json", f"{folder}a.jpg"):
                archive.writestr(name, files.pop(name))
        files["set.zip"] = data.getvalue()
    job = upload(*files.items())
    assert job["result"]["boxes"] == 1 and [name for name, _ in job["result"]["skipped"]] == ["Thumbs.db"]
    assert {item["name"].removeprefix(folder) for item in items()} == {".hidden.jpg", "a.jpg"}
    [photo] = [item for item in items() if item["name"].endswith("a.jpg")]
    assert [box["value"]["box"] for box in boxes(web, photo) if box["value"]["state"] == "accepted"] == [[1, 2, 31, 42]]


def test_nothing_of_an_upload_stays_outside_the_store(store, upload, web, project, works):
    upload(("photo.jpg", picture()))
    assert list(works.upload_folder().iterdir()) == []
    for body, kind in (
        (b"--x\r\nbroken", "multipart/form-data; boundary=x"),
        (b"", "multipart/form-data; boundary=x"),
        (b"{}", "application/json"),
    ):
        answer = web.post(f"/api/projects/{project['id']}/upload", content=body, headers={"content-type": kind})
        assert answer.status_code == 400 and answer.json()["error"]
    assert list(works.upload_folder().iterdir()) == []


def test_too_much_is_refused_before_and_while_it_comes(serve, project, works):
    small = serve(max_upload_bytes=1000)
    for options in ({}, {"headers": {"content-length": "9"}}):
        answer = small.post(f"/api/projects/{project['id']}/upload", files=[("files", ("a.jpg", b"x" * 5_000_000))], **options)
        assert answer.status_code == 413 and "at most" in answer.json()["error"]
    assert list(works.upload_folder().iterdir()) == []


def test_an_upload_beyond_a_visitors_room_is_refused_and_forgotten(serve, project, works, items):
    def room(project_id, files, size):
        raise ValueError(f"{files} files of {size} bytes are too much")
    answer = serve(admit_upload=room).post(f"/api/projects/{project['id']}/upload", files=[("files", ("a.jpg", b"x" * 99))])
    assert answer.status_code == 400 and answer.json()["error"] == "1 files of 99 bytes are too much"
    assert list(works.upload_folder().iterdir()) == [] and items() == []


def test_hostile_names_are_only_names(upload, items, store):
    names = [
        "../../etc/passwd.jpg",
        "/abs.jpg",
        "C:\\x\\y.jpg",
        "a\x00b.jpg",
        "%2e%2e%2fz.jpg",
        "<img src=x onerror=alert(1)>.jpg",
        "é 日本 #%.jpg",
    ]
    upload(*((name, picture(color=(n, 0, 0))) for n, name in enumerate(names)))
    found = [item["name"] for item in items()]
    assert len(found) == len(names) and "é 日本 #%.jpg" in found and "<img src=x onerror=alert(1)>.jpg" in found
    assert all(".." not in name.split("/") and not name.startswith("/") for name in found)
    outside = list(store.folder.parent.rglob("*passwd*"))
    assert outside == []
