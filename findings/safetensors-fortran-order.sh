#!/usr/bin/env bash
# safetensors.numpy shuffles the values of arrays that are not in C order.
#
# A transposed or Fortran-ordered array is written with its own shape but the bytes of its memory,
# so that the values come back in other places, silently. The torch side of the same library
# refuses such tensors.
# Seen with safetensors 0.8.0, numpy 2.4.6 on 2026-11-28.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check safetensors==0.8.0 numpy==2.4.6
cd "$folder"
venv/bin/python - <<'PYTHON'
import numpy as np
from safetensors.numpy import load_file, save_file

array = np.arange(6).reshape(2, 3)
save_file({"a": np.asfortranarray(array)}, "a.safetensors")
found = load_file("a.safetensors")["a"]
print("written", array.tolist(), "read", found.tolist())
assert found.shape == array.shape and found.tolist() == [[0, 3, 1], [4, 2, 5]]
PYTHON
