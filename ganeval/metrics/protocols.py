"""Everything as in another tool: net, resize, estimator, subsets and seed at once."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar

from ganeval.errors import InputError
from ganeval.registry import Registry

Run = TypeVar("Run")


@dataclass(frozen=True)
class Protocol:
    """What another tool fixes.

    Args:
        name: entry of PROTOCOLS.
        feature_net: the net, with its weights and resize rule.
        options: keyword arguments per metric; a metric that the tool lacks has none.
    """

    name: str
    feature_net: str
    options: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)

    def run_options(self, run: Run) -> Run:
        """`run`, a dataclass with a field `feature_net`, with this protocol's net.

        Raises:
            InputError: another net was asked for by name.
        """
        given = getattr(run, "feature_net", None)
        if given not in (None, self.feature_net):
            raise InputError(
                f"protocol {self.name} fixes the feature net {self.feature_net!r}, but {given!r} "
                "was given; leave out one of the two"
            )
        return replace(run, feature_net=self.feature_net)  # type: ignore[type-var]


PROTOCOLS: Registry[Protocol] = Registry("protocol")

for _protocol in (
    Protocol("pytorch-fid", "inception"),
    # 100 subsets of at most 1000, drawn from the global NumPy generator: equal in law only.
    Protocol("clean-fid", "inception:clean", {"kid": {"subsets": 100, "subset_size": 1000}}),
    Protocol(
        "torch-fidelity",
        "inception:torch-fidelity",
        {
            "kid": {"subsets": 100, "subset_size": 1000, "seed": 2020},
            "inception_score": {"splits": 10, "seed": 2020},
        },
    ),
):
    PROTOCOLS.add(_protocol.name, _protocol)
