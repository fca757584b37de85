"""What a stranger packed into a zip never reaches the disk."""

import io
import os
import stat
import zipfile

import pytest

from grounding.exchange.archive import (
    ArchiveError,
    FolderTree,
    Limits,
    UploadTree,
    ZipTree,
    extract,
    natural_sort_key,
    read_json,
    read_text,
)


def packed(path, members: dict[str, bytes], compression=zipfile.ZIP_DEFLATED):
    with zipfile.ZipFile(path, "w", compression) as archive:
        for name, data in members.items():
            archive.writestr(zipfile.ZipInfo(name), data, compression)
    return path


def test_a_zip_gives_its_files_in_natural_order(tmp_path):
    with ZipTree(packed(tmp_path / "a.zip", {"b/10.jpg": b"x", "b/9.jpg": b"nine", "__MACOSX/._9.jpg": b"", ".hidden": b""})) as tree:
        assert tree.names() == ["b/9.jpg", "b/10.jpg"]
        assert tree.open("b/9.jpg").read() == b"nine"
        assert "b/9.jpg" in tree and "c" not in tree and tree.refused == []


@pytest.mark.parametrize("name", ["../evil.jpg", "a/../../evil.jpg", "/etc/evil.jpg", "C:/evil.jpg", "..\\evil.jpg", "\\\\host\\evil.jpg"])
def test_names_that_lead_out_are_refused_and_the_rest_is_read(tmp_path, name):
    with ZipTree(packed(tmp_path / "a.zip", {name: b"evil", "good.jpg": b"good"})) as tree:
        assert tree.names() == ["good.jpg"]
        [(refused, why)] = tree.refused
        assert refused == name.replace("\\", "/") and "outside" in why
        with pytest.raises(ArchiveError):
            tree.open(name)


ODD = [
    "a:b?.jpg",
    "a: b.jpg",
    "st*r.jpg",
    "aux.jpg",
    "-rf.jpg",
    "~.jpg",
    "100%41.jpg",
    "#1.jpg",
    "line\nbreak.jpg",
    "dots...",
    "space .jpg ",
    "🐕.jpg",
    "\u202eevil.jpg",
    "x" * 251 + ".jpg",
]


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such names")
@pytest.mark.parametrize("name", [*ODD, "back\\slash.jpg", "\\first.jpg", "up\\..\\down.jpg"])
def test_a_folder_gives_its_files_by_whatever_name(tmp_path, name):
    (tmp_path / name).write_bytes(b"photo")
    tree = FolderTree(tmp_path)
    assert tree.names() == [name] and name in tree and tree.open(name).read() == b"photo" and tree.refused == []


@pytest.mark.parametrize("name", ODD)
def test_files_and_archives_give_their_files_by_whatever_name(tmp_path, name):
    with ZipTree(packed(tmp_path / "a.zip", {name: b"photo"})) as tree:
        assert tree.names() == [name] and tree.open(name).read() == b"photo" and tree.refused == []
    (tmp_path / "0").write_bytes(b"photo")
    tree = UploadTree({name: tmp_path / "0"})
    assert tree.names() == [name] and tree.open(name).read() == b"photo" and tree.refused == []


def test_links_are_refused(tmp_path):
    link = zipfile.ZipInfo("link.jpg")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr(link, "/etc/passwd")
    with ZipTree(tmp_path / "a.zip") as tree:
        assert tree.names() == [] and "link" in tree.refused[0][1]


def test_a_member_that_swells_is_refused(tmp_path):
    with ZipTree(packed(tmp_path / "a.zip", {"bomb.jpg": bytes(8 << 20), "good.jpg": b"good"})) as tree:
        assert tree.names() == ["good.jpg"] and "bomb" in tree.refused[0][1]


def test_too_many_members_or_too_many_bytes_refuse_the_archive(tmp_path):
    path = packed(tmp_path / "a.zip", {f"{n}.jpg": bytes(100) for n in range(5)})
    with pytest.raises(ArchiveError, match="5 files, more than 4"):
        ZipTree(path, Limits(members=4))
    with pytest.raises(ArchiveError, match="a.zip unpacks to 500 bytes, more than 400 bytes"):
        ZipTree(path, Limits(total_bytes=400))
    with ZipTree(path, Limits(member_bytes=99)) as tree:
        assert tree.names() == [] and len(tree.refused) == 5


def test_an_archive_that_lies_about_its_sizes_is_caught_while_it_unpacks(tmp_path):
    path = packed(tmp_path / "a.zip", {"a.jpg": bytes(1000)})
    raw = bytearray(path.read_bytes())
    central = raw.rindex(b"PK\x01\x02")
    raw[central + 24 : central + 28] = (10).to_bytes(4, "little")  # the table of contents says 10 bytes
    path.write_bytes(raw)
    with ZipTree(path) as tree, pytest.raises(ArchiveError, match="damaged"):
        extract(tree, "a.jpg", io.BytesIO())


def test_what_is_read_counts_against_the_total_again_and_again(tmp_path):
    with ZipTree(packed(tmp_path / "a.zip", {"a.jpg": bytes(300)}), Limits(total_bytes=500)) as tree:
        extract(tree, "a.jpg", io.BytesIO())
        with pytest.raises(ArchiveError, match="more than 500 bytes"):
            extract(tree, "a.jpg", io.BytesIO())


@pytest.mark.parametrize("compression", [zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_a_damaged_member_is_named_however_it_was_packed(tmp_path, compression):
    path = packed(tmp_path / "a.zip", {"a.jpg": bytes(range(256)) * 40}, compression)
    raw = bytearray(path.read_bytes())
    raw[60:80] = bytes(20)
    path.write_bytes(raw)
    with ZipTree(path) as tree, pytest.raises(ArchiveError, match="a.jpg is damaged inside a.zip"):
        extract(tree, "a.jpg", io.BytesIO())


def test_a_member_without_a_name_is_refused_and_the_rest_is_read(tmp_path):
    path = packed(tmp_path / "a.zip", {"x": b"nameless", "good.jpg": b"good"})
    path.write_bytes(path.read_bytes().replace(b"x", b"\0"))
    with ZipTree(path) as tree:
        assert tree.names() == ["good.jpg"] and len(tree.refused) == 1


def test_an_archive_that_is_not_there_is_not_called_damaged(tmp_path):
    with pytest.raises(ArchiveError, match="gone.zip cannot be opened"):
        ZipTree(tmp_path / "gone.zip")


@pytest.mark.parametrize("data", [b"", b"no zip at all", b"PK\x03\x04 cut"])
def test_a_file_that_is_no_zip_is_named(tmp_path, data):
    (tmp_path / "a.zip").write_bytes(data)
    with pytest.raises(ArchiveError, match="a.zip is damaged or not a .zip"):
        ZipTree(tmp_path / "a.zip")


def test_a_damaged_member_is_named(tmp_path):
    path = packed(tmp_path / "a.zip", {"a.jpg": bytes(range(256)) * 8}, zipfile.ZIP_STORED)
    raw = bytearray(path.read_bytes())
    raw[500] ^= 0xFF
    path.write_bytes(raw)
    with ZipTree(path) as tree, pytest.raises(ArchiveError, match="a.jpg is damaged inside a.zip"):
        extract(tree, "a.jpg", io.BytesIO())


def test_a_locked_member_is_refused(tmp_path):
    path = packed(tmp_path / "a.zip", {"a.jpg": b"secret"})
    raw = bytearray(path.read_bytes())
    for head, flags in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        raw[raw.index(head) + flags] |= 1
    path.write_bytes(raw)
    with ZipTree(path) as tree:
        assert tree.names() == [] and "password" in tree.refused[0][1]


def test_utf8_names_that_do_not_say_so_are_recognised(tmp_path):
    path = packed(tmp_path / "a.zip", {"e_e_.jpg": b"x"})
    path.write_bytes(path.read_bytes().replace(b"e_e_", "éé".encode()))
    with ZipTree(path) as tree:
        assert tree.names() == ["éé.jpg"]


def test_a_folder_gives_its_files_without_hidden_ones(tmp_path):
    for name in ("a/10.jpg", "a/9.jpg", ".git/x", "a/.DS_Store", "Thumbs.db"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(b"x")
    (tmp_path / "loop").symlink_to(tmp_path)
    tree = FolderTree(tmp_path)
    assert tree.names() == ["a/9.jpg", "a/10.jpg"]
    assert "a/9.jpg" in tree and "../x" not in tree and "a\0" not in tree and "x" * 5000 not in tree
    with pytest.raises(ArchiveError, match="is not a file"):
        tree.open("../../etc/passwd")


def test_uploaded_names_cannot_lead_out_either(tmp_path):
    (tmp_path / "1").write_bytes(b"x")
    tree = UploadTree({"../a.jpg": tmp_path / "1", "b.jpg": tmp_path / "1"})
    assert tree.names() == ["b.jpg"] and tree.refused[0][0] == "../a.jpg"


def test_texts_are_utf8_and_short_enough(tmp_path):
    (tmp_path / "a.json").write_bytes(b"\xef\xbb\xbf[1]")
    (tmp_path / "b.json").write_bytes("é".encode("latin-1"))
    (tmp_path / "c.json").write_text("[" * 100_000)
    (tmp_path / "d.json").write_text('{"a": 1,}')
    tree = FolderTree(tmp_path)
    assert read_json(tree, "a.json") == [1]
    with pytest.raises(ArchiveError, match="not UTF-8"):
        read_json(tree, "b.json")
    with pytest.raises(ArchiveError, match="c.json"):
        read_json(tree, "c.json")
    with pytest.raises(ArchiveError, match="d.json is not JSON from line 1"):
        read_json(tree, "d.json")
    with pytest.raises(ArchiveError, match="over 2 bytes"):
        read_text(tree, "a.json", max_bytes=2)


def test_numbers_in_names_sort_as_numbers():
    assert sorted(["f10", "f9", "F1", "a" + "1" * 5000], key=natural_sort_key) == ["a" + "1" * 5000, "F1", "f9", "f10"]
