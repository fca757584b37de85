"""Pixels: upright, encoded anew, by id, with headers that keep them harmless; videos frame for frame."""

import io
from fractions import Fraction

import numpy as np
import pytest
from PIL import Image as Pillow

from grounding.data.media import open_video
from grounding.web.photos import DECODING_VERSION
from tests import barcode
from tests.web.sending import picture


def opened(answer):
    return Pillow.open(io.BytesIO(answer.content))


@pytest.fixture
def video(store, project, tmp_path):
    """Makes a film and puts it into the project."""
    def make(name="v.mp4", **options):
        path = barcode.write_video(tmp_path / name, **options)
        with open_video(path) as film:
            item = store.add_item(project["id"], name=name, kind="video", sha256=store.add_file(path, path.suffix[1:]),
                                  ext=path.suffix[1:], size=film.size, pts=film.frames.pts_s, meta={"playable": film.playable})
        return {"id": item.id, "thumb": f"/media/{item.id}/thumb"}
    return make


@pytest.mark.parametrize("orientation", range(1, 9))
def test_photos_are_upright_and_carry_nothing_else(web, upload, items, orientation):
    exif = Pillow.Exif()
    exif[0x0112], exif[0x010E] = orientation, "secret place"
    upload(("photo.jpg", picture(size=(64, 32), exif=exif)))
    answer = web.get(f"/media/{items()[0]['id']}/image")
    assert opened(answer).size == ((64, 32) if orientation < 5 else (32, 64)) == (items()[0]["width"], items()[0]["height"])
    assert b"secret place" not in answer.content and not opened(answer).getexif()


def test_small_graphics_stay_exact_and_photos_become_jpeg(web, upload, items):
    pixels = np.random.default_rng(0).integers(0, 255, (48, 64, 3), np.uint8)
    out = io.BytesIO()
    Pillow.fromarray(pixels).save(out, "PNG")
    upload(("drawn.png", out.getvalue()), ("photo.jpg", picture()))
    drawn, photo = (web.get(f"/media/{item['id']}/image") for item in items())
    assert drawn.headers["content-type"] == "image/png" and np.array_equal(np.asarray(opened(drawn)), pixels)
    assert photo.headers["content-type"] == "image/jpeg"


def test_what_an_id_stands_for_can_be_kept_forever_and_does_no_harm(web, photo):
    answer = web.get(photo["thumb"])
    headers = answer.headers
    assert "immutable" in headers["cache-control"] and headers["x-content-type-options"] == "nosniff"
    assert "default-src 'none'" in headers["content-security-policy"] and max(opened(answer).size) <= 320
    again = web.get(photo["thumb"], headers={"if-none-match": headers["etag"]})
    assert again.status_code == 304 and again.content == b""


def test_a_picture_that_is_decoded_in_another_way_has_another_address_and_tag(web, photo, monkeypatch):
    before = web.get(photo["thumb"])
    for module in ("photos", "shapes", "media_routes"):
        monkeypatch.setattr(f"grounding.web.{module}.DECODING_VERSION", DECODING_VERSION + 1)
    [now] = web.get(f"/api/projects/{photo['project']}/items").json()["items"]
    assert now["thumb"] != photo["thumb"]
    again = web.get(photo["thumb"], headers={"if-none-match": before.headers["etag"]})
    assert again.status_code == 200 and again.headers["etag"] != before.headers["etag"]


@pytest.mark.parametrize("version", ["", "?v=1", "?v=x", "?v="])
def test_an_address_without_its_version_is_asked_for_again_each_time(web, photo, version):
    answer = web.get(f"/media/{photo['id']}/thumb{version}")
    assert answer.status_code == 200 and answer.headers["cache-control"] == "private, no-cache"


def test_a_picture_is_made_once(web, photo, store):
    first = web.get(f"/media/{photo['id']}/image").content
    made = list((store.folder / "cache" / "pictures").rglob("*.jpg"))
    made[0].write_bytes(b"kept")
    assert len(made) == 1 and len(first) > 4 and web.get(f"/media/{photo['id']}/image").content == b"kept"


def test_a_lost_file_is_a_sentence_that_names_it(web, photo, store):
    store.media_path(store.item(photo["id"])).unlink()
    answer = web.get(f"/media/{photo['id']}/image")
    assert answer.status_code in (400, 404) and "photo.jpg" in answer.json()["error"] and str(store.folder) not in answer.text


def test_a_lost_video_is_a_sentence_too(web, video, store):
    item = video(count=4)
    store.media_path(store.item(item["id"])).unlink()
    for url in (f"/media/{item['id']}/video", f"/media/{item['id']}/frames/1", item["thumb"]):
        answer = web.get(url)
        assert answer.status_code in (400, 404) and "v.mp4" in answer.json()["error"] and str(store.folder) not in answer.text


@pytest.mark.parametrize("name, options", [("v.mp4", {}), ("v.webm", {"codec": "vp9"}),
                                           ("late.mp4", {"times_s": [0.5 + n / 20 + (n % 3) * 0.01 for n in range(40)]})])
def test_the_frame_asked_for_is_the_frame_shown(web, video, name, options):
    item = video(name, count=40, **options)
    told = web.get(f"/api/items/{item['id']}").json()["video"]
    assert told["frames"] == len(told["pts"]) == 40 and told["frame_src"] == f"/media/{item['id']}/frames/{{n}}?v={DECODING_VERSION}"
    for number in (0, 1, 2, 39, 17, 18, 3):
        answer = web.get(told["frame_src"].replace("{n}", str(number)))
        assert answer.headers["content-type"] == "image/jpeg" and barcode.read_number(np.asarray(opened(answer))) == number
    assert barcode.read_number(np.asarray(opened(web.get(item["thumb"])))) == 0
    assert web.get(f"/media/{item['id']}/frames/40").status_code == 404


def test_videos_are_sent_in_ranges(web, video, store):
    item = video(count=30)
    url, data = f"/media/{item['id']}/video", store.media_path(store.item(item["id"])).read_bytes()
    part = web.get(url, headers={"range": "bytes=10-19"})
    assert part.status_code == 206 and part.content == data[10:20] and part.headers["content-type"] == "video/mp4"
    assert part.headers["content-range"] == f"bytes 10-19/{len(data)}" and web.get(url).content == data
    assert web.get(url, headers={"range": f"bytes={len(data)}-"}).status_code == 416


def test_a_codec_browsers_lack_is_told_and_shown_frame_by_frame(web, video):
    item = video("old.avi", codec="mpeg4", count=20, time_base=Fraction(1, 30))
    told = web.get(f"/api/items/{item['id']}").json()["video"]
    assert told["playable"] is False
    assert barcode.read_number(np.asarray(opened(web.get(f"/media/{item['id']}/frames/13")))) == 13


def test_more_videos_than_stay_open_can_be_stepped_through(web, video):
    films = [video(f"{n}.mp4", count=4 + n) for n in range(6)]
    for number in (1, 2, 0, 3):
        for item in films:
            frame = web.get(f"/media/{item['id']}/frames/{number}")
            assert barcode.read_number(np.asarray(opened(frame))) == number


def test_an_uploaded_video_comes_in_and_everything_in_it_can_be_followed(web, upload, items, works, tmp_path):
    upload(("v.mp4", barcode.write_video(tmp_path / "v.mp4", count=12).read_bytes()))
    item = items()[0]
    assert web.get(f"/api/items/{item['id']}").json()["video"]["playable"] is True
    job = web.post(f"/api/items/{item['id']}/follow", json={}).json()["job"]
    assert works.jobs.wait(job).state == "done"
    tracks = [a for a in web.get(f"/api/items/{item['id']}").json()["annotations"] if a["kind"] == "track"]
    assert [(t["value"]["label"], t["value"]["keyframes"][0]["frame"], t["value"]["keyframes"][-1]["frame"]) for t in tracks] == [
        ("dog", 0, 11)
    ]


def test_a_box_pressed_twice_is_followed_once(web, video, works):
    from grounding.models.tracking.box_follower import BoxFollower

    works.models.provider.shipped["follower"] = BoxFollower
    film = video(count=12)
    asked = [{"frame": frame, "box": [2, 2, 30, 30]} for frame in (0, 0, 3)]
    first, second, third = (web.post(f"/api/items/{film['id']}/follow", json=one).json()["job"] for one in asked)
    assert first == second != third
    assert all(works.jobs.wait(job).state == "done" for job in (first, third))
    tracks = [a["object"] for a in web.get(f"/api/items/{film['id']}").json()["annotations"] if a["kind"] == "track"]
    again = [web.post(f"/api/items/{film['id']}/follow", json={"frame": 5, "object": track}).json()["job"] for track in tracks]
    assert len(tracks) == len(set(again)) == 2  # two tracks from one frame are two pieces of work
    assert all(works.jobs.wait(job).state == "done" for job in again)


def test_photos_have_no_frames_and_videos_no_image(web, photo, video):
    film = video(count=4)
    for url in (f"/media/{photo['id']}/frames/0", f"/media/{photo['id']}/video", f"/media/{film['id']}/image"):
        assert web.get(url).status_code == 404 and "is a" in web.get(url).json()["error"]
    assert web.post(f"/api/items/{photo['id']}/follow", json={}).status_code == 400
