import subprocess
import sys

import ganeval


def test_python_dash_m_greets_and_names_the_main_job():
    run = subprocess.run(
        [sys.executable, "-m", "ganeval", "--help"], capture_output=True, text=True, check=True
    )
    assert "Usage" in run.stdout
    assert "fid" in run.stdout


def test_version_is_the_one_string():
    run = subprocess.run(
        [sys.executable, "-m", "ganeval", "--version"], capture_output=True, text=True, check=True
    )
    assert ganeval.__version__ in run.stdout
