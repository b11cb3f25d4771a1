#!/bin/bash
# Embeds a large set of images in an array of Slurm jobs, then joins what they wrote.
#
#   sbatch --array=0-63 examples/embed_on_slurm.sh images/ inception work/
#
# A job that was killed resumes from its last complete block when Slurm starts it again.
#SBATCH --job-name=ganeval
#SBATCH --gpus=1
#SBATCH --cpus-per-task=8
#SBATCH --requeue
set -euo pipefail
images=$1 net=$2 work=$3

if [ -n "${SLURM_ARRAY_TASK_ID:-}" ]; then
    mkdir -p "$work"
    ganeval features extract "$images" --feature-net "$net" --quiet \
        --shard "$SLURM_ARRAY_TASK_ID/$SLURM_ARRAY_TASK_COUNT" \
        -o "$work/part-$SLURM_ARRAY_TASK_ID.features"
    # The first job of the array sends the one that joins the parts, once all have ended well.
    if [ "$SLURM_ARRAY_TASK_ID" = "$SLURM_ARRAY_TASK_MIN" ]; then
        sbatch --dependency="afterok:$SLURM_ARRAY_JOB_ID" "$0" "$images" "$net" "$work"
    fi
else
    ganeval features merge "$work"/part-*.features -o "$work/all.features"
fi
