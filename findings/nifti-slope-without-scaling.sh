#!/usr/bin/env bash
# nibabel: setting slope and intercept changes what a file means, not what it holds.
#
# `header.set_slope_inter(2, -1024)` before saving an integer image neither rescales the values
# nor is ignored: the integers are stored as they are, and every reader applies the scale, so that
# x comes back as 2x - 1024. A program that copies a header onto unscaled data shifts its
# intensities.
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

values = np.arange(24, dtype=np.int16).reshape(2, 3, 4)
image = nibabel.Nifti1Image(values, np.eye(4))
image.header.set_slope_inter(2, -1024)
nibabel.save(image, "a.nii")
data = nibabel.load("a.nii").dataobj
print("saved", values[0, 0].tolist(), "read", np.asarray(data)[0, 0].tolist())
assert np.array_equal(data.get_unscaled(), values)
assert np.array_equal(np.asarray(data), 2.0 * values - 1024)
PYTHON
