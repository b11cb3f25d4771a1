import io
import zipfile

import numpy as np
import pytest
from PIL import Image


@pytest.fixture
def rng():
    return np.random.default_rng(0)


@pytest.fixture
def save():
    """Writes an 8-bit image [h, w] or [h, w, c] by its extension, folders included."""

    def write(path, array, **options):
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(np.asarray(array, dtype=np.uint8)).save(path, **options)
        return path

    return write


@pytest.fixture
def cells(tmp_path, rng, save):
    """A folder of six RGB images in two class folders, and what is in them."""
    arrays = {}
    for name in ("cat/0.png", "cat/1.png", "dog/0.png", "dog/1.png", "dog/2.png", "dog/10.png"):
        arrays[name] = rng.integers(0, 256, (5, 7, 3), dtype=np.uint8)
        save(tmp_path / "cells" / name, arrays[name])
    return tmp_path / "cells", arrays


@pytest.fixture
def zipped():
    """Packs a folder, or (name, bytes) pairs, into an archive."""

    def pack(path, content, *, prefix="", method=zipfile.ZIP_DEFLATED):
        with zipfile.ZipFile(path, "w", method) as archive:
            if isinstance(content, dict):
                for name, data in content.items():
                    archive.writestr(prefix + name, data)
            else:
                for file in sorted(content.rglob("*")):
                    if file.is_file():
                        archive.write(file, prefix + file.relative_to(content).as_posix())
        return path

    return pack


@pytest.fixture
def png():
    """The bytes of a small PNG."""
    buffer = io.BytesIO()
    Image.fromarray(np.arange(12, dtype=np.uint8).reshape(3, 4)).save(buffer, "PNG")
    return buffer.getvalue()
