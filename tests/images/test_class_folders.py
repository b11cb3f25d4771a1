import pytest

from ganeval.errors import InputError
from ganeval.images import open_images
from ganeval.images.class_folders import folder_labels


def tree(names, number, each=10):
    """Paths of `each` files in every folder, named by a function of folder and position."""
    return sorted(
        f"{name}/{number(at, i)}.png" for at, name in enumerate(names) for i in range(each)
    )


@pytest.mark.parametrize(
    "ids",
    [
        tree(["00000", "00001", "00002"], lambda at, i: f"img{at * 10 + i:08d}"),  # StyleGAN
        tree(["00000", "01000", "02000"], lambda at, i: f"{at * 1000 + i:05d}"),  # FFHQ
        tree(["000000", "001000"], lambda at, i: f"{at * 1000 + i:06d}"),  # EDM's samples
        tree(["0", "1000", "2000"], lambda at, i: at * 1000 + i),
        tree(["00", "01", "03"], lambda at, i: f"a2_{at * 10 + i}_x"),
        tree(["0007", "0123", "0999"], lambda at, i: i * 10_000 + (7, 123, 999)[at]),
        tree([f"rank{i}" for i in range(3)], lambda at, i: i),
        tree(["gpu_0", "gpu_1"], lambda at, i: i),
        tree(["part-00000", "part-00001"], lambda at, i: i),
        tree(["shard-00000-of-00002", "shard-00001-of-00002"], lambda at, i: i),
        tree(["chunk1", "chunk2"], lambda at, i: i),
        tree(["proc 1", "proc 2"], lambda at, i: i),
        tree(["worker01", "worker02"], lambda at, i: i),
    ],
)
def test_folders_of_storage_are_no_classes(ids):
    labels, note = folder_labels(ids)
    assert labels is None
    assert "look like storage of one set in parts" in note and "--label-by folder:0" in note


@pytest.mark.parametrize(
    "ids",
    [
        tree("0123456789", lambda at, i: i),  # numbers begin anew
        tree("0123456789", lambda at, i: at * 10 + i),  # exported class by class
        tree("0123456789", lambda at, i: i * 10 + at),  # exported in random order
        tree(["00", "01"], lambda at, i: i),
        tree(["00000", "00001"], lambda at, i: i * 2 + at),
        tree(["00000", "00001"], lambda at, i: f"{'ab'[at]}x"[: 1 + i % 2] * (i + 1)),
        tree(["00000", "00001"], lambda at, i: (1 - at) * 10 + i),  # numbers run down
        tree(["part", "whole"], lambda at, i: i),
        tree(["rank1", "queen"], lambda at, i: i),
        tree(["B6", "Act1"], lambda at, i: at * 10 + i),
    ],
)
def test_folders_of_classes_stay_classes(ids):
    labels, note = folder_labels(ids)
    assert labels == tuple(id.partition("/")[0] for id in ids)
    assert note.startswith("labels from folders")


@pytest.mark.parametrize("masks", ["masks", "GT", "SegmentationClass"])
def test_folders_of_masks_are_no_classes(masks):
    assert folder_labels(tree(["images", masks], lambda at, i: i)) == (None, None)


def test_parts_and_domains_of_cyclegan_are_no_classes():
    labels, note = folder_labels(tree(["testA", "testB", "trainA", "trainB"], lambda at, i: i))
    assert labels is None and note.startswith("testA, testB, trainA, trainB are taken together")


@pytest.mark.parametrize(
    ("words", "option"),
    [
        (("Ctrl", "Mut", "Rescue"), "--label-by"),
        (("Act1", "Alp14"), "--label-by"),
        (("plate1", "plate2"), "--group-by"),
        (("A01", "H12"), "--group-by"),
    ],
)
def test_first_words_of_names_are_proposed_and_the_proposal_works(tmp_path, save, words, option):
    for word in words:
        for i in range(3):
            save(tmp_path / f"x/{word}_{i}_z.png", [[i]])
    source = open_images(tmp_path / "x")
    assert source.labels is None
    (note,) = source.notes
    assert note.startswith("names begin with words") and f"say {option} '" in note
    rule = note.partition(f"{option} '")[2].rstrip("'")
    read = open_images(tmp_path / "x", **{option[2:].replace("-", "_"): rule})
    values = read.labels if option == "--label-by" else read.groups
    assert values == tuple(sorted(word for word in words for _ in range(3)))


def test_plates_in_the_names_of_files_in_class_folders_are_told(tmp_path, save):
    paths = [f"{c}/plate{p}_{i}.png" for c in ("ctrl", "drug") for p in (7, 12) for i in (0, 1)]
    source = open_images(images(tmp_path, save, paths))
    labels, told = source.notes
    assert labels.startswith("labels from folders")
    assert told.startswith("names begin with words (plate12 4, plate7 4); if these are plates")
    rule = told.partition("--group-by '")[2].rstrip("'")
    read = open_images(tmp_path / "x", group_by=rule)
    assert set(read.groups) == {"plate7", "plate12"} and len(read.notes) == 2


@pytest.mark.parametrize(
    "ids",
    [
        [f"img_{i}.png" for i in range(9)],
        [f"cell{i:03d}_{part}.png" for i in range(5) for part in "ab"],
        [f"{i}_a.png" for i in range(9)],
        ["cat_1.png", "dog_1.png"],
        ["cat_1.png", "dog_1.png", "x.png", "cat_2.png", "dog_2.png"],
    ],
)
def test_other_names_propose_nothing(ids):
    assert folder_labels(sorted(ids)) == (None, None)


def images(tmp_path, save, paths):
    for path in paths:
        save(tmp_path / "x" / path, [[0]])
    return tmp_path / "x"


def test_as_many_labels_as_images_are_ids(tmp_path, save):
    folder = images(tmp_path, save, [f"subject{chr(97 + i)}/scan.png" for i in range(12)])
    source = open_images(folder)
    assert source.labels is None
    assert any("12 different labels of 12 images" in note for note in source.notes)
    declared = open_images(folder, label_by="folder:0")
    assert declared.labels[0] == "subjecta"
    assert declared.notes[0].endswith("so many are ids rather than classes")


def test_a_few_images_may_have_a_class_each(tmp_path, save):
    folder = images(tmp_path, save, ["cat/0.png", "dog/0.png"])
    assert open_images(folder).labels == ("cat", "dog")


def test_found_labels_and_groups_can_be_declined(cells):
    source = open_images(cells[0], label_by="none")
    assert source.labels is None and source.notes == ()
    assert open_images(cells[0], group_by="none").groups is None
    with pytest.raises(InputError, match="is not understood; .* csv:FILE:COLUMN or none"):
        open_images(cells[0], label_by="nothing")


@pytest.mark.parametrize(
    "names",
    [
        ["r" + "1" * 80 + "x", "r2"],
        ["plate" + "1 " * 60 + "x", "plate2"],
        ["plate_" + "_." * 60 + "x", "plate2"],
        ["1" * 5000, "2" * 5000],
        ["rank" + "_" * 5000 + "x", "rank1"],
    ],
)
def test_long_names_are_read_at_once(names):
    labels, _ = folder_labels([f"{name}/{'1' * 5000}.png" for name in names])
    assert labels == tuple(names)
