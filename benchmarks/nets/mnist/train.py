"""How the shipped `mnist` net was made.

    GANEVAL_DATA=/path/to/data python -m benchmarks.nets.mnist.train

reads $GANEVAL_DATA/mnist/{train,t10k}-{images-idx3,labels-idx1}-ubyte.gz, trains for 10 epochs
(about 10 minutes on one core; interrupted, the same command goes on), writes
ganeval/nets/weights/mnist.{json,safetensors}, and adds a line with the figures on the 10,000 test
images to results.jsonl beside this file. One thread and one seed: the same weights again on the
same machine.
"""

import argparse
import os
import shutil
import time
from dataclasses import replace
from pathlib import Path

import torch

from benchmarks.harness import append
from benchmarks.nets._report import evaluate, machine, show
from ganeval.images import open_images
from ganeval.nets import load_card, train_net

HERE = Path(__file__).resolve().parent

WEIGHTS = HERE.parents[2] / "ganeval" / "nets" / "weights"


def main() -> None:
    """Trains, tests, installs."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--epochs", type=int, default=10)
    parser.add_argument("--work", type=Path, default=HERE.parents[2] / "build" / "nets" / "mnist")
    parser.add_argument("--threads", type=int, default=1)
    options = parser.parse_args()
    data = Path(os.environ["GANEVAL_DATA"]) / "mnist"
    torch.set_num_threads(options.threads)
    start = time.process_time()  # of the processor: other work on the machine does not count
    card = train_net(
        open_images(data / "train-images-idx3-ubyte.gz"),
        name="mnist",
        out=options.work,
        epochs=options.epochs,
        widths=(24, 48, 80),  # keeps the weights at 0.9 MB
        input_size=(28, 28),  # with a resize rule: the 32 x 32 variant of MNIST fits too
        flips=False,  # a mirrored digit is another digit, or none
        device="cpu",
        data_name="MNIST, the 60,000 training images",
        licence="weights: Apache-2.0; MNIST images (LeCun, Cortes, Burges): CC BY-SA 3.0",
        progress=show,
    )
    seconds = round(time.process_time() - start)
    test = evaluate(card, open_images(data / "t10k-images-idx3-ubyte.gz"), threads=options.threads)
    WEIGHTS.mkdir(exist_ok=True)
    shutil.copyfile(options.work / "weights.safetensors", WEIGHTS / "mnist.safetensors")
    shipped = replace(
        card,
        weights="mnist.safetensors",
        validation={**card.validation, "test": {k: test[k] for k in ("n", "accuracy", "ece")}},
        source="benchmarks/nets/mnist/train.py",
    )
    (WEIGHTS / "mnist.json").write_text(shipped.to_json(), encoding="utf-8")
    row = {
        "net": "mnist",
        "sha256": load_card("mnist").sha256,
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
