"""`SampleScorer`: scores what a generator draws, at any moment of a training loop."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from ganeval.arguments import whole_number
from ganeval.errors import InputError, cut
from ganeval.features import NetLike
from ganeval.images import ImageSource, ValueRange
from ganeval.integrations.given import named_scores
from ganeval.lazy import torch
from ganeval.metrics import Score
from ganeval.moments import statistics_in
from ganeval.nets import UndeclaredRangeError
from ganeval.suites import Evaluator


class SampleScorer:
    """Scores samples of a generator against reals that are embedded once.

    It samples without gradients, with its modules in evaluation mode and with random numbers of
    torch that are its own, so that training goes on as if nobody had looked. Each call draws from
    the same random numbers: scores differ by the generator, not by its noise. Under
    `torch.distributed` all processes make and call it; each samples a part, and all get the same
    scores.

    Args:
        real: images, Features or statistics, as for `ganeval.Evaluator`. Under `torch.distributed`
            all of them on every process, of which each embeds a part if it is what `open_images`
            gives, and the first embeds all otherwise.
        sample: called with a number of images, returns a batch of as many: [n, c, h, w] tensor,
            [n, h, w, c] array, or what else `ganeval.Evaluator.update` takes.
        feature_net: as for `ganeval.Evaluator`.
        metrics: as for `ganeval.Evaluator`.
        value_range: (low, high) of the samples' pixels where they are float, as (-1, 1).
        modules: torch modules to keep in evaluation mode while sampling.
        n: images per score, over all processes.
        batch_size: images per call of `sample`, and through the net.
        seed: of the random numbers that `sample` takes from torch.

    Attributes:
        history: the scores of each call, by step and name. They hold the influence of every image,
            8 bytes for each image, metric and call; under `torch.distributed`, on rank 0.

    Raises:
        InputError: n or batch_size below 1, something else than a function or than modules, or as
            `ganeval.Evaluator`.

    Example:
        >>> scorer = SampleScorer("real/", draw, feature_net="lin41", value_range=(-1, 1))
        >>> scorer(step=1000)["fid"].corrected
    """

    def __init__(
        self,
        real: Any,
        sample: Callable[[int], Any],
        *,
        feature_net: NetLike = None,
        metrics: Sequence[str] | None = None,
        value_range: tuple[float, float] | ValueRange | str | None = None,
        modules: Sequence[Any] = (),
        n: int = 2048,
        batch_size: int = 64,
        seed: int = 0,
    ) -> None:
        if not callable(sample):
            raise InputError(
                f"sample is of type {type(sample).__name__}; wanted a function that is called with "
                "a number of images and returns them"
            )
        n = whole_number(n, name="n", least=1)
        seed = whole_number(seed, name="seed", least=0)
        group, rank, ranks = _processes()
        self.history: dict[int, dict[str, Score]] = {}
        self._sample = sample
        self._modules = _checked(modules)
        self._n = len(range(rank, n, ranks))
        self._batch_size = whole_number(batch_size, name="batch_size", least=1)
        self._seed = seed * ranks + rank
        self._evaluator = Evaluator(
            _share(real, rank, ranks),
            feature_net=feature_net,
            metrics=metrics,
            value_range=value_range,
            batch_size=batch_size,
            process_group=group,
        )

    def __call__(self, step: int) -> dict[str, Score]:
        """The scores of the generator as it is now, by name; `step` goes into their `details`."""
        step = whole_number(step, name="step", least=0, most=2**63 - 1)
        try:
            with torch.no_grad(), _evaluation_mode(self._modules), _random_numbers(self._seed):
                for start in range(0, self._n, self._batch_size):
                    wanted = min(self._batch_size, self._n - start)
                    batch = self._sample(wanted)
                    _check_count(batch, wanted)
                    with naming_the_option():
                        self._evaluator.update(batch)
            scores = self._evaluator.compute(step=step)
        finally:
            self._evaluator.reset()
        self.history[step] = scores
        return scores


def flat(scores: Mapping[str, Score], prefix: str = "") -> dict[str, float]:
    """All numbers of some scores in one flat dictionary, for any tracker.

    Args:
        scores: what `ganeval.Evaluator.compute` returns.
        prefix: goes before each name, as in `eval_`.

    Example:
        >>> flat(evaluator.compute())
        {'fid': 1.547, 'fid/corrected': 1.094, 'fid/low': 0.654, ...}
    """
    return {
        f"{prefix}{name}": value
        for score in named_scores(scores).values()
        for name, value in score.log_dict().items()
    }


@contextmanager
def naming_the_option() -> Iterator[None]:
    """Advises those whose float images have no declared range to give `value_range`."""
    try:
        yield
    except UndeclaredRangeError:
        raise UndeclaredRangeError(
            "the images are float, and what means black and white was not declared; give "
            "value_range=(low, high), as (-1, 1)"
        ) from None


def _checked(modules: object) -> list[Any]:
    """Modules that can be put into evaluation mode; or InputError."""
    found = list(modules) if isinstance(modules, list | tuple) else [None]
    if not all(isinstance(module, torch.nn.Module) for module in found):
        raise InputError(
            f"modules is {cut(repr(modules))}; wanted a list of torch modules, as modules=[model]"
        )
    return found


def _check_count(batch: object, wanted: int) -> None:
    """Raises InputError unless a sampler returned as many images as it was asked for."""
    images = batch[0] if isinstance(batch, tuple) and batch else batch  # with labels
    try:
        given = str(len(images))  # type: ignore[arg-type]
    except TypeError:
        given = f"a {type(images).__name__}, and no"
    if given != str(wanted):
        raise InputError(f"sample({wanted}) returned {given} images; return as many as asked")


def _processes() -> tuple[Any, int, int]:
    """The group of all processes, the rank and the number of ranks; (None, 0, 1) of one alone."""
    import torch.distributed as dist

    if not dist.is_available() or not dist.is_initialized() or dist.get_world_size() == 1:
        return None, 0, 1
    return dist.group.WORLD, dist.get_rank(), dist.get_world_size()


def _share(real: Any, rank: int, ranks: int) -> Any:
    """This process's part of the reals, or statistics; None where the first embeds them all."""
    if ranks == 1 or statistics_in(real) is not None:
        return real
    if isinstance(real, ImageSource):
        return real.shard(rank, ranks)
    return real if rank == 0 else None


@contextmanager
def _evaluation_mode(modules: Sequence[Any]) -> Iterator[None]:
    """Puts modules into evaluation mode, and each submodule back into its own mode after."""
    training = [part for module in modules for part in module.modules() if part.training]
    for part in training:
        part.training = False
    try:
        yield
    finally:
        for part in training:
            part.training = True


@contextmanager
def _random_numbers(seed: int) -> Iterator[None]:
    """Seeds torch on this process's devices, and leaves its random numbers as they were."""
    devices = [torch.cuda.current_device()] if torch.cuda.is_available() else []
    with torch.random.fork_rng(devices=devices):
        torch.default_generator.manual_seed(seed)
        if devices:
            torch.cuda.manual_seed(seed)
        yield
