"""How much memory there is, before something that a file announces is allocated."""

import os


def memory_bytes() -> int:
    """Memory of this machine in bytes; without end where the system does not say."""
    try:
        return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    except (AttributeError, ValueError, OSError):  # not on Windows
        return 1 << 63
