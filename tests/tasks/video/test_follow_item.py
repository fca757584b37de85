"""A followed box becomes a track in the store: kept while it grows, never over what a person set."""

from dataclasses import replace

import numpy as np
import pytest

from grounding.data import Keyframe, Size, Track, new_id, run_to_end
from grounding.data.media_write import encode_mp4
from grounding.learning.metrics.grounding import spatial_iou
from grounding.models.scripted import ScriptedDetector
from grounding.models.tracking.box_follower import BoxFollower
from grounding.tasks.intake.load import load
from grounding.tasks.video.follow_item import follow_item
from tests import reels
from tests.annotated import annotation

NOTHING, COUNT = ScriptedDetector(), 36


@pytest.fixture(scope="module")
def film(tmp_path_factory):
    folder = tmp_path_factory.mktemp("film")
    stills, truth = reels.draw_video(folder / "frames", COUNT)
    path = folder / "toy.mp4"
    path.write_bytes(encode_mp4((frame.pixels for frame in stills.read()), Size(reels.WIDTH, reels.HEIGHT), 25))
    return path, truth


@pytest.fixture
def item(store, film):
    project = store.create_project("Toys")
    run_to_end(load(store, project.id, [film[0]]))
    return store.items(project.id)[0]


def follow(store, item, *asked, **more):
    return follow_item(store, item, BoxFollower(), NOTHING, *asked, **more)


def said(store, item, keyframes, author="person:ann", **more):
    value = {"label": "toy", "caption": "a toy", "state": "accepted", "score": 1.0, "keyframes": keyframes} | more
    track = annotation(item.id, "track", value, author)
    store.append(item.id, [track], edit=new_id())
    return track


def key(truth, frame, **more):
    return {"frame": frame, "box": [float(x) for x in truth.box_at(frame)], "outside": False} | more


def test_a_drawn_box_is_proposed_as_a_track_by_the_follower(store, item, film):
    report = run_to_end(follow(store, item, 0, film[1].box_at(0), label="toy"))
    (track,) = store.current(item.id)
    assert track.object == report.object and track.author.startswith("model:box-follower@") and track.state == "proposed"
    assert track.value.label == "toy" and track.value.keyframes[0].by == "person"
    assert spatial_iou(film[1], track.value.to_track()) > 0.6 and report.frames == COUNT


def test_a_stop_keeps_the_frames_done(store, item, film):
    steps = follow(store, item, 0, film[1].box_at(0))
    for step in steps:
        if step.done >= 25:
            break
    steps.close()
    (track,) = store.current(item.id)
    assert 15 <= track.value.to_track().frames[-1] <= 25 and track.value.label == "thing"


def test_a_correction_grows_anew_to_the_next_keyframe_of_a_person(store, item, film):
    truth = film[1]
    track = said(
        store,
        item,
        [key(truth, 0, by="person"), {**key(truth, 20), "box": [1.0, 1.0, 31.0, 31.0], "by": "model"}, key(truth, 30, by="person")],
    )
    run_to_end(follow(store, item, 8, truth.box_at(8), object=track.object))
    (now,) = store.current(item.id)
    keys = {k.frame: k for k in now.value.keyframes}
    assert now.object == track.object and now.state == "accepted" and now.value.caption == "a toy"
    assert (
        keys[8].by == "person"
        and keys[0] == Keyframe.from_json(key(truth, 0, by="person"))
        and np.allclose(keys[30].box, truth.box_at(30), atol=0.1)
    )
    middle = slice(9, 30)
    part = Track(truth.frames[middle], truth.boxes[middle], truth.keyframes[middle])
    assert spatial_iou(part, now.value.to_track()) > 0.7


def test_whoever_changes_the_track_meanwhile_is_right(store, item, film):
    steps = follow(store, item, 0, film[1].box_at(0), object="mine")
    for _ in steps:
        if current := store.current(item.id):
            break
    mine = current[0].edited(replace(current[0].value, label="changed"), "person:ann")
    store.append(item.id, [mine], edit=new_id())
    end = run_to_end(steps)
    assert end.object == "mine" and [a.value.label for a in store.current(item.id)] == ["changed"]


def test_backwards_the_track_gets_a_beginning(store, item, film):
    truth = film[1]
    track = said(store, item, [key(truth, 20), key(truth, 30)])
    run_to_end(follow(store, item, 20, None, track.object, until=5))
    now = store.current(item.id)[0].value.to_track()
    assert now.frames[0] == 5 and now.box_at(30) == pytest.approx(truth.box_at(30), abs=0.1)


def test_a_locked_track_is_left_alone(store, item, film):
    track = said(store, item, [key(film[1], 0)], locked=True)
    with pytest.raises(ValueError, match="locked"):
        run_to_end(follow(store, item, 0, film[1].box_at(0), object=track.object))


def test_without_a_box_there_is_nothing_to_follow(store, item):
    with pytest.raises(ValueError, match="draw one"):
        run_to_end(follow(store, item, 0))
