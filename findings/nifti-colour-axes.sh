#!/usr/bin/env bash
# A colour picture written to NIfTI by SimpleITK has five axes, and its sides are swapped.
#
# An RGB image [h, w, 3] comes back from nibabel as [w, h, 1, 1, 3]: NIfTI stores vectors along
# the fifth axis, x comes first, and the fourth axis, time, is 1. Code that takes the last three
# axes for height, width and channels reads [1, 1, 3].
# Seen with SimpleITK 2.5.7, nibabel 5.4.2, numpy 2.4.6 on 2026-11-28.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check SimpleITK==2.5.7 nibabel==5.4.2 numpy==2.4.6
cd "$folder"
venv/bin/python - <<'PYTHON'
import nibabel
import numpy as np
import SimpleITK

picture = np.zeros((4, 5, 3), np.uint8)
picture[1, 2] = 10, 20, 30
SimpleITK.WriteImage(SimpleITK.GetImageFromArray(picture, isVector=True), "a.nii")
volume = nibabel.load("a.nii")
print("written", picture.shape, "read", volume.shape)
assert volume.shape == (5, 4, 1, 1, 3)
assert np.asarray(volume.dataobj)[2, 1, 0, 0].tolist() == [10, 20, 30]
PYTHON
