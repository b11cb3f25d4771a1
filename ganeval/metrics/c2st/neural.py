"""Neural classifiers of the two-sample test: the entries of CLASSIFIERS that train in steps."""

from collections.abc import Callable
from typing import Any

from ganeval.lazy import torch
from ganeval.metrics.c2st.classifiers import CLASSIFIERS, Classifier, Task, Verdicts
from ganeval.metrics.c2st.networks import dcgan, stack, user_module
from ganeval.metrics.c2st.training import Batches, Recipe, one_by_one, train
from ganeval.statistics import seeded


def mlp(task: Task) -> Verdicts:
    """Two hidden layers of 64; all repeats train together, as one stack of small nets."""
    recipe = Recipe(task.iterations or 200, weight_decay=0.01)
    repeats = list(range(task.held_out.shape[1]))
    rows = torch.stack([task.standardised(r) for r in repeats])
    seeds = [int(seeded("mlp", task.seed, r).integers(2**62)) for r in repeats]
    with torch.enable_grad(), torch.inference_mode(False):
        net = stack(rows.shape[2], seeds).to(rows.device)
        batches = Batches(rows, task, repeats, shared=False)
        curves = train(net, batches, recipe, seed=(task.seed,))
    task.done(len(repeats))
    return Verdicts(batches.scores(net), curves=curves)


def conv(task: Task) -> Verdicts:
    """A small convolutional net sized to the images."""
    return one_by_one(task, lambda shape: dcgan(shape, width=32), Recipe(300, lr=1e-3))


def dcgan_test(task: Task) -> Verdicts:
    """The thesis' classifier: DCGAN's discriminator, 300 steps of 64 + 64 images."""
    return one_by_one(task, dcgan, Recipe(300, lr=2e-4, betas=(0.5, 0.999)))


def critic(task: Task) -> Verdicts:
    """A Wasserstein critic with gradient penalty: no batch norm."""
    recipe = Recipe(300, lr=2e-4, betas=(0.5, 0.999), loss="critic")
    return one_by_one(task, lambda shape: dcgan(shape, batch_norm=False), recipe)


def fit_fresh(given: Any) -> Callable[[Task], Verdicts]:
    """A classifier's `fit` for a module or a function that makes one, trained as `dcgan` is."""
    build = user_module(given)

    def fit(task: Task) -> Verdicts:
        return one_by_one(task, build, Recipe(300, lr=2e-4, betas=(0.5, 0.999)))

    return fit


CLASSIFIERS.add("mlp", Classifier(mlp))
CLASSIFIERS.add("conv", Classifier(conv, pixels=True))
CLASSIFIERS.add("dcgan", Classifier(dcgan_test, pixels=True))
CLASSIFIERS.add("critic", Classifier(critic, pixels=True))
