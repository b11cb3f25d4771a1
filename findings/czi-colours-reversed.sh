#!/usr/bin/env bash
# Zeiss CZI: czifile returns blue, green, red where pylibCZIrw wrote red, green, blue.
#
# Colour in CZI is stored as Bgr24. pylibCZIrw turns the samples round in both directions; czifile
# returns them as they are stored, with no mark on the array.
# Seen with pylibCZIrw 6.1.0, czifile 2019.7.2.3, imagecodecs 2026.3.6, numpy 2.4.6 on 2026-11-28.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check pylibCZIrw==6.1.0 czifile==2019.7.2.3 imagecodecs==2026.3.6 numpy==2.4.6
cd "$folder"
venv/bin/python - <<'PYTHON'
import czifile
import numpy as np
from pylibCZIrw import czi

picture = np.zeros((40, 50, 3), np.uint8)
picture[...] = 1, 2, 3
with czi.create_czi("a.czi") as file:
    file.write(data=picture, plane={"C": 0})
with czi.open_czi("a.czi") as file:
    by_zeiss = file.read(plane={"C": 0})[0, 0].tolist()
    kind = file.pixel_types[0]
by_czifile = czifile.imread("a.czi").reshape(-1, 3)[0].tolist()
print(f"written [1, 2, 3] as {kind}; pylibCZIrw {by_zeiss}, czifile {by_czifile}")
assert (kind, by_zeiss, by_czifile) == ("Bgr24", [1, 2, 3], [3, 2, 1])
PYTHON
