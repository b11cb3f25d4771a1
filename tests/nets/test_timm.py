"""What can be said of timm's nets without timm: `test_timm_peers` runs them."""

import sys
from dataclasses import replace

import pytest

from ganeval.errors import MissingExtraError, NetError
from ganeval.nets import fetch_net, fingerprint, load_card, load_net, nets_home
from ganeval.nets._timm_cards import DINOV2, FILE
from ganeval.nets._weights import sha256_of, write_card


def test_without_weights_the_message_says_how_to_get_them():
    card = load_card("dinov2")  # the card needs none
    assert (card.dim, card.input_size, card.channels, card.sha256) == (1024, (224, 224), 3, None)
    with pytest.raises(NetError) as raised:
        load_net("dinov2")
    for part in ("--weights PATH", "ganeval nets fetch dinov2", "--feature-net NAME"):
        assert part in str(raised.value)
    assert "\n" not in str(raised.value)


def test_weights_by_path_enter_the_card_with_their_hash(tmp_path):
    cards = []
    for name in ("a", "b"):
        path = tmp_path / f"{name}.safetensors"
        path.write_bytes(name.encode())
        card = load_card("dinov2", weights=path)
        assert card.sha256 == sha256_of(path)
        assert card.source.startswith(f"weights given by path, {name}.safetensors")
        cards.append(card)
    assert len({fingerprint(card) for card in (*cards, DINOV2)}) == 3
    with pytest.raises(NetError, match="a.safetensors of net .* is not a safetensors file"):
        load_net(cards[0])


def test_a_pickle_is_not_even_read(tmp_path):
    path = tmp_path / "weights.pth"
    path.write_bytes(b"x")
    with pytest.raises(NetError, match=r"weights.pth is no .safetensors file, and nothing else"):
        load_card("dinov2", weights=path)


def test_fetched_weights_are_found_without_timm_or_a_network(monkeypatch):
    monkeypatch.setitem(sys.modules, "timm", None)
    folder = nets_home() / "timm" / "dinov2"
    folder.mkdir(parents=True)
    (folder / FILE).write_bytes(b"weights")
    write_card(folder / "card.json", replace(DINOV2, sha256=sha256_of(folder / FILE)))
    card = load_card("dinov2")
    assert (card.folder, card.sha256) == (folder, sha256_of(folder / FILE))
    assert fetch_net("dinov2") == folder / FILE
    (folder / FILE).write_bytes(b"damaged")
    with pytest.raises(NetError, match="the file was changed or damaged"):
        load_net("dinov2")


def test_a_missing_package_names_the_extra(monkeypatch):
    monkeypatch.setitem(sys.modules, "timm", None)
    for act in (lambda: load_card("timm:resnet18"), lambda: fetch_net("dinov2")):
        with pytest.raises(MissingExtraError, match=r"pip install 'ganeval\[timm\]'"):
            act()
