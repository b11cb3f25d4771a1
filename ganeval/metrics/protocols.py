"""Everything as in another tool: net, resize, estimator, subsets and seed at once."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ganeval.errors import InputError
from ganeval.metrics.spine import METRICS, Metric, metrics_named
from ganeval.registry import Registry


@dataclass(frozen=True)
class Protocol:
    """What another tool fixes.

    Args:
        name: entry of PROTOCOLS.
        feature_net: the net, with its weights and resize rule; None leaves it open.
        options: per metric (or command of several metrics) that the tool has, the keyword
            arguments that it fixes.
        other_nets: further nets of the tool, which must be named.
        n_fake: how many generated images its published scores are of; None if that differs.
        eight_bits: whether the tool sees 8-bit images alone.
        reference: the reference file that the tool compares with, and what it takes from it.
    """

    name: str
    feature_net: str | None
    options: Mapping[str, Mapping[str, Any]]
    other_nets: tuple[str, ...] = ()
    n_fake: int | None = None
    eight_bits: bool = True
    reference: str = ""

    def net(self, given: str | None) -> str | None:
        """The net, or InputError where another one was asked for by name."""
        if self.feature_net is None or given in self.other_nets:
            return given
        if given not in (None, self.feature_net):
            nets = " or ".join(map(repr, (self.feature_net, *self.other_nets)))
            raise InputError(
                f"protocol {self.name} fixes the feature net {nets}, but {given!r} "
                "was given; leave out one of the two"
            )
        return self.feature_net

    def metrics(self) -> list[str]:
        """The metrics or commands that the tool has and this version of ganeval too."""
        commands = {METRICS[name].command for name in METRICS}
        return [name for name in self.options if name in METRICS or name in commands]

    def default_metrics(self, *, train: bool) -> list[str]:
        """Those of them that are scored by its own net, and need no training images without them.

        Args:
            train: whether there are training images.
        """
        entries = {name: metrics_named(name)[0] for name in self.metrics()}
        return [
            name
            for name, entry in entries.items()
            if (train or not entry.needs_train)
            and entry.net_for(self.options[name], self.feature_net) == self.feature_net
        ]

    def fix(
        self, metric: str, given: Mapping[str, Any], defaults: Mapping[str, Any]
    ) -> dict[str, Any]:
        """`given` options of a metric with this protocol's in place.

        Args:
            metric: entry of METRICS, or a command of several.
            given: options of the metric by name.
            defaults: the metric's own.

        Raises:
            InputError: the tool has no such metric, or an option that it fixes was given.
        """
        fixed = self.fixed(metric)
        for name, value in fixed.items():
            if given.get(name) not in (defaults.get(name), value):
                raise InputError(
                    f"protocol {self.name} fixes {name} at {value}, but {given[name]} was given; "
                    "leave out one of the two"
                )
        return {**given, **fixed}

    def fixed(self, metric: str) -> Mapping[str, Any]:
        """The options that the tool fixes for a metric, or InputError where it has no such one."""
        for name in (metric, METRICS[metric].command if metric in METRICS else metric):
            if name in self.options:
                return self.options[name]
        raise InputError(
            f"{self.name} has no {metric}, only {', '.join(self.metrics())}; leave out the protocol"
        )

    def check_default(self, metric: Metric, *, where: str) -> None:
        """Raises InputError unless the tool's score of a metric is the one by default options.

        Args:
            metric: the metric.
            where: what takes default options alone, for the message.
        """
        own = {name: value for name, value in self.fixed(metric.name).items() if value is not None}
        if own:
            options = ", ".join(f"{name} {value}" for name, value in own.items())
            raise InputError(
                f"protocol {self.name} fixes {options} for {metric.name}, which {where} does not "
                "take; leave out --protocol, or score each model by itself"
            )

    def check_dtype(self, dtype: str, name: str) -> None:
        """Raises InputError where images of this dtype are none that the tool would see."""
        if self.eight_bits and dtype != "uint8":
            raise InputError(
                f"{name} has {dtype} images, and the tool of protocol {self.name} takes 8 bits; "
                "save both sides as 8-bit images, or leave out --protocol"
            )

    def warning(self, n_fake: int | None) -> str | None:
        """Says that published scores are of another number of fakes; None where they are not."""
        if self.n_fake is None or n_fake in (None, self.n_fake):
            return None
        return (
            f"scores that are published by protocol {self.name} are of {self.n_fake} fakes, and "
            f"this one is of {n_fake}; compare it with scores of as many"
        )


PROTOCOLS: Registry[Protocol] = Registry("protocol")

_ADM_REFERENCE = (
    "VIRTUAL_….npz: fid and sfid take its mu and sigma, which are of the whole training set, all "
    "others its images, arr_0"
)

for _protocol in (
    Protocol("pytorch-fid", "inception", {"fid": {}}, reference=".npz with mu and sigma"),
    # 100 subsets of at most 1000, drawn from the global NumPy generator: equal in law only.
    Protocol(
        "clean-fid", "inception:clean", {"fid": {}, "kid": {"subsets": 100, "subset_size": None}}
    ),
    Protocol(
        "torch-fidelity",
        "inception:torch-fidelity",
        {
            "fid": {},
            "kid": {"subsets": 100, "subset_size": 1000, "seed": 2020},
            "inception_score": {"splits": 10, "seed": 2020},
            "prdc": {"k": None, "ball": None},
        },
    ),
    # Its subsets and splits are drawn from the global torch generator: equal in law only.
    Protocol(
        "torchmetrics",
        "inception:torchmetrics",
        {
            "fid": {},
            "kid": {"subsets": 100, "subset_size": 1000},
            "inception_score": {"splits": 10},
        },
    ),
    # The evaluator of "Diffusion models beat GANs" (2021), in TensorFlow. Its distances for
    # precision and recall are of half precision.
    Protocol(
        "adm",
        "inception:torch-fidelity",
        {
            "fid": {},
            "sfid": {},
            "inception_score": {"split_size": 5000},
            "prdc": {"k": None, "ball": None},
        },
        n_fake=50_000,
        reference=_ADM_REFERENCE,
    ),
    # calculate_metrics.py of "Analyzing and improving the training dynamics of diffusion
    # models" (2024): FID, and FD_DINOv2 with its second net.
    Protocol(
        "edm2",
        "inception:torch-fidelity",
        {"fid": {}},
        other_nets=("dinov2:edm2",),
        n_fake=50_000,
        reference=".npz with mu and sigma of the training set, or its images",
    ),
    # Stein et al. 2023. Subsets are drawn from the global NumPy generator: equal in law only.
    Protocol(
        "dgm-eval",
        "dinov2:dgm-eval",
        {
            "fid": {},
            "kid": {"subsets": 100, "subset_size": None},
            "prdc": {"k": 5, "ball": "open"},
            "authpct": {},
        },
        n_fake=50_000,
    ),
    # Jayasumana et al. 2024.
    Protocol(
        "cmmd", "clip:cmmd", {"kid": {"kernel": "gaussian", "bandwidth": 10.0, "biased": True}}
    ),
    # Berthet et al. 2026, as in torch-fidelity.
    Protocol("mind", "inception:torch-fidelity", {"mind": {}}, n_fake=5_000),
    # Table 1 of "Conditional GANs for biological image synthesis" (2018), which states no
    # parameters: these were read off its figures.
    Protocol(
        "thesis",
        None,
        {
            "kde_log_likelihood": {
                "bandwidth": 1.0,
                "total": True,
                "subsets": 10,
                "subset_size": 256,
            },
            "c2st": {
                "classifier": "dcgan",
                "repeats": 10,
                "test_size": 0.1,
                "iterations": 300,
            },
        },
        eight_bits=False,
    ),
):
    PROTOCOLS.add(_protocol.name, _protocol)
