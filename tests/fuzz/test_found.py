"""Kinds of damage that fuzz found, each in its smallest form."""

import io
import zipfile

import numpy as np
import pytest
from PIL import Image

from ganeval import InputError, open_images, prdc
from ganeval.nets import Card, load_net
from ganeval.suites.influences import from_arrays, to_arrays


@pytest.mark.parametrize("name", ["", "\0.png"])
def test_an_archive_with_an_entry_without_a_name_is_refused(tmp_path, name):
    path = tmp_path / "x.zip"
    stream = io.BytesIO()
    Image.new("L", (8, 8)).save(stream, "png")
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("a.png", stream.getvalue())
        archive.writestr(zipfile.ZipInfo("b.png"), stream.getvalue())
        archive.infolist()[-1].filename = archive.infolist()[-1].orig_filename = name
    with pytest.raises(InputError, match=r"x\.zip (holds|is not)"):
        open_images(str(path))


@pytest.mark.parametrize("options", [{}, {"grid": "8"}, {"grid": 0}, {"grid": 10**9}])
def test_a_card_whose_options_are_not_those_of_its_architecture_is_refused(options):
    card = Card(name="x", architecture="pixels", channels=1, options=options)
    with pytest.raises(InputError, match="net 'x'"):
        load_net(card)


@pytest.mark.parametrize(
    "inner", [3, {}, {"channels": 2, "dim": None, "n_classes": None}, {"channels": 1, "dim": "x"}]
)
def test_a_card_whose_net_runs_on_each_channel_says_what_the_net_takes(inner):
    options = {"grid": 8, "each_channel": inner}
    card = Card(name="x", architecture="pixels", channels=None, options=options)
    with pytest.raises(InputError, match=r"net 'x' .*field options\.each_channel"):
        load_net(card)


def test_an_entry_whose_name_is_other_text_inside_the_archive_is_refused_in_one_line(tmp_path):
    path = tmp_path / "x.zip"
    stream = io.BytesIO()
    Image.new("L", (8, 8)).save(stream, "png")
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("ä.png", stream.getvalue())
    data = bytearray(path.read_bytes())
    data[data.index("ä".encode())] = 0x80  # of the entry, not of the list at the end
    path.write_bytes(data)
    with pytest.raises(InputError, match=r"x\.zip.*damaged"):
        open_images(str(path)).read(0)


def test_influences_without_an_image_are_refused(tmp_path):
    rng = np.random.default_rng(0)
    score = prdc(rng.normal(size=(60, 2)), rng.normal(size=(60, 2)))[0]
    arrays = to_arrays(score.estimate)
    assert from_arrays(score, arrays).value == score.value
    with pytest.raises(ValueError, match="own0_influence is empty"):
        from_arrays(score, {**arrays, "own0_influence": np.empty(0)})
