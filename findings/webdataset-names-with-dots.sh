#!/usr/bin/env bash
# Web data set: two images whose names differ after a dot are one sample without an image.
#
# The key of a sample ends at the first dot of the file name, so cell_1.5um.png and cell_1.7um.png
# share the key cell_1 and become one sample with the fields "5um.png" and "7um.png". Code that
# asks for "png" finds nothing, and there is one sample instead of two.
# Seen with webdataset 1.0.2, numpy 2.4.6, pillow 13.0.0 on 2026-11-28.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check webdataset==1.0.2 numpy==2.4.6 pillow==13.0.0
cd "$folder"
venv/bin/python - <<'PYTHON'
import numpy as np
import webdataset

with webdataset.TarWriter("a.tar") as shard:
    for key in ("cell_1.5um", "cell_1.7um"):
        shard.write({"__key__": key, "png": np.zeros((4, 4, 3), np.uint8)})
samples = list(webdataset.WebDataset("a.tar", shardshuffle=False))
fields = sorted(name for name in samples[0] if not name.startswith("__"))
print(f"{len(samples)} sample, key {samples[0]['__key__']}, fields {fields}")
assert len(samples) == 1 and samples[0]["__key__"] == "cell_1"
assert fields == ["5um.png", "7um.png"]
PYTHON
