import io
import json
import tarfile

import numpy as np
import pytest
from PIL import Image

from ganeval.errors import ImageError, InputError
from ganeval.images import iterate, open_images
from ganeval.images.shards import expand_braces
from ganeval.images.tar_shards import checked


def encoded(array, format="PNG"):
    buffer = io.BytesIO()
    Image.fromarray(array).save(buffer, format)
    return buffer.getvalue()


@pytest.fixture
def packed(tmp_path):
    """Packs (name, bytes) pairs, in this order, into a tar."""

    def pack(members, name="x.tar", mode="w", **options):
        with tarfile.open(tmp_path / name, mode, **options) as archive:
            for member, data in dict(members).items() if isinstance(members, dict) else members:
                entry = tarfile.TarInfo(member)
                entry.size = len(data)
                archive.addfile(entry, io.BytesIO(data))
        return tmp_path / name

    return pack


@pytest.fixture
def images(rng):
    return rng.integers(0, 256, (12, 5, 6, 3), dtype=np.uint8)


@pytest.fixture
def samples(images):
    """Members of a web data set: a picture and its class for each image."""
    return [
        pair
        for index, image in enumerate(images)
        for pair in (
            (f"{index:04d}.png", encoded(image)),
            (f"{index:04d}.cls", b"%d" % (index % 3)),
        )
    ]


def assert_reads(source, images):
    assert len(source) == len(images)
    for index, image in enumerate(images):
        np.testing.assert_array_equal(source.read(index), image.transpose(2, 0, 1))


@pytest.mark.parametrize("format", [tarfile.USTAR_FORMAT, tarfile.GNU_FORMAT, tarfile.PAX_FORMAT])
def test_a_tar_gives_its_samples_and_their_classes(packed, images, samples, format):
    source = open_images(packed(samples, format=format))
    assert_reads(source, images)
    assert source.ids[0] == "0000.png"
    assert source.labels == tuple(str(i % 3) for i in range(12))


def test_a_tar_and_its_folder_agree(cells, tmp_path):
    folder, _ = cells
    for name, inside in (("x.tar", "."), ("y.tar", "cells"), ("z.tar", "a/b")):
        with tarfile.open(tmp_path / name, "w") as archive:
            archive.add(folder, inside)
        one, two = open_images(folder), open_images(tmp_path / name)
        assert (one.ids, one.labels) == (two.ids, two.labels)
        for index in range(len(one)):
            np.testing.assert_array_equal(one.read(index), two.read(index))


@pytest.mark.parametrize("spec", ["s-{000..002}.tar", "s-{000,001,002}.tar", "."])
def test_shards_are_named_by_braces_or_by_their_folder(packed, tmp_path, images, samples, spec):
    for shard in range(3):
        packed(samples[8 * shard : 8 * shard + 8], f"s-{shard:03d}.tar")
    (tmp_path / "sizes.json").write_text("{}")
    source = open_images(f"{tmp_path}/{spec}")
    assert_reads(source, images)
    assert source.labels == tuple(str(i % 3) for i in range(12))


def test_a_missing_shard_is_told(packed, tmp_path, samples):
    for shard in (0, 2):
        packed(samples, f"s-{shard}.tar")
    with pytest.raises(InputError, match=r"names 3 files and .*s-1\.tar is missing"):
        open_images(f"{tmp_path}/s-{{0..2}}.tar")


@pytest.mark.parametrize(
    ("pattern", "paths"),
    [
        ("a-{08..11}.tar", ["a-08.tar", "a-09.tar", "a-10.tar", "a-11.tar"]),
        ("a-{9..11}.tar", ["a-9.tar", "a-10.tar", "a-11.tar"]),
        ("a-{2..0}.tar", ["a-2.tar", "a-1.tar", "a-0.tar"]),
        ("{a,b}/{0..1}.tar", ["a/0.tar", "a/1.tar", "b/0.tar", "b/1.tar"]),
        ("{name}.tar", ["{name}.tar"]),
    ],
)
def test_braces_count_as_shells_do(pattern, paths):
    assert expand_braces(pattern) == paths


@pytest.mark.parametrize("pattern", ["{0..999999999}.tar", "{0..999}{0..999}{0..999}.tar"])
def test_patterns_of_too_many_files_are_refused(pattern):
    with pytest.raises(InputError, match="names more than 100000 files"):
        expand_braces(pattern)


def test_names_that_are_in_two_shards_keep_their_shard(packed, tmp_path, images, samples):
    packed(samples[:8], "s-0.tar")
    packed(
        [(f"000{i // 2}{samples[8 + i][0][4:]}", samples[8 + i][1]) for i in range(8)], "s-1.tar"
    )
    source = open_images(tmp_path)
    assert source.ids[3:5] == ("s-0.tar/0003.png", "s-1.tar/0000.png")
    assert_reads(source, images[:8])
    assert source.labels == tuple(str(i % 3) for i in range(8))


def test_samples_are_dealt_over_ranks_without_repeats(packed, tmp_path, samples):
    packed(samples[:10], "s-0.tar")
    packed(samples[10:], "s-1.tar")
    source = open_images(tmp_path)
    shares = [source.shard(rank, 5).ids for rank in range(5)]
    assert sorted(id for share in shares for id in share) == list(source.ids)


def test_labels_in_json_and_as_names_are_read(packed, images):
    for labels in ({"label": "cat"}, {"class": 3, "width": 5}, {"cls": "dog"}):
        members = {"a.png": encoded(images[0]), "a.json": json.dumps(labels).encode()}
        (label,) = open_images(packed(members)).labels
        assert label == str(next(iter(labels.values())))
    members = {"a.png": encoded(images[0]), "a.cls": "Zürich\n".encode()}
    assert open_images(packed(members)).labels == ("Zürich",)
    for broken in (b"[" * 10_000, b"no json", b"{}", b"\xff"):
        assert open_images(packed({"a.png": encoded(images[0]), "a.json": broken})).labels is None


def test_labels_in_a_table_inside_are_read(packed, images):
    table = {"labels": [["a.png", 1], ["b.png", 0]]}
    members = {"a.png": encoded(images[0]), "b.png": encoded(images[1])}
    source = open_images(packed(members | {"dataset.json": json.dumps(table).encode()}))
    assert source.labels == ("1", "0")


def test_labels_of_some_samples_only_are_not_taken(packed, samples):
    source = open_images(packed([pair for pair in samples if pair[0] != "0003.cls"]))
    assert source.labels is None
    assert any("11 of 12 images have a label beside them" in note for note in source.notes)


def test_names_with_several_dots_stay_images_of_their_own(packed, images):
    names = ("cell_1.5um.png", "cell_1.7um.png", "cell_2.11um.png")
    source = open_images(packed(dict(zip(names, map(encoded, images), strict=False))))
    assert source.ids == ("cell_1.5um.png", "cell_1.7um.png", "cell_2.11um.png")
    assert_reads(source, images[:3])
    assert source.notes == (
        "3 names have several dots and are read whole, cell_1.5um.png for one; by the rule of web "
        "data sets it is field 5um.png of sample cell_1",
    )


def test_samples_of_several_pictures_need_the_name_of_one(packed, images):
    members = [
        (f"{i}.{field}.png", encoded(image[..., channel]))
        for i, image in enumerate(images)
        for channel, field in enumerate(("input", "target"))
    ]
    path = packed(members)
    with pytest.raises(InputError) as error:
        open_images(path)
    assert "several pictures each (input.png in 12, target.png in 12)" in str(error.value)
    assert f"{path}::input.png" in str(error.value) and f"{path}::*" in str(error.value)
    source = open_images(f"{path}::target.png")
    assert len(source) == 12
    np.testing.assert_array_equal(source.read(0)[0], images[0, ..., 1])
    assert len(open_images(f"{path}::*")) == 24
    with pytest.raises(InputError, match="no sample has an image in field 'mask.png'"):
        open_images(f"{path}::mask.png")


def test_members_that_are_apart_are_joined_and_told(packed, images):
    members = [("a.png", encoded(images[0])), ("b.png", encoded(images[1])),
               ("b.cls", b"1"), ("a.cls", b"0")]  # fmt: skip
    source = open_images(packed(members))
    assert source.labels == ("0", "1")
    assert any(
        "members of 1 samples are not next to each other (a)" in note for note in source.notes
    )


def test_samples_without_an_image_are_told(packed, samples):
    source = open_images(packed([pair for pair in samples if pair[0] != "0003.png"]))
    assert len(source) == 11
    assert "1 samples have no image and are left out: 0003" in source.notes


def test_depth_is_kept(packed, rng):
    deep = rng.integers(0, 1 << 16, (5, 6), dtype=np.uint16)
    buffer = io.BytesIO()
    np.save(buffer, rng.random((5, 6, 2), dtype=np.float32))
    source = open_images(packed({"a.png": encoded(deep), "a.cls": b"0"}))
    np.testing.assert_array_equal(source.read(0)[0], deep)
    pixels = open_images(packed({"a.npy": buffer.getvalue(), "a.cls": b"0"})).read(0)
    assert (pixels.dtype, pixels.shape) == (np.float32, (2, 5, 6))


def test_workers_read_the_same(packed, samples):
    source = open_images(packed(samples))
    hashes = [
        np.concatenate([batch.hashes for batch in iterate(source, batch_size=5, num_workers=n)])
        for n in (0, 2)
    ]
    np.testing.assert_array_equal(hashes[0], hashes[1])


@pytest.mark.parametrize("name", ["../a.png", "b/../../a.png", "/etc/a.png", "C:\\a.png"])
def test_members_that_point_outside_are_refused(packed, samples, name):
    with pytest.raises(InputError, match="points outside the archive"):
        open_images(packed([*samples, (name, samples[0][1])]))


@pytest.mark.parametrize("kind", [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.CHRTYPE,
                                  tarfile.FIFOTYPE])  # fmt: skip
def test_links_and_special_files_are_refused(tmp_path, kind):
    entry = tarfile.TarInfo("a.png")
    entry.type, entry.linkname = kind, "/etc/passwd"
    with tarfile.open(tmp_path / "x.tar", "w") as archive:
        archive.addfile(entry)
    with pytest.raises(InputError, match=r"x\.tar/a\.png is a link or a special file"):
        open_images(tmp_path / "x.tar")


def test_a_name_that_is_there_twice_is_refused(packed, samples):
    with pytest.raises(InputError, match=r"holds two members named 0000\.png"):
        open_images(packed([*samples, samples[0]]))


@pytest.mark.parametrize("mode", ["w:gz", "w:bz2", "w:xz"])
@pytest.mark.parametrize("name", ["x.tar", "x.tar.gz"])
def test_compressed_archives_are_refused_with_what_to_do(packed, samples, mode, name):
    with pytest.raises(InputError, match="is compressed, so its images cannot be reached one by"):
        open_images(packed(samples, name, mode))


def test_an_archive_that_is_cut_short_is_refused(packed, samples):
    path = packed(samples)
    whole = path.read_bytes()
    for end in (len(samples[0][1]) + 512 - 1, 700, 3000):
        path.write_bytes(whole[:end])
        with pytest.raises(InputError, match="cut short|damaged|not a tar"):
            open_images(path)


def test_a_damaged_header_is_not_taken_for_the_end(packed, samples):
    path = packed(samples)
    data = bytearray(path.read_bytes())
    header = data.index(b"0003.png")
    data[header + 150] ^= 1
    path.write_bytes(data)
    with pytest.raises(InputError, match=f"is damaged at byte {header}"):
        open_images(path)


def test_archives_joined_end_to_end_are_not_read_in_part(packed, samples, tmp_path):
    both = packed(samples[:8], "a.tar").read_bytes() + packed(samples[8:], "b.tar").read_bytes()
    (tmp_path / "x.tar").write_bytes(both)
    with pytest.raises(InputError, match="goes on after its end, like archives joined with cat"):
        open_images(tmp_path / "x.tar")


def test_entries_that_point_backwards_end_the_listing():
    def entry(offset, size):
        made = tarfile.TarInfo("a.png")
        made.offset, made.offset_data, made.size = offset, offset + 512, size
        return made

    assert len(list(checked([entry(0, 5), entry(1024, 5)], 4096, "x.tar"))) == 2
    for wrong in ([entry(1024, 5), entry(0, 5)], [entry(0, 5), entry(0, 5)], [entry(0, -512)]):
        with pytest.raises(InputError, match="is damaged at byte"):
            list(checked(wrong, 4096, "x.tar"))
    with pytest.raises(InputError, match="is cut short within 'a.png'"):
        list(checked([entry(0, 5000)], 4096, "x.tar"))


@pytest.mark.parametrize("content", [b"", b"text" * 999])
def test_a_file_that_is_no_tar_is_refused(tmp_path, content):
    (tmp_path / "x.tar").write_bytes(content)
    with pytest.raises(InputError, match=r"x\.tar is not a tar archive that can be read"):
        open_images(tmp_path / "x.tar")


def test_a_tar_that_becomes_shorter_is_an_image_error(packed, samples):
    path = packed(samples)
    source = open_images(path)
    path.write_bytes(path.read_bytes()[:600])
    with pytest.raises(ImageError, match=r"x\.tar/0003\.png .* has become shorter"):
        source.read(3)


def test_hidden_files_and_other_files_are_no_samples(packed, samples):
    more = [("._0000.png", b"\0\5\x16\7"), ("__MACOSX/._a.png", b"")]
    assert len(open_images(packed([*samples, *more]))) == 12


def test_a_folder_of_pictures_beside_a_tar_is_a_folder(packed, tmp_path, samples, save):
    packed(samples)
    save(tmp_path / "a.png", np.zeros((2, 2)))
    assert open_images(tmp_path).ids == ("a.png",)


def test_the_stamp_follows_the_shards(packed, tmp_path, samples):
    packed(samples[:8], "s-0.tar")
    packed(samples[8:], "s-1.tar")
    before = open_images(tmp_path).stamp
    assert before == open_images(tmp_path).stamp
    packed(samples[8:], "s-1.tar")
    assert open_images(tmp_path).stamp != before


def test_an_empty_class_leaves_the_label_to_the_json_beside_it(packed, images):
    members = {"a.png": encoded(images[0]), "a.cls": b"", "a.json": b'{"label": "cat"}'}
    assert open_images(packed(members)).labels == ("cat",)


@pytest.mark.parametrize(
    "field",
    [
        ("cls", b"\n"),
        ("cls", b"a\nb"),
        ("json", b'{"label": [1, 2]}'),
        ("json", b'{"label": 0.5}'),
        ("json", b'{"label": NaN}'),
    ],
)
def test_labels_beside_images_that_name_no_class_are_told(packed, images, field):
    members = {"a.png": encoded(images[0]), f"a.{field[0]}": field[1]}
    source = open_images(packed(members))
    assert source.labels is None
    assert any("1 images have a label beside them that names no class" in n for n in source.notes)


def test_a_second_archive_is_found_behind_any_number_of_zeros(packed, samples):
    first, second = packed(samples[:12], "a.tar"), packed(samples[12:], "b.tar")
    first.write_bytes(first.read_bytes() + bytes(3 << 20))
    assert len(open_images(first)) == 6
    first.write_bytes(first.read_bytes() + second.read_bytes())
    with pytest.raises(InputError, match="goes on after its end, like archives joined with cat"):
        open_images(first)


def test_a_shard_and_a_link_to_it_are_refused(packed, tmp_path, samples):
    (tmp_path / "lnk.tar").symlink_to(packed(samples, "t.tar"))
    with pytest.raises(InputError, match=r"t\.tar is named twice, also as .*lnk\.tar"):
        open_images(tmp_path / "{t,lnk}.tar")


def test_missing_parts_of_an_archive_are_told(packed, tmp_path, samples):
    packed(samples, "train-00000-of-00002.tar")
    notes = open_images(tmp_path).notes
    assert any(note.startswith("1 of 2 parts of train are missing") for note in notes)
