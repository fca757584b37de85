"""Names in a .zip are read as they were meant, also where an old Windows packed them and told no code page."""

import json
import struct
import zlib

import pytest

from grounding.exchange.archive import ZipTree
from grounding.exchange.coco.reader import read_tree
from grounding.exchange.cvat import image_sets
from tests.coco_sets import annotation, boxes, coco_json, fault_text, image


def packed(path, members: dict, page, extra=lambda raw, name: b""):
    """A .zip with names in the bytes of a code page, as Windows packs it; by hand, since zipfile writes no other names
    than ASCII and UTF-8."""
    before, central = b"", b""
    for name, data in members.items():
        raw, data = name.encode(page), data if isinstance(data, bytes) else data.encode()
        more = extra(raw, name)
        head = struct.pack("<HHHHHIIIHH", 20, 0, 0, 0, 33, zlib.crc32(data), len(data), len(data), len(raw), len(more))
        central += b"PK\x01\x02" + struct.pack("<H", 20) + head + struct.pack("<HHHII", 0, 0, 0, 0, len(before)) + raw + more
        before += b"PK\x03\x04" + head + raw + more + data
    end = b"PK\x05\x06" + struct.pack("<HHHHIIH", 0, 0, len(members), len(members), len(central), len(before), 0)
    path.write_bytes(before + central + end)
    return path


def a_set(*names, folder="images/"):
    images = [image(id=number, file_name=name) for number, name in enumerate(names, 1)]
    rows = [annotation(id=number, image_id=number) for number in range(1, len(names) + 1)]
    return {
        "annotations/instances_default.json": json.dumps(coco_json(images=images, annotations=rows)),
        **{folder + name: name.encode() for name in names},
    }


@pytest.mark.parametrize("page, names", [
    ("cp866", ["собака.jpg", "кошка.jpg"]), ("cp1251", ["собака.jpg"]), ("koi8_r", ["собака.jpg"]),
    ("cp850", ["Hündchen.jpg", "à la ñ.jpg"]), ("cp437", ["Hündchen.jpg"]), ("cp1252", ["Hündchen œ.jpg"]),
    ("cp932", ["犬の写真.jpg", "表.jpg", "ソ.jpg"]), ("cp936", ["狗.jpg", "照片.jpg"]), ("cp949", ["강아지.jpg"]),
    ("cp950", ["狗的照片.jpg"]), ("cp852", ["źrebię.jpg"]), ("cp1250", ["źrebię.jpg"]), ("cp737", ["σκύλος.jpg"]),
    ("cp1253", ["σκύλος.jpg"]), ("cp1254", ["köpeğim ş.jpg"]), ("cp862", ["כלב.jpg"]), ("cp1256", ["كلب.jpg"]), ("cp874", ["หมา.jpg"]),
])  # fmt: skip
def test_names_of_an_unknown_code_page_are_read_as_the_set_spells_them(tmp_path, page, names):
    with ZipTree(packed(tmp_path / "a.zip", a_set(*names), page)) as tree:
        data = read_tree(tree)
        assert len(boxes(data)) == len(names) and [picture.file for picture in data.images] == [f"images/{name}" for name in names]
        assert "read in code page" in fault_text(data) and not any(fault.skipped for fault in data.faults) and tree.uncertain_names == 0
        assert all(tree.open(f"images/{name}").read() == name.encode() for name in names)


def test_a_set_in_a_folder_of_an_unknown_code_page_is_found_with_its_photos_and_phrases(tmp_path):
    members = {f"собаки/{name}": data for name, data in a_set("рекс.jpg").items()}
    members["собаки/annotations/grefs.json"] = json.dumps([{"image_id": 1, "ann_id": [1], "sentences": [{"raw": "the dog"}]}])
    with ZipTree(packed(tmp_path / "a.zip", members, "cp866")) as tree:
        data = read_tree(tree)
        assert data.images[0].file == "собаки/images/рекс.jpg" and len(data.images[0].phrases) == len(boxes(data)) == 1


def test_a_name_that_is_repeated_for_another_file_is_not_believed(tmp_path):
    def extra(raw, name):
        told = struct.pack("<BI", 1, zlib.crc32(b"renamed since")) + b"other.jpg"
        return struct.pack("<HH", 0x7075, len(told)) + told

    with ZipTree(packed(tmp_path / "a.zip", {"dog.jpg": b"x"}, "cp437", extra)) as tree:
        assert tree.names() == ["dog.jpg"]


def test_a_name_that_lies_there_in_unicode_too_is_read_by_that(tmp_path):
    def extra(raw, name):
        return struct.pack("<HHBI", 0x7075, 5 + len(name.encode()), 1, zlib.crc32(raw)) + name.encode()
    with ZipTree(packed(tmp_path / "a.zip", {"собака.jpg": b"x", "кот.jpg": b"y"}, "cp866", extra)) as tree:
        assert tree.names() == ["кот.jpg", "собака.jpg"] and tree.uncertain_names == 0


@pytest.mark.parametrize("page, unknown", [("utf-8", 0), ("cp866", 2), ("cp850", 1)])
def test_names_whose_spelling_nobody_tells_are_counted(tmp_path, page, unknown):
    names = {"cp866": ["собака.jpg", "кот.jpg"], "cp850": ["ü.jpg", "plain.jpg"], "utf-8": ["собака.jpg", "ü.jpg"]}[page]
    with ZipTree(packed(tmp_path / "a.zip", dict.fromkeys(names, b"x"), page)) as tree:
        assert tree.uncertain_names == unknown and len(tree.names()) == 2


def test_a_name_that_leads_out_once_it_is_read_rightly_is_refused(tmp_path):
    members = a_set("собака.jpg") | {"..\\я.jpg": b"evil"}
    with ZipTree(packed(tmp_path / "a.zip", members, "cp866")) as tree:
        read_tree(tree)
        assert tree.refused[0][0] == "../я.jpg" and "outside" in tree.refused[0][1]


def test_every_cvat_file_of_an_archive_of_an_unknown_code_page_is_read_with_its_photos(tmp_path):
    box = '<box label="dog" xtl="1" ytl="1" xbr="9" ybr="9"/>'
    xml = '<annotations><image id="0" name="{}.jpg" width="64" height="48">' + box + "</image></annotations>"
    members = {
        f"{name}/{file}": data
        for name in ("кот", "собака")
        for file, data in (("annotations.xml", xml.format(name).encode()), (f"images/{name}.jpg", name.encode()))
    }
    with ZipTree(packed(tmp_path / "a.zip", members, "cp866")) as tree:
        data = image_sets.read_tree(tree)
    assert sorted(picture.file for picture in data.images) == ["кот/images/кот.jpg", "собака/images/собака.jpg"]
    assert len(boxes(data)) == 2 and fault_text(data) == ""
