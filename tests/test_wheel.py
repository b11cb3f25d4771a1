import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

import ganeval

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    folder = tmp_path_factory.mktemp("dist")
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)],
        cwd=ROOT,
        check=True,
        capture_output=True,
    )
    (path,) = folder.glob("*.whl")
    return path


def test_the_wheel_is_the_package_and_small(wheel):
    names = set(zipfile.ZipFile(wheel).namelist())
    package = {
        path.relative_to(ROOT).as_posix()
        for path in (ROOT / "ganeval").rglob("*")
        if path.is_file() and path.parent.name != "__pycache__"
    }
    info = f"ganeval-{ganeval.__version__}.dist-info"
    assert {name for name in names if not name.startswith(info)} == package
    assert {f"{info}/licenses/LICENSE", f"{info}/entry_points.txt"} <= names
    assert wheel.stat().st_size < 15e6
