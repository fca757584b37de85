"""An export is there whole or not at all, and never takes the place of somebody's files."""

import zipfile

import pytest

from grounding.exchange.atomic_writer import open_atomic_writer


def write(target, **files):
    with open_atomic_writer(target) as out:
        for name, text in files.items():
            with out.open(f"in/{name}.txt") as file:
                file.write(text.encode())


def read(target, name):
    if target.suffix == ".zip":
        return zipfile.ZipFile(target).read(f"in/{name}.txt").decode()
    return (target / "in" / f"{name}.txt").read_text()


@pytest.mark.parametrize("name", ["out", "out.zip"])
class TestBoth:
    def test_what_is_written_is_there(self, tmp_path, name):
        write(tmp_path / "deep" / name, a="1")
        assert read(tmp_path / "deep" / name, "a") == "1"

    def test_nothing_is_left_of_one_that_broke_off(self, tmp_path, name):
        with pytest.raises(KeyboardInterrupt), open_atomic_writer(tmp_path / name) as out:
            with out.open("a.txt") as file:
                file.write(b"1")
            raise KeyboardInterrupt
        assert list(tmp_path.iterdir()) == []

    def test_an_earlier_export_of_ours_stays_until_the_new_one_is_whole(self, tmp_path, name):
        write(tmp_path / name, old="1")
        with pytest.raises(OSError), open_atomic_writer(tmp_path / name):
            raise OSError("disk full")
        assert read(tmp_path / name, "old") == "1"
        write(tmp_path / name, new="2")
        assert read(tmp_path / name, "new") == "2"
        with pytest.raises((KeyError, FileNotFoundError)):
            read(tmp_path / name, "old")
        assert [path.name for path in tmp_path.iterdir()] == [name]

    def test_names_stay_inside(self, tmp_path, name):
        for bad in ("../a", "/a", ""):
            with pytest.raises(ValueError, match="relative name"), open_atomic_writer(tmp_path / name) as out:
                out.open(bad)


def test_a_folder_with_other_files_is_refused(tmp_path):
    (tmp_path / "mine.txt").write_text("precious")
    with pytest.raises(ValueError, match="not from an export of ours"):
        write(tmp_path, a="1")
    assert (tmp_path / "mine.txt").read_text() == "precious"


@pytest.mark.parametrize("mine", [b"no zip at all", None])
def test_an_archive_of_somebody_else_is_refused(tmp_path, mine):
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr("photo.jpg", "precious")
    if mine:
        (tmp_path / "a.zip").write_bytes(mine)
    before = (tmp_path / "a.zip").read_bytes()
    with pytest.raises(ValueError, match="no export of ours"):
        write(tmp_path / "a.zip", a="1")
    assert (tmp_path / "a.zip").read_bytes() == before


def test_an_export_that_somebody_added_a_file_to_is_refused(tmp_path):
    write(tmp_path / "out", a="1")
    (tmp_path / "out" / "in" / "notes.txt").write_text("precious")
    with pytest.raises(ValueError, match="not from an export of ours"):
        write(tmp_path / "out", a="1")


def test_an_empty_folder_is_taken(tmp_path):
    (tmp_path / "out").mkdir()
    write(tmp_path / "out", a="1")
    assert read(tmp_path / "out", "a") == "1"


def test_a_folder_is_no_place_for_a_file_and_a_file_none_for_a_folder(tmp_path):
    (tmp_path / "a.zip").mkdir()
    (tmp_path / "b").write_text("x")
    with pytest.raises(ValueError, match="is a folder"):
        write(tmp_path / "a.zip", a="1")
    with pytest.raises(ValueError, match="is a file"):
        write(tmp_path / "b", a="1")


def test_the_same_export_is_the_same_archive(tmp_path):
    write(tmp_path / "a.zip", a="1", b="2")
    write(tmp_path / "b.zip", a="1", b="2")
    assert (tmp_path / "a.zip").read_bytes() == (tmp_path / "b.zip").read_bytes()
