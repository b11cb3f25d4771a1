import os
import shutil
from pathlib import Path

import hypothesis
import pytest
import torch

from ganeval.processes import _Context

# A busy machine is no failure, and CI finds the same examples every time.
hypothesis.settings.register_profile("ganeval", deadline=None)
hypothesis.settings.register_profile("ganeval-ci", deadline=None, derandomize=True, database=None)
hypothesis.settings.load_profile("ganeval-ci" if os.environ.get("CI") else "ganeval")

REPOSITORY = Path(__file__).resolve().parents[1]


def pytest_configure(config):
    # Set before the worker processes start: NumPy and torch read it as they load. One thread
    # each, or workers fight over the cores.
    if config.getoption("numprocesses", None):
        os.environ.setdefault("OMP_NUM_THREADS", "1")


@pytest.fixture(scope="session")
def data_dir():
    """Real images (mnist/, cifar10/, lin41_sample/), which are too large for the repository."""
    given = os.environ.get("GANEVAL_DATA")
    folder = Path(given) if given else REPOSITORY.parent / "shared" / "data"
    if not folder.is_dir():
        pytest.skip(
            f"no real images at {folder}; set GANEVAL_DATA to a folder that holds mnist/ "
            "(IDX files), cifar10/ (zips of class folders) and lin41_sample/"
        )
    return folder


def _set_folders(patch, folder):
    patch.setenv("GANEVAL_HOME", str(folder / "home"))
    patch.setenv("GANEVAL_CACHE", str(folder / "cache"))


@pytest.fixture(scope="session", autouse=True)
def _user_folders_of_the_session(tmp_path_factory):
    """Fixtures wider than one test do not touch the user's nets and cache either."""
    with pytest.MonkeyPatch.context() as patch:
        _set_folders(patch, tmp_path_factory.mktemp("ganeval"))
        yield


@pytest.fixture(autouse=True)
def _same_draws():
    """A net or a tensor that a test draws without a generator is the same in every run."""
    torch.manual_seed(0)


@pytest.fixture(autouse=True)
def _user_folders(tmp_path_factory, monkeypatch):
    """Each test finds no trained nets and an empty cache; its subprocesses do, too."""
    _set_folders(monkeypatch, tmp_path_factory.mktemp("ganeval"))


@pytest.fixture
def contexts(monkeypatch):
    """The contexts in which ganeval started processes, in order."""
    made = []
    init = _Context.__init__
    monkeypatch.setattr(_Context, "__init__", lambda self: (init(self), made.append(self))[0])
    return made


@pytest.fixture
def browser(tmp_path):
    """Chromium without a window; what is saved goes into the test's folder."""
    from selenium import webdriver

    options = webdriver.ChromeOptions()
    for flag in ("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"):
        options.add_argument(flag)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    driver = webdriver.Chrome(options, webdriver.ChromeService(shutil.which("chromedriver")))
    driver.execute_cdp_cmd(
        "Browser.setDownloadBehavior", {"behavior": "allow", "downloadPath": str(tmp_path)}
    )
    yield driver
    driver.quit()
