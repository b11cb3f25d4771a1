import sys

import pytest

from ganeval.errors import MissingExtraError
from ganeval.images import open_images


@pytest.mark.parametrize(
    ("file", "package", "extra"),
    [
        ("a.nii.gz", "nibabel", "medical"),
        ("a.dcm", "pydicom", "medical"),
        ("a.czi", "pylibCZIrw", "microscopy"),
        ("a.nd2", "nd2", "microscopy"),
        ("a.mp4", "av", "video"),
        ("memory://a", "fsspec", "remote"),
    ],
)
def test_a_missing_package_is_one_line_that_says_what_to_install(
    tmp_path, monkeypatch, file, package, extra
):
    monkeypatch.setitem(sys.modules, package, None)
    path = file if "://" in file else tmp_path / file
    if path != file:
        path.write_bytes(b"\x1f\x8b" + b"x" * 200)
    with pytest.raises(MissingExtraError) as caught:
        open_images(path)
    assert f"needs {package}, which is not installed; pip install 'ganeval[{extra}]'" in str(
        caught.value
    )
    assert "\n" not in str(caught.value)
