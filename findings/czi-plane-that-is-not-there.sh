#!/usr/bin/env bash
# pylibCZIrw answers for planes that the file does not have, in two ways.
#
# A file has Z = 0, 1 and 3. Z = 2, within the range, reads as zeros. A file of a single plane is
# asked for Z = 5 and T = 7: the plane that exists comes back. Neither is an error, so a loop over
# planes counts black images, or repeats images.
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

picture = np.full((3, 4, 1), 100, np.uint16)
with czi.create_czi("gap.czi") as file:
    for z in (0, 1, 3):
        file.write(data=picture + np.uint16(z), plane={"C": 0, "Z": z})
with czi.open_czi("gap.czi") as file:
    gap = [int(file.read(plane={"C": 0, "Z": z}).max()) for z in range(4)]
with czi.create_czi("one.czi") as file:
    file.write(data=picture, plane={"C": 0})
with czi.open_czi("one.czi") as file:
    beyond = int(file.read(plane={"C": 0, "Z": 5, "T": 7}).max())
print(f"Z = 0, 1, 3 written as 100, 101, 103; Z = 0 to 3 read as {gap}; beyond the range {beyond}")
assert gap == [100, 101, 0, 103] and beyond == 100
PYTHON
