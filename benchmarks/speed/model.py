"""What an image costs at each stage, fitted to results.jsonl, and what that means for 64 GPUs."""

from typing import Any, NamedTuple

GPUS, CORES_PER_GPU = 64, 16
NET_RATE = 3636
"""Inception v3 at 299 pixels per second on an RTX 4090, eager, mixed precision: timm's
benchmark-infer-*.csv. Not measured here."""
LINK = 25e9
"""Bytes per second from memory to a GPU, PCIe 4.0 with 16 lanes."""
STORAGE = 10e9
"""Bytes per second from shared storage to all machines together."""
FLOAT64 = 1.3e12
"""Multiplications and additions in float64 per second of the same GPU."""
DIM = 2048

JPEG_BYTES = 110_000
"""A JPEG of ImageNet, on average."""
PIXEL_BYTES = 500 * 375 * 3
NET_BYTES = 299 * 299 * 3 * 4


class Stage(NamedTuple):
    """One stage of an evaluation."""

    name: str
    seconds: float | None
    """Per image on one core here; None where nothing was measured."""
    bytes: int
    """Per image, that go into it."""
    rate: float | None
    """Images per second of all 64 GPUs and their cores."""
    how: str


def stages(lines: list[dict[str, Any]]) -> list[Stage]:
    """Costs from the lines of results."""
    decode = _per_image(lines, "decoding JPEG 500 x 375")
    net = _slope(
        lines, "FID of folders, inception", DIM, sides=2, cores=lines[-1]["machine"]["cores"]
    )
    moments = _slope(lines, "FID from features, plain", DIM, sides=2, cores=1, least=DIM + 1)
    return [
        Stage("read", None, JPEG_BYTES, STORAGE / JPEG_BYTES, "10 GB/s of shared storage"),
        Stage(
            "decode", decode, JPEG_BYTES, decode and GPUS * CORES_PER_GPU / decode,
            f"measured here, times {GPUS * CORES_PER_GPU:,} cores",
        ),
        Stage("transfer", None, NET_BYTES, GPUS * LINK / NET_BYTES, "PCIe 4.0 x 16, float32"),
        Stage("net", net, NET_BYTES, GPUS * NET_RATE, "RTX 4090, published by timm"),
        Stage(
            "moments", moments, 4 * DIM, GPUS * FLOAT64 / (2 * DIM**2),
            "float64 of the same GPU",
        ),
    ]  # fmt: skip


def _per_image(lines: list[dict[str, Any]], case: str) -> float | None:
    found = [line for line in lines if line["case"] == case]
    return found[0]["ours_seconds"] / found[0]["n"] if found else None


def _slope(
    lines: list[dict[str, Any]], case: str, d: int, *, sides: int, cores: int, least: int = 1
) -> float | None:
    """Core seconds per image by least squares over sizes, which leaves start-up out."""
    points = {
        line["n"]: line["ours_seconds"]
        for line in lines
        if line["case"] == case and line["d"] == d and line["n"] >= least
    }
    if len(points) < 2:
        return None
    mean_n, mean_s = (sum(values) / len(points) for values in (points, points.values()))
    rise = sum((n - mean_n) * (s - mean_s) for n, s in points.items())
    return cores * rise / sum((n - mean_n) ** 2 for n in points) / sides


def text(lines: list[dict[str, Any]]) -> str:
    """The model in Markdown."""
    found = stages(lines)
    rows = [
        "| stage | core time per image here | bytes per image | images/s with 64 GPUs | from |",
        "|---|--:|--:|--:|---|",
        *(
            f"| {stage.name} | {_time(stage.seconds)} | {stage.bytes:,} | {_rate(stage.rate)} "
            f"| {stage.how} |"
            for stage in found
        ),
    ]
    slowest = min((stage for stage in found if stage.rate), key=lambda stage: stage.rate or 0)
    return "\n".join(
        [
            "## Cost model",
            "",
            "Seconds per image are slopes over the sizes above, which leaves start-up out. Images "
            f"are JPEGs of 500 x 375 pixels; each of {GPUS} GPUs has {CORES_PER_GPU} cores.",
            "",
            *rows,
            "",
            f"The model predicts that **{slowest.name}** limits {GPUS} GPUs, at "
            f"{_rate(slowest.rate)} images per second.",
        ]
    )


def _time(seconds: float | None) -> str:
    return "–" if seconds is None else f"{1e6 * seconds:,.0f} µs"


def _rate(rate: float | None) -> str:
    return "–" if rate is None else f"{float(f'{rate:.3g}'):,.0f}"
