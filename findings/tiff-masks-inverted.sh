#!/usr/bin/env bash
# A mask written by tifffile is the negative of itself in Pillow and OpenCV.
#
# Boolean arrays are written with "white is zero". tifffile ignores that on reading and returns
# what was written; Pillow and OpenCV obey it and return the opposite. Masks of one pipeline
# compared with masks of another differ in every pixel.
# Seen with tifffile 2026.3.3, pillow 13.0.0, opencv-python-headless 5.0.0.93, numpy 2.4.6 on 2026-11-28.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check tifffile==2026.3.3 pillow==13.0.0 opencv-python-headless==5.0.0.93 numpy==2.4.6
cd "$folder"
venv/bin/python - <<'PYTHON'
import cv2
import numpy as np
import tifffile
from PIL import Image

mask = np.zeros((4, 8), bool)
mask[0] = True
tifffile.imwrite("a.tif", mask)
found = {
    "tifffile": tifffile.imread("a.tif"),
    "Pillow": np.asarray(Image.open("a.tif")),
    "OpenCV": cv2.imread("a.tif", cv2.IMREAD_UNCHANGED),
}
for name, pixels in found.items():
    print(f"{name}: {np.mean(pixels > 0):.0%} set of {mask.mean():.0%}")
assert np.array_equal(found["tifffile"], mask)
assert np.array_equal(found["Pillow"], ~mask) and np.array_equal(found["OpenCV"] > 0, ~mask)
PYTHON
