from collections import Counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ganeval.errors import InputError
from ganeval.images import open_images
from ganeval.images.labels import folder_labels, values_by
from ganeval.images.sample import stratified_sample

LIN = "Act1 Alp14 Arp3 Atb2 Cki2 Efc25 Fim1 For3 Gef1 Kin1 Mal3 Rho1 Sid2 Sts5 Tea1 Tip1".split()


@pytest.mark.parametrize("names", [["cat", "dog"], list("0123456789"), LIN, ["B6", "wildtype"],
                                   ["train", "test"], ["class_1", "class_2"]])  # fmt: skip
def test_class_folders_are_labels(names):
    labels, note = folder_labels([f"{name}/{i}.png" for name in names for i in range(2)])
    assert labels == tuple(name for name in names for _ in range(2))
    assert note.startswith("labels from folders")


@pytest.mark.parametrize(
    "names",
    [["A01", "H12"], ["A1", "P24"], ["plate_3", "plate_4"], ["well_B02", "well_B03"],
     ["field 7", "field 8"], ["site1", "site2"], ["r02c03f01", "r02c03f02"], ["row A", "row B"],
     ["Plate1_A01", "Plate1_A02"], ["day-1", "day-2"], ["patient12", "patient13"],
     ["plate1-well3", "plate2-well3"]],
)  # fmt: skip
def test_plates_wells_and_fields_are_no_labels(names):
    labels, note = folder_labels([f"{name}/{i}.png" for name in names for i in range(2)])
    assert labels is None
    assert "look like plates or wells" in note and "--group-by folder:0" in note


@pytest.mark.parametrize("ids", [["a.png", "b/c.png"], ["a/b/c.png", "d/e/f.png"], ["a.png"],
                                 ["a/1.png", "a/2.png"]])  # fmt: skip
def test_other_trees_have_no_labels(ids):
    assert folder_labels(ids) == (None, None)


def test_train_and_test_parts_together_are_told():
    ids = [
        f"X_{part}/{label}/{i}.png" for part in ("train", "test") for label in "ab" for i in (0, 1)
    ]
    labels, note = folder_labels(ids)
    assert labels is None and note.startswith("X_test and X_train are taken together")


def test_labels_of_a_folder_are_echoed_with_counts(cells):
    source = open_images(cells[0])
    assert source.labels == ("cat", "cat", "dog", "dog", "dog", "dog")
    assert source.notes == ("labels from folders: cat 2, dog 4",)


def test_many_labels_are_echoed_in_short():
    ids = [f"{name}/{i}.png" for name in LIN for i in range(5)]
    assert folder_labels(ids)[1] == "labels from folders: 16, of 5 images each: Act1 to Tip1"


IDS = ["p1/A01/cat_1.png", "p1/A02/dog_1.png", "p2/A01/cat_2.png"]


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        ("folder:0", ("p1", "p1", "p2")),
        ("folder:1", ("A01", "A02", "A01")),
        (r"regex:/([a-z]+)_\d", ("cat", "dog", "cat")),
        (r"regex:(p\d)/.*/(?P<label>[a-z]+)_", ("cat", "dog", "cat")),
    ],
)
def test_rules(rule, expected):
    assert values_by(rule, IDS, kind="label", name="x") == expected


@pytest.mark.parametrize(
    ("rule", "message"),
    [
        ("folder:2", r"label_by folder:2 needs 3 folders above every image, but 3 of 3 in x have"),
        ("folder:-1", "is not understood; give folder:LEVEL"),
        ("folder", "is not understood"),
        ("folders:0", "is not understood"),
        ("regex:(dog)", r"does not match 2 of 3 images in x \(p1/A01/cat_1.png, p2/A01/cat_2.png"),
        ("regex:dog", "has no group"),
        ("regex:(", "is not a regular expression"),
        ("csv:nowhere.csv", "nowhere.csv does not exist"),
    ],
)
def test_a_rule_that_does_not_fit_says_why(rule, message):
    with pytest.raises(InputError, match=message):
        values_by(rule, IDS, kind="label", name="x")


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("key", ["id", "file"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
def test_tables_of_any_spreadsheet(tmp_path, delimiter, key, encoding):
    rows = [[key, "label", "extra"], *([id, f"läbel{i}", "x"] for i, id in enumerate(IDS))]
    text = "\n".join(delimiter.join(row) for row in rows)
    (tmp_path / "t.csv").write_text(text, encoding=encoding)
    found = values_by(f"csv:{tmp_path}/t.csv", IDS, kind="label", name="x")
    assert found == ("läbel0", "läbel1", "läbel2")


def test_a_table_may_name_ids_or_plain_file_names(tmp_path, cells):
    folder, arrays = cells
    table = tmp_path / "t.csv"
    table.write_text("id,group\n" + "".join(f"{id},{id[-5]}\n" for id in arrays))
    groups = open_images(folder, group_by=f"csv:{table}").groups
    assert groups == ("0", "1", "0", "1", "0", "2")
    names = ["a/x.png", "b/y.png"]
    table.write_text("file,group\nx.png,1\ny.png,2\n")
    assert values_by(f"csv:{table}", names, kind="group", name="x") == ("1", "2")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("id,label\na/0.png,1\n", r"no label for 1 of 2 images in x \(b/0\.png\); add rows"),
        ("name,label\na,1\n", r"has the columns name, label; one of id, .* must name the images"),
        ("id,kind\na,1\n", r"has the columns id, kind and no label; name one of them: csv:"),
        ("", "has the columns none"),
        ("id,label\na/0.png,1\na/0.png,2\n", r"gives a/0\.png two values, 1 and 2"),
        ("id,label\na/0.png,\n", "line 2 has no id or no label"),
        ("id,label\n0.png,1\n", r"x has several files of that name \(a/0\.png, b/0\.png\)"),
    ],
)
def test_a_table_that_does_not_fit_says_why(tmp_path, text, message):
    (tmp_path / "t.csv").write_text(text)
    with pytest.raises(InputError, match=message):
        values_by(f"csv:{tmp_path}/t.csv", ["a/0.png", "b/0.png"], kind="label", name="x")


def test_the_table_is_part_of_the_stamp(tmp_path, cells):
    table = tmp_path / "t.csv"
    stamps = set()
    for value in "ab":
        table.write_text("id,label\n" + "".join(f"{id},{value}\n" for id in cells[1]))
        stamps.add(open_images(cells[0], label_by=f"csv:{table}").stamp)
    assert len(stamps) == 2


strata = st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from("xyz")), min_size=1,
                  max_size=60)  # fmt: skip


def drawn(ids, pairs, *, size, seed):
    chosen = stratified_sample(
        ids, labels=[a for a, _ in pairs], groups=[b for _, b in pairs], size=size, seed=seed
    )
    return {ids[index] for index in chosen}


@settings(deadline=None)
@given(pairs=strata, size=st.integers(1, 70), seed=st.integers(0, 3), random=st.randoms())
def test_a_sample_does_not_depend_on_the_listing(pairs, size, seed, random):
    ids = [f"{index}.png" for index in range(len(pairs))]
    order = list(range(len(pairs)))
    random.shuffle(order)
    shuffled = drawn([ids[i] for i in order], [pairs[i] for i in order], size=size, seed=seed)
    assert drawn(ids, pairs, size=size, seed=seed) == shuffled
    assert len(shuffled) == min(size, len(pairs))


@settings(deadline=None)
@given(pairs=strata, size=st.integers(1, 60), seed=st.integers(0, 3))
def test_a_sample_keeps_equal_classes_equal_and_the_shares_of_groups(pairs, size, seed):
    least = min(Counter(label for label, _ in pairs).values())
    kept = Counter()
    pairs = [pair for pair in pairs if kept.update(pair[0]) or kept[pair[0]] <= least]
    ids = [f"{index}.png" for index in range(len(pairs))]
    size = min(size, len(pairs))
    chosen = stratified_sample(
        ids, labels=[a for a, _ in pairs], groups=[b for _, b in pairs], size=size, seed=seed
    )
    labels, taken = Counter(a for a, _ in pairs), Counter(pairs[index][0] for index in chosen)
    for label, count in labels.items():
        assert abs(taken[label] - size * count / len(pairs)) < 1
    inside, got = Counter(pairs), Counter(pairs[index] for index in chosen)
    for (label, group), count in inside.items():
        assert abs(got[label, group] - taken[label] * count / labels[label]) < 1


def test_unequal_classes_are_left_to_chance():
    ids = [f"{index:04d}" for index in range(1000)]
    labels = ["a"] * 400 + ["b"] * 600
    taken = [
        Counter(
            labels[index]
            for index in stratified_sample(ids, labels=labels, groups=None, size=300, seed=seed)
        )["a"]
        for seed in range(100)
    ]
    assert np.mean(taken) == pytest.approx(120, abs=3)
    # Hypergeometric: sqrt(300 * 0.4 * 0.6 * (1000 - 300) / 999) = 7.1.
    assert np.std(taken) == pytest.approx(7.1, rel=0.3)


def test_seeds_differ_and_samples_are_not_the_first():
    ids = [f"{index:04d}" for index in range(1000)]
    samples = [
        stratified_sample(ids, labels=None, groups=None, size=100, seed=seed) for seed in range(3)
    ]
    assert len({tuple(sample) for sample in samples}) == 3
    assert all(300 < np.mean(sample) < 700 for sample in samples)


def test_max_images(cells):
    folder, _ = cells
    source = open_images(folder, max_images=3, seed=5)
    assert len(source) == 3 and Counter(source.labels) == {"cat": 1, "dog": 2}
    assert source.ids == tuple(sorted(source.ids))
    assert source.protocol == {"max_images": 3, "seed": 5}
    assert "took a sample of 3 of 6 images (seed 5)" in source.notes
    everything = open_images(folder, max_images=100)
    assert everything.ids == open_images(folder).ids
    assert "took all 6 images: max_images is 100" in everything.notes
    with pytest.raises(InputError, match="max_images is 0"):
        open_images(folder, max_images=0)
