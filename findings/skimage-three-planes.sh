#!/usr/bin/env bash
# scikit-image moves the first axis of a stack last if it has 3 or 4 planes, and only then.
#
# A grey TIFF stack [planes, h, w] is read as written for 2 and 5 planes; with 3 or 4 planes the
# axis becomes the last one, as if the planes were colours. A folder of z-stacks of different
# depth holds arrays of two layouts.
# Seen with scikit-image 0.26.0, tifffile 2026.3.3, numpy 2.4.6 on 2026-11-28.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check scikit-image==0.26.0 tifffile==2026.3.3 numpy==2.4.6
cd "$folder"
venv/bin/python - <<'PYTHON'
import numpy as np
import tifffile
from skimage import io

shapes = {}
for planes in (2, 3, 4, 5):
    tifffile.imwrite("a.tif", np.zeros((planes, 20, 30), np.uint8), photometric="minisblack")
    shapes[planes] = io.imread("a.tif").shape
print(shapes)
assert shapes == {2: (2, 20, 30), 3: (20, 30, 3), 4: (20, 30, 4), 5: (5, 20, 30)}
PYTHON
