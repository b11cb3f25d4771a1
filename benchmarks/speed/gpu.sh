#!/bin/sh
# Fills results-gpu.jsonl on a machine with a CUDA GPU, in about ten minutes after `make peers`.
#
#     GANEVAL_INCEPTION=pt_inception-2015-12-05-6726825d.pth \
#     GANEVAL_FOLDERS=real:fake sh benchmarks/speed/gpu.sh
#
# GANEVAL_INCEPTION: pytorch-fid's file of weights; GANEVAL_FOLDERS: two folders of images, best
# some thousand each. What the file has already is skipped.
set -eu
cd "$(dirname "$0")/../.."
python=.venv-peers/bin/python
: "${GANEVAL_INCEPTION:?name the file of Inception weights}"
: "${GANEVAL_FOLDERS:?name two folders, REAL:FAKE}"
"$python" -c 'import sys, torch; sys.exit(not torch.cuda.is_available())' \
    || { echo "torch finds no CUDA GPU here" >&2; exit 2; }

# Tests that need a GPU are skipped elsewhere.
"$python" -m pytest -q -n 0 tests/metrics/test_neighbours.py tests/metrics/test_prdc.py -k "gpu or GPU or cuda"

for case in fid extraction c2st kde matrix trainer; do
    "$python" -m benchmarks.speed.gpu --out benchmarks/speed/results-gpu.jsonl --only "$case"
done
