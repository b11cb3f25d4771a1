"""The processor that figures and times hold for."""

import os
import platform
from pathlib import Path


def processor() -> str:
    """Its model name, or the best that the system tells."""
    info = Path("/proc/cpuinfo")
    for line in info.read_text().splitlines() if info.is_file() else ():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()


def machine() -> str:
    """Processor and cores."""
    return f"{processor()}, {os.cpu_count()} cores"
