#!/usr/bin/env bash
# pylibCZIrw answers for a plane that the file does not have.
#
# A file of one Z position and one time point is asked for Z = 5 and T = 7. There is no error and
# no empty plane: pixels of the plane that exists come back. A loop that runs one plane too far
# repeats images.
# Seen with pylibCZIrw 6.1.0, numpy 2.4.6 on 2026-11-28.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check pylibCZIrw==6.1.0 numpy==2.4.6
cd "$folder"
venv/bin/python - <<'PYTHON'
import numpy as np
from pylibCZIrw import czi

picture = np.arange(12, dtype=np.uint16).reshape(3, 4, 1)
with czi.create_czi("a.czi") as file:
    file.write(data=picture, plane={"C": 0})
with czi.open_czi("a.czi") as file:
    print("Z of the file:", file.total_bounding_box["Z"])
    there = file.read(plane={"C": 0, "Z": 0})
    beyond = file.read(plane={"C": 0, "Z": 5, "T": 7})
print("Z = 5, T = 7:", beyond[..., 0].tolist())
assert np.array_equal(there, picture) and np.array_equal(beyond, picture)
PYTHON
