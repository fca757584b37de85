"""A box or a click is described over the wire, and the words of a sentence get their places."""


import pytest

from grounding.models.scripted import ScriptedCaptioner


@pytest.fixture
def url(works, photo):
    works.models.provider.shipped["captioner"] = lambda: ScriptedCaptioner("a dog")
    return f"/api/items/{photo['id']}/describe"


def test_a_box_is_described_and_its_words_point(web, url):
    told = web.post(url, json={"box": [10, 10, 30, 20]}).json()
    assert told["text"] == "a dog" and 0 <= told["score"] <= 1 and told["box"] == [10, 10, 30, 20]
    assert told["words"] == [{"text": "a", "x": 20, "y": 15}, {"text": "dog", "x": 20, "y": 15}]


def test_a_click_is_described_and_cut_to_the_picture(web, url):
    assert web.post(url, json={"point": [2, 40]}).json()["box"] == [0, 30, 12, 48]


def test_without_a_place_the_whole_picture_is_described(web, url):
    assert web.post(url, json={}).json()["box"] == [0, 0, 64, 48]


def test_the_words_of_a_sentence_get_places(web, url):
    told = web.post(url, json={"text": "the wet dog"}).json()
    assert told["text"] == "the wet dog" and [word["text"] for word in told["words"]] == ["the", "wet", "dog"]


@pytest.mark.parametrize("asked", [
    {"box": [0, 0, 9, 9], "point": [1, 1]}, {"box": [100, 100, 120, 120]}, {"box": [1, 2, 3]}, {"point": ["a", 2]},
    {"text": "x" * 400}, {"more": 1}, {"box": [5, 5, 5, 5]},
])
def test_what_cannot_be_described_is_refused_in_a_sentence(web, url, asked):
    refused = web.post(url, json=asked)
    assert refused.status_code == 400 and 10 < len(refused.json()["error"]) < 250


def test_without_a_captioner_the_app_says_so(web, photo):
    refused = web.post(f"/api/items/{photo['id']}/describe", json={})
    assert refused.status_code == 400 and "captioner" in refused.json()["error"]
