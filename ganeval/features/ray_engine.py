"""Extraction on Ray: a cluster embeds the images, and a node that is lost costs its last tasks.

Ray Data cuts the positions of the images into tasks of a few images, sends each to a free
processor of any node, and repeats the tasks of nodes that are lost. Every node must be able to read
the images under the same path.
"""

from ganeval.features._base import Features
from ganeval.features.embed import Progress
from ganeval.features.embedder import Embedder
from ganeval.optional import optional

TASK_IMAGES = 64
"""Images in one task: what a lost processor costs."""


def extract_on_ray(
    embedder: Embedder,
    *,
    address: str | None = None,
    task_images: int = TASK_IMAGES,
    progress: Progress | None = None,
) -> Features:
    """Embeds every image of the embedder's source on a Ray cluster.

    Args:
        embedder: with a source that every node can read.
        address: of the cluster, `ray://HOST:PORT`; None takes the one that `ray.init` reached or
            `RAY_ADDRESS` names, or starts one on this machine.
        task_images: images in one task.
        progress: called after each task.

    Returns:
        What `extract` returns for the same source.

    Raises:
        MissingExtraError: Ray is not installed.
    """
    data = optional("ray.data", extra="ray", purpose="extraction on Ray")
    ray = optional("ray", extra="ray", purpose="extraction on Ray")
    assert embedder.source is not None
    if not ray.is_initialized():
        ray.init(address=address, log_to_driver=False)
    n = len(embedder.source)
    data.DataContext.get_current().enable_progress_bars = False
    rows = (
        data.range(n, override_num_blocks=-(-n // task_images))
        .rename_columns({"id": "position"})
        .map_batches(embedder, batch_size=task_images, batch_format="numpy")
    )
    pieces, done = [], 0
    for piece in rows.iter_batches(batch_size=None, batch_format="numpy", prefetch_batches=4):
        pieces.append(piece)
        done += len(piece["id"])
        if progress is not None:
            progress(done, n)
    return Features.from_batches(pieces)
