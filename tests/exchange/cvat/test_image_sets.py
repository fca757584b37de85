"""CVAT for images 1.1 as people bring it: boxes and what has one around it, names, what is not kept."""

import pytest

from grounding.data import Size, axis_aligned_bounds, run_to_end
from grounding.exchange.cvat import image_sets
from grounding.tasks.intake.load import load
from tests import barcode, drawn

DOG = '<box label="dog" source="manual" occluded="{}" xtl="10" ytl="10" xbr="30" ybr="30" z_order="0"{}></box>'


def image(name, *shapes, more=""):
    return f'<image id="0" name="{name}" width="64" height="48"{more}>{"".join(shapes)}</image>'


def write(folder, *parts, name="annotations.xml"):
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_text(f"<annotations><version>1.1</version>{''.join(parts)}</annotations>", "utf-8")
    return folder


def said(found):
    return [f"{fault.where} {fault.why}" for fault in found.faults]


def test_photos_come_in_with_their_boxes_labels_and_what_is_covered(tmp_path, store):
    folder = write(tmp_path / "in", "<meta><task><labels><label><name>cat</name></label></labels></task></meta>",
                   image("a.jpg", DOG.format(0, ""), DOG.format(1, ' rotation="45.00"')), image("sub/b.jpg"))
    drawn.write_photo(folder / "images/a.jpg", 1), drawn.write_photo(folder / "images/sub/b.jpg", 2)
    project = store.create_project("P")
    report = run_to_end(load(store, project.id, [folder]))
    assert (report.photos, report.boxes, report.skipped, report.labels) == (2, 2, [], ["cat", "dog"])
    upright, rotated = (a.value for a in store.current(store.items(project.id)[0].id))
    assert (upright.box, upright.label, upright.state, upright.occluded) == ((10, 10, 30, 30), "dog", "accepted", None)
    assert rotated.box == pytest.approx(axis_aligned_bounds((10, 10, 30, 30), 45)) and rotated.occluded is True
    assert [sentence for _, sentence in report.notes] == ["annotations.xml holds 1 rotated box; of each the upright box around it came in"]


def test_shapes_with_an_outline_come_in_as_boxes_the_others_are_named_and_each_is_said_once(tmp_path):
    shapes = [
        '<polygon label="dog" points="1,2;9,2;9,8.5"/>',
        '<polygon label="dog" points="1,2;9,2;9,9"/>',
        '<ellipse label="dog" cx="20" cy="20" rx="5" ry="3"/>',
        '<mask label="dog" rle="0, 4" left="3" top="4" width="2" height="2"/>',
        '<points label="dog" points="1,2"/>',
        '<polyline label="dog" points="1,2;3,4"/>',
        '<skeleton label="dog"><points label="nose" points="1,2"/></skeleton>',
        '<tag label="sunny"/>',
        DOG.format(0, ' group_id="4"').replace("</box>", '<attribute name="colour">red</attribute></box>'),
    ]
    found = image_sets.read(write(tmp_path, image("a.jpg", *shapes), image("b.jpg", *shapes)), photos=False)
    assert [thing.box for thing in found.images[0].objects] == [
        (1, 2, 9, 8.5),
        (1, 2, 9, 9),
        (15, 17, 25, 23),
        (3, 4, 5, 6),
        (10, 10, 30, 30),
    ]
    around, left, unread = said(found)
    assert "4 polygons, 2 ellipses and 2 masks" in around and "2 points, 2 polylines and 2 skeletons, which are no boxes" in left
    assert "tags, groups and attributes (colour)" in unread


def test_a_bad_shape_is_named_and_the_rest_of_the_photo_comes_in(tmp_path):
    bad = [
        '<box label="dog" xtl="1e400" ytl="1" xbr="2" ybr="2"/>',
        '<box label="dog" ytl="1" xbr="2" ybr="2"/>',
        '<polygon label="dog" points="1,2;3"/>',
        '<mask label="dog" rle="3" left="0" top="0" width="2" height="2"/>',
        '<box label="dog" xtl="9" ytl="1" xbr="2" ybr="2"/>',
        f'<box label="dog" xtl="{"9" * 400}" ytl="1" xbr="2" ybr="2"/>',
        '<ellipse label="dog" cx="1" cy="1" rx="-4" ry="1"/>',
    ]
    found = image_sets.read(write(tmp_path, image("a.jpg", *bad, DOG.format(0, ""))), photos=False)
    assert [len(picture.objects) for picture in found.images] == [1] and len(found.faults) == len(bad)
    assert all("image a.jpg has a " in sentence and "correct it" in sentence for sentence in said(found))


@pytest.mark.parametrize("files", [1, 2])
@pytest.mark.parametrize("second, kept", [("A.jpg", 0), ("a.jpg", 0), ("images/a.jpg", 0), ("b.jpg", 1)])
def test_two_images_of_one_photo_that_tell_different_boxes_bring_none_and_are_named(tmp_path, files, second, kept):
    images = [image("a.jpg", DOG.format(0, "")), image(second, DOG.format(0, ""), DOG.format(0, ' rotation="45"'))]
    for number in range(files):
        folder = write(tmp_path, *(images if files == 1 else images[number:number + 1]), name=f"annotations{number}.xml")
    drawn.write_photo(folder / "images/a.jpg", 1), drawn.write_photo(folder / "images/b.jpg", 2)
    found = image_sets.read(folder)
    assert [len(picture.objects) for picture in found.images] == ([1, 2] if kept else [0])
    lost = [
        sentence
        for sentence in said(found)
        if "is the file of 2 images that tell different boxes" in sentence and "3 boxes stayed out" in sentence
    ]
    assert len(lost) == 1 - kept


def test_photos_of_subsets_are_told_apart_and_one_that_is_listed_twice_alike_comes_in_once(tmp_path):
    folder = write(
        tmp_path,
        image("a.jpg", DOG.format(0, ""), more=' subset="train"'),
        image("a.jpg", more=' subset="val"'),
        image("a.jpg", more=' subset="val"'),
    )
    drawn.write_photo(folder / "images/train/a.jpg", 1), drawn.write_photo(folder / "images/val/a.jpg", 2)
    found = image_sets.read(folder)
    assert [(picture.file, len(picture.objects)) for picture in found.images] == [("images/train/a.jpg", 1), ("images/val/a.jpg", 0)]
    assert said(found) == ["a.jpg is listed 2 times with the same boxes; it came in once"]


def test_photos_of_a_subset_may_lie_in_images_and_pictures_of_a_video_have_an_ending(tmp_path):
    folder = write(
        tmp_path, image("a.jpg", DOG.format(0, ""), more=' subset="default"'), image("b.jpg", more=' subset="train"'), image("frame_000001")
    )
    (
        drawn.write_photo(folder / "images/a.jpg", 1),
        drawn.write_photo(folder / "images/b.jpg", 2),
        drawn.write_photo(folder / "images/frame_000001.png", 3),
    )
    found = image_sets.read(folder)
    assert [picture.file for picture in found.images] == ["images/a.jpg", "images/b.jpg", "images/frame_000001.png"] and found.faults == ()


def test_a_photo_of_another_subset_is_not_taken(tmp_path):
    folder = write(tmp_path, image("a.jpg", DOG.format(0, ""), more=' subset="train"'))
    drawn.write_photo(folder / "images/val/a.jpg", 1)
    found = image_sets.read(folder)
    assert found.images == () and "a.jpg is not in the folder (1 box left out with it)" in said(found)[0]


def test_names_that_are_spelt_differently_are_found_and_it_is_said_how(tmp_path):
    folder = write(tmp_path, image("Sub\\A%20b.JPG", DOG.format(0, "")))
    drawn.write_photo(folder / "images/sub/a b.jpg", 1)
    found = image_sets.read(folder)
    assert [picture.file for picture in found.images] == ["images/sub/a b.jpg"]
    assert "1 photo was found under a name that is spelt differently" in said(found)[0]


def test_a_photo_that_is_missing_or_a_frame_of_a_video_is_named_with_the_cure(tmp_path, store):
    folder = write(tmp_path / "in", image("gone.jpg", DOG.format(0, "")), image("frame_000001", DOG.format(0, "")), "<image/>")
    drawn.write_photo(folder / "other.jpg")
    report = run_to_end(load(store, store.create_project("P").id, [folder]))
    none, gone, frame = (sentence for _, sentence in report.skipped)
    assert "image gone.jpg is not in the folder (1 box left out with it); put it in images/" in gone and "CVAT for video 1.1" in frame
    assert "image 3 has no name" in none and (report.photos, report.boxes) == (1, 0)


def test_frames_of_a_video_are_named_once_with_a_cure_that_can_be_followed(tmp_path, store):
    folder, project = tmp_path / "in", store.create_project("P")
    write(folder, *[image(f"frame_{number:06d}{ending}", DOG.format(0, "")) for number, ending in ((0, ""), (1, ""), (2, ".PNG"))])
    barcode.write_video(folder / "film.mp4", count=6, size=(168, 96))
    report = run_to_end(load(store, project.id, [folder]))
    ((_, sentence),) = report.skipped
    assert report.videos == 1 and "3 frames of a video" in sentence and "3 boxes left out" in sentence
    assert '"CVAT for video 1.1" and put its video beside' in sentence
    box = '<box frame="{}" outside="{}" occluded="0" keyframe="1" xtl="1" ytl="2" xbr="30" ybr="40"/>'
    tracks = "".join(f'<track id="{frame}" label="dog">{box.format(frame, 0)}{box.format(frame + 1, 1)}</track>' for frame in range(3))
    (folder / "annotations.xml").write_text(
        f"<annotations><meta><task><size>6</size><source>film.mp4</source></task></meta>{tracks}</annotations>"
    )
    report = run_to_end(load(store, project.id, [folder]))
    assert (report.tracks, report.skipped) == (3, [])


def test_boxes_for_another_size_of_photo_stay_out_and_those_over_the_edge_are_cut_and_named(tmp_path, store):
    over = '<box label="dog" xtl="50" ytl="10" xbr="90" ybr="30"/><box label="dog" xtl="70" ytl="10" xbr="90" ybr="30"/>'
    folder = write(tmp_path / "in", image("a.jpg", over), image("b.jpg", DOG.format(0, "")).replace('width="64"', 'width="640"'))
    drawn.write_photo(folder / "a.jpg", 1), drawn.write_photo(folder / "b.jpg", 2)
    report = run_to_end(load(store, store.create_project("P").id, [folder]))
    (_, note), lost = report.notes[0], " ".join(sentence for _, sentence in report.skipped)
    assert report.boxes == 1 and "holds 1 box over the edge of the photo; cut there" in note
    assert "covers nothing" in lost and "640 x 48" in lost
    assert (len(report.notes), len(report.skipped)) == (1, 2)


def test_a_folder_of_image_and_video_tasks_brings_both(tmp_path, store):
    folder = write(tmp_path / "in/photos task", image("a.jpg", DOG.format(0, "")))
    drawn.write_photo(folder / "images/a.jpg", 1)
    write(tmp_path / "in/film", '<track id="0" label="cat"><box frame="1" xtl="10" ytl="10" xbr="30" ybr="30"/></track>')
    barcode.write_video(tmp_path / "in/film/film.mp4", count=5)
    report = run_to_end(load(store, store.create_project("P").id, [tmp_path / "in"]))
    assert (report.photos, report.boxes, report.videos, report.tracks, report.skipped) == (1, 1, 1, 1, [])


def test_a_turned_photo_with_boxes_of_the_unturned_one_is_turned_with_them(tmp_path, store):
    folder = write(
        tmp_path / "in", '<image id="0" name="a.jpg" width="48" height="64"><box label="dog" xtl="0" ytl="0" xbr="10" ybr="20"/></image>'
    )
    drawn.write_photo(folder / "a.jpg", 1, orientation=6)
    project = store.create_project("P")
    report = run_to_end(load(store, project.id, [folder]))
    (item,) = store.items(project.id)
    assert item.size == Size(64, 48) and report.boxes == 1 and "turned with it" in report.notes[0][1]


def test_of_very_many_missing_photos_the_first_are_named_and_how_many_more_there_are(tmp_path):
    found = image_sets.read(write(tmp_path, *(image(f"{number}.jpg", DOG.format(0, "")) for number in range(1000))))
    assert found.images == () and len(found.faults) == 21
    assert "tells of 980 more photos not in the folder (980 boxes left out with them)" in found.faults[-1].why
