import os
import subprocess
import sys
from dataclasses import fields, replace
from importlib import import_module
from importlib.metadata import EntryPoint
from inspect import isfunction
from types import SimpleNamespace

import numpy as np
import pytest
import torch

import ganeval.nets
from ganeval import extract
from ganeval.errors import InputError, NetError
from ganeval.nets import (
    Card,
    NetOutput,
    default_net,
    each_channel_card,
    export_net,
    feature_names,
    fingerprint,
    found_nets,
    load_card,
    load_net,
    net_names,
    nets_home,
    prepare,
    suitable_nets,
    warnings_about,
)
from ganeval.nets._architectures import ARCHITECTURES, Architecture, built_in


def install(name, card):
    folder = nets_home() / name
    folder.mkdir(parents=True)
    (folder / "card.json").write_text(card.to_json())
    return folder


def mean_card(name="mean", **changes):
    return Card(name=name, architecture="pixels", channels=None, **changes)


def plug(monkeypatch, name, plugin):
    """Makes an entry point `name` that loads to `plugin`, as an installed package would."""
    module = SimpleNamespace(plugin=plugin)
    monkeypatch.setitem(sys.modules, "a_plugin_for_this_test", module)
    point = EntryPoint(name, "a_plugin_for_this_test:plugin", "ganeval.nets")
    monkeypatch.setattr("importlib.metadata.entry_points", lambda group: [point])


def means(card, *, device):
    return lambda images: NetOutput(images.mean(dim=(2, 3)), None)


def test_built_ins_are_found():
    assert {"inception", "mnist", "pixels"} <= set(net_names()) == set(built_in())


@pytest.mark.parametrize("name", list(built_in()))
def test_a_built_in_net_has_its_name_and_a_known_architecture(name):
    card = load_card(name)
    assert card.name == name
    assert card.architecture in ARCHITECTURES


@pytest.mark.parametrize("name", ARCHITECTURES)
def test_an_architecture_builds_and_offers_only_what_the_door_knows(name):
    module = import_module(f"ganeval.nets.{name}")
    offered = {
        n for n, v in vars(module).items() if isfunction(v) and v.__module__ == module.__name__
    }
    public = {n for n in offered if not n.startswith("_")} - set(ganeval.nets.__all__)
    assert "build" in public
    assert public <= {field.name for field in fields(Architecture)}


def test_a_path_comes_before_own_nets_plugins_and_built_ins(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert load_card("pixels").source.startswith("mean value")
    plug(monkeypatch, "pixels", SimpleNamespace(card=mean_card(source="plugin"), build=means))
    assert load_card("pixels").source == "plugin"
    install("pixels", mean_card(source="mine"))
    assert load_card("pixels").source == "mine"
    (tmp_path / "pixels").mkdir()  # a folder of images of the same name is no card
    assert load_card("pixels").source == "mine"
    (tmp_path / "pixels" / "card.json").write_text(mean_card(source="path").to_json())
    assert load_card("pixels").source == "path"
    assert load_card(tmp_path / "pixels").source == "path"
    assert load_card("pixels/card.json").source == "path"
    assert [f.origin for f in found_nets() if f.name == "pixels"] == ["yours"]


def test_a_pipe_in_the_place_of_a_card_is_refused_at_once(tmp_path):
    os.mkfifo(tmp_path / "card.json")
    with pytest.raises(NetError, match="no file but a pipe"):
        load_card(tmp_path / "card.json")


def test_a_plugin_builds_its_net(monkeypatch):
    plug(monkeypatch, "means", SimpleNamespace(card=mean_card("means", dim=2), build=means))
    images = torch.rand(3, 2, 8, 8)
    assert "means" in net_names()
    torch.testing.assert_close(load_net("means")(images).features, images.mean(dim=(2, 3)))


def test_a_plugin_may_offer_what_a_built_in_architecture_does(monkeypatch):
    plugin = SimpleNamespace(
        card=mean_card("means"),
        build=means,
        feature_names=lambda card, channels: tuple(f"mean_{c}" for c in range(channels)),
        warnings_about=lambda card, rows: [f"{len(rows)} rows"],
        is_suggested=lambda card: False,
    )
    plug(monkeypatch, "means", plugin)
    assert feature_names(load_card("means"), 2) == ("mean_0", "mean_1")
    assert warnings_about(load_card("means"), np.zeros((3, 2))) == ["3 rows"]
    assert "means" in net_names()
    assert "means" not in suitable_nets(2, "uint8")


PLUGIN_CODE = """
from types import SimpleNamespace
from ganeval.nets import Card, NetOutput

def build(card, *, device):
    return lambda images: NetOutput({factor} * images.mean(dim=(2, 3)), None)

card = Card(name="means", architecture="", channels=None)
plugin = SimpleNamespace(card=card, build=build)
"""


@pytest.mark.parametrize("place", ["lab_nets_of_a_test.py", "lab_nets_of_a_test/__init__.py"])
def test_a_plugin_whose_code_changed_is_not_answered_from_the_cache(tmp_path, monkeypatch, place):
    code = tmp_path / "site" / place
    code.parent.mkdir(parents=True)
    images = tmp_path / "images.npy"
    np.save(images, np.random.default_rng(0).integers(0, 256, (3, 8, 8, 1), np.uint8))
    point = EntryPoint("means", "lab_nets_of_a_test:plugin", "ganeval.nets")
    monkeypatch.setattr("importlib.metadata.entry_points", lambda group: [point])
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    monkeypatch.syspath_prepend(tmp_path / "site")

    def features_of(factor):
        code.write_text(PLUGIN_CODE.format(factor=factor))
        monkeypatch.delitem(sys.modules, "lab_nets_of_a_test", raising=False)
        return extract(images, "means")

    one, two, again = features_of(1), features_of(2), features_of(1)
    np.testing.assert_allclose(two.features, 2 * one.features, rtol=1e-6)
    np.testing.assert_array_equal(again.features, one.features)
    nets = [made.protocol["net"]["fingerprint"] for made in (one, two, again)]
    assert nets[0] == nets[2] != nets[1]


def test_a_net_whose_plugin_is_gone_has_a_card_but_is_not_built():
    card = Card(name="gone", architecture="plugin:gone", channels=None)
    assert load_card(card) == card
    assert feature_names(card, 2) is None
    with pytest.raises(NetError, match="'gone' came from a package that is gone; install it"):
        load_net(card)


def test_a_plugin_of_another_shape_is_named(monkeypatch):
    plug(monkeypatch, "means", object())
    with pytest.raises(NetError, match=r"'means' .* must load to an object with `card`"):
        load_card("means")


def test_an_unknown_name_lists_the_known_and_how_to_train():
    with pytest.raises(NetError) as raised:
        load_card("pixel")
    for part in ("'pixel'", "did you mean 'pixels'", "mnist", "ganeval nets train"):
        assert part in str(raised.value)


@pytest.mark.parametrize("spec", ["no/such/folder", "missing.json"])
def test_a_missing_path_is_named(spec):
    with pytest.raises(NetError, match=spec):
        load_card(spec)


def test_a_folder_without_a_card_is_not_a_net(tmp_path):
    with pytest.raises(NetError, match=r"there is no card\.json"):
        load_card(tmp_path)


def test_names_cannot_climb_out_of_the_nets_folder():
    install("inside", mean_card())
    (nets_home() / "card.json").write_text(mean_card().to_json())
    with pytest.raises(NetError):
        load_card("inside/../missing")


def test_a_broken_card_does_not_break_the_list():
    folder = nets_home() / "broken"
    folder.mkdir(parents=True)
    (folder / "card.json").write_text("{")
    assert "broken" in net_names()
    assert "broken" not in suitable_nets(1, "uint8")
    with pytest.raises(NetError, match="not strict JSON"):
        load_card("broken")


def test_an_architecture_from_the_future_lists_the_known(tmp_path):
    (tmp_path / "card.json").write_text(replace(mean_card(), architecture="warp").to_json())
    with pytest.raises(NetError, match=rf"'warp', known: {', '.join(ARCHITECTURES)}; update"):
        load_net(tmp_path)


def test_default_is_inception_for_8_bit_rgb_only():
    assert default_net(3, "uint8") == "inception"
    with pytest.raises(InputError, match=r"2 channels and dtype uint16 .*pixels.*nets train"):
        default_net(2, "uint16")
    fitting = ", ".join(suitable_nets(1, "uint8"))
    with pytest.raises(InputError, match=rf"1 channel and .*nets that fit: {fitting} \("):
        default_net(1, "uint8")


def test_suitable_nets_fit_channels_and_dtype(trained):
    export_net(trained, nets_home() / "mine")
    wide, narrow = suitable_nets(2, "uint16"), suitable_nets(2, "uint8")
    assert wide[0] == "mine"
    assert "mine" not in narrow
    assert "lin41" in set(narrow) - set(wide)
    assert {"morphology", "pixels"} <= set(wide) & set(narrow)
    assert not {"pixels:32", "pixels:all", "mnist", "inception"} & {*wide, *narrow}


def test_each_channel_repeats_and_concatenates(trained):
    rng = np.random.default_rng(0)
    images = [rng.integers(0, 256, (5, 9, 7), np.uint8) for _ in range(3)]
    seen = []

    def colours(x):
        seen.append(x.shape)
        return x.mean(dim=(2, 3)), x[:, :, 0, 0]

    colours.card = Card(name="colours", architecture="function", channels=3)
    net = load_net(colours, each_channel=True)
    output = net(prepare(images, card=net.card))
    assert seen == [(3, 3, 9, 7)] * 5
    assert output.logits is None
    expected = np.stack(images).mean(axis=(2, 3)).repeat(3, axis=1) / 255
    np.testing.assert_allclose(output.features, expected, rtol=1e-5)


def test_each_channel_of_a_shipped_net_equals_it_on_single_channels():
    images = torch.rand(4, 3, 28, 28, generator=torch.Generator().manual_seed(0))
    net, each = load_net("mnist"), load_net("mnist", each_channel=True)
    expected = torch.cat([net(images[:, i : i + 1]).features for i in range(3)], dim=1)
    torch.testing.assert_close(each(images).features, expected)
    assert fingerprint(each.card) != fingerprint(net.card)
    assert load_card("mnist", each_channel=True) == each.card == each_channel_card(net.card)


def test_each_channel_needs_a_net_of_one_or_three(trained):
    with pytest.raises(NetError, match="takes 2 channels and so cannot run on each"):
        load_card(trained, each_channel=True)
    assert load_card("pixels", each_channel=True) == load_card("pixels")


def test_cards_are_read_without_torch():
    code = (
        "import sys; from ganeval.nets import *; "
        "[load_card(n) for n in net_names()]; suitable_nets(3, 'uint8'); fingerprint(load_card("
        "'mnist')); training_hashes(load_card('mnist')); "
        "print(sorted({'torch', 'scipy', 'sklearn', 'matplotlib'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
