import hashlib
import sys

import numpy as np
import pytest

from ganeval.errors import MissingExtraError, NetError
from ganeval.nets import fingerprint, load_card, load_net, nets_home, warnings_about
from ganeval.nets.inception import FILE, SHA256, fetch

NAMES = ["inception", "inception:clean", "inception:torch-fidelity"]


@pytest.fixture(autouse=True)
def _no_weights_of_the_user(monkeypatch, tmp_path):
    monkeypatch.setenv("TORCH_HOME", str(tmp_path / "torch"))


@pytest.fixture
def served(tmp_path):
    """A file in the place of the official one, and its URL."""
    path = tmp_path / "served.pth"
    path.write_bytes(b"weights" * 1000)
    return path.as_uri(), hashlib.sha256(path.read_bytes()).hexdigest()


@pytest.mark.parametrize("name", NAMES)
def test_without_weights_the_message_says_how_to_get_them(name):
    card = load_card(name)  # the card needs none
    assert (card.dim, card.sha256, card.channels) == (2048, SHA256, 3)
    with pytest.raises(NetError) as raised:
        load_net(name)
    for part in (FILE, "--weights PATH", "ganeval nets fetch inception", "github.com"):
        assert part in str(raised.value)


def test_the_three_are_not_comparable():
    assert len({fingerprint(load_card(name)) for name in NAMES}) == 3
    assert SHA256.startswith(FILE[-12:-4])


def test_fetched_weights_are_checked_and_found(served):
    url, sha256 = served
    path = fetch("inception", url=url, sha256=sha256)
    assert path == nets_home() / "inception" / FILE
    assert load_card("inception").folder == path.parent
    assert [p.name for p in path.parent.iterdir()] == [FILE]
    assert fetch("inception", url="file:///nowhere", sha256=sha256) == path  # nothing to fetch


def test_a_wrong_download_is_not_installed(served):
    with pytest.raises(NetError, match=r"gave a file with SHA-256 .*; nothing was installed"):
        fetch("inception", url=served[0])
    assert list((nets_home() / "inception").iterdir()) == []


@pytest.mark.parametrize("url", ["file:///nowhere", "http://127.0.0.1:9/x"])
def test_no_connection_is_one_line(url):
    with pytest.raises(NetError, match=r"could not be downloaded .*--weights PATH"):
        fetch("inception", url=url)
    assert list((nets_home() / "inception").iterdir()) == []


def test_damaged_weights_are_refused(served):
    path = fetch("inception", url=served[0], sha256=served[1])
    with pytest.raises(NetError, match=f"{path} has SHA-256 {served[1]} but"):
        load_net("inception")


def test_what_pytorch_fid_downloaded_is_used(tmp_path):
    folder = tmp_path / "torch" / "hub" / "checkpoints"
    folder.mkdir(parents=True)
    (folder / FILE).write_bytes(b"")
    assert load_card("inception").folder == folder


def test_other_weights_say_so_and_are_not_comparable(tmp_path):
    path = tmp_path / "mine.pth"
    path.write_bytes(b"mine")
    card = load_card("inception", weights=path)
    assert card.source.startswith("weights of your own, mine.pth")
    assert fingerprint(card) != fingerprint(load_card("inception"))
    with pytest.raises(NetError, match=r"mine.pth is not a state dict of plain tensors"):
        load_net("inception", weights=path)


class Evil:
    def __reduce__(self):
        return (print, ("this must not run",))


def test_a_pickle_that_runs_code_is_refused(tmp_path, capsys):
    import torch

    torch.save({"fc.weight": Evil()}, tmp_path / "evil.pth")
    with pytest.raises(NetError, match="is not a state dict"):
        load_net("inception", weights=tmp_path / "evil.pth")
    torch.save([1, 2], tmp_path / "list.pth")
    with pytest.raises(NetError, match="holds a list and is not a state dict"):
        load_net("inception", weights=tmp_path / "list.pth")
    assert capsys.readouterr().out == ""


def test_a_missing_package_names_the_extra(tmp_path, monkeypatch):
    import torch

    monkeypatch.setitem(sys.modules, "pytorch_fid.inception", None)
    torch.save({}, tmp_path / "w.pth")
    with pytest.raises(MissingExtraError, match=r"pip install 'ganeval\[inception\]'"):
        load_net("inception", weights=tmp_path / "w.pth")


def test_other_weights_than_the_official_ones_are_in_the_name_and_a_warning(tmp_path):
    (tmp_path / "mine.pth").write_bytes(b"whatever")
    for name in NAMES:
        card = load_card(name, weights=tmp_path / "mine.pth")
        assert card.name == f"{name}, other weights"
        assert load_card(card, weights=tmp_path / "mine.pth").name == card.name
        (warning,) = warnings_about(card, np.zeros((3, 2048)))
        assert "mine.pth, not the official ones" in warning
        assert warnings_about(load_card(name), np.zeros((3, 2048))) == []
