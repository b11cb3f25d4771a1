"""A quick CIFAR-10 net: `ganeval nets train` on photographs. Its weights are not shipped.

    GANEVAL_DATA=/path/to/data python -m benchmarks.nets.cifar10.train

reads $GANEVAL_DATA/cifar10/{train,test}.zip (class folders of JPEG copies, so scores differ a
little from those of the original files), trains for 8 epochs (about 10 minutes on one core;
interrupted, the same command goes on), leaves the net in build/nets/cifar10 for
`--feature-net build/nets/cifar10`, and adds a line with the figures on the 10,000 test images to
results.jsonl beside this file.
"""

import argparse
import os
import time
from pathlib import Path

import torch

from benchmarks.harness import append
from benchmarks.nets._report import evaluate, machine, show
from ganeval.images import open_images
from ganeval.nets import train_net

HERE = Path(__file__).resolve().parent


def main() -> None:
    """Trains and tests."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--epochs", type=int, default=8)
    parser.add_argument("--out", type=Path, default=HERE.parents[2] / "build" / "nets" / "cifar10")
    parser.add_argument("--threads", type=int, default=1)
    options = parser.parse_args()
    data = Path(os.environ["GANEVAL_DATA"]) / "cifar10"
    torch.set_num_threads(options.threads)
    start = time.process_time()  # of the processor: other work on the machine does not count
    card = train_net(
        open_images(data / "train.zip"),
        name="cifar10",
        out=options.out,
        epochs=options.epochs,
        flips="left-right",  # there are no ships upside down
        device="cpu",
        data_name="CIFAR-10 (JPEG), the 50,000 training images",
        progress=show,
    )
    seconds = round(time.process_time() - start)
    test = evaluate(card, open_images(data / "test.zip"), threads=options.threads)
    row = {
        "net": "cifar10",
        "sha256": card.sha256,
        "epochs": options.epochs,
        "training_cpu_seconds": seconds,
        "held_out_accuracy": card.validation["accuracy"],
        "test": test,
        "machine": machine(options.threads),
    }
    append(HERE / "results.jsonl", row)
    print(f"test accuracy {test['accuracy']:.4f}, calibration error {test['ece']:.4f}")


if __name__ == "__main__":
    main()
