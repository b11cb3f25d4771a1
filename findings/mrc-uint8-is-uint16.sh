#!/usr/bin/env bash
# MRC has no unsigned bytes: mrcfile widens uint8 to uint16 and refuses int32.
#
# An array of uint8 is stored as mode 6, uint16. Read back, 8-bit images span 1/256 of the range
# of their type; int8 keeps its type, and int32, uint32, bool and float64 have no mode at all and
# are refused.
# Seen with mrcfile 1.5.4, numpy 2.4.6 on 2026-11-28.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check mrcfile==1.5.4 numpy==2.4.6
cd "$folder"
venv/bin/python - <<'PYTHON'
import mrcfile
import numpy as np

with mrcfile.new("a.mrc") as file:
    file.set_data(np.array([[0, 128, 255]], np.uint8))
with mrcfile.open("a.mrc") as file:
    print("written uint8, read", file.data.dtype, "mode", int(file.header.mode), file.data.tolist())
    assert (file.data.dtype, int(file.header.mode)) == (np.uint16, 6)
refused = []
for kind in ("int8", "int32", "uint32", "bool", "float64"):
    with mrcfile.new("b.mrc", overwrite=True) as file:
        try:
            file.set_data(np.zeros((2, 3), kind))
        except ValueError:
            refused.append(kind)
print("refused:", refused)
assert refused == ["int32", "uint32", "bool", "float64"]
PYTHON
