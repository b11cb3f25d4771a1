"""The machine that computes, as scores say it."""

import platform

from ganeval.lazy import torch


def machine(device: str | None = None) -> dict[str, str]:
    """Device, processor, system and version of Python.

    Args:
        device: on which nets run; None for the one that is taken by default.
    """
    device = device or ("cuda" if torch.cuda.is_available() else "cpu")
    return {
        "device": device,
        "processor": processor() if device == "cpu" else torch.cuda.get_device_name(device),
        "system": f"{platform.system()} {platform.machine()}",
        "python": platform.python_version(),
    }


def processor() -> str:
    """Model of the processor, as the system names it."""
    try:
        with open("/proc/cpuinfo", encoding="utf-8") as file:
            names = [
                line.partition(":")[2].strip() for line in file if line.startswith("model name")
            ]
    except OSError:
        return platform.processor() or platform.machine()
    return next(iter(names), platform.machine())
