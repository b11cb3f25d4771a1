#!/usr/bin/env bash
# scikit-learn: PCA of float32 rows with an offset overstates the variance tenfold.
#
# 2,000 rows of 16 independent unit normals shifted by 1000. The variances of the first two
# components are 1.17 and 1.13; fitted on float32 PCA reports 10 and 1.8 (the excess depends on the processor), fitted on the same
# values as float64 it is right. Features of a net are float32 and seldom centred.
# Seen with scikit-learn 1.9.1, numpy 2.4.6, scipy 1.17.1 on 2026-11-28.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check scikit-learn==1.9.1 numpy==2.4.6 scipy==1.17.1
cd "$folder"
venv/bin/python - <<'PYTHON'
import numpy as np
from sklearn.decomposition import PCA

rows = np.random.default_rng(0).normal(0, 1, (2000, 16)).astype(np.float32) + np.float32(1000)
single = PCA(2).fit(rows).explained_variance_
double = PCA(2).fit(rows.astype(np.float64)).explained_variance_
print("float32:", single.round(2), " float64:", double.round(2))
assert single[0] > 5 and 1.0 < double[0] < 1.3
PYTHON
