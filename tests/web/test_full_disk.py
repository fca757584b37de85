"""A full disk: every route that writes says so, where, and the cure; nothing is half-written, and the same request works later."""

import threading

import pytest
from fastapi.testclient import TestClient

import pseudo_query
from grounding.data import Progress
from grounding.models.tracking.motion_tracker import MotionTracker
from grounding.services.job_kinds import JOB_KINDS, ExportJob, LoadJob, ProposeJob
from grounding.services.job_services import JobServices
from grounding.services.jobs import Jobs
from grounding.services.model_provider import ModelProvider
from grounding.tasks.label.propose import PhraseGenerator
from grounding.web import create_api
from tests.web.conftest import BASE_URL, ScriptedModel
from tests.web.sending import picture

FULL = "the disk is full: nothing more can be written in {}"


@pytest.fixture
def desk(on_small_disk):
    """(client, works, item, disk) on a disk of 8 MB with one photo of a project."""
    store, disk = on_small_disk
    model, jobs = ScriptedModel(), Jobs(store)
    phrases = PhraseGenerator(pseudo_query.generate, pseudo_query.version)
    works = JobServices(
        store,
        jobs,
        ModelProvider({"detector": lambda: model, "generator": lambda: phrases, "grounder": lambda: model, "tracker": MotionTracker}),
    )
    web = TestClient(create_api(store, jobs, works), base_url=BASE_URL, raise_server_exceptions=False)
    project = web.post("/api/projects", json={"name": "Street"}).json()["id"]
    (disk.folder / "photo.jpg").write_bytes(picture())
    sha = store.add_file(disk.folder / "photo.jpg", "jpg")
    item = store.add_item(project, name="photo.jpg", kind="photo", sha256=sha, ext="jpg", size=(64, 48))
    yield web, works, item, disk
    jobs.close()


def edit(number: int, size: int = 0) -> dict:
    box = {"box": [1, 1, 9, 9], "label": "dog"}
    extra = [{"id": f"x{number}-{n}", "object": f"x{number}-{n}", "kind": "box", "value": box, "replaces": []} for n in range(size)]
    return {
        "edit": f"e{number}",
        "annotations": [{"id": f"v{number}", "object": f"v{number}", "kind": "box", "value": box, "replaces": []}, *extra],
    }


def test_an_edit_says_that_the_disk_is_full_and_the_same_edit_is_kept_when_there_is_room(desk):
    web, works, item, disk = desk
    disk.fill()
    refused = [web.post(f"/api/items/{item.id}/edits", json=edit(number, size=400)) for number in range(2)]
    assert [(answer.status_code, FULL.format(works.store.folder) in answer.json()["error"]) for answer in refused] == [(507, True)] * 2
    assert "free some space" in refused[0].json()["error"]
    assert works.store.item(item.id).revision == 0 and works.store.current(item.id) == []
    disk.empty()
    assert web.post(f"/api/items/{item.id}/edits", json=edit(0, size=400)).json() == {"revision": 1}
    assert len(works.store.current(item.id)) == 401


def test_an_upload_says_so_and_leaves_nothing(desk):
    web, works, item, disk = desk
    disk.fill(100_000)
    sent = web.post(f"/api/projects/{item.project}/upload", files=[("files", ("a.jpg", picture() + bytes(4_000_000)))])
    assert sent.status_code == 507 and FULL.format(works.upload_folder()) in sent.json()["error"]
    assert list(works.upload_folder().iterdir()) == []


def test_a_small_picture_says_so_and_leaves_nothing(desk):
    web, works, item, disk = desk
    disk.fill()
    answer = web.get(f"/media/{item.id}/thumb")
    assert answer.status_code == 507 and f"{works.store.folder}/cache/pictures" in answer.json()["error"]
    disk.empty()
    assert web.get(f"/media/{item.id}/thumb").status_code == 200


@pytest.mark.parametrize("start", [
    lambda works, item: works.start(LoadJob(item.project, *_parcel(works))),
    lambda works, item: works.start(ExportJob(item.project)),
    lambda works, item: works.start(ProposeJob(item.project)),
])
def test_long_work_fails_with_the_sentence_and_can_be_started_again(desk, start):
    web, works, item, disk = desk

    def filled(original):
        def steps(params):
            disk.fill()
            yield from original(params)
        return steps

    for kind in ("load", "export", "propose"):
        works.jobs.register(kind, filled(works.jobs._factories[kind]))
    job = works.jobs.wait(start(works, item))
    assert job.state == "failed" and "the disk is full" in job.error and str(works.store.folder) in job.error
    told = web.get(f"/api/jobs/{job.id}").json()
    assert told["state"] == "failed" and "the disk is full" in told["error"]
    assert not list((works.store.folder / "exports").iterdir())
    disk.empty()
    works.jobs.register(job.kind, lambda params: JOB_KINDS[job.kind](**params).run(works.context))
    works.jobs.resume(job.id)
    assert works.jobs.wait(job.id).state == "done"


def test_work_that_could_not_even_begin_on_a_full_disk_fails_and_can_be_started_again(desk):
    web, works, item, disk = desk
    gates = [threading.Event() for _ in range(2)]
    works.jobs.register("wait", lambda params: iter([gates[params["gate"]].wait(10) and Progress(1, 1)]))
    for gate in range(2):  # both workers are taken
        works.jobs.start("wait", item.project, params={"gate": gate})
    waiting = works.start(ProposeJob(item.project))
    disk.fill()
    [gate.set() for gate in gates]
    assert works.jobs.wait(waiting, 20).state == "failed" and "the disk is full" in web.get(f"/api/jobs/{waiting}").json()["error"]
    disk.empty()
    again = works.start(ProposeJob(item.project))
    assert again != waiting and works.jobs.wait(again).state == "done"
    assert works.jobs.status(waiting).state == "failed"


def _parcel(works):
    folder = works.upload_folder() / "parcel"
    folder.mkdir(parents=True)
    (folder / "0").write_bytes(picture(color=(9, 99, 200)))
    return folder.name, {"new.jpg": "0"}
