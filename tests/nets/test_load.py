import shutil
from dataclasses import replace

import numpy as np
import pytest
import torch
from safetensors.torch import load_file, save_file

from ganeval.errors import InputError, NetError
from ganeval.nets import (
    Card,
    _weights,
    export_net,
    fingerprint,
    load_card,
    load_net,
    prepare,
    training_hashes,
)


@pytest.fixture
def folder(trained, tmp_path):
    """A copy of the trained net that a test may damage."""
    return export_net(trained, tmp_path / "net")


def rewrite(folder, change):
    card = change(load_card(folder))
    (folder / "card.json").write_text(card.to_json())


def test_an_exported_net_gives_the_same_features(trained, folder):
    images = torch.rand(5, 2, 12, 14, generator=torch.Generator().manual_seed(0))
    expected, found = load_net(trained)(images), load_net(folder)(images)
    assert torch.equal(found.features, expected.features)
    assert torch.equal(found.logits, expected.logits)
    assert fingerprint(load_card(folder)) == fingerprint(trained)
    assert found.features.dtype == torch.float32
    assert found.features.shape == (5, trained.dim)


def test_export_leaves_a_folder_of_other_files_as_it_is(trained, tmp_path):
    (tmp_path / "image.png").write_bytes(b"")
    with pytest.raises(InputError, match="is not an empty folder; name a new one"):
        export_net(trained, tmp_path, overwrite=True)
    assert [path.name for path in tmp_path.iterdir()] == ["image.png"]


def test_a_name_that_is_empty_is_no_net():
    with pytest.raises(NetError, match="the name of a feature net is empty"):
        load_card("")


def test_export_replaces_another_net_only_if_asked_for(trained, folder):
    assert export_net(trained, folder) == folder  # the same one
    other = replace(trained, licence="another")
    with pytest.raises(NetError, match="exists; name another folder, or replace it with --force"):
        export_net(other, folder)
    export_net(other, folder, overwrite=True)
    assert load_card(folder).licence == "another"


def test_changed_weights_are_refused_with_both_hashes(folder):
    path = folder / "weights.safetensors"
    data = bytearray(path.read_bytes())
    data[-1] ^= 1
    path.write_bytes(data)
    card = load_card(folder)
    with pytest.raises(NetError, match=f"has SHA-256 .* says {card.sha256}; .* get the net again"):
        load_net(folder)
    with pytest.raises(NetError, match="has SHA-256"):
        training_hashes(card)
    with pytest.raises(NetError, match="has SHA-256"):
        export_net(folder, folder.parent / "copy")


def test_weights_that_change_after_they_were_hashed_are_those_that_were_hashed(
    folder, trained, monkeypatch
):
    def check_then_change(card, path, found):
        check(card, path, found)
        tensors = load_file(path)
        save_file({name: torch.zeros_like(tensor) for name, tensor in tensors.items()}, path)

    check = _weights._check_hash
    monkeypatch.setattr(_weights, "_check_hash", check_then_change)
    images = torch.rand(5, 2, 12, 14, generator=torch.Generator().manual_seed(0))
    found = load_net(folder)(images).features
    monkeypatch.undo()
    assert torch.equal(found, load_net(trained)(images).features)
    with pytest.raises(NetError, match="has SHA-256"):
        load_net(folder)


def test_missing_weights_are_named(folder):
    (folder / "weights.safetensors").unlink()
    with pytest.raises(NetError, match=r"missing at .*weights\.safetensors; .*--weights PATH"):
        load_net(folder)


def test_weights_may_lie_elsewhere_but_must_be_the_cards(folder, tmp_path):
    elsewhere = tmp_path / "moved.safetensors"
    shutil.move(folder / "weights.safetensors", elsewhere)
    assert load_net(folder, weights=elsewhere).card.sha256 == load_card(folder).sha256
    elsewhere.write_bytes(b"other")
    with pytest.raises(NetError, match=r"moved.safetensors has SHA-256 .* belongs to this card"):
        load_net(folder, weights=elsewhere)
    with pytest.raises(NetError, match="is not a file"):
        load_card(folder, weights=tmp_path / "nowhere")
    with pytest.raises(NetError, match="'pixels' has no weights"):
        load_card("pixels", weights=elsewhere)


def with_file(folder, data):
    """Puts `data` in the place of the weights, with a card that vouches for it."""
    import hashlib

    (folder / "weights.safetensors").write_bytes(data)
    rewrite(folder, lambda card: replace(card, sha256=hashlib.sha256(data).hexdigest()))


@pytest.mark.parametrize("data", [b"", b"\x80\x04K\x01.", b"\xff" * 8 + b"{}"], ids=repr)
def test_a_file_that_is_not_safetensors_is_refused(folder, data):
    with_file(folder, data)
    with pytest.raises(NetError, match="is not a safetensors file"):
        load_net(folder)


def test_weights_of_another_net_are_refused(folder, tmp_path):
    tensors = load_file(folder / "weights.safetensors")
    tensors["head.weight"] = torch.zeros(9, 9)
    save_file(tensors, tmp_path / "w")
    with_file(folder, (tmp_path / "w").read_bytes())
    with pytest.raises(NetError, match=r"do not fit its card \(size mismatch for head.weight"):
        load_net(folder)


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"widths": [10**9]},
        {"widths": []},
        {"widths": [4] * 99},
        {"widths": "88"},
        {"widths": [True]},
    ],
    ids=repr,
)
def test_options_that_make_no_network_are_refused(folder, options):
    rewrite(folder, lambda card: replace(card, options={**card.options, "widths": 1, **options}))
    with pytest.raises(NetError, match=r"options\.widths"):
        load_net(folder)


@pytest.mark.parametrize(
    "options",
    [{"mean": [0.0]}, {"mean": ["a", "b"]}, {"mean": None}, {"std": [0, 1]}, {"std": 1}],
    ids=repr,
)
def test_normalisation_that_makes_no_sense_is_refused(folder, options):
    rewrite(folder, lambda card: replace(card, options={**card.options, **options}))
    with pytest.raises(NetError, match=r"options\.(mean|std)"):
        load_net(folder)


@pytest.mark.parametrize("inner", [1, {}, {"channels": 2}], ids=repr)
def test_a_damaged_card_for_each_channel_is_refused(folder, inner):
    options = {**load_card(folder).options, "each_channel": inner}
    rewrite(folder, lambda card: replace(card, options=options))
    with pytest.raises(NetError, match="each_channel"):
        load_net(folder)


def test_a_card_without_a_hash_is_refused(folder):
    rewrite(folder, lambda card: replace(card, sha256=None))
    with pytest.raises(NetError, match="no weights file with its SHA-256"):
        load_net(folder)


def test_features_do_not_depend_on_the_batch(trained):
    rng = np.random.default_rng(0)
    images = [rng.integers(0, 4096, (2, 12, 14), np.uint16) for _ in range(37)]
    for spec in (trained, "pixels"):
        net = load_net(spec)
        whole = net(prepare(images, card=net.card)).features
        single = torch.cat([net(prepare([x], card=net.card)).features for x in images])
        torch.testing.assert_close(single, whole, rtol=1e-5, atol=1e-5)


def test_no_global_state_is_touched(trained):
    threads, mode = torch.get_num_threads(), torch.is_grad_enabled()
    state, generator = np.random.get_state()[1].copy(), torch.get_rng_state()  # noqa: NPY002
    net = load_net(trained)
    images = torch.rand(2, 2, 12, 14, generator=torch.Generator().manual_seed(0))
    images.requires_grad_()
    assert not net(images).features.requires_grad
    assert torch.equal(torch.get_rng_state(), generator)
    assert (np.random.get_state()[1] == state).all()  # noqa: NPY002
    assert (torch.get_num_threads(), torch.is_grad_enabled()) == (threads, mode)


def test_autocast_does_not_reach_the_net(trained):
    net = load_net(trained)
    images = torch.rand(2, 2, 12, 14, generator=torch.Generator().manual_seed(0))
    expected = net(images).features
    with torch.autocast("cpu", dtype=torch.bfloat16):
        assert torch.equal(net(images).features, expected)


def test_what_is_no_net_is_refused():
    with pytest.raises(NetError, match="cannot be a int"):
        load_net(3)


def test_a_net_is_returned_as_it_is(trained):
    net = load_net(trained)
    assert load_net(net) is net
    assert isinstance(net.card, Card)
