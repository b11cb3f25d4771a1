import numpy as np

import ganeval


def test_features_print_what_they_are_and_not_their_numbers():
    rows = np.zeros((300, 64), np.float32)
    ids = tuple(str(i) for i in range(300))
    features = ganeval.Features(rows, ids=ids, labels=("a",) * 300, name="real")
    assert repr(features) == "Features('real', 300 images, 64 features, labels)"
