"""Jobs: progress, reports, failures, cancelling, and what a restart leaves."""

import os
import subprocess
import sys
import textwrap
import threading
import time
from dataclasses import dataclass, field

import numpy as np
import pytest

from grounding.data import Progress
from grounding.services.errors import user_message
from grounding.services.jobs import Jobs, to_jsonable
from grounding.store import NotFound


@dataclass
class Report:
    added: int = 3
    skipped: list = field(default_factory=lambda: [("a.txt", "a.txt is text")])


def steps(count=3, result=None, gate=None, closed=None):
    """A generator of progress; waits at a gate; notes when it is closed."""
    def make():
        try:
            for number in range(count):
                if gate:
                    gate.wait(10)
                yield Progress(number, count, f"step {number}")
            yield Progress(count, count, "all done", result)
        finally:
            if closed is not None:
                closed.append(True)
    return make


@pytest.fixture
def jobs(store):
    jobs = Jobs(store)
    yield jobs
    jobs.close()


def test_a_job_ends_with_its_report(store, jobs):
    project = store.create_project("P")
    job = jobs.wait(jobs.start("load", project.id, steps(result=Report())))
    assert (job.state, job.done, job.total, job.note, job.error) == ("done", 3, 3, "all done", None)
    assert job.result == {"added": 3, "skipped": [["a.txt", "a.txt is text"]]}
    assert [(j.id, j.state, j.result) for j in jobs.recent(project.id)] == [(job.id, "done", None)]


def test_progress_can_be_read_while_it_works(jobs):
    gate = threading.Event()
    job = jobs.start("x", None, steps(gate=gate))
    assert jobs.status(job).state in ("queued", "running")
    gate.set()
    assert jobs.wait(job).state == "done"


def test_a_job_cancelled_stops_at_the_next_step_and_is_closed(jobs):
    gate, closed = threading.Event(), []
    job = jobs.start("x", None, steps(1000, gate=gate, closed=closed))
    while jobs.status(job).state == "queued":
        time.sleep(0.01)
    assert jobs.cancel(job).state == "cancelled"
    gate.set()
    jobs.wait(jobs.start("next", None, steps(1)))
    while not closed:
        time.sleep(0.01)
    assert jobs.status(job).state == "cancelled" and jobs.status(job).result is None
    assert jobs.cancel(jobs.wait(jobs.start("y", None, steps(1))).id).state == "done"


def test_a_queued_job_can_be_cancelled_before_it_begins(store):
    jobs, gate, made = Jobs(store, workers=1), threading.Event(), []
    first = jobs.start("x", None, steps(gate=gate))
    second = jobs.start("y", None, lambda: made.append(1) or steps()())
    jobs.cancel(second)
    gate.set()
    assert jobs.wait(first).state == "done" and jobs.status(second).state == "cancelled"
    third = jobs.wait(jobs.start("z", None, steps()))
    assert third.state == "done" and made == []
    jobs.close()


def test_a_double_click_starts_one_job_and_a_later_press_another(store):
    jobs, gate = Jobs(store, workers=1), threading.Event()
    jobs.register("export", lambda params: steps(gate=gate)())
    project = store.create_project("P").id
    first = jobs.start_once("export", project, {"format": "coco", "file": "a"}, ignored_param="file")
    assert jobs.start_once("export", project, {"format": "coco", "file": "b"}, ignored_param="file") == first
    other = jobs.start_once("export", project, {"format": "mot", "file": "c"}, ignored_param="file")
    assert (
        other != first and jobs.start_once("export", project, {"format": "mot", "file": "d"}, ignored_param="file", within_s=0) == other
    )  # it waits
    while jobs.status(first).state == "queued":
        time.sleep(0.01)
    later = jobs.start_once("export", project, {"format": "coco", "file": "e"}, ignored_param="file", within_s=0)
    assert later not in (first, other)
    gate.set()
    assert [jobs.wait(job).state for job in (first, other, later)] == ["done"] * 3
    assert jobs.start_once("export", project, {"format": "coco", "file": "f"}, ignored_param="file") not in (first, later)
    jobs.close()


@pytest.mark.parametrize("error, sentence", [
    (ValueError("photo.jpg is text; choose a photo"), "photo.jpg is text; choose a photo"),
    (NotFound("there is no item 'x'"), "there is no item 'x'"),
    (OSError(28, "No space left on device", "/secret/path"), "the disk is full; free some space and try again"),
])
def test_a_foreseen_failure_is_one_sentence(jobs, error, sentence):
    def broken():
        yield Progress(1, 2)
        raise error
    job = jobs.wait(jobs.start("x", None, broken))
    assert (job.state, job.error, job.done) == ("failed", sentence, 1)


def test_an_unforeseen_failure_tells_an_id_that_is_in_the_log(jobs, caplog):
    job = jobs.wait(jobs.start("x", None, lambda: (_ for _ in (1 / 0,))))
    number = job.error.split("error ")[1][:8]
    assert job.state == "failed" and "division" not in job.error and number in caplog.text
    assert "secret" not in user_message(KeyError("secret"))


def test_a_result_that_json_cannot_hold_fails_the_job_and_not_the_worker(store):
    jobs = Jobs(store, workers=1)
    assert jobs.wait(jobs.start("x", None, steps(result=object()))).state == "failed"
    assert jobs.wait(jobs.start("y", None, steps())).state == "done"
    jobs.close()


def test_results_become_plain_values(tmp_path):
    value = {"a": (np.float32(1.5), np.arange(2)), 3: tmp_path / "out.zip", "r": Report(1, [])}
    assert to_jsonable(value) == {"a": [1.5, [0, 1]], "3": "out.zip", "r": {"added": 1, "skipped": []}}


def test_a_long_job_does_not_keep_another_waiting(jobs):
    gate = threading.Event()
    long = jobs.start("long", None, steps(gate=gate))
    assert jobs.wait(jobs.start("short", None, steps()), 5).state == "done"
    assert jobs.status(long).state == "running"
    gate.set()
    assert jobs.wait(long).state == "done"


def test_a_closed_app_leaves_interrupted_jobs_that_another_resumes(store):
    first, gate = Jobs(store, workers=1), threading.Event()
    first.register("count", lambda params: steps(params["to"], gate=gate)())
    running = first.start("count", params={"to": 5})
    queued = first.start("count", params={"to": 2})
    while first.status(running).state == "queued":
        time.sleep(0.01)
    first.close()
    assert [first.status(job).state for job in (running, queued)] == ["interrupted"] * 2
    gate.set()
    second = Jobs(store)
    assert "start it again" in second.status(running).error
    with pytest.raises(NotFound, match="cannot be started from its parameters"):
        second.resume(running)
    second.register("count", lambda params: steps(params["to"])())
    second.resume(running)
    done = second.wait(running)
    assert (done.state, done.total, done.error) == ("done", 5, None)
    assert second.resume(running).state == "done"
    second.close()


def test_work_of_another_running_app_is_left_alone(store, jobs):
    gate = threading.Event()
    job = jobs.start("x", None, steps(gate=gate))
    other = Jobs(store)
    assert other.status(job).state in ("queued", "running")
    assert other.cancel(job).state == "cancelled"
    gate.set()
    other.close()
    while jobs._stop_events:
        time.sleep(0.01)
    assert jobs.status(job).state == "cancelled"


CRASHER = textwrap.dedent("""
    import os, sys, time
    from grounding.data import Progress
    from grounding.services.jobs import Jobs
    from grounding.store import Store
    def endless():
        for n in range(10**9):
            time.sleep(0.02)
            yield Progress(n, 10**9)
    jobs = Jobs(Store.open(sys.argv[1]))
    job = jobs.start("x", None, endless)
    while jobs.status(job).done < 5:
        time.sleep(0.02)
    print(job, flush=True)
    time.sleep(60)
""")


def test_a_killed_app_leaves_interrupted_jobs(store):
    with subprocess.Popen([sys.executable, "-c", CRASHER, str(store.folder)], stdout=subprocess.PIPE, text=True) as app:
        job = app.stdout.readline().strip()
        before = Jobs(store)
        assert before.status(job).state == "running"
        app.kill()
    after = Jobs(store)
    assert after.status(job).state == "interrupted" and after.status(job).done >= 5
    before.close()
    after.close()


def test_workers_let_the_page_go_first(jobs):
    assert priority(jobs) == max(10, os.getpriority(os.PRIO_PROCESS, 0))


def test_workers_of_an_app_that_lets_others_go_first_do_so_too(store):
    def app():  # a thread that ends, so that the tests keep their own priority
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), 19)
        jobs = Jobs(store)
        found.append(priority(jobs))
        jobs.close()

    found = []
    thread = threading.Thread(target=app)
    thread.start()
    thread.join()
    assert found == [19]


def priority(jobs) -> int:
    """At which niceness a job runs; 19 lets all others go first."""
    found = []

    def ask():
        found.append(os.getpriority(os.PRIO_PROCESS, threading.get_native_id()))
        yield Progress(1, 1)
    jobs.wait(jobs.start("x", None, ask))
    return found[0]


def test_signs_of_life_that_killed_apps_left_are_swept_away(store):
    from grounding.store import Lease, is_alive
    dead, new = (store.folder / "cache" / f"alive-{name}" for name in ("dead", "new"))
    living = Lease(store.folder)
    for path in (dead, new):
        path.touch()
    for path in (dead, store.folder / "cache" / f"alive-{living.owner}"):
        os.utime(path, (0, 0))
    other = Lease(store.folder)
    assert not dead.exists() and new.exists() and is_alive(store.folder, living.owner) and is_alive(store.folder, other.owner)
    living.release()
    other.release()
    assert not is_alive(store.folder, living.owner)
