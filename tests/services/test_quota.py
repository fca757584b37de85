"""Quota: what visitors send, keep and start is counted from its beginning, for each and for all."""

import pytest

from grounding.services.access import VisitorSessions
from grounding.services.jobs import Jobs
from grounding.services.quota import OverQuota, Quota
from grounding.store import JobRow, NotFound
from grounding.tasks.intake.load import load
from tests.services.test_access import Clock, visitors
from tests.web.sending import picture


@pytest.fixture
def project(store):
    return store.create_project("Street").id


def quota(store, **more) -> Quota:
    return Quota(store, **{"max_items": 10, "max_bytes": 1000, **more})


def test_an_upload_that_begins_counts_from_its_first_byte_and_what_it_did_not_use_is_free_again(store, project):
    caps = quota(store)
    with caps.reserve_upload(project, 700) as most:
        assert most == 700
        with pytest.raises(ValueError, match="at most"), caps.reserve_upload(project, 400):
            pass
    caps.admit_upload(project, 1, 100)
    with caps.reserve_upload(project, 900):
        pass
    with pytest.raises(ValueError, match="at most"), caps.reserve_upload(project, 901):
        pass


def test_an_upload_that_does_not_say_how_large_it_is_may_take_what_is_left(store, project):
    caps = quota(store)
    caps.admit_upload(project, 1, 300)
    with caps.reserve_upload(project, 0) as most:
        assert most == 700
        with pytest.raises(ValueError), caps.reserve_upload(project, 0):
            pass


def test_all_projects_together_have_a_cap_too(store, project):
    caps = quota(store, max_total_bytes=1500)
    with caps.reserve_upload(project, 1000), pytest.raises(OverQuota, match="Come back"), caps.reserve_upload("other", 600):
        pass
    caps.admit_upload(project, 1, 900)
    with caps.reserve_upload("other", 600):
        pass
    caps.forget(project)
    with caps.reserve_upload("other", 1000), caps.reserve_upload(project, 500):
        pass


def test_what_an_archive_holds_counts_as_it_comes_in(store, project, tmp_path):
    caps = quota(store, max_items=2, max_bytes=10**6)
    for number in range(3):
        (tmp_path / f"{number}.jpg").write_bytes(picture(color=(number * 80, 0, 0)))
    *_, last = load(store, project, [tmp_path], admit_file=lambda size: caps.admit_file(project, size))
    assert last.result.added == 2 and "2 items" in last.result.skipped[0][1]
    assert len(list((store.folder / "media").rglob("*.jpg"))) == 2


def test_the_bytes_of_what_came_out_of_archives_have_a_cap_too(store, project):
    caps = quota(store, max_bytes=1000)
    caps.admit_file(project, 600)
    with pytest.raises(ValueError, match="at most"):
        caps.admit_file(project, 401)
    caps.admit_file(project, 400)


def row(project: str) -> JobRow:
    return JobRow("id", "propose", project, None, "me", "queued", 0, 0, "")


def test_what_comes_for_a_project_that_is_gone_is_refused_and_counts_for_nobody(store, project):
    caps = quota(store, max_total_bytes=1000)
    store.purge_project(project)
    for late in (
        lambda: caps.admit_upload(project, 1, 10),
        lambda: caps.admit_file(project, 10),
        lambda: Jobs(store).start("x", project, lambda: iter([])),
    ):
        with pytest.raises(NotFound, match="there is no project"):
            late()
    caps.admit_upload(store.create_project("Other").id, 1, 1000)


def test_a_visitor_starts_so_much_work_at_once_and_in_an_hour(store):
    clock = Clock()
    caps = quota(store, max_active_jobs=2, max_jobs_per_hour=3, now=clock)
    with pytest.raises(OverQuota, match="wait until one has ended"):
        caps.admit_job("a", [row("a"), row("a")])
    for _ in range(3):
        caps.admit_job("a", [row("a"), row("b")])
    with pytest.raises(OverQuota, match="an hour"):
        caps.admit_job("a", [])
    caps.admit_job("b", [])
    clock.now = 3601
    caps.admit_job("a", [])


def test_all_visitors_together_start_so_much_work(store):
    with pytest.raises(OverQuota, match="some minutes"):
        quota(store, max_total_active_jobs=2).admit_job("c", [row("a"), row("b")])


def test_no_way_to_start_or_resume_work_passes_the_cap(store, project):
    jobs = Jobs(store, workers=0, admit_job=quota(store, max_active_jobs=2).admit_job)
    for kind in ("propose", "load", "train"):
        jobs.register(kind, lambda params: iter(()))
    jobs.start_once("propose", project, {})
    second = jobs.start("load", project)
    for start in (lambda: jobs.start("load", project), lambda: jobs.start_once("train", project, {})):
        with pytest.raises(OverQuota):
            start()
    assert jobs.start_once("propose", project, {}), "a double click starts nothing, so it is not refused"
    jobs.cancel(second)
    jobs.start("train", project)
    with pytest.raises(OverQuota):
        jobs.resume(second)
    assert jobs.status(second).state == "cancelled"
    jobs.close()


def test_all_that_a_visit_left_on_the_disk_goes_with_it_even_what_ends_later(store, tmp_path):
    clock = Clock()
    guests: VisitorSessions = visitors(store, now=clock)
    [mine] = guests.projects("ann")
    (tmp_path / "a.jpg").write_bytes(picture())
    sha = store.add_file(tmp_path / "a.jpg", "jpg")
    store.add_item(mine.id, name="a.jpg", kind="photo", sha256=sha, ext="jpg", size=(64, 48))
    left = [
        f"cache/pictures/{sha[:2]}/{sha}.2.thumb.jpg", f"cache/features/ab12/{sha[:2]}/{sha}.safetensors",
        f"cache/features/ab12/{sha[:2]}/{sha}m.safetensors", f"cache/uploads/{mine.id}-x/0", f"exports/{mine.id}-y.zip",
        f"models/{mine.id}/w.safetensors",
    ]
    write(store.folder, left)
    clock.now = 3700
    guests.purge_expired()
    assert not [path for path in left if (store.folder / path).exists()] and not list((store.folder / "media").rglob("*.jpg"))
    write(store.folder, left[3:])  # by work that stopped only now
    guests.purge_expired()
    assert not [path for path in left if (store.folder / path).exists()]


def test_a_project_that_cannot_be_purged_now_is_purged_by_the_next_sweep(store, monkeypatch):
    clock = Clock()
    guests = visitors(store, now=clock)
    guests.projects("ann"), guests.projects("ben")
    clock.now = 3700
    with monkeypatch.context() as patch:
        patch.setattr(type(store), "purge_project", lambda *_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            guests.purge_expired()
    assert guests.purge_expired() == 2 and store.projects() == []


def test_a_project_whose_files_cannot_be_removed_holds_up_no_other(store, tmp_path, monkeypatch):
    clock = Clock()
    guests = visitors(store, now=clock)
    (tmp_path / "a.jpg").write_bytes(picture())
    sha = store.add_file(tmp_path / "a.jpg", "jpg")
    for name in ("ann", "ben"):
        [project] = guests.projects(name)
    store.add_item(project.id, name="a.jpg", kind="photo", sha256=sha, ext="jpg", size=(64, 48))
    clock.now = 3700
    with monkeypatch.context() as patch:
        patch.setattr("grounding.store.files.delete_file", lambda *_: 1 / 0)  # ben's project is gone by then, his photo is not
        with pytest.raises(ZeroDivisionError):
            guests.purge_expired()
    assert store.projects() == []
    assert guests.purge_expired() == 1 and guests.purge_expired() == 0


def write(folder, names) -> None:
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(b"x")
