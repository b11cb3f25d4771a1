#!/usr/bin/env bash
# NIfTI without an affine counts as left-handed: the canonical form of nibabel mirrors it.
#
# `Nifti1Image(array, None)` stores no orientation. nibabel reads such a file as L, A, S, by the
# rule of the older Analyze format, so `as_closest_canonical` reverses the first axis of every
# volume that was saved without an affine, and of none that was saved with the identity.
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
for affine, axes, first in ((None, ("L", "A", "S"), [12, 0]), (np.eye(4), ("R", "A", "S"), [0, 12])):
    nibabel.save(nibabel.Nifti1Image(values, affine), "a.nii")
    image = nibabel.load("a.nii")
    canonical = np.asarray(nibabel.as_closest_canonical(image).dataobj)
    print("affine", None if affine is None else "identity", nibabel.aff2axcodes(image.affine),
          "canonical", canonical[:, 0, 0].tolist())
    assert nibabel.aff2axcodes(image.affine) == axes
    assert canonical[:, 0, 0].tolist() == first
PYTHON
