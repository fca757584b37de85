"""Following: tracks with a phrase each, tracks so far on the way, exact frames, and nothing lost on cancel."""

from itertools import islice

import numpy as np
import pytest

import pseudo_query
from grounding.data import Boxes, Regions, Size, Track, TrackValue, iou, run_to_end
from grounding.data.media import open_video
from grounding.data.media_write import encode_mp4
from grounding.models.tracking.motion_tracker import MotionTracker
from grounding.synthetic import draw_video
from grounding.tasks.video.follow import caption_with_phrases, follow

SIZE, COUNT = Size(320, 180), 60


class Oracle:
    """A detector that knows the film: it tells frames apart by their pixels, as exactly as a film can be coded."""

    version = "oracle@1"

    def __init__(self, video, tracks):
        self.tracks, self.asked = tracks, []
        self.index = {frame.pixels.tobytes(): frame.index for frame in video.read()}

    def detect(self, image) -> Regions:
        index = self.index[image.pixels.tobytes()]
        self.asked.append(index)
        seen = [track for track in self.tracks if track.box_at(index)]
        boxes = Boxes(np.array([track.box_at(index) for track in seen]))
        return Regions(boxes, np.full(len(seen), 0.9), tuple(track.label for track in seen))


@pytest.fixture(scope="module")
def film(tmp_path_factory):
    drawn = draw_video(3, SIZE, COUNT)
    path = tmp_path_factory.mktemp("film") / "film.mp4"
    path.write_bytes(encode_mp4(drawn.frames(), SIZE, drawn.fps))
    with open_video(path) as video:
        yield video, drawn.tracks


def agreement(truth: Track, track: Track) -> float:
    """Mean IoU over the frames of both, 0 where only one is seen."""
    frames = sorted({*truth.frames.tolist(), *track.frames.tolist()})
    pairs = [(truth.box_at(frame), track.box_at(frame)) for frame in frames]
    return sum(float(iou(Boxes([a]), Boxes([b]))[0, 0]) for a, b in pairs if a and b) / len(frames)


def test_every_thing_of_a_drawn_film_is_followed_through_its_frames(film):
    video, truth = film
    tracks = run_to_end(follow(video, Oracle(video, truth), MotionTracker(), pseudo_query.generate))
    best = [max(agreement(true, track) for track in tracks) for true in truth]
    assert len(tracks) <= len(truth) + 3 and np.mean(best) > 0.8 and sum(value > 0.8 for value in best) >= len(truth) - 2


def test_each_track_has_a_caption_of_its_own_that_names_it(film):
    video, truth = film
    tracks = run_to_end(follow(video, Oracle(video, truth), MotionTracker(), pseudo_query.generate))
    captions = [track.caption for track in tracks]
    assert all(captions) and len(set(captions)) == len(captions)
    assert "dog" in next(track.caption for track in tracks if track.label == "dog")


def test_without_a_generator_captions_stay_empty(film):
    video, truth = film
    assert {track.caption for track in run_to_end(follow(video, Oracle(video, truth), MotionTracker(), every=4))} == {""}


def test_only_the_frames_asked_for_are_looked_at(film):
    video, truth = film
    oracle = Oracle(video, truth)
    steps = list(follow(video, oracle, MotionTracker(), every=3, start=6, stop=40))
    assert oracle.asked == list(range(6, 40, 3)) and steps[-1].done == steps[-1].total == len(oracle.asked)
    assert all(track.frames[0] >= 6 and track.frames[-1] < 40 for track in steps[-1].result)


def test_the_tracks_so_far_are_there_when_it_is_stopped(film):
    video, truth = film
    steps = follow(video, Oracle(video, truth), MotionTracker())
    so_far = [progress.result for progress in islice(steps, 50) if progress.result is not None]
    steps.close()
    assert len(so_far) == 2 and len(so_far[-1]) >= 4
    assert all(track.frames[-1] < 50 for track in so_far[-1])


def test_a_film_with_nothing_in_it_has_no_tracks(film):
    video, _ = film
    progress = list(follow(video, Oracle(video, []), MotionTracker(), pseudo_query.generate, every=10))[-1]
    assert progress.result == []


def test_every_must_be_a_number_of_frames(film):
    with pytest.raises(ValueError, match="1 or more"):
        next(follow(film[0], Oracle(film[0], []), MotionTracker(), every=0))


def test_a_track_goes_to_json_and_back(film):
    for track in film[1]:
        again = TrackValue.from_track(track, "accepted").to_track()
        assert again.frames.tolist() == track.frames.tolist() and (again.label, again.caption) == (track.label, track.caption)
        assert np.abs(again.boxes.xyxy - track.boxes.xyxy).max() <= 0.011
        assert TrackValue.from_track(track).state == "proposed"


def test_where_no_phrase_is_left_a_track_is_named_by_its_turn(film):
    video, truth = film
    bench = next(track for track in truth if track.label == "bench")
    captions = [track.caption for track in caption_with_phrases(video, [bench] * 3, lambda regions, size, pixels: [])]
    assert captions == ["the bench", "the second bench to appear", "the third bench to appear"]


def test_people_and_animals_of_a_real_film_are_followed(shared_data):
    from grounding.models.detection.ssd import SSD

    with open_video(shared_data / "videos" / "01_dog.mp4") as video:
        tracks = run_to_end(follow(video, SSD(), MotionTracker(), pseudo_query.generate, every=6, stop=72))
    woman = max(tracks, key=len)
    assert woman.label == "person" and len(woman) == 67 and "dog" in {track.label for track in tracks}
    assert all(track.caption for track in tracks)
