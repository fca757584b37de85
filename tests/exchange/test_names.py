"""Every picture of an export has a relative name of its own."""

import unicodedata
from pathlib import PurePosixPath

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grounding.exchange.names import NameAllocator, portable_name, relative_name, shorten


@pytest.mark.parametrize(
    "name", ["photo.jpg", "a/b/photo.jpg", "été à Zürich.jpg", "写真 1.png", "100%.jpg", "#1.jpg", "a b  c.jpg", ".jpg"]
)
def test_a_good_name_stays_as_it_is(name):
    assert relative_name(name) == name


@pytest.mark.parametrize("name, safe", [
    ("../../etc/passwd", "etc/passwd"), ("/etc/passwd", "etc/passwd"), ("C:\\photos\\a.jpg", "photos/a.jpg"),
    ("\\\\server\\a.jpg", "server/a.jpg"),
    ("a/../b.jpg", "a/b.jpg"), ("./a.jpg", "a.jpg"), ("a\0b.jpg", "a_b.jpg"), ("", "unnamed"), ("..", "unnamed"), ("a//b", "a/b"),
])  # fmt: skip
def test_a_name_never_leads_out_of_its_folder(name, safe):
    assert relative_name(name) == safe


@given(st.text(max_size=400) | st.text("a:/ .é", max_size=600))
def test_any_text_becomes_a_safe_relative_name(text):
    safe = relative_name(text)
    parts = safe.split("/")
    assert parts and not PurePosixPath(safe).is_absolute() and all(part not in ("", ".", "..") for part in parts)
    assert all(len(part.encode()) <= 255 for part in parts) and "\0" not in safe and "\\" not in safe
    assert relative_name(safe) == safe


def test_a_long_name_is_cut_between_characters_and_keeps_its_extension():
    name = relative_name("写" * 200 + ".jpeg")
    assert name.endswith("写.jpeg") and len(name.encode()) <= 255
    assert shorten("é" * 200 + ".jpg", " (2)").endswith(" (2).jpg")
    assert relative_name("a" * 251 + ".jpg") == "a" * 251 + ".jpg"  # 255 bytes fit


def test_names_that_one_disk_would_mix_up_are_kept_apart():
    book = NameAllocator()
    assert [book.allocate(name) for name in ("a.jpg", "A.JPG", "a.jpg", "b/a.jpg")] == ["a.jpg", "A (2).JPG", "a (3).jpg", "b/a.jpg"]
    composed, decomposed = unicodedata.normalize("NFC", "é.jpg"), unicodedata.normalize("NFD", "é.jpg")
    assert book.allocate(composed) == composed and book.allocate(decomposed) != decomposed


def test_a_folder_and_a_file_never_share_a_name():
    book = NameAllocator()
    assert book.allocate("clip.mp4") == "clip.mp4"
    assert book.allocate_folder("clip.mp4") == "clip (2).mp4"
    assert book.allocate("clip.mp4/frame.png") == "clip (2).mp4/frame.png" or book.allocate("clip.mp4/x") == "clip (3).mp4/x"
    assert book.allocate_folder("other") == "other" and book.allocate("OTHER") == "OTHER (2)"


def test_an_exact_book_tells_case_and_accents_apart_and_still_gives_no_name_twice():
    book = NameAllocator(relative_name, exact=True)
    names = ("a.jpg", "A.jpg", "\u00e9.jpg", "e\u0301.jpg", "a.jpg", "a.jpg/x")
    assert [book.allocate(name) for name in names] == ["a.jpg", "A.jpg", "\u00e9.jpg", "e\u0301.jpg", "a (2).jpg", "a (3).jpg/x"]


@given(st.lists(st.sampled_from(["a", "A", "a/b", "a/B", "a/b/c", "b", "a (2)", "é", "é"]), max_size=30))
def test_all_names_of_a_book_can_lie_on_one_disk(names):
    book = NameAllocator()
    taken = [book.allocate(name) for name in names]
    keys = [unicodedata.normalize("NFC", name).casefold() for name in taken]
    assert len(set(keys)) == len(keys)
    folders = {"/".join(key.split("/")[:depth]) for key in keys for depth in range(1, key.count("/") + 1)}
    assert not folders & set(keys)


@pytest.mark.parametrize(
    "name",
    [
        "photo.jpg",
        "a/b/photo.jpg",
        "été à Zürich.jpg",
        "写真 1.png",
        "100%~.jpg",
        "#1.jpg",
        "-rf.jpg",
        "console.jpg",
        "com.jpg",
        "com10.jpg",
        "my aux.jpg",
        "🐕.jpg",
        "a\u200fb.jpg",
        ".jpg",
    ],
)
def test_a_name_that_every_system_takes_stays_as_it_is(name):
    assert portable_name(name) == name


@pytest.mark.parametrize("name, safe", [
    ("a:b?.jpg", "a_b_.jpg"), ('st*r "x" <y>|.jpg', "st_r _x_ _y__.jpg"), ("aux.jpg", "_aux.jpg"), ("AUX", "_AUX"),
    ("Con.tar.gz", "_Con.tar.gz"), ("nul .txt", "_nul .txt"), ("lpt9/com1.jpg", "_lpt9/_com1.jpg"),
    ("COM¹.jpg", "_COM¹.jpg"), ("conin$", "_conin$"), ("a./b ./c.jpg.", "a/b/c.jpg"), ("c.jpg . .", "c.jpg"),
    ("...", "_"), ("a\x1f\x7fb\nc.jpg", "a__b_c.jpg"),
])
def test_a_name_that_some_system_does_not_take_is_spelled_otherwise(name, safe):
    assert portable_name(name) == safe


@given(st.text(max_size=400) | st.text("aux.con:/ é\U0001f415", max_size=600) | st.text("n" * 9 + "./", min_size=200, max_size=900))
def test_any_text_becomes_a_name_for_every_system(text):
    name = portable_name(text)
    assert portable_name(name) == relative_name(name) == name and len(name.encode("utf-16-le")) <= 2 * 180
    for part in name.split("/"):
        assert part and part[-1] not in ". " and not set(part) & set('<>:"|?*\\') and min(map(ord, part)) > 31 and len(part.encode()) <= 255
        assert part.split(".")[0].rstrip().lower() not in ("con", "prn", "aux", "nul", "com1", "lpt1")


def test_a_long_name_keeps_its_extension_and_its_folder_if_that_is_short():
    assert portable_name("in/" + "n" * 251 + ".jpg") == "in/" + "n" * 173 + ".jpg"
    assert portable_name("f" * 170 + "/a.jpg") == "a.jpg"


def test_names_that_become_one_are_kept_apart():
    book = NameAllocator()
    assert [book.allocate(name) for name in ("a?.jpg", "a*.jpg", "a_.jpg", "A_.JPG.")] == [
        "a_.jpg",
        "a_ (2).jpg",
        "a_ (3).jpg",
        "A_ (4).JPG",
    ]


def test_what_comes_in_keeps_its_name():
    book = NameAllocator(relative_name)
    assert [book.allocate(name) for name in ("a:b?.jpg", "aux.jpg", "a:b?.jpg")] == ["a:b?.jpg", "aux.jpg", "a:b? (2).jpg"]
