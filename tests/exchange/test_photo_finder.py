"""A photo is found where exactly one file can be meant, and it is said how; where two can be meant, none is guessed."""

import json
import zipfile

import pytest

from grounding.data import Size
from grounding.exchange import coco
from grounding.exchange.archive import UploadTree, ZipTree
from grounding.exchange.names import deduplicate_names
from tests.coco_sets import annotation, boxes, coco_json, fault_text, image, read

INSTANCES = "annotations/instances_default.json"


def found(folder, file_name, files, name=INSTANCES):
    """The file that an image's file_name means, and what is said of it."""
    data = read(folder, coco_json(images=[image(file_name=file_name)]), files, name=name)
    assert len(boxes(data)) == len(data.images)
    return (data.images[0].file if data.images else None), fault_text(data)


@pytest.mark.parametrize("file_name, file", [
    ("my%20dog.jpg", "images/my dog.jpg"), ("my dog.jpg", "images/my%20dog.jpg"), ("c.jpg", "images/c.JPG"),
    ("Sub/C.jpg", "images/sub/c.jpg"),
    ("cafe\u0301.jpg", "images/caf\u00e9.jpg"), ("caf\u00e9.jpg", "images/cafe\u0301.jpg"),
    ("caf%C3%A9.JPG", "photos/cafe\u0301.jpg"), ("STRASSE.jpg", "stra\u00dfe.jpg"),
    ("Tom &amp; Jerry.jpg", "images/Tom & Jerry.jpg"), ("a%2520b.jpg", "images/a b.jpg"), ("it&#39;s.jpg", "it's.jpg"),
    ("a.jpg?sv=1&x=b.jpg", "images/a.jpg"),
])  # fmt: skip
def test_a_name_in_another_spelling_finds_its_file_and_that_is_said_once(tmp_path, file_name, file):
    where, said = found(tmp_path, file_name, [file, "images/other.jpg"])
    assert where == file and said.count("1 photo was found under a name that is spelt differently") == 1 and file in said


@pytest.mark.parametrize("file_name, file", [
    ("C:\\data\\set\\a.jpg", "images/a.jpg"), ("C:/data/set/a.jpg", "images/a.jpg"),
    ("\\\\server\\share\\a.jpg", "images/a.jpg"), ("/home/x/set/a.jpg", "images/a.jpg"),
    ("s3://bucket/key/a.jpg", "images/a.jpg"), ("gs://bucket/a.jpg", "a.jpg"),
    ("https://host:80/x/a.jpg?size=1&x=/b.jpg", "images/a.jpg"), ("http://h/my%20dog.jpg#top", "images/my dog.jpg"),
    ("file:///home/x/a.jpg", "images/deep/a.jpg"), ("/data/local-files/?d=set/a.jpg", "images/a.jpg"),
    ("https://ls.org/data/local-files/?d=set%2Fa.jpg", "images/a.jpg"),
    ("/home/x/one/a.jpg", "images/one/a.jpg"), ("export/images/a.jpg", "a.jpg"), ("a.jpg", "images/deep/er/a.jpg"),
    ("set/sub/a.jpg", "images/sub/a.jpg"), ("C:\\D\\A.JPG", "images/a.jpg"),
])  # fmt: skip
def test_a_path_of_another_computer_finds_the_one_file_that_ends_as_it_does(tmp_path, file_name, file):
    where, said = found(tmp_path, file_name, [file, "images/other.jpg", "images/b.jpg"])
    assert where == file and "1 photo was found by the end of" in said


@pytest.mark.parametrize("file_name, file", [
    ("upload/1/abcd1234-a.jpg", "images/a.jpg"), ("images/abcd1234-a.jpg", "a.jpg"),
    ("/data/upload/12/ABCD1234-a.jpg", "images/a.jpg"), ("a.jpg", "images/abcd1234-a.jpg"),
    ("https://host/data/upload/1/abcd1234-a.jpg", "images/a.jpg"), ("..\\..\\media\\upload\\1\\abcd1234-my_a.jpg", "my_a.jpg"),
])  # fmt: skip
def test_the_letters_of_label_studio_before_a_name_do_not_matter(tmp_path, file_name, file):
    where, said = found(tmp_path, file_name, [file, "images/ba.jpg"])
    assert where == file and "without the letters that Label Studio puts before it" in said


@pytest.mark.parametrize("file_name, files", [
    ("a.jpg", ["images/one/a.jpg", "images/two/a.jpg"]), ("a.jpg", ["images/a.jpg", "photos/a.jpg"]),
    ("a.jpg", ["images/a.JPG", "images/A.jpg"]), ("C:\\x\\a.jpg", ["images/one/a.jpg", "images/two/a.jpg"]),
    ("my%20a.jpg", ["images/my a.jpg", "photos/MY A.jpg"]),
    ("upload/1/abcd1234-a.jpg", ["images/x/a.jpg", "images/y/a.jpg"]),
    ("a.jpg", ["images/abcd1234-a.jpg", "images/ffff1234-a.jpg"]),
    ("http://h/a.jpg", ["images/one/a.jpg", "images/two/a.jpg"]),
])  # fmt: skip
def test_a_name_that_fits_two_files_is_named_and_none_is_taken(tmp_path, file_name, files):
    where, said = found(tmp_path, file_name, files)
    assert where is None and f"fits {sorted(files)[0]} and {sorted(files)[1]} (1 box left out with it)" in said


@pytest.mark.parametrize("file_name, file", [
    ("C:\\x\\dog\\1.jpg", "dog/1.jpg"), ("C:\\x\\dog\\1.jpg", "images/1.jpg"), ("C:\\x\\train\\1.jpg", "dog/1.jpg"),
    ("C:\\x\\dog\\1.jpg", "dog/new/images/1.jpg"),
    ("upload/1/abcd1234-1.jpg", "holiday/1.jpg"), ("x/masks/a.png", "masks/a.png"),
    ("C:\\x\\dog\\DSC0012345.jpg", "cat/DSC0012345.jpg"), ("a.png", "masked/a.png"),
    ("a.png", "train_station/a.png"), ("a.png", "val images 2017/a.png"), ("val/a.png", "images_val2017/a.png"),
    ("C:\\x\\dog\\1.jpg", "train_images/1.jpg"),
])  # fmt: skip
def test_a_folder_that_does_not_contradict_is_no_hindrance(tmp_path, file_name, file):
    assert found(tmp_path, file_name, [file])[0] == file


def test_pictures_that_were_made_from_a_photo_do_not_compete_with_it(tmp_path):
    assert found(tmp_path, "a.png", ["imgs_2024/a.png", "masks/a.png", "thumbs/a.png"])[0] == "imgs_2024/a.png"


def test_two_copies_of_one_file_are_no_question(tmp_path):
    for place in ("images", "photos"):
        (tmp_path / place).mkdir()
        (tmp_path / place / "a.jpg").write_bytes(b"same")
    assert found(tmp_path, "a.jpg", [])[0] == "images/a.jpg"


@pytest.mark.parametrize("file_name, file, name", [
    ("cats/1.jpg", "images/dogs/1.jpg", INSTANCES), ("train/1.jpg", "images/val/1.jpg", INSTANCES),
    ("C:\\x\\train\\1.jpg", "images/val2017/1.jpg", INSTANCES),
    ("1.jpg", "images/val/1.jpg", "annotations/instances_train.json"),
    ("1.jpg", "valid/1.jpg", "train/_annotations.coco.json"), ("images\\1/90fb-b.jpg", "images/90fb-b.jpg", INSTANCES),
    ("a.jpg", "images/b.jpg", INSTANCES), ("a.jpg", "images/a.png", INSTANCES), ("a.jpg", "images/aa.jpg", INSTANCES),
    ("upload/1/abcd1234-a.jpg", "images/b.jpg", INSTANCES),
    ("C:\\x\\dog\\1.jpg", "cat/1.jpg", INSTANCES),
    ("/home/x/dog/frame_0001.jpg", "images/cat/frame_0001.jpg", INSTANCES),
    ("s3://bucket/dog/IMG_12.jpg", "cat/IMG_12.jpg", INSTANCES),
    ("a.png", "masks/a.png", INSTANCES), ("images/a.png", "SegmentationClass/a.png", INSTANCES),
    ("a.jpg", "thumbnails/a.jpg", INSTANCES), ("C:\\x\\a.jpg", "images/dog_masks/a.jpg", INSTANCES),
    ("a.jpg", "train_images/a.jpg", "annotations/instances_val.json"),
    ("a.jpg", "test/val/a.jpg", "test/annotations/instances_train.json"), ("a.jpg", "images_val/a.jpg", "train.json"),
    ("20240115-a.jpg", "images/a.jpg", INSTANCES), ("a.jpg", "images/20240115-a.jpg", INSTANCES),
    ("upload/1/15012024-a.jpg", "images/a.jpg", INSTANCES),
])  # fmt: skip
def test_a_file_of_another_folder_or_split_is_not_taken_for_it(tmp_path, file_name, file, name):
    where, said = found(tmp_path, file_name, [file], name=name)
    assert where is None and "is not in the folder (1 box left out with it)" in said


def test_the_exact_name_goes_before_every_other(tmp_path):
    assert found(tmp_path, "a%20b.jpg", ["images/a%20b.jpg", "images/a b.jpg"]) == ("images/a%20b.jpg", "")


def test_many_photos_that_were_found_alike_are_one_line(tmp_path):
    images = [image(id=number, file_name=f"C:\\x\\{number}.jpg") for number in range(1, 9)]
    data = read(
        tmp_path,
        coco_json(images=images, annotations=[annotation(id=n, image_id=n) for n in range(1, 9)]),
        [f"images/{n}.jpg" for n in range(1, 9)],
    )
    assert len(boxes(data)) == 8 and len(data.faults) == 1 and "8 photos were found" in fault_text(data)
    assert [picture.name for picture in data.images] == [f"{n}.jpg" for n in range(1, 9)]


def test_two_names_that_end_on_one_file_bring_no_box_of_either(tmp_path):
    images = [image(file_name="C:\\one\\a.jpg"), image(id=2, file_name="C:\\two\\a.jpg")]
    data = read(
        tmp_path, coco_json(images=images, annotations=[annotation(), annotation(id=5, image_id=2, bbox=[1, 1, 2, 2])]), ["images/a.jpg"]
    )
    assert boxes(data) == [] and len(data.images) == 1 and "is the file of 2 images" in fault_text(data)


def test_an_image_that_has_an_address_alone_is_found_by_it(tmp_path):
    data = read(
        tmp_path, coco_json(images=[image(file_name="missing", coco_url="http://images.example.org/val2017/a.jpg")]), ["val2017/a.jpg"]
    )
    assert data.images[0].file == "val2017/a.jpg" and data.images[0].size == Size(100, 80) and len(boxes(data)) == 1


def test_two_files_that_came_under_one_name_are_named_and_none_of_them_is_taken(tmp_path):
    names = deduplicate_names(["instances.json", "a.jpg", "a.jpg"])
    for number, name in enumerate(names):
        (tmp_path / name).write_bytes(json.dumps(coco_json()).encode() if name.endswith("json") else bytes([number]))
    data = coco.read_tree(UploadTree({name: tmp_path / name for name in names}, original_names=names))
    assert data.images == () and "a.jpg fits a (2).jpg and a.jpg (1 box left out with it)" in fault_text(data)
    (tmp_path / "a.jpg").write_bytes((tmp_path / "a (2).jpg").read_bytes())
    assert len(boxes(coco.read_tree(UploadTree({name: tmp_path / name for name in names}, original_names=names)))) == 1
    assert len(boxes(coco.read_tree(UploadTree({name: tmp_path / name for name in names})))) == 1


def test_of_very_many_missing_photos_the_first_are_named_and_how_many_more_there_are(tmp_path):
    images = [image(id=number, file_name=f"{number}.jpg") for number in range(1, 1001)]
    data = read(
        tmp_path,
        coco_json(images=images, annotations=[annotation(id=number, image_id=number) for number in range(1, 1001)]),
        photos=["1.jpg"],
    )
    assert len(boxes(data)) == 1 and len(data.faults) == 21
    assert "2.jpg is not in the folder (1 box left out with it)" in fault_text(data)
    assert "tells of 979 more photos not in the folder (979 boxes left out with them)" in fault_text(data)


def test_two_files_of_which_one_is_damaged_are_named_and_the_rest_of_the_set_comes_in(tmp_path):
    with zipfile.ZipFile(tmp_path / "set.zip", "w", zipfile.ZIP_STORED) as archive:
        archive.writestr("instances.json", json.dumps(coco_json(images=[image(), image(id=2, file_name="b.jpg")])))
        for name, data in (("x/a.jpg", b"some photo"), ("y/a.jpg", b"same photo"), ("b.jpg", b"other")):
            archive.writestr(name, data)
    (tmp_path / "set.zip").write_bytes((tmp_path / "set.zip").read_bytes().replace(b"same photo", b"some photo"))
    with ZipTree(tmp_path / "set.zip") as tree:
        data = coco.read_tree(tree)
    assert [picture.name for picture in data.images] == ["b.jpg"]
    assert "a.jpg fits x/a.jpg and y/a.jpg (1 box left out with it)" in fault_text(data)
