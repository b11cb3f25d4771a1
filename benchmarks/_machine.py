"""The processor that figures and times hold for."""

import os

from ganeval.suites.machine import processor

__all__ = ["machine", "processor"]


def machine() -> str:
    """Processor and cores."""
    return f"{processor()}, {os.cpu_count()} cores"
