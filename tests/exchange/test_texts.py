"""JSON that no program writes is named, and never more than that."""

import json

import pytest

from grounding.exchange.texts import DUPLICATE_KEY, ArchiveError, decode_text, parse_json
from tests.coco_sets import annotation, boxes, coco_json, fault_text, read


@pytest.mark.parametrize(
    "data, why",
    [
        ("{}".encode("utf-16"), "not UTF-8"),
        (b"\x1f\x8b\x08\0\0\0", "packed (gzip)"),
        (b"PK\x03\x04....", "packed (zip)"),
        (b"\xff", "not UTF-8"),
    ],
)
def test_bytes_that_are_no_text_are_named(data, why):
    with pytest.raises(ArchiveError, match="x.json is") as error:
        decode_text(data, "x.json")
    assert why in str(error.value)


@pytest.mark.parametrize("text", ["", " ", "{", "[1,]", '{"a": 1,}', "[" * 100_000, '{"a":' * 5000, "{'a': 1}", "nan", "[1] 2", "\0"])
def test_text_that_is_no_json_is_named(text):
    with pytest.raises(ArchiveError, match="x.json (is not|holds) JSON"):
        parse_json(text, "x.json")


def test_a_number_of_any_length_is_read_and_the_rest_too():
    first, second, third = parse_json(f'[1{"0" * 400}, -1{"0" * 9000}, 7]', "x.json")
    assert first == 10**400 and second != second and third == 7


def test_a_key_that_is_there_twice_has_no_value_unless_both_are_one():
    assert parse_json('{"a": 1, "b": 2, "a": 1}', "x") == {"a": 1, "b": 2}
    assert parse_json('{"a": 1, "a": 2}', "x")["a"] is DUPLICATE_KEY and parse_json('{"a": 1, "a": true}', "x")["a"] is DUPLICATE_KEY


@pytest.mark.parametrize(
    "key, first, second", [("bbox", [1, 2, 3, 4], [5, 6, 7, 8]), ("id", 4, 5), ("image_id", 1, 2), ("category_id", 1, 2), ("iscrowd", 0, 1)]
)
def test_an_annotation_that_says_two_things_under_one_key_is_named_and_stays_out(tmp_path, key, first, second):
    row = json.dumps(annotation(**{key: first}))[:-1] + f', "{key}": {json.dumps(second)}}}'
    text = json.dumps(coco_json(annotations=[annotation(id=9)])).replace('"annotations": [', f'"annotations": [{row}, ')
    data = read(tmp_path, text)
    assert boxes(data) == [(10, 20, 40, 60)] and f'has "{key}" twice with different values' in fault_text(data)


@pytest.mark.parametrize("value", [
    "NaN", "Infinity", "-Infinity", "1e400", "1" * 401, "1" * 5000, '"1"', "true", "null", "[]", "{}", '"\\ud800"',
    "-1e300",
])
@pytest.mark.parametrize("place", [
    "bbox", "id", "image_id", "category_id", "width", "attributes", "file_name", "images", "annotations", "categories",
    "segmentation", "name",
])
def test_any_value_at_any_place_is_read_or_named_and_the_rest_comes_in(tmp_path, place, value):
    row = '{"id": 4, "image_id": 1, "category_id": 1, "bbox": [10, 20, 30, 40]}'
    text = (
        f'{{"images": [{{"id": 1, "file_name": "a.jpg", "width": 100, "height": 80}}, {{"id": 2, "file_name": '
        f'"b.jpg"}}], "annotations": [{row}, {row.replace("4,", "5,", 1)}], '
        '"categories": [{"id": 1, "name": "dog"}]}'
    )
    spot = {
        "bbox": "[10, 20, 30, 40]", "id": "4", "image_id": "1", "category_id": "1", "width": "100",
        "file_name": '"a.jpg"', "name": '"dog"',
    }
    if place in spot:
        text = (
            text.replace(f'"{place}": {spot[place]}', f'"{place}": {value}', 1)
            if place != "bbox"
            else text.replace(spot["bbox"], f"[10, {value}, 30, 40]", 1)
        )
    elif place in ("images", "annotations", "categories"):
        text = text.replace(f'"{place}": [', f'"{place}": [{value}, ')
    else:
        text = text.replace('"id": 4,', f'"id": 4, "{place}": {value},')
    data = read(tmp_path, text, ["a.jpg", "b.jpg"])
    assert set(boxes(data)) <= {(10, 20, 40, 60), (10, 0, 40, 40)}
    assert all(isinstance(fault.why, str) and fault.why for fault in data.faults)
    assert boxes(data) or data.faults
