"""The routes: projects, items, edits, jobs, as the page uses them."""

import io
import threading
import urllib.parse
import zipfile

import pytest

from grounding.data import Progress
from grounding.services.job_kinds import ProposeJob
from grounding.web.photos import DECODING_VERSION
from tests.web.sending import box, boxes, change, edit, picture


def test_a_project_is_made_renamed_trashed_and_restored(web):
    made = web.post("/api/projects", json={"name": "A", "labels": ["dog"]}).json()
    url = f"/api/projects/{made['id']}"
    labels = [{"id": 1, "name": "hound", "color": "#112233"}, {"name": "cat"}]
    changed = web.patch(url, json={"name": "B", "labels": labels}).json()
    assert changed["name"] == "B" and [(x["id"], x["name"]) for x in changed["labels"]] == [(1, "hound"), (2, "cat")]
    assert web.delete(url).status_code == 200 and web.get("/api/projects").json() == []
    assert [p["id"] for p in web.get("/api/projects?trashed=true").json()] == [made["id"]]
    assert web.post(f"{url}/restore").json()["trashed"] is False
    assert [p["counts"] for p in web.get("/api/projects").json()] == [{"new": 0, "in_progress": 0, "done": 0, "trashed": 0}]


def test_a_wrong_change_of_a_project_changes_nothing(web, project):
    answer = web.patch(f"/api/projects/{project['id']}", json={"name": "New", "labels": [{"name": "a"}, {"name": "a"}]})
    assert answer.status_code == 400 and "two labels named 'a'" in answer.json()["error"]
    assert web.get("/api/projects").json() == [project]


def test_items_are_listed_page_by_page(web, project, upload):
    upload(*((f"p{n}.png", picture("PNG", color=(n, n, n))) for n in range(5)))
    url, seen, after = f"/api/projects/{project['id']}/items", [], ""
    while after is not None:
        page = web.get(url, params={"after": after, "limit": 2}).json()
        seen += [item["name"] for item in page["items"]]
        after = page["next"]
    assert seen == [f"p{n}.png" for n in range(5)] and page["counts"]["new"] == 5
    assert web.get(url, params={"status": "done"}).json()["items"] == []


def test_an_open_item_tells_what_the_editor_needs(web, photo, project):
    item = web.get(f"/api/items/{photo['id']}").json()
    assert (item["width"], item["height"], item["kind"], item["video"]) == (64, 48, "photo", None)
    assert (item["prev"], item["next"], item["position"], item["count"]) == (None, None, 1, 1)
    assert item["labels"] == project["labels"] and item["image"] == f"/media/{photo['id']}/image?v={DECODING_VERSION}"
    assert set(item["annotations"][0]) == {"id", "object", "kind", "value", "author", "replaces", "at"}


def test_an_edit_is_kept_answered_and_repeated_for_free(web, photo):
    url, body = f"/api/items/{photo['id']}/edits", edit(change(box()))
    first = web.post(url, json=body)
    assert first.status_code == 200 and first.json() == web.post(url, json=body).json()
    assert len(boxes(web, photo)) == 2 and boxes(web, photo)[1]["author"] == "person:me"
    history = web.get(f"/api/items/{photo['id']}/history").json()["history"]
    assert history[-1]["revision"] == first.json()["revision"]


def test_two_people_never_overwrite_each_other_silently(serve, photo):
    ann, bob = serve(user_name=lambda request: "ann"), serve(user_name=lambda request: "bob")
    url, head = f"/api/items/{photo['id']}/edits", boxes(ann, photo)[0]
    assert ann.post(url, json=edit(change(box((2, 2, 9, 9)), head["object"], [head["id"]]))).status_code == 200
    refused = bob.post(url, json=edit(change(box((3, 3, 9, 9)), head["object"], [head["id"]])))
    assert refused.status_code == 409 and set(refused.json()) == {"error", "revision", "annotations"}
    newest = next(a for a in refused.json()["annotations"] if a["object"] == head["object"])
    assert newest["value"]["box"] == [2, 2, 9, 9] and newest["author"] == "person:ann"
    assert bob.post(url, json=edit(change(box((3, 3, 9, 9)), head["object"], [newest["id"]]))).status_code == 200
    assert [(a["value"]["box"], a["author"]) for a in boxes(ann, photo)] == [([3, 3, 9, 9], "person:bob")]


def test_status_trash_and_restore(web, photo, items, project):
    url = f"/api/items/{photo['id']}"
    assert web.post(f"{url}/status", json={"status": "done"}).json()["status"] == "done"
    assert web.post(f"{url}/status", json={"status": "finished"}).status_code == 400
    assert web.delete(url).json()["trashed"] and items() == [] and items(trashed=True)[0]["id"] == photo["id"]
    assert not web.post(f"{url}/restore").json()["trashed"] and items()[0]["status"] == "done"


def test_a_phrase_is_found_and_the_picture_is_seen_once(web, photo, model):
    url = f"/api/items/{photo['id']}/ground"
    answers = [web.post(url, json={"text": text}).json() for text in ("left dog", "the dog")]
    assert answers[0]["query"] == "left dog"
    assert answers[0]["regions"] == [{"box": [1, 2, 20, 20], "score": 0.75, "label": "left dog", "project_label": "dog"}]
    assert set(answers[0]["ms"]) == {"encode", "phrase"} and model.encoded == 1
    for text in ("", "   ", "x" * 10_000):
        refused = web.post(url, json={"text": text})
        assert refused.status_code == 400 and len(refused.json()["error"]) < 200


def test_a_phrase_that_is_not_understood_is_declined_and_that_is_not_none(web, photo, model):
    url = f"/api/items/{photo['id']}/ground"
    for text, kind in (
        ("man no. 5", "number"), ("the dog or the cat", "choice"), ("it", "pronoun"), ("not the dog", "negation"),
        ("собака", "language"), ("how many dogs?", "question"),
    ):
        answer = web.post(url, json={"text": text})
        assert (
            answer.status_code == 200
            and answer.json()["regions"] == []
            and answer.json()["kind"] == kind
            and answer.json()["declined"].endswith(".")
        ), text
    assert model.encoded == 0
    both = web.post(url, json={"text": "the dog and the cat"}).json()
    assert both["read"] == ["the dog", "the cat"]
    assert [region["label"] for region in both["regions"]] == ["the dog", "the cat"] and "declined" not in both
    denied = web.post(url, json={"text": "the dog that is not on the left"}).json()
    assert denied["regions"] == [] and denied["without"] == ["the dog on the left"]
    assert denied["note"].startswith("What fits “the dog” here fits")
    each = web.post(url, json={"text": "a dog that is not on the left", "each": True}).json()["phrases"]
    assert [(part["text"], part["regions"]) for part in each] == [("a dog that is not on the left", [])]


def test_each_phrase_of_a_caption_is_found_in_the_callers_own_spans(web, photo, model):
    url = f"/api/items/{photo['id']}/ground"
    answer = web.post(url, json={"text": "The dog and THE DOG", "phrases": [[0, 7], [12, 19]]}).json()
    assert [(part["text"], part["span"], len(part["regions"])) for part in answer["phrases"]] == [
        ("The dog", [0, 7], 1),
        ("THE DOG", [12, 19], 1),
    ]
    found = web.post(url, json={"text": "A man walks his dog", "each": True}).json()
    assert [part["text"] for part in found["phrases"]] == ["A man", "his dog"]
    for refused in ({"text": "the dog", "phrases": [[0, 99]]}, {"text": "Hello!", "each": True}, {"text": "the dog", "phrases": [[3, 4]]}):
        answer = web.post(url, json=refused)
        assert answer.status_code == 400 and len(answer.json()["error"]) < 200


def test_an_export_is_written_and_fetched(web, photo, project, works):
    web.post(f"/api/items/{photo['id']}/edits", json=edit(change(box())))
    job = web.post(f"/api/projects/{project['id']}/export", json={"include": "accepted", "format": "coco"}).json()["job"]
    assert works.jobs.wait(job).state == "done"
    answer = web.get(f"/api/exports/{job}")
    assert answer.headers["content-type"] == "application/zip" and "Street.zip" in answer.headers["content-disposition"]
    assert "annotations/instances_default.json" in zipfile.ZipFile(io.BytesIO(answer.content)).namelist()
    assert str(works.store.folder) not in web.get(f"/api/jobs/{job}").text
    other = works.start(ProposeJob(project["id"], []))
    assert web.get(f"/api/projects/{project['id']}/jobs").json()[0]["id"] == other and web.get(f"/api/exports/{other}").status_code == 404


@pytest.mark.parametrize("name, file", [
    ("Street 2", "Street 2.zip"), ("aux", "_aux.zip"), ('a/b\\c: "d"?', "a_b_c_ _d__.zip"), ("..", "export.zip"),
    (".net", "net.zip"), ("über 100%", "über 100%.zip"), ("x" * 200, "x" * 176 + ".zip"),
])
def test_the_zip_of_an_export_has_a_name_that_every_system_takes(web, photo, project, works, name, file):
    web.patch(f"/api/projects/{project['id']}", json={"name": name})
    job = web.post(f"/api/projects/{project['id']}/export", json={"photos": False}).json()["job"]
    works.jobs.wait(job)
    told = web.get(f"/api/exports/{job}").headers["content-disposition"]
    assert urllib.parse.unquote(told.partition("filename*=utf-8''")[2]) == file or told == f'attachment; filename="{file}"'


def test_an_export_may_go_without_its_pictures(web, photo, project, works):
    web.post(f"/api/items/{photo['id']}/edits", json=edit(change(box())))
    job = web.post(f"/api/projects/{project['id']}/export", json={"photos": False, "frame_format": "jpg"}).json()["job"]
    assert works.jobs.wait(job).state == "done"
    names = zipfile.ZipFile(io.BytesIO(web.get(f"/api/exports/{job}").content)).namelist()
    assert "annotations/instances_default.json" in names and not [name for name in names if name.endswith(".jpg")]
    assert web.post(f"/api/projects/{project['id']}/export", json={"frame_format": "gif"}).status_code == 400


def test_a_template_is_switched_off_and_stays_off_in_proposals(web, photo, project, works):
    url = f"/api/projects/{project['id']}/templates"
    assert {row["name"]: row["off"] for row in web.get(url).json()["templates"]}["noun"] is False
    works.jobs.wait(web.post(f"/api/projects/{project['id']}/propose", json={}).json()["job"])
    said = [a["value"] for a in web.get(f"/api/items/{photo['id']}").json()["annotations"] if a["kind"] == "phrase"]
    assert said
    for name in {row["name"] for row in web.get(url).json()["templates"]}:
        off = web.patch(url, json={"name": name, "on": False}).json()["off"]
    works.jobs.wait(web.post(f"/api/projects/{project['id']}/propose", json={}).json()["job"])
    assert "noun" in off and [a for a in web.get(f"/api/items/{photo['id']}").json()["annotations"] if a["kind"] == "phrase"] == []
    assert web.patch(url, json={"name": "blorp", "on": True}).status_code == 400


def test_proposing_again_is_a_job_that_adds_nothing(web, photo, project, works):
    def run():
        job = web.post(f"/api/projects/{project['id']}/propose", json={"items": [photo["id"]]}).json()["job"]
        assert works.jobs.wait(job).state == "done"
        return job, web.get(f"/api/items/{photo['id']}").json()
    (_, first), (job, second) = run(), run()
    assert first == second and {a["kind"] for a in first["annotations"]} == {"box", "phrase"}
    assert web.post(f"/api/jobs/{job}/cancel").json()["state"] == "done"


@pytest.mark.parametrize("method, url", [
    ("GET", "/api/items/x"), ("GET", "/api/projects/x/items"), ("POST", "/api/items/x/edits"), ("GET", "/api/jobs/x"),
    ("PATCH", "/api/projects/x"), ("DELETE", "/api/items/x"), ("GET", "/media/x/image"), ("GET", "/media/x/frames/0"),
    ("GET", "/api/exports/x"), ("POST", "/api/projects/x/upload"), ("POST", "/api/jobs/x/cancel")])
def test_what_is_not_there_is_one_sentence(web, method, url):
    body = {"json": {"edit": "e", "annotations": []}} if url.endswith("edits") else {"json": {}} if method in ("POST", "PATCH") else {}
    answer = web.request(method, url, **body)
    assert answer.status_code == 404 and set(answer.json()) == {"error"} and "there is no" in answer.json()["error"]


@pytest.mark.parametrize("work", ["propose", "export"])
def test_a_button_pressed_twice_starts_one_job(web, photo, project, works, work):
    gate = threading.Event()

    def slow(params):
        gate.wait(20)
        yield Progress(1, 1)

    works.jobs.register(work, slow)
    jobs = {web.post(f"/api/projects/{project['id']}/{work}", json={}).json()["job"] for _ in range(3)}
    gate.set()
    assert len(jobs) == 1 and works.jobs.wait(jobs.pop()).state == "done"


def test_shutting_down_leaves_running_work_interrupted_and_resumable(serve, works, project):
    gate = threading.Event()

    def slow(params):
        gate.wait(20)
        yield Progress(1, 1, "done")
    works.jobs.register("slow", slow)
    with serve() as web:
        job = works.jobs.start("slow", project["id"], params={})
        assert web.get(f"/api/jobs/{job}").json()["state"] in ("queued", "running")
    gate.set()
    assert works.jobs.status(job).state == "interrupted"


def test_phrases_are_checked_against_what_stands_on_the_page(web, photo):
    things = [{"object": "a", "label": "dog", "box": [2, 2, 20, 20]}, {"object": "b", "label": "dog", "box": [40, 2, 60, 20]}]
    asked = {"things": things, "phrases": [{"text": "the left dog", "targets": ["b"]}, {"text": "the right dog", "targets": ["b"]}]}
    wrong, right = web.post(f"/api/items/{photo['id']}/check", json=asked).json()["phrases"]
    assert right == [] and wrong[0]["kind"] == "place" and {"targets": ["a"]} in wrong[0]["cures"]
    refused = web.post(f"/api/items/{photo['id']}/check", json={"things": [{"object": "a"}], "phrases": []})
    assert refused.status_code == 400 and "label" in refused.json()["error"]
