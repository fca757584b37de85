"""Annotate: what passes the door is in order; what cannot be kept is refused with a reason."""

import json
import math

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from grounding.data import Size
from grounding.store import Conflict
from grounding.tasks.label.annotate import InvalidEdit, annotate, check_value, clip_box, person_author
from grounding.tasks.label.review import decide_proposals, next_unfinished, open_proposals
from tests.annotated import annotation


@pytest.fixture
def project(store):
    return store.create_project("P", ["dog"])


@pytest.fixture
def add(store, project):
    return lambda name, **rest: store.add_item(project.id, **{"name": name, "kind": "photo", "sha256": "0" * 64, "ext": "jpg",
                                                              "size": (100, 80), **rest})


@pytest.fixture
def photo(add):
    return add("photo.jpg")


@pytest.fixture
def video(add):
    return add("v.mp4", kind="video", ext="mp4", pts=[i / 25 for i in range(50)])


def box(corners=(1, 2, 30, 40), **rest):
    return {"box": list(corners), "label": "dog", **rest}


def edit(*changes, id="e1", **rest):
    return {"edit": id, "annotations": [{"id": f"{id}-{n}", "object": f"{id}-{n}", "kind": kind, "value": value, "replaces": []}
                                        for n, (kind, value) in enumerate(changes)], **rest}


def test_an_edit_is_kept_with_its_author_and_defaults(store, photo):
    assert annotate(store, photo.id, edit(("box", box()), revision=0), "Ann Ö.") == 1
    kept = store.current(photo.id)[0]
    assert kept.author == "person:Ann Ö." and kept.media == photo.id
    assert kept.value.to_json() == {"box": [1, 2, 30, 40], "label": "dog", "state": "accepted", "score": 1.0}


def test_it_comes_as_json_too_and_only_once(store, photo):
    body = json.dumps(edit(("box", box())))
    assert annotate(store, photo.id, body, "a") == annotate(store, photo.id, body.encode(), "a") == 1
    assert len(store.history(photo.id)) == 1


@pytest.mark.parametrize("came, kept", [((30, 40, 1, 2), [1, 2, 30, 40]), ((-5, -5, 300, 200), [0, 0, 100, 80]),
                                        ((0.125, 1, 99.999, 79.5), [0.125, 1, 99.999, 79.5])])
def test_corners_come_in_order_and_inside(photo, came, kept):
    assert check_value("box", box(came), photo).to_json()["box"] == kept


@pytest.mark.parametrize("corners", [(5, 5, 5, 9), (5, 5, 9, 5), (-9, 0, -1, 5), (100, 0, 120, 9), (0, 0, 0, 0)])
def test_a_box_that_covers_nothing_is_refused_with_a_reason(photo, corners):
    with pytest.raises(InvalidEdit, match="covers nothing of this 100 x 80 picture; draw it inside"):
        check_value("box", box(corners), photo)


@given(st.lists(st.floats(-1e5, 1e5), min_size=4, max_size=4))
def test_every_box_ends_up_inside_and_in_order_or_is_refused(corners):
    try:
        x0, y0, x1, y1 = clip_box(corners, Size(64, 48))
    except InvalidEdit:
        return
    assert 0 <= x0 < x1 <= 64 and 0 <= y0 < y1 <= 48 and clip_box([x0, y0, x1, y1], Size(64, 48)) == [x0, y0, x1, y1]


@pytest.mark.parametrize("value", [
    box((math.nan, 0, 1, 1)), box((math.inf, 0, 1, 1)), box((0, 0, 1)), box((0, 0, 1, 1, 1)), box(("0", 0, 1, 1)),
    box((True, 0, 1, 1)), box((1e300, 0, 1, 1)), {**box(), "label": ""}, {**box(), "label": "a" * 101},
    {**box(), "label": "a\x00b"}, {**box(), "label": "\ud800"}, {**box(), "label": 3}, box(score=2),
    box(score=math.nan), box(state="maybe"), box(evil="<b>"), {"label": "dog"}, {},
])
def test_a_wrong_box_is_refused_in_one_sentence(photo, value):
    with pytest.raises(InvalidEdit) as refused:
        check_value("box", value, photo)
    assert str(refused.value).startswith("this box cannot be kept: ") and "\n" not in str(refused.value)


@pytest.mark.parametrize("value", [{"text": ""}, {"text": "x" * 1001}, {"text": "a\x00"}, {"text": "dog", "targets": ["../x"]},
                                   {"text": "a\nb"}, {"text": "dog", "targets": "abc"}, {"text": "dog", "origin": "alien"}])
def test_a_wrong_phrase_is_refused(photo, value):
    with pytest.raises(InvalidEdit, match="this phrase cannot be kept"):
        check_value("phrase", value, photo)


def test_a_phrase_points_at_none_one_or_several_each_once(photo):
    assert check_value("phrase", {"text": " no dog "}, photo).to_json()["text"] == "no dog"
    assert check_value("phrase", {"text": "no dog"}, photo).to_json()["targets"] == []
    assert check_value("phrase", {"text": "dogs", "targets": ["a", "b", "a"], "unique": False}, photo).to_json()["targets"] == ["a", "b"]


def keys(*frames, **rest):
    return {"label": "dog", "keyframes": [{"frame": frame, "box": [1, 1, 9, 9], **rest} for frame in frames]}


def test_keyframes_come_in_order_and_inside(video):
    kept = check_value("track", {**keys(9, 3), "caption": "the dog"}, video).to_json()
    assert [key["frame"] for key in kept["keyframes"]] == [3, 9] and kept["caption"] == "the dog"


@pytest.mark.parametrize("value, why", [(keys(3, 3), "two keyframes"), (keys(50), "behind the end of a video of 50 frames"),
                                        (keys(1, outside=True), "seen in one frame at least"), (keys(-1), "cannot be kept"),
                                        (keys(), "cannot be kept"), (keys(1.5), "cannot be kept")])
def test_a_wrong_track_is_refused(video, value, why):
    with pytest.raises(InvalidEdit, match=why):
        check_value("track", value, video)


def test_a_track_keeps_what_is_said_of_keyframes_and_of_stretches(video):
    keys = [{"frame": 0, "box": [1, 2, 30, 40], "occluded": True, "by": "person"}, {"frame": 4, "box": [1, 2, 30, 40]}]
    stretches = [{"start": 3, "end": 4, "text": "sits "}, {"start": 0, "end": 2, "text": "runs"}]
    kept = check_value("track", {"label": "dog", "keyframes": keys, "captions": stretches, "locked": True}, video).to_json()
    assert kept["keyframes"][0] == {"frame": 0, "box": [1, 2, 30, 40], "outside": False, "occluded": True, "by": "person"}
    assert kept["keyframes"][1] == {"frame": 4, "box": [1, 2, 30, 40], "outside": False}
    assert kept["captions"] == [{"start": 0, "end": 2, "text": "runs"}, {"start": 3, "end": 4, "text": "sits"}] and kept["locked"] is True
    plain = check_value("track", {"label": "dog", "keyframes": keys[1:]}, video).to_json()
    assert not {"captions", "locked"} & plain.keys()


@pytest.mark.parametrize(
    ("stretch", "why"),
    [
        ({"start": 3, "end": 2, "text": "runs"}, "ends before it starts"),
        ({"start": 0, "end": 10_000_000, "text": "runs"}, "behind the end"),
        ({"start": 0, "end": 1, "text": ""}, "text"),
        ({"start": 0, "text": "runs"}, "end"),
        ({"start": 0, "end": 1, "text": "runs", "color": "red"}, "color"),
    ],
)
def test_a_wrong_stretch_is_refused(video, stretch, why):
    with pytest.raises(InvalidEdit, match=why):
        check_value("track", {"label": "dog", "keyframes": [{"frame": 0, "box": [1, 2, 30, 40]}], "captions": [stretch]}, video)


def test_photos_hold_boxes_and_videos_hold_tracks(photo, video):
    with pytest.raises(InvalidEdit, match="a photo holds box and phrase annotations; got a track"):
        check_value("track", keys(1), photo)
    with pytest.raises(InvalidEdit, match="a video holds track and phrase annotations; got a box"):
        check_value("box", box(), video)


def test_an_edit_with_one_bad_part_is_refused_whole(store, photo):
    with pytest.raises(InvalidEdit):
        annotate(store, photo.id, edit(("box", box()), ("box", box((5, 5, 5, 5)))), "a")
    assert store.history(photo.id) == [] and store.item(photo.id).status == "new"


@pytest.mark.parametrize("broken", [
    "", "{", "[]", "null", '{"edit": 1, "annotations": []}', '{"annotations": []}', "NaN", "[" * 100_000,
    '{"edit": "a b", "annotations": []}', '{"edit": "a", "annotations": [{}]}', "\ud800", b"\xff\xfe",
    '{"edit":"a","annotations":[],"revision":1e999}', '{"edit":"a","annotations":[],"revision":' + "9" * 5000 + "}",
])
def test_what_is_no_edit_is_refused(store, photo, broken):
    with pytest.raises(ValueError):
        annotate(store, photo.id, broken, "a")
    assert store.history(photo.id) == []


def test_a_name_is_cleaned_and_never_a_model():
    assert person_author("model:ssd@1") == "person:model:ssd@1" and person_author(" \x00\n ") == "person:me"
    assert person_author("x" * 500) == "person:" + "x" * 80 and person_author("A\ud800b") == "person:Ab"


def test_a_stale_edit_is_a_conflict(store, photo):
    annotate(store, photo.id, edit(("box", box())), "a")
    change = edit(("box", None), id="e2")
    change["annotations"][0] |= {"object": "e1-0", "replaces": ["e1-9"]}
    with pytest.raises(Conflict):
        annotate(store, photo.id, change, "b")


scalars = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20) | st.sampled_from(["box", "dog", "e1", "accepted"])
anything = st.recursive(scalars, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(
    st.sampled_from(["box", "label", "text", "targets", "keyframes", "frame", "state", "id", "object", "kind", "value", "edit",
                     "annotations", "replaces", "score", "extra"]), inner, max_size=5), max_leaves=12)


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(kind=st.sampled_from(["box", "phrase", "track", "alien"]) | anything, value=anything, whole=anything)
def test_random_json_is_kept_in_order_or_refused(store, photo, kind, value, whole):
    for came in (whole, {"edit": "e", "annotations": [{"id": "a", "object": "a", "kind": kind, "value": value}]}):
        try:
            annotate(store, photo.id, came, "a")
        except ValueError as refused:
            assert len(str(refused)) < 500
    for kept in store.current(photo.id):
        assert check_value(kept.kind, kept.value.to_json(), photo) == kept.value


def test_review_accepts_what_waits_and_finds_what_is_left(store, project, photo, add):
    proposed = [annotation(photo.id, "box", {**box(), "state": "proposed", "score": s}, "model:m@1", id=f"p{s}") for s in (0.9, 0.2)]
    store.propose(photo.id, "model:m@1", proposed)
    decide_proposals(store, photo.id, "ann", "accepted", min_score=0.5)
    assert [a.object for a in open_proposals(store, photo.id)] == ["p0.2"]
    assert {a.object: a.author for a in store.current(photo.id)} == {"p0.9": "person:ann", "p0.2": "model:m@1"}
    last = add("zz.jpg")
    assert next_unfinished(store, project.id) == photo.id and next_unfinished(store, project.id, photo.id) == last.id
    assert next_unfinished(store, project.id, last.id) == photo.id  # from the start again
    for item in (photo, last):
        store.set_status(item.id, "done")
    assert next_unfinished(store, project.id) is None
