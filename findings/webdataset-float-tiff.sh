#!/usr/bin/env bash
# webdataset writes float images as 8 bits, even where the format holds floats.
#
# A float32 image under "tif" goes through Pillow as uint8: at most 256 values are left, though
# TIFF keeps floats. uint16 under the same name stays 16 bits.
# Seen with webdataset 1.0.2, numpy 2.4.6, pillow 13.0.0 on 2026-11-28.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check webdataset==1.0.2 numpy==2.4.6 pillow==13.0.0
cd "$folder"
venv/bin/python - <<'PYTHON'
import io
import tarfile

import numpy as np
import webdataset
from PIL import Image


def written(pixels):
    with webdataset.TarWriter("a.tar") as shard:
        shard.write({"__key__": "a", "tif": pixels})
    with tarfile.open("a.tar") as shard:
        return np.asarray(Image.open(io.BytesIO(shard.extractfile(shard.getmembers()[0]).read())))


floats = written(np.linspace(0, 1, 4096 * 3, dtype=np.float32).reshape(64, 64, 3))
words = written(np.arange(4096, dtype=np.uint16).reshape(64, 64))
print(f"4096 x 3 floats became {floats.dtype}, {len(np.unique(floats))} values; uint16: {words.dtype}")
assert floats.dtype == np.uint8 and len(np.unique(floats)) <= 256
assert len(np.unique(words)) == 4096
PYTHON
