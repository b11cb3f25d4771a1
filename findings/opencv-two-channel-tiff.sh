#!/usr/bin/env bash
# OpenCV reads a TIFF of two 16-bit channels as one 8-bit picture, unchanged.
#
# IMREAD_UNCHANGED promises the file as it is. Two contiguous channels of 16 bits (1000 and 50000)
# come back as a single channel of 8 bits, the first one cut (3); three channels that are not
# called RGB come back as one weighted mean.
# Seen with opencv-python-headless 5.0.0.93, tifffile 2026.3.3, numpy 2.4.6 on 2026-11-28.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check opencv-python-headless==5.0.0.93 tifffile==2026.3.3 numpy==2.4.6
cd "$folder"
venv/bin/python - <<'PYTHON'
import cv2
import numpy as np
import tifffile


def read(*channels):
    pixels = np.stack([np.full((4, 5), value, np.uint16) for value in channels], axis=-1)
    tifffile.imwrite("a.tif", pixels, photometric="minisblack", planarconfig="contig")
    assert tifffile.imread("a.tif").shape == pixels.shape
    found = cv2.imread("a.tif", cv2.IMREAD_UNCHANGED)
    print(f"written {pixels.shape} {pixels.dtype} {channels}, read", found.shape, found.dtype, found[0, 0])
    return found


two, three = read(1000, 50000), read(1000, 2000, 50000)
assert (two.shape, two.dtype, int(two[0, 0])) == ((4, 5), np.uint8, 1000 >> 8)
assert (three.shape, three.dtype, int(three[0, 0])) == ((4, 5), np.uint16, 7174)
PYTHON
