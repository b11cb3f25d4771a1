"""Packages that are not installed: one line that says what to install."""

import sys

import pytest

from ganeval.errors import MissingExtraError
from ganeval.optional import optional


@pytest.mark.parametrize("package", ["ray", "ray.data"])
def test_a_part_of_a_missing_package_is_told_as_the_package(monkeypatch, package):
    for name in [name for name in sys.modules if name.partition(".")[0] == "ray"]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setattr(sys, "meta_path", [_Without("ray"), *sys.meta_path])
    with pytest.raises(MissingExtraError, match="needs ray, which is not installed"):
        optional(package, extra="ray", purpose="extraction on Ray")


def test_what_a_package_needs_and_lacks_is_no_missing_extra(tmp_path, monkeypatch):
    (tmp_path / "halfway.py").write_text("import nothing_of_that_name")
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(ModuleNotFoundError, match="nothing_of_that_name"):
        optional("halfway", extra="x", purpose="a test")


class _Without:
    """An importer that says a package is not there."""

    def __init__(self, package):
        self.package = package

    def find_spec(self, name, path=None, target=None):
        if name == self.package:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)
