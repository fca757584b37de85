"""MOT holds the names of its classes beside each film."""

from grounding.data import Keyframe, Size, Track
from grounding.exchange import mot
from grounding.exchange.photos import Category
from grounding.exchange.videos import TrackAnnotation, VideoAnnotations, VideoSet, uniform_pts


def test_labels_stand_on_the_line_of_their_number_and_a_number_without_one_is_its_own(tmp_path):
    film = VideoAnnotations(
        "film.mp4", Size(32, 24), uniform_pts(25.0, 3), (TrackAnnotation(1, 3, Track.from_keyframes([Keyframe(0, (0, 0, 5, 5))], "dog")),)
    )
    mot.write(VideoSet((Category(1, "traffic light"), Category(3, "dog")), (film,)), tmp_path / "out")
    [labels] = (tmp_path / "out").rglob("labels.txt")
    assert labels.read_text() == "traffic light\n2\ndog\n"
