import os
import signal
import subprocess
import sys
import time

import pytest

from ganeval.errors import GanevalError
from ganeval.processes import fresh_processes


def test_a_worker_that_is_terminated_is_told():
    with pytest.raises(GanevalError, match="a worker process was killed"):
        with fresh_processes(1) as pool:
            os.kill(pool.submit(os.getpid).result(), signal.SIGTERM)
            pool.submit(time.sleep, 60).result()


def test_an_error_ends_workers_that_are_still_starting_without_a_word():
    code = (
        "import time\n"
        "from ganeval.processes import fresh_processes\n"
        "with fresh_processes(2) as pool:\n"
        "    [pool.submit(time.sleep, 60) for _ in range(2)]\n"
        "    raise SystemExit(3)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, timeout=60)
    assert (done.returncode, done.stdout, done.stderr) == (3, b"", b"")
