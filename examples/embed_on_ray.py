"""Embeds images on a Ray cluster and scores them; a node that is lost costs its last tasks only.

    pip install 'ganeval[ray]'
    python examples/embed_on_ray.py     # on this machine, or on the cluster that RAY_ADDRESS names

The same callable serves Dask, Spark and Slurm: see docs/scale.md. For images in files,
`ganeval features extract DATA -o real.features --feature-net NET --engine ray` does all of this.
"""

import numpy as np
import ray

import ganeval


def digits(n: int, *, power: float, seed: int) -> ray.data.Dataset:
    """Yours reads pictures: ray.data.read_images("s3://…", include_paths=True)."""
    pictures = np.random.default_rng(seed).random((n, 28, 28, 1)) ** power
    names = [f"{i:06d}" for i in range(n)]
    return ray.data.from_items(
        [{"id": name, "image": picture} for name, picture in zip(names, pictures, strict=True)]
    )


def main() -> None:
    """Scores both sides on the cluster."""
    ray.init(log_to_driver=False)
    ray.data.DataContext.get_current().enable_progress_bars = False
    embedder = ganeval.Embedder("mnist", value_range=(0, 1))
    sides = {}
    for side, power, seed in (("real", 1, 0), ("fake", 2, 1)):
        rows = digits(300, power=power, seed=seed)
        rows = rows.map_batches(embedder, batch_size=64, batch_format="numpy")
        sides[side] = ganeval.Features.from_batches(rows.iter_batches(batch_format="numpy"))
    scores = {"fid": ganeval.fid(**sides), "kid": ganeval.kid(**sides)}
    print({name: round(score.value, 4) for name, score in scores.items()})


if __name__ == "__main__":
    main()
