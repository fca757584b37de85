"""MOT as people bring it: frames from 0, detections, doubled lines, classes, separators and columns of many kinds."""

import pytest
from PIL import Image

from grounding.data import run_to_end
from grounding.exchange import mot
from grounding.exchange.archive import ArchiveError, FolderTree
from grounding.tasks.intake.load import load
from tests import barcode


def write(folder, text, length=20, labels="", name="film", place="gt/gt.txt"):
    (folder / place).parent.mkdir(parents=True, exist_ok=True)
    (folder / place).write_text(text if isinstance(text, str) else "".join(f"{line}\n" for line in text))
    if length:
        (folder / "seqinfo.ini").write_text(f"[Sequence]\nname={name}\nframeRate=25\nseqLength={length}\nimWidth=320\nimHeight=192\n")
    if labels:
        (folder / "gt/labels.txt").write_text("\n".join(labels.split()))
    return folder


def read(folder, *text, **more):
    return mot.read(write(folder, *text, **more))


def said(found):
    return [f"{fault.where} {fault.why}" for fault in found.faults]


def seen(found):
    return [{tube.id: tube.track.frames.tolist() for tube in film.tracks} for film in found.videos]


def line(frame, identity=1, left=10, *rest):
    return ",".join(map(str, (frame, identity, left, 40, 20, 20, *(rest or (1, 1, 1)))))


def test_a_file_that_names_a_frame_0_counts_from_0_and_that_is_said(tmp_path):
    found = read(tmp_path, [line(frame) for frame in range(20)])
    assert seen(found) == [{1: list(range(20))}] and len(found.videos[0]) == 20
    (sentence,) = said(found)
    assert "gt/gt.txt counts frames from 0" in sentence


@pytest.mark.parametrize("zero", ["0,5,1,1,x,1", "0,-1,1,1,1,1,1,1,1", "0,5,1,1,1,1,0,1,1"])
def test_a_frame_0_counts_in_whatever_line_it_stands(tmp_path, zero):
    assert seen(read(tmp_path, [zero, line(3)])) == [{1: [3]}]


def test_where_frames_may_count_from_0_or_from_1_the_tracks_stay_out_and_are_named(tmp_path):
    found = read(tmp_path, [line(frame) for frame in range(21)])
    assert found.videos == () and "names frame 0 and frame 20" in said(found)[0] and "number the frames from 1" in said(found)[0]


def test_of_several_sequences_that_which_may_count_from_0_like_the_others_is_named(tmp_path):
    write(tmp_path / "a", [line(0), line(2)]), write(tmp_path / "b", [line(1), line(2)]), write(tmp_path / "c", [line(1), line(20)])
    found = mot.read(tmp_path)
    assert [film.name for film in found.videos] == ["a", "c"] and seen(found) == [{1: [0, 2]}, {1: [0, 19]}]
    assert any("b/gt/gt.txt names no frame 0, but another file" in sentence for sentence in said(found))


def test_files_that_count_from_1_are_as_they_were(tmp_path):
    write(tmp_path / "a", [line(1), line(2)]), write(tmp_path / "b", [line(3)])
    found = mot.read(tmp_path)
    assert found.faults == () and seen(found) == [{1: [0, 1]}, {1: [2]}]


def test_detections_without_a_thing_are_named_and_the_tracks_beside_them_come_in(tmp_path):
    found = read(tmp_path, [line(1, -1), line(1, -1, 80), line(2, -1), line(2, 3), line(3, 3)])
    assert seen(found) == [{3: [1, 2]}] and "3 lines (the first is line 1) with a negative id" in said(found)[0] and found.faults[0].skipped


def test_two_lines_about_one_thing_in_one_frame_are_named_and_the_first_is_kept(tmp_path):
    found = read(tmp_path, [line(1), line(2, 1, 12), line(2, 1, 90), line(2, 2, 90)])
    assert found.videos[0].tracks[0].track.box_at(1) == (12, 40, 32, 60) and seen(found) == [{1: [0, 1], 2: [1]}]
    assert "1 line (the first is line 3) about a thing that an earlier line tells of" in said(found)[0]


def test_lines_marked_0_are_left_out_and_counted(tmp_path):
    found = read(tmp_path, [line(1), line(2, 1, 12, 0, 1, 1), line(3), line(1, 2, 80, 0, 8, 0.3)])
    assert seen(found) == [{1: [0, 2]}] and "2 lines (the first is line 2) marked 0" in said(found)[0] and len(found.faults) == 1


def test_lines_after_the_end_of_the_sequence_are_named_and_the_others_come_in(tmp_path):
    found = read(tmp_path, [line(19), line(20), line(21), line(25)])
    assert seen(found) == [{1: [18, 19]}] and len(found.videos[0]) == 20
    assert "2 lines (the first is line 3) after the end of a sequence of 20" in said(found)[0]


VALUES = [2, 7, 10.5, 40, 20, 20.25, 1, 2, 0.25, -1]


@pytest.mark.parametrize("columns", [6, 7, 8, 9, 10])
@pytest.mark.parametrize("between", [",", ", ", ";", "; ", "\t", " ", "  "])
def test_columns_and_separators_of_all_kinds_are_read(tmp_path, columns, between):
    found = read(tmp_path, between.join(map(str, VALUES[:columns])) + "\n", labels="dog cat")
    (tube,) = found.videos[0].tracks
    assert (tube.id, tube.track.frames.tolist(), tube.track.box_at(1)) == (7, [1], (10.5, 40, 30.5, 60.25))
    assert tube.track.label == ("cat" if columns in (8, 9) else "class 1") and tube.occluded_frames == ({1} if columns == 9 else set())
    assert [sentence for sentence in said(found) if "no class" not in sentence] == []


@pytest.mark.parametrize(
    "text", ["2;7;10,5;40;20;20,25;1;2;0,25\n", "2,7,10.5,40,20,20.25,1,2,0.25,\n", "\ufeff2,7,10.5,40,20,20.25,1,2,0.25\r\n"]
)
def test_decimal_commas_a_last_separator_and_line_ends_of_windows_are_read(tmp_path, text):
    found = read(tmp_path, text, labels="dog cat")
    assert found.faults == () and found.videos[0].tracks[0].track.box_at(1) == (10.5, 40, 30.5, 60.25)


@pytest.mark.parametrize(
    "bad",
    [
        "frame,id,left,top,width,height",
        "1,,10,40,20,20,1,1,1",
        "1.5,1,10,40,20,20",
        "1,1.5,10,40,20,20",
        "nan,1,1,1,1,1",
        "1,1,inf,1,1,1",
        "1e300,1,1,1,1,1",
        "9" * 5000 + ",1,1,1,1,1",
        "1,1,1,1,-5,5",
        "-3,1,1,1,1,1",
        "1,1,1,1",
        "1_0,1,1,1,1,1",
        "# a remark",
    ],
)
def test_a_bad_line_is_named_and_the_rest_comes_in(tmp_path, bad):
    found = read(tmp_path, [bad, line(4, 9)])
    assert seen(found) == [{9: [3]}] and len(found.faults) == 1 and said(found)[0].startswith("gt/gt.txt: line 1 is not frame, id")


def test_very_many_bad_lines_are_counted(tmp_path):
    found = read(tmp_path, ["x"] * 5000 + [line(1)])
    assert len(found.faults) == 21 and "4980 more lines" in said(found)[-1] and seen(found) == [{1: [0]}]


def test_classes_that_are_odd_are_said_and_never_given_a_name_that_may_be_wrong(tmp_path):
    found = read(tmp_path / "0", [line(1, 1, 10, 1, 1, 1), line(1, 2, 10, 1, 0, 1)], labels="dog cat")
    assert [tube.track.label for tube in found.videos[0].tracks] == ["class 1", "class 0"]
    assert "class 0, though classes count from 1" in said(found)[0]
    found = read(tmp_path / "2", [line(1, 1, 10, 1, 1, 1), line(2, 1, 10, 1, 2, 1), line(3, 1, 10, 1, 2, 1)], labels="dog cat")
    assert found.videos[0].tracks[0].track.label == "cat" and "more than one class of the same thing (id 1)" in said(found)[0]
    found = read(tmp_path / "9", [line(1, 1, 10, 1, 900_000, 1)], labels="dog cat")
    assert found.videos[0].tracks[0].track.label == "class 900000" and "labels.txt does not name" in said(found)[0]
    found = read(tmp_path / "n", [line(1, 1, 10, 1)], labels="dog cat")
    assert found.videos[0].tracks[0].track.label == "class 1" and "tells no class" in said(found)[0]


def test_an_unknown_visible_share_is_not_covered(tmp_path):
    assert read(tmp_path, [line(1, 1, 10, 1, 1, -1)]).videos[0].tracks[0].occluded_frames == frozenset()


@pytest.mark.parametrize("file, data", [("seqinfo.ini", b"no section"), ("seqinfo.ini", b"[a]\nname=\xff"), ("gt/labels.txt", b"d\xf6g")])
def test_a_file_beside_the_tracks_that_cannot_be_read_is_named_and_the_tracks_come_in(tmp_path, file, data):
    write(tmp_path, [line(1)])
    (tmp_path / file).write_bytes(data)
    found = mot.read(tmp_path)
    assert seen(found) == [{1: [0]}] and len(found.faults) == 1 and said(found)[0].startswith(f"{file} is not ")


def test_lines_in_another_encoding_are_one_sentence(tmp_path):
    write(tmp_path / "a b", [line(1)])
    (tmp_path / "a b/gt/gt.txt").write_bytes(line(1).encode("utf-16"))
    found = mot.read(tmp_path)
    assert seen(found) == [{}] and said(found) == ["a b/gt/gt.txt is not UTF-8 text; save it as UTF-8"]


def test_what_a_detector_found_is_named_and_no_truth(tmp_path):
    write(tmp_path / "a", [line(1, -1)], place="det/det.txt")
    write(tmp_path / "b", [line(1)]), write(tmp_path / "b", [line(1, -1)], place="det/det.txt")
    found = mot.read(tmp_path)
    assert seen(found) == [{1: [0]}]
    assert [(fault.where, fault.skipped) for fault in found.faults] == [("a/det/det.txt", True), ("b/det/det.txt", False)]


def test_measures_refuse_a_file_that_counts_from_0(tmp_path):
    write(tmp_path, [line(0)])
    with pytest.raises(ArchiveError, match="gt/gt.txt names a frame 0, but frames of MOT count from 1; add 1 to each"):
        mot.read_rows(FolderTree(tmp_path), "gt/gt.txt")


def test_a_video_of_another_name_than_the_sequence_tells_is_not_guessed(tmp_path, store):
    folder = write(tmp_path / "in", [line(1)], name="other.mp4")
    barcode.write_video(folder / "film.mp4", count=20)
    report = run_to_end(load(store, store.create_project("P").id, [folder]))
    assert (report.videos, report.tracks) == (1, 0) and "other.mp4" in report.skipped[0][1]


def test_a_box_without_extent_takes_only_its_frame_with_it(tmp_path, store):
    folder = write(tmp_path / "in", ["1,1,10,40,20,20,1,1,1", "2,1,10,40,0,20,1,1,1", "3,1,10,40,20,20,1,1,1"])
    barcode.write_video(folder / "film.mp4", count=20)
    report = run_to_end(load(store, store.create_project("P").id, [folder]))
    assert (report.tracks, report.skipped) == (1, []) and "cover nothing of the picture in 1 frames from 1 on" in report.notes[0][1]


def test_a_sequence_of_pictures_without_a_video_is_named_with_the_cure_for_it(tmp_path, store):
    folder = write(tmp_path / "in/seq", [line(frame + 1) for frame in range(20)])
    (folder / "img1").mkdir()
    Image.fromarray(barcode.draw_frame(0)).save(folder / "img1/000001.jpg")
    report = run_to_end(load(store, store.create_project("P").id, [tmp_path / "in"]))
    ((_, sentence),) = report.skipped
    assert "pictures in seq/img1/" in sentence and "make one video of all of them" in sentence


@pytest.mark.parametrize("text", ["", "\n\r\n"])
def test_a_file_without_lines_says_so_unless_it_tells_its_length(tmp_path, text):
    """One that does is that of a video with nothing in it, as we write it."""
    found = read(tmp_path, text, length=0)
    assert "holds no lines" in said(found)[0] and not found.faults[0].skipped
    assert read(tmp_path, text).faults == ()


@pytest.mark.parametrize("length", ["20", "20.0", " 20 "])
def test_a_number_of_frames_is_read_however_it_is_written(tmp_path, length):
    found = read(tmp_path, [line(1), line(25)], length=length)
    assert seen(found) == [{1: [0]}] and found.videos[0].frame_count_known and "after the end of a sequence of 20 frames" in said(found)[0]


@pytest.mark.parametrize("length", ["20.5", "twenty", "-20", "1_0", "9" * 400])
def test_a_number_of_frames_that_is_none_is_said_and_counts_as_not_told(tmp_path, length):
    found = read(tmp_path, [line(1), line(25)], length=length)
    assert seen(found) == [{1: [0, 24]}] and not found.videos[0].frame_count_known
    assert ["seqinfo.ini has the seqLength" in sentence for sentence in said(found)] == [True] and not found.faults[0].skipped
