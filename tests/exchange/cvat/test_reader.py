"""CVAT XML of videos as people bring it: rotated boxes, jobs, frame filters, projects, shapes that are no boxes."""

import math

import numpy as np
import pytest

from grounding.data import TrackValue, axis_aligned_bounds
from grounding.exchange import cvat
from grounding.exchange.archive import FolderTree

BOX = 'xtl="10" ytl="40" xbr="50" ybr="46"'


def spelt(attributes):
    return " ".join(f'{name}="{value}"' for name, value in attributes.items())


def box(frame, edges=BOX, more="", **attributes):
    told = {"outside": 0, "occluded": 0, "keyframe": 1} | attributes
    return f'<box frame="{frame}" {spelt(told)} {edges} z_order="0">{more}</box>'


def track(*rows, number=0, label="dog", **attributes):
    return f'<track id="{number}" label="{label}" {spelt(attributes)}>{"".join(rows)}</track>'


def meta(kind="task", source="v.mp4", **told):
    told = {"size": 20, "start_frame": 0, "stop_frame": 19, "frame_filter": ""} | told
    return f"<meta><{kind}>{''.join(f'<{name}>{value}</{name}>' for name, value in told.items())}<source>{source}</source></{kind}></meta>"


def project(*tasks):
    return (
        "<meta><project><tasks>"
        + "".join(f"<task>{''.join(f'<{name}>{value}</{name}>' for name, value in task.items())}</task>" for task in tasks)
        + "</tasks></project></meta>"
    )


def read(folder, *parts):
    (folder / "annotations.xml").write_text(f"<annotations><version>1.1</version>{''.join(parts)}</annotations>", "utf-8")
    return cvat.read(folder)


def said(found):
    return [f"{fault.where} {fault.why}" for fault in found.faults]


def shown(found):
    """For each film its name and the frames of its tracks."""
    return {film.name: [tube.track.frames.tolist() for tube in film.tracks] for film in found.videos}


def test_a_rotated_box_comes_in_as_the_upright_box_around_it_and_that_is_said_once(tmp_path):
    found = read(tmp_path, meta(), track(box(0, rotation="90.00"), box(10, rotation="90.00")), track(box(3, rotation="30"), number=1))
    first, second = (tube.track for tube in found.videos[0].tracks)
    assert first.boxes.xyxy.tolist() == [[27, 23, 33, 63]] * 11
    assert second.box_at(3) == pytest.approx(axis_aligned_bounds((10, 40, 50, 46), 30), abs=1e-4)
    (sentence,) = said(found)
    assert "annotations.xml" in sentence and "2 rotated boxes" in sentence and "upright box around" in sentence


@pytest.mark.parametrize("start, end, way", [(0, 90, 90), (350, 20, 30), (20, 350, -30), (-80, 200, -80)])
def test_between_two_rotated_boxes_corners_and_angle_move_apart_from_each_other_in_every_frame(tmp_path, start, end, way):
    moved = 'xtl="30" ytl="50" xbr="90" ybr="60"'
    (film,) = read(tmp_path, meta(), track(box(2, rotation=start), box(12, moved, rotation=end))).videos
    a, b = np.array([10, 40, 50, 46]), np.array([30, 50, 90, 60])
    for frame in range(2, 13):
        part = (frame - 2) / 10
        expected = axis_aligned_bounds(tuple(a + (b - a) * part), start + way * part)
        assert film.tracks[0].track.box_at(frame) == pytest.approx(expected, abs=0.02), frame
    again = TrackValue.from_track(film.tracks[0].track).to_track()
    assert np.abs(again.boxes.xyxy - film.tracks[0].track.boxes.xyxy).max() < 0.05


def test_rotation_in_frames_between_keyframes_is_taken_as_cvat_wrote_it(tmp_path):
    rows = [box(frame, rotation=90 - frame * 10, keyframe=int(frame in (0, 5))) for frame in range(6)]
    (film,) = read(tmp_path, meta(), track(*rows)).videos
    for frame in range(6):
        assert film.tracks[0].track.box_at(frame) == pytest.approx(axis_aligned_bounds((10, 40, 50, 46), 90 - frame * 10), abs=0.02)


def test_a_rotated_box_is_hidden_where_it_is_outside(tmp_path):
    found = read(tmp_path, meta(), track(box(0, rotation=45), box(3, rotation=45, outside=1), box(6, rotation=60), box(7, outside=1)))
    assert shown(found) == {"v.mp4": [[0, 1, 2, 6]]}


def test_the_export_of_a_job_stands_on_the_frames_of_the_video(tmp_path):
    found = read(tmp_path, meta("job", size=10, start_frame=10, stop_frame=19), track(box(12), box(19)))
    assert found.faults == () and shown(found) == {"v.mp4": [list(range(12, 20))]}
    assert (len(found.videos[0]), found.videos[0].frame_count_known, found.videos[0].frame_ranges) == (20, False, ((10, 19),))


def test_a_frame_filter_is_read_and_a_thing_is_gone_after_the_last_frame_that_shows_it(tmp_path):
    told = meta(size=4, stop_frame=19, frame_filter="step=5")
    found = read(tmp_path, told, track(box(5), box(10), box(15, outside=1)))
    assert found.faults == () and shown(found) == {"v.mp4": [[5, 6, 7, 8, 9, 10]]} and len(found.videos[0]) == 16


def test_boxes_in_frames_that_a_job_or_filter_does_not_show_are_named_and_left_out(tmp_path):
    found = read(tmp_path, meta("job", size=10, start_frame=10, stop_frame=19), track(box(0), box(9)), track(box(11), box(14), number=1))
    assert shown(found) == {"v.mp4": [[11, 12, 13, 14]]}
    assert "track 0 has 2 boxes in frames that the task or job does not show (0, 9)" in said(found)[0]
    found = read(tmp_path, meta(size=4, frame_filter="step=5"), track(box(1), box(2)))
    assert shown(found) == {"v.mp4": []} and "does not show (1, 2)" in said(found)[0]


@pytest.mark.parametrize("second", [(0, 19), (20, 39)])
def test_in_a_project_each_track_stands_on_the_video_of_its_task_however_frames_are_numbered(tmp_path, second):
    tasks = project({"id": 7, "size": 20, "source": "v.mp4"}, {"id": 9, "size": 20, "source": "w.mp4"})
    found = read(tmp_path, tasks, track(box(3), box(5), task_id=7), track(*(box(frame) for frame in second), number=1, task_id=9))
    assert found.faults == () and shown(found) == {"v.mp4": [[3, 4, 5]], "w.mp4": [list(range(20))]}
    assert [len(film) for film in found.videos] == [20, 20]


def test_in_a_project_numbers_go_on_with_start_step_and_subset_as_cvat_writes_them(tmp_path):
    tasks = project({"id": 1, "size": 4, "start_frame": 2, "frame_filter": "step=3", "subset": "a", "source": "v.mp4"},
                    {"id": 2, "size": 10, "subset": "a", "source": "w.mp4"}, {"id": 3, "size": 10, "subset": "b", "source": "x.mp4"})
    found = read(tmp_path, tasks, track(box(11), task_id=1), track(box(14 + 9), number=1, task_id=2), track(box(4), number=2, task_id=3))
    assert found.faults == () and shown(found) == {"v.mp4": [[11]], "w.mp4": [[9]], "x.mp4": [[4]]}


def test_in_a_project_numbers_that_fit_both_ways_are_counted_on_as_cvat_does(tmp_path):
    tasks = project({"id": 1, "size": 5, "source": "v.mp4"}, {"id": 2, "size": 20, "source": "w.mp4"})
    assert shown(read(tmp_path, tasks, track(box(10), box(12), task_id=2)))["w.mp4"] == [[5, 6, 7]]


def test_tracks_of_a_project_whose_video_or_frames_nobody_can_know_are_named(tmp_path):
    tasks = project({"id": 1, "size": 20, "source": "v.mp4"}, {"id": 2, "size": 20, "source": "w.mp4"})
    found = read(tmp_path, tasks, track(box(1)), track(box(2), number=1, task_id=5), track(box(3), number=2, task_id=1))
    assert shown(found) == {"v.mp4": [[3]], "w.mp4": []} and [("task_id" in sentence) for sentence in said(found)] == [True, True]
    found = read(tmp_path, tasks, track(box(3), task_id=2), track(box(33), number=1, task_id=2), track(box(1), number=2, task_id=1))
    assert shown(found) == {"v.mp4": [[1]]} and "export the task by itself" in said(found)[0]
    found = read(tmp_path, project({"id": 1, "source": "v.mp4"}, {"id": 2, "size": 20, "source": "w.mp4"}), track(box(3), task_id=2))
    assert shown(found) == {"v.mp4": []} and "export the task by itself" in said(found)[0]


POINTS = "10,10;30,10;30,22.5"
OUTLINES = {
    "polygon": (f'<polygon frame="1" points="{POINTS}"/>', (10, 10, 30, 22.5)),
    "ellipse": ('<ellipse frame="1" cx="50" cy="40" rx="20" ry="10"/>', (30, 30, 70, 50)),
    "turned ellipse": (
        '<ellipse frame="1" cx="50" cy="40" rx="20" ry="10" rotation="30"/>',
        (50 - math.sqrt(325), 40 - math.sqrt(175), 50 + math.sqrt(325), 40 + math.sqrt(175)),
    ),
    "mask": ('<mask frame="1" rle="5, 2, 2, 2, 1" left="10" top="20" width="4" height="3"/>', (11, 21, 13, 23)),
    "cuboid": (
        '<cuboid frame="1" xtl1="5" ytl1="6" xbl1="5" ybl1="20" xtr1="15" ytr1="6" xbr1="15" ybr1="20" '
        'xtl2="8" ytl2="3" xbl2="8" ybl2="17" '
        'xtr2="18" ytr2="3" xbr2="18" ybr2="17"/>',
        (5, 3, 18, 20),
    ),
}


@pytest.mark.parametrize("kind", OUTLINES)
def test_shapes_with_an_outline_come_in_as_the_box_around_them_and_that_is_said(tmp_path, kind):
    shape, expected = OUTLINES[kind]
    found = read(tmp_path, meta(), track(shape))
    assert found.videos[0].tracks[0].track.box_at(1) == pytest.approx(expected, abs=1e-4)
    (sentence,) = said(found)
    assert f"1 {kind.split()[-1]};" in sentence and "upright box around it came in" in sentence


@pytest.mark.parametrize("kind, inner", [("polyline", ""), ("points", ""), ("skeleton", '<points label="nose" points="1,2" outside="0"/>')])
def test_shapes_that_are_no_boxes_are_named(tmp_path, kind, inner):
    found = read(
        tmp_path,
        meta(),
        track(*(f'<{kind} frame="{frame}" points="{POINTS}">{inner}</{kind}>' for frame in (1, 2))),
        track(box(1), number=1),
    )
    assert shown(found) == {"v.mp4": [[1]]} and f"1 {kind}, which are no boxes; they were left out" in said(found)[0]


def test_what_cvat_tells_besides_and_nobody_keeps_is_said_once(tmp_path):
    colour = '<attribute name="colour">red</attribute><attribute name="caption">a dog</attribute>'
    rows = [box(frame, more=colour).replace('z_order="0"', 'z_order="2"') for frame in (1, 2)]
    (sentence,) = said(read(tmp_path, meta(), track(*rows, group_id=3), track(*rows, number=1)))
    assert all(words in sentence for words in ("groups", "layers (z_order)", "attributes (colour)")) and "caption" not in sentence


def test_what_belongs_to_no_track_and_tracks_that_show_nothing_are_named(tmp_path):
    found = read(
        tmp_path,
        meta(),
        track(box(1)),
        box(2),
        box(3),
        '<image id="5" name="a.jpg"/>',
        "<tag/>",
        track(number=1),
        track(box(4, outside=1), number=2),
    )
    both = " ".join(said(found))
    assert shown(found) == {"v.mp4": [[1]]} and len(found.faults) == 5
    for words in (
        "2 shapes that belong to no track",
        "1 images beside its tracks",
        "tells of tags",
        "track 1 has no box",
        "track 2 is outside in all of its frames",
    ):
        assert words in both


def test_shapes_without_a_box_beside_boxes_in_one_track_are_named(tmp_path):
    found = read(tmp_path, meta(), track(box(1), f'<polyline frame="2" points="{POINTS}"/>'))
    assert shown(found) == {"v.mp4": [[1]]} and "1 polyline, which" in said(found)[0]


def test_a_box_that_cannot_be_read_takes_only_its_stretch_with_it(tmp_path):
    bad = 'xtl="nan" ytl="40" xbr="50" ybr="46"'
    found = read(tmp_path, meta(), track(box(0), box(2), box(5, bad), box(10), box(11)), track(box(4), number=1))
    assert shown(found) == {"v.mp4": [[0, 1, 2, 10, 11], [4]]}
    assert "track 0 has a box that cannot be read (frame 5: xtl is 'nan')" in said(found)[0]


def test_two_boxes_of_a_track_in_one_frame_are_named_and_the_first_is_kept(tmp_path):
    found = read(tmp_path, meta(), track(box(4), box(4, 'xtl="1" ytl="1" xbr="9" ybr="9"')), track(box(1), box(1), number=1))
    assert [tube.track.boxes.xyxy.tolist() for tube in found.videos[0].tracks] == [[[10, 40, 50, 46]]] * 2
    assert len(found.faults) == 1 and "track 0 has more than one box in a frame (4)" in said(found)[0]


def test_tracks_that_share_an_id_or_have_none_get_one_each(tmp_path):
    found = read(
        tmp_path, meta(), track(box(1), number=1), track(box(2), number=1), track(box(3), number="a7"), track(box(4), number=9**99)
    )
    ids = [tube.id for tube in found.videos[0].tracks]
    assert len(set(ids)) == 4 and ids[0] == 1


@pytest.mark.parametrize("frame", ["99999999999", "-1", "1e3", "1_0", "9" * 5000, "nan", "１", ""])
def test_a_frame_that_is_none_is_named(tmp_path, frame):
    found = read(tmp_path, "", track(box(frame)), track(box(2), number=1))
    assert shown(found) == {"v.mp4": [[2]]} or shown(found) == {"annotations.xml": [[2]]}
    assert len(found.faults) == 1 and "track 0" in said(found)[0]


@pytest.mark.parametrize("told", [{"size": 10 ** 6, "frame_filter": "step=999999"}, {"size": 10 ** 30}, {"start_frame": 999_999}])
def test_a_meta_of_huge_numbers_tells_nothing(tmp_path, told):
    found = read(tmp_path, meta(**told), track(box(1), box(2)))
    assert [len(film) for film in found.videos] in ([3], [20]) and shown(found) == {"v.mp4": [[1, 2]]}


@pytest.mark.parametrize(
    "data",
    [
        b'<!DOCTYPE a [<!ENTITY b "ha"><!ENTITY c "&b;&b;&b;">]><annotations>&c;</annotations>',
        b'<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><annotations><track id="0" label="&x;"><box/></track></annotations>',
        "<annotations/>".encode("utf-16"),
        '<annotations><track label="Hündin"/></annotations>'.encode("latin-1"),
        b"<annotations>&b;</annotations>",
        b"",
        b"\0\0",
        b"<annotations>",
        b"<html/>",
        b"<annotations>" * 3,
    ],
)
def test_a_file_that_no_cvat_writes_is_one_sentence(tmp_path, data):
    (tmp_path / "annotations.xml").write_bytes(data)
    found = cvat.read(tmp_path)
    assert found.videos == () and len(found.faults) == 1 and ";" in said(found)[0] and "root:" not in said(found)[0]


def test_elements_in_each_other_a_hundred_thousand_deep_do_no_harm(tmp_path):
    found = read(tmp_path, "<meta>" + "<a>" * 100_000 + "</a>" * 100_000 + "</meta>", track(box(1)))
    assert shown(found) == {"annotations.xml": [[1]]}


def test_a_cvat_file_may_have_any_name_and_xml_of_others_is_none(tmp_path):
    read(tmp_path, meta(), track(box(1)))
    (tmp_path / "annotations.xml").rename(tmp_path / "task_7.xml")
    (tmp_path / "voc.xml").write_text("<annotation><object/></annotation>")
    assert shown(cvat.read_tree(FolderTree(tmp_path))) == {"v.mp4": [[1]]}


def left(x, y=40):
    return f'xtl="{x}" ytl="{y}" xbr="{x + 40}" ybr="{y + 6}"'


def test_a_thing_stays_from_its_last_keyframe_until_it_goes_away(tmp_path):
    rows = [box(0), *[box(frame, keyframe=0) for frame in range(1, 10)], box(10, outside=1)]
    gone = [box(0), box(3, outside=1), box(8, left(60)), box(12, left(60), outside=1)]
    found = read(tmp_path, meta(), track(*rows), track(*gone, number=1))
    assert shown(found) == {"v.mp4": [list(range(10)), [0, 1, 2, 8, 9, 10, 11]]} and said(found) == []
    assert found.videos[0].tracks[0].track.keyframes.sum() == 2


@pytest.mark.parametrize("between", [range(1, 10), ()])
def test_a_box_moves_towards_where_it_is_when_it_goes_away_as_cvat_shows_it(tmp_path, between):
    rows = [box(0, left(0)), *[box(frame, left(10 * frame), keyframe=0) for frame in between], box(10, left(100), outside=1)]
    found = read(tmp_path, meta(), track(*rows), track(box(0, left(0)), box(4, 'xtl="0" ytl="0" xbr="0" ybr="0"', outside=1), number=1))
    first, second = (tube.track for tube in found.videos[0].tracks)
    assert first.boxes.xyxy[:, 0].tolist() == pytest.approx([10 * frame for frame in range(10)], abs=0.02)
    assert second.boxes.xyxy[:, 0].tolist() == [0] * 4


def test_a_frame_that_was_deleted_in_cvat_takes_no_other_with_it(tmp_path):
    found = read(
        tmp_path, meta(), track(*[box(frame, left(3 * frame), keyframe=int(frame == 0)) for frame in range(20) if frame not in (7, 19)])
    )
    assert found.videos[0].tracks[0].track.boxes.xyxy[:, 0].tolist() == pytest.approx([3 * frame for frame in range(19)], abs=0.02)


def test_what_a_row_between_keyframes_says_holds_for_it_and_marks_are_read_in_words_too(tmp_path):
    found = read(
        tmp_path,
        meta(),
        track(
            *[box(frame, keyframe=int(frame == 0), occluded="True" if frame in (3, 4) else "False") for frame in range(8)],
            box(8, outside="True"),
            box(9),
        ),
    )
    (tube,) = found.videos[0].tracks
    assert tube.occluded_frames == {3, 4} and tube.track.frames.tolist() == [*range(8), 9]
