"""The one callable on engines of others: Ray on two nodes, one of which is killed; Dask locally."""

import time

import numpy as np
import pytest
from PIL import Image

import ganeval

pytestmark = [pytest.mark.peers, pytest.mark.filterwarnings("ignore")]  # theirs, not ours

N = 1600


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("pictures")
    rng = np.random.default_rng(0)
    for i in range(N):
        Image.fromarray(rng.integers(0, 255, (8, 8), np.uint8)).save(folder / f"{i:04d}.png")
    return folder


def assert_same(found, folder):
    whole = ganeval.extract(folder, "pixels", cache=False)
    assert found.ids == whole.ids
    assert found.fingerprint == whole.fingerprint
    other = np.random.default_rng(1).random((500, 64))
    for metric in (ganeval.fid, ganeval.kid):
        assert metric(found, other).value == pytest.approx(metric(whole, other).value, rel=1e-9)


def test_a_ray_node_that_is_killed_half_way_costs_under_two_per_cent(folder, tmp_path):
    import ray
    from ray.cluster_utils import Cluster

    class Slow(ganeval.Embedder):
        """Takes its time, and writes down which images it embeds."""

        def __call__(self, batch):
            time.sleep(0.1)
            with open(f"{self.name}.log", "a") as file:
                file.write(" ".join(map(str, batch["position"])) + "\n")
            return super().__call__(batch)

    node = {"num_cpus": 1, "object_store_memory": 10**8}
    cluster = Cluster(initialize_head=True, head_node_args={**node, "include_dashboard": False})
    try:
        second = cluster.add_node(**node)
        cluster.wait_for_nodes()
        ray.init(address=cluster.address, log_to_driver=False)
        killed = []

        def kill(done, total):
            if done >= total // 2 and not killed:
                killed.append(done)
                cluster.remove_node(second, allow_graceful=False)

        embedder = Slow("pixels", source=ganeval.open_images(folder), name=str(tmp_path / "done"))
        found = ganeval.features.extract_on_ray(embedder, task_images=8, progress=kill)
    finally:
        ray.shutdown()
        cluster.shutdown()
    assert killed and killed[0] < N
    assert_same(found, folder)
    embedded = (tmp_path / "done.log").read_text().split()
    assert set(map(int, embedded)) == set(range(N))
    assert len(embedded) - N < 0.02 * N


def test_the_partitions_of_a_dask_bag_are_embedded_by_several_processes(folder):
    import dask.bag

    embedder = ganeval.Embedder("pixels")

    def embed(paths):
        paths = list(paths)
        pictures = [path.read_bytes() for path in paths]
        return [embedder({"bytes": pictures, "path": [path.name for path in paths]})]

    bag = dask.bag.from_sequence(sorted(folder.iterdir()), npartitions=5)
    pieces = bag.map_partitions(embed).compute(scheduler="processes", num_workers=2)
    assert_same(ganeval.Features.from_batches(pieces), folder)
