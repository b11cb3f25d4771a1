import numpy as np
import pytest

from ganeval.images import open_images
from ganeval.images.families import families_note


def files(*shapes, count=6):
    return sorted(shape.replace("NAME", f"cell{i:03d}") for i in range(count) for shape in shapes)


@pytest.mark.parametrize(
    ("shapes", "told", "globs"),
    [
        (("NAME.tif", "NAME_masks.tif", "NAME_cp_masks.png"),
         "NAME.tif 6, NAME_cp_masks.png 6, NAME_masks.tif 6", "*_cp_masks.png,*_masks.tif"),
        (("NAME.png", "NAME_seg.npy.png"), "NAME.png 6, NAME_seg.npy.png 6", "*_seg.npy.png"),
        (("NAME.ome.tif", "NAME-mask.ome.tif"), "NAME.ome.tif 6, NAME-mask.ome.tif 6",
         "*-mask.ome.tif"),
        (("NAME_real_A.png", "NAME_fake_B.png", "NAME_rec_A.png"),
         "NAME_fake_B.png 6, NAME_real_A.png 6, NAME_rec_A.png 6", "*_real_A.png,*_rec_A.png"),
        (("NAME_image.png", "NAME_mask.png"), "NAME_image.png 6, NAME_mask.png 6", "*_mask.png"),
        (("p1/NAME.tif", "p1/NAME_mask.tif"), "NAME.tif 6, NAME_mask.tif 6", "*_mask.tif"),
        (("NAME.tif", "NAME.png"), "NAME.png 6, NAME.tif 6", "*.tif"),
        (("mask_NAME.png", "image_NAME.png"), "image_NAME.png 6, mask_NAME.png 6", "mask_*.png"),
        (("real_NAME.png", "fake_NAME.png"), "fake_NAME.png 6, real_NAME.png 6", "real_*.png"),
    ],
)  # fmt: skip
def test_families_of_names_are_told_with_counts_and_what_leaves_them_out(shapes, told, globs):
    note = families_note(files(*shapes))
    assert note.startswith(f"names fall into families ({told}), and all are taken as images")
    assert f"--exclude '{globs}' leaves" in note


@pytest.mark.parametrize(
    "others", [("NAME_masks.tif", "NAME_cp_masks.png"), ("NAME_a[1]*.tif", "NAME_b,'c.tif")]
)
def test_the_advice_leads_to_one_family(tmp_path, save, others):
    for path in files("NAME.tif", *others):
        save(tmp_path / "x" / path, np.zeros((4, 4)))
    (note,) = open_images(tmp_path / "x").notes
    assert note.endswith("leaves NAME.tif")
    globs = note.partition("--exclude '")[2].partition("'")[0]
    source = open_images(tmp_path / "x", exclude=globs)
    assert source.ids == tuple(files("NAME.tif")) and len(source.notes) == 1


@pytest.mark.parametrize("endings", [("_dapi", "_gfp"), ("_c1", "_c2"), ("_w1DAPI", "_w2GFP"),
                                     ("-ch1sk1fk1fl1", "-ch2sk1fk1fl1")])  # fmt: skip
def test_files_of_channels_are_told_how_to_join_them(tmp_path, save, endings):
    for path in files(*(f"NAME{ending}.tif" for ending in endings)):
        save(tmp_path / "x" / path, np.zeros((4, 4)))
    (note,) = open_images(tmp_path / "x").notes
    pattern = note.partition("--stack-by '")[2].partition("'")[0]
    joined = open_images(tmp_path / "x", stack_by=pattern)
    assert len(joined) == 6 and joined.read(0).shape == (2, 4, 4)
    assert not any("families" in text for text in joined.notes)


def test_a_few_masks_among_many_images_are_told_too():
    ids = sorted([*files("NAME.png", count=60), *files("NAME_mask.png", count=4)])
    assert "NAME.png 60, NAME_mask.png 4" in families_note(ids)


@pytest.mark.parametrize(
    "ids",
    [
        files("NAME.tif"),
        [f"cat/{i}.png" for i in range(9)] + [f"dog/{i}.png" for i in range(9)],
        [f"cat_{i:03d}.png" for i in range(9)] + [f"dog_{i:03d}.png" for i in range(9)],
        [f"{i:03d}_cat.png" for i in range(9)] + [f"{i:03d}_dog.png" for i in range(9, 18)],
        [f"plate1_A{well:02d}_f{field}.tif" for well in range(1, 9) for field in range(4)],
        [f"img_{i}.png" for i in range(5)] + [f"img_{i}_{k}.png" for i in range(5) for k in (1, 2)],
        [f"img{i}.jpg" for i in range(6)] + [f"other{i}.png" for i in range(6)],
        [f"t{i:03d}.tif" for i in range(9)],
        ["a.png"],
        ["00", "01", "02"],
        ["real.png", "fake.png"],
        ["a" + "_b" * 30_000 + ".png", "a" + "_b" * 30_000 + "_mask.png"],
    ],
)
def test_other_names_are_no_families(ids):
    assert families_note(sorted(ids)) is None


def test_folders_of_masks_beside_folders_of_images_are_told(tmp_path, save):
    for i in range(4):
        save(tmp_path / f"x/images/{i}.png", np.zeros((4, 4)))
        save(tmp_path / f"x/masks/{i}_seg.png", np.zeros((4, 4)))
    source = open_images(tmp_path / "x")
    (note,) = source.notes
    assert source.labels is None
    assert "(masks 4)" in note and "--exclude 'masks/'" in note
    assert open_images(tmp_path / "x", exclude="masks/").ids == ("0.png", "1.png", "2.png", "3.png")


def test_large_folders_are_looked_at_in_linear_time():
    ids = [f"n{i // 1000:08d}/n{i // 1000:08d}_{i}.JPEG" for i in range(200_000)]
    assert families_note(ids) is None
