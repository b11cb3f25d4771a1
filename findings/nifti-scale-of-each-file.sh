#!/usr/bin/env bash
# One intensity, two NIfTI files, two values: nibabel picks a scale for each file.
#
# Floats saved as int16 (`set_data_dtype`) are stretched over the whole of int16, by a slope and
# an intercept from the smallest and largest value of that volume. The same voxel value is
# therefore rounded to another number in every file, and the stored integers of two files cannot
# be compared: 100 is -26214 in one and 0 in the other.
# Seen with nibabel 5.4.2, numpy 2.4.6 on 2026-11-28.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check nibabel==5.4.2 numpy==2.4.6
cd "$folder"
venv/bin/python - <<'PYTHON'
import nibabel
import numpy as np

stored = {}
for top in (1000.0, 200.0):
    image = nibabel.Nifti1Image(np.array([[[0.0, 100.0, top]]]), np.eye(4))
    image.set_data_dtype(np.int16)
    nibabel.save(image, "a.nii")
    data = nibabel.load("a.nii").dataobj
    stored[top] = int(data.get_unscaled()[0, 0, 1])
    print(f"0, 100, {top:g}: 100 is stored as {stored[top]}, read as {float(data[0, 0, 1])!r}")
    assert float(data[0, 0, 1]) != 100.0
assert abs(stored[1000.0] + 26215) <= 1 and abs(stored[200.0]) <= 1
PYTHON
