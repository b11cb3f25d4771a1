import os
import resource
import stat
import subprocess
import sys

import numpy as np
import pytest
import torch
from PIL import Image

from ganeval.errors import InputError
from ganeval.files import (
    alone,
    check_free,
    regular_file,
    remove_leftovers,
    whole,
    whole_folder,
)


def test_takes_its_place_when_complete(tmp_path):
    path = tmp_path / "a.txt"
    path.write_text("old")
    with whole(path) as beside:
        beside.write_text("new")
        assert path.read_text() == "old" and beside.parent == tmp_path
    assert path.read_text() == "new" and list(tmp_path.iterdir()) == [path]


def test_a_failure_leaves_what_was_there(tmp_path):
    path = tmp_path / "a.txt"
    path.write_text("old")
    with pytest.raises(KeyError), whole(path) as beside:
        beside.write_text("half")
        raise KeyError
    assert path.read_text() == "old" and list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("hard_links", [True, False])
def test_what_came_meanwhile_is_kept_where_it_is_not_to_be_replaced(
    tmp_path, monkeypatch, hard_links
):
    if not hard_links:  # as on a USB stick

        def refuse(source, target):
            raise PermissionError(1, "Operation not permitted", source, None, target)

        monkeypatch.setattr(os, "link", refuse)
    path = tmp_path / "a.txt"
    with pytest.raises(FileExistsError) as caught, whole(path, replace=False) as beside:
        beside.write_text("second")
        with whole(path, replace=False) as other:
            other.write_text("first")
    assert caught.value.filename == str(path)
    assert path.read_text() == "first" and list(tmp_path.iterdir()) == [path]
    link = tmp_path / "link"
    link.symlink_to("nowhere")
    with pytest.raises(FileExistsError), whole(link, replace=False) as beside:
        beside.write_text("new")
    assert link.is_symlink() and sorted(tmp_path.iterdir()) == [path, link]


def test_one_process_at_a_time_writes_and_a_killed_one_lets_go(tmp_path):
    held = (
        "import sys; from ganeval.files import alone\n"
        "with alone(sys.argv[1]):\n    print('in', flush=True); sys.stdin.read()"
    )
    for path in (tmp_path, tmp_path / "scores.jsonl"):
        process = subprocess.Popen(
            [sys.executable, "-c", held, path], stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
        with process:
            assert process.stdout.readline() == b"in\n"
            with pytest.raises(InputError, match="another process writes to"), alone(path):
                pass
            process.kill()
        with alone(path):
            pass
    assert not list(tmp_path.iterdir())


def test_nothing_written_is_an_error(tmp_path):
    with pytest.raises(FileNotFoundError), whole(tmp_path / "a.txt"):
        pass


def test_a_link_is_replaced_and_what_it_leads_to_is_left_alone(tmp_path):
    (tmp_path / "kept").write_text("kept")
    (tmp_path / "link").symlink_to("kept")
    with whole(tmp_path / "link") as beside:
        beside.write_text("new")
    assert (tmp_path / "kept").read_text() == "kept"
    assert (tmp_path / "link").read_text() == "new" and not (tmp_path / "link").is_symlink()


def save_text(file):
    file.write(bytes(100_000))


def save_tensor(file):
    torch.save({"a": torch.zeros(100_000)}, file)


def save_arrays(file):
    np.savez(file, a=np.zeros(100_000))


def save_picture(file):
    Image.effect_noise((300, 300), 50).save(file, format="png")


@pytest.fixture
def small_files_only():
    """As on a full disk: no file may grow beyond 20 kB."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, before[1]))
    yield
    resource.setrlimit(resource.RLIMIT_FSIZE, before)


@pytest.mark.parametrize("save", [save_text, save_tensor, save_arrays, save_picture])
def test_a_full_disk_is_told_by_the_name_of_the_file_whatever_library_writes(
    tmp_path, small_files_only, save
):
    path = tmp_path / "a"
    path.write_text("old")
    with pytest.raises(OSError, match="File too large") as caught:
        with whole(path) as beside, beside.open("wb") as file:
            save(file)
    assert caught.value.filename == str(path)
    assert path.read_text() == "old" and list(tmp_path.iterdir()) == [path]


def test_an_error_of_another_file_keeps_that_name(tmp_path):
    with pytest.raises(FileNotFoundError) as caught, whole(tmp_path / "a"):
        (tmp_path / "other").read_text()
    assert caught.value.filename == str(tmp_path / "other")


def test_a_folder_takes_its_place_when_complete(tmp_path):
    path = tmp_path / "new" / "a"
    with whole_folder(path) as beside:
        (beside / "x").write_text("x")
        assert not path.exists()
    assert [p.name for p in path.iterdir()] == ["x"] and list(path.parent.iterdir()) == [path]
    with pytest.raises(InputError, match="is not an empty folder"), whole_folder(path):
        pass
    (path / "x").unlink()
    with pytest.raises(KeyError), whole_folder(path) as beside:
        (beside / "x").write_text("x")
        raise KeyError
    assert not list(path.iterdir()) and list(path.parent.iterdir()) == [path]


def test_a_folder_is_free_if_it_is_empty_or_has_a_file_of_ours(tmp_path):
    check_free(tmp_path)
    check_free(tmp_path / "new")
    (tmp_path / ".ganeval-1-2-x").mkdir()  # of a killed process
    check_free(tmp_path)
    (tmp_path / "mine").write_text("mine")
    check_free(tmp_path, own=["ours", "mine"])
    for path in (tmp_path, tmp_path / "mine"):
        with pytest.raises(InputError, match="is not an empty folder; name a new one"):
            check_free(path, own=["ours"])


def test_the_current_folder_is_not_pulled_away(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(InputError, match="name a new one in it"), whole_folder("."):
        pass


def test_what_killed_processes_left_is_removed_and_nothing_else(tmp_path):
    killed = (
        "import os, sys; from ganeval.files import whole, whole_folder\n"
        "with whole(sys.argv[1]) as file, whole_folder(sys.argv[2]) as folder:\n"
        "    file.write_text('half'); (folder / 'x').write_text('half'); os._exit(9)"
    )
    paths = [tmp_path / "file", tmp_path / "folder"]
    assert subprocess.run([sys.executable, "-c", killed, *map(str, paths)]).returncode == 9
    assert len(list(tmp_path.iterdir())) == 2
    (tmp_path / ".ganeval-notes").write_text("the user's")
    with whole(tmp_path / "living") as beside:
        beside.write_text("x")
        remove_leftovers(tmp_path)
        assert {path.name for path in tmp_path.iterdir()} == {".ganeval-notes", beside.name}


def test_a_regular_file_is_given_back_through_links_too(tmp_path):
    (tmp_path / "a").write_bytes(b"")
    (tmp_path / "link").symlink_to("a")
    assert regular_file(tmp_path / "a") == tmp_path / "a"
    assert regular_file(str(tmp_path / "link")) == tmp_path / "link"


@pytest.mark.parametrize(
    ("kind", "message"),
    [
        ("pipe", "is a named pipe, and a file is wanted"),
        ("socket", "is a socket, and a file is wanted"),
        ("device", "is a device, and a file is wanted"),
        ("folder", "is a folder, and a file is wanted"),
        ("nothing", "does not exist"),
        ("broken", "is a broken link"),
        ("circle", "cannot be opened"),
        ("zero\0byte", "cannot be opened"),
    ],
)
def test_whatever_is_no_file_is_refused_in_one_line_and_never_opened(tmp_path, kind, message):
    os.mkfifo(tmp_path / "pipe")
    os.mknod(tmp_path / "socket", stat.S_IFSOCK | 0o600)
    (tmp_path / "device").symlink_to(os.devnull)
    (tmp_path / "folder").mkdir()
    (tmp_path / "broken").symlink_to("nowhere")
    (tmp_path / "circle").symlink_to("circle")
    with pytest.raises(InputError, match=message) as caught:
        regular_file(tmp_path / kind)
    assert "\n" not in str(caught.value) and "\0" not in str(caught.value)


def test_a_name_in_the_message_is_what_was_typed(tmp_path):
    with pytest.raises(InputError, match=r"^here does not exist"):
        regular_file(tmp_path / "a", name="here")
