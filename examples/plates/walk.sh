#!/bin/bash
# From plates of 16-bit TIFFs, one file per channel, to a report: first without labels, then with.
#
#   bash examples/plates/walk.sh        # writes the folder plates/; docs/tutorial.md explains each step
set -euo pipefail

python examples/plates/simulate.py plates

ganeval nets train plates/real --name shapes --unlabelled --dim 16 --epochs 6 \
    --include 'plate0[1-4]/**' --stack-by '(_c\d)' --value-range 0:4095
ganeval evaluate plates/real good=plates/good dim=plates/dim \
    --feature-net shapes --metrics kid,prdc -o plates/unlabelled.jsonl \
    --real-exclude 'plate0[1-4]/**' --real-group-by folder:0 \
    --stack-by '(_c\d)' --value-range 0:4095

ganeval nets train plates/real --name treatments --dim 16 --epochs 6 \
    --label-by csv:plates/treatments.csv:treatment \
    --include 'plate0[1-4]/**' --stack-by '(_c\d)' --value-range 0:4095
ganeval evaluate plates/real good=plates/good dim=plates/dim \
    --feature-net treatments --metrics kid,obedience -o plates/scores.jsonl \
    --real-label-by csv:plates/treatments.csv:treatment \
    --real-exclude 'plate0[1-4]/**' --real-group-by folder:0 \
    --stack-by '(_c\d)' --value-range 0:4095
ganeval compare plates/scores.jsonl --metric kid
ganeval report plates/scores.jsonl -o plates/report.html \
    --real-label-by csv:plates/treatments.csv:treatment \
    --real-exclude 'plate0[1-4]/**' --real-group-by folder:0 \
    --stack-by '(_c\d)' --value-range 0:4095
