"""Annotation values are stored as the JSON of today, key by key, and keep what a newer version adds."""

import json
from dataclasses import FrozenInstanceError

import numpy as np
import pytest

from grounding.data import KINDS, BoxValue, Keyframe, Track, TrackValue, value_from_json
from grounding.tasks.publish.publish import FORMATS

STORED = [
    ("box", '{"state": "accepted", "score": 1.0, "box": [1.0, 2.0, 30.25, 40.0], "label": "dog"}'),
    ("box", '{"state": "proposed", "score": 0.5, "box": [1, 2, 30, 40], "label": "dog", "occluded": true, "locked": false}'),
    ("box", '{"score": 1.0, "box": [1, 2, 30, 40], "label": "dog"}'),
    ("phrase", '{"state": "accepted", "score": 1.0, "text": "no dog", "targets": [], "origin": "person"}'),
    ("phrase", '{"state": "rejected", "score": 0.25, "text": "dogs", "targets": ["a", "b"], "origin": "template", '
        '"rule": "plural x", "unique": false}'),
    ("track", '{"state": "accepted", "score": 1.0, "label": "dog", "caption": "", "keyframes": [{"frame": 0, '
        '"box": [1, 2, 3, 4], "outside": false}]}'),
    ("track", '{"state": "accepted", "score": 1.0, "label": "dog", "caption": "a dog", "captions": [{"start": 0, '
        '"end": 2, "text": "runs"}], "keyframes": '
              '[{"frame": 0, "box": [1, 2, 3, 4], "outside": false, "occluded": true, "by": "person"}, '
              '{"frame": 5, "box": [1, 2, 3, 4], "outside": true}], '
              '"locked": true}'),
]  # fmt: skip
NEWER = [
    ("box", '{"score": 1.0, "box": [1, 2, 3, 4], "label": "dog", "angle": [30, {"unit": "degree"}], "extra": null}'),
    ("track", '{"score": 1.0, "label": "dog", "caption": "", "captions": [{"start": 0, "end": 1, "text": "runs", "voice": "a"}], '
              '"keyframes": [{"frame": 0, "box": [1, 2, 3, 4], "outside": false, "mask": [1, 2]}]}'),
]  # fmt: skip


@pytest.mark.parametrize("kind, text", STORED + NEWER)
def test_a_stored_value_comes_back_as_the_same_text(kind, text):
    value = value_from_json(kind, json.loads(text))
    assert json.dumps(value.to_json()) == text and value_from_json(kind, value.to_json()) == value


def test_every_kind_is_stored_with_and_without_its_optional_keys():
    assert {kind for kind, _ in STORED} == set(KINDS) and value_from_json("box", None) is None


def test_a_key_that_is_null_is_an_absent_one():
    assert "occluded" not in value_from_json("box", {"box": [1, 2, 3, 4], "label": "dog", "occluded": None}).to_json()


@pytest.mark.parametrize("kind", list(KINDS))
def test_a_value_without_what_it_is_about_is_refused(kind):
    with pytest.raises(ValueError, match="lacks a key; got the keys score"):
        value_from_json(kind, {"score": 1.0})


def test_a_value_is_frozen():
    with pytest.raises(FrozenInstanceError):
        BoxValue(box=(1, 2, 3, 4), label="dog").label = "cat"


def test_a_track_there_and_back_with_its_occluded_frames():
    track = Track.from_keyframes(
        [Keyframe(0, (0, 0, 10, 10)), Keyframe(4, (40, 0, 50, 10)), Keyframe(6, (40, 0, 50, 10), outside=True)], "dog", "a dog"
    )
    value = TrackValue.from_track(track, "accepted", {2, 3})
    assert value.occluded_frames() == {2, 3} and value.state == "accepted" and value.caption == "a dog"
    assert value.to_track().frames.tolist() == track.frames.tolist()
    assert np.allclose(value.to_track().boxes.xyxy, track.boxes.xyxy, atol=0.01)


def test_every_export_format_writes_some_kind():
    assert {format for kind in KINDS.values() for format in kind.exporters} == set(FORMATS)
