"""The callable that engines map over batches: rows in pieces are the same features."""

import io
import pickle

import numpy as np
import pytest
from PIL import Image

import ganeval

N = 90


def png(picture):
    stream = io.BytesIO()
    Image.fromarray(picture).save(stream, "png")
    return stream.getvalue()


PICTURES = np.random.default_rng(0).integers(0, 255, (N, 6, 6), np.uint8)
NAMES = [f"{i:03d}.png" for i in range(N)]


@pytest.fixture
def folder(tmp_path):
    for name, picture in zip(NAMES, PICTURES, strict=True):
        (tmp_path / name).write_bytes(png(picture))
    return tmp_path


def batches(column, values):
    """Columns of 17 images each."""
    for start in range(0, N, 17):
        part = slice(start, start + 17)
        yield {column: values[part], "path": NAMES[part], "label": [i % 3 for i in range(N)][part]}


def cut(pieces):
    """The same rows, cut elsewhere and in another order."""
    return [
        {name: column[part] for name, column in piece.items()}
        for piece in reversed(pieces)
        for part in (slice(5, None), slice(0, 5))
    ]


@pytest.mark.parametrize("column", ["bytes", "image"])
def test_rows_in_any_order_and_cut_anywhere_are_the_features_of_the_folder(folder, column):
    values = [png(picture) for picture in PICTURES] if column == "bytes" else PICTURES[..., None]
    embedder = ganeval.Embedder("pixels")
    pieces = []
    for batch in batches(column, values):
        embedder = pickle.loads(pickle.dumps(embedder))  # as an engine sends it, net and all
        pieces.append(embedder(batch))
    found = ganeval.Features.from_batches(cut(pieces))
    whole = ganeval.extract(folder, "pixels", cache=False)
    np.testing.assert_array_equal(found.features, whole.features)
    assert found.ids == whole.ids
    assert found.fingerprint == whole.fingerprint
    assert found.labels == tuple(str(i % 3) for i in range(N))
    assert found.protocol["net"] == whole.protocol["net"]
    assert found.protocol["observed"] == whole.protocol["observed"]


def test_a_source_is_mapped_by_position_and_gives_the_same_score(folder):
    embedder = ganeval.Embedder("pixels", source=ganeval.open_images(folder))
    pieces = [embedder({"position": np.arange(i, i + 30)}) for i in (60, 0, 30)]
    found = ganeval.Features.from_batches(pieces)
    whole = ganeval.extract(folder, "pixels", cache=False)
    assert found.digest() == whole.digest()


@pytest.mark.parametrize(
    ("batch", "words"),
    [
        ({"image": PICTURES[..., None]}, "wanted image or bytes, and id or path"),
        ({"path": NAMES}, "wanted image or bytes"),
        ({"bytes": [b"no picture"], "id": ["a"]}, "a"),
    ],
)
def test_a_batch_that_lacks_something_is_refused(batch, words):
    with pytest.raises(ganeval.InputError, match=words):
        ganeval.Embedder("pixels")(batch)


def test_rows_that_cannot_be_one_set_are_refused():
    embedder = ganeval.Embedder("pixels")
    one, other = list(batches("image", PICTURES[..., None]))[:2]
    with pytest.raises(ganeval.InputError, match="occur twice"):
        ganeval.Features.from_batches([embedder(one), embedder(one)])
    wider = ganeval.Embedder("pixels")({**other, "image": np.zeros((17, 9, 9, 1), np.uint8)})
    with pytest.raises(ganeval.InputError, match="differ in preprocessing"):
        ganeval.Features.from_batches([embedder(one), wider])
    with pytest.raises(ganeval.InputError, match="no rows"):
        ganeval.Features.from_batches([])
    part = {name: column[1:] for name, column in embedder(one).items()}
    with pytest.raises(ganeval.InputError, match="none says how it was made"):
        ganeval.Features.from_batches([part])
