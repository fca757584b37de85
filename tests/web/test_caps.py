"""Caps: what one visitor may make the app do, through whatever route."""


def test_an_export_stops_at_its_cap_and_takes_the_place_of_the_one_before(works, store, photo, project):
    project, exports = project["id"], store.folder / "exports"
    works.most_export = 1_000_000
    done = [works.jobs.wait(works.export(project, empty=empty)).state for empty in (True, False)]
    assert done == ["done", "done"] and len(list(exports.iterdir())) == 1
    works.most_export = 10
    failed = works.jobs.wait(works.export(project, include="proposals"))
    assert failed.state == "failed" and "at most" in failed.error and list(exports.iterdir()) == []
