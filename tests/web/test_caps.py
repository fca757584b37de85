"""Caps: what one visitor may make the app do, through whatever route."""

from dataclasses import replace

from grounding.services.job_kinds import ExportJob


def test_an_export_stops_at_its_cap_and_takes_the_place_of_the_one_before(works, store, photo, project):
    project, exports = project["id"], store.folder / "exports"
    works.context = replace(works.context, max_export_bytes=1_000_000)
    done = [works.jobs.wait(works.start(ExportJob(project, empty=empty))).state for empty in (True, False)]
    assert done == ["done", "done"] and len(list(exports.iterdir())) == 1
    works.context = replace(works.context, max_export_bytes=10)
    failed = works.jobs.wait(works.start(ExportJob(project, include="proposals")))
    assert failed.state == "failed" and "at most" in failed.error and list(exports.iterdir()) == []


def test_a_caption_of_too_many_characters_or_phrases_is_refused_before_it_is_grounded(web, photo, model):
    for text, why in (("a dog, a cat, " * 500, "too long"), ("a dog, a cat, " * 100, "phrases is too much")):
        answer = web.post(f"/api/items/{photo['id']}/ground", json={"text": text, "each": True})
        assert answer.status_code == 400 and why in answer.json()["error"] and model.encoded == 0
