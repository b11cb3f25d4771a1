"""The models that a suite is given: each under a name."""

from collections.abc import Mapping

from ganeval.errors import InputError


def check_names(models: object) -> None:
    """Raises InputError unless `models` gives each model a name."""
    if not isinstance(models, Mapping):
        raise InputError(
            f"the models came as {type(models).__name__}, without names; "
            'wanted a dict from names to images: {"A": IMAGES, "B": IMAGES}'
        )
    if any(not str(name).strip() for name in models):
        raise InputError("a model has an empty name; give each a name of its own")
