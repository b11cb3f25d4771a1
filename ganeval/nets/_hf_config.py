"""What the JSON files of a model on the Hugging Face hub say of its images."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ganeval.errors import NetError
from ganeval.nets._base import Card
from ganeval.schema import decode


def read_object(path: Path, card: Card) -> dict[str, Any]:
    try:
        found = decode(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else error
        raise NetError(
            f"{path} cannot be read ({reason}); put it beside the weights of net {card.name!r}"
        ) from None
    if not isinstance(found, dict):
        raise NetError(f"{path} is no JSON object; get it again")
    return json.loads(json.dumps(found))  # type: ignore[no-any-return]


def image_part(config: Mapping[str, Any]) -> tuple[str, dict[str, Any]]:
    """The type of the part that sees images, and its settings."""
    ignored = ("model_type", "auto_map", "architectures", "transformers_version")
    kind = str(config["model_type"])
    vision = config.get("vision_config")
    settings = {k: v for k, v in dict(vision or config).items() if k not in ignored}
    if vision is None:
        # A masked autoencoder drops patches at random; its encoder is a plain transformer.
        return ("vit" if kind == "vit_mae" else kind), settings
    if kind == "clip":
        return "clip_vision_model", {**settings, "projection_dim": config["projection_dim"]}
    return str(vision.get("model_type") or f"{kind}_vision_model"), settings


def input_size(processor: Mapping[str, Any], path: Path) -> tuple[int, int]:
    """(height, width) that the model sees, from its processor."""
    crop = processor.get("crop_size") if processor.get("do_center_crop", True) else None
    found = crop or processor.get("size")
    if isinstance(found, int):
        return found, found
    if isinstance(found, dict):
        if isinstance(edge := found.get("shortest_edge"), int):
            return edge, edge
        if isinstance(found.get("height"), int) and isinstance(found.get("width"), int):
            return found["height"], found["width"]
    raise NetError(f"{path} names no size of images; give the file that belongs to the model")


def per_channel(values: Any, channels: int, empty: float) -> list[float]:
    given = values if isinstance(values, list) and values else [empty]
    numbers = [float(value) for value in given]
    return numbers if len(numbers) == channels else [sum(numbers) / len(numbers)] * channels
