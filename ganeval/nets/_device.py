"""The device that nets run on."""

from ganeval.errors import InputError
from ganeval.lazy import torch


def choose_device(device: "torch.device | str | None") -> str:
    """`device`, or by default the first GPU if there is one, else the CPU."""
    if device is None:
        return "cuda" if torch.cuda.is_available() else "cpu"
    device = str(device)
    try:
        torch.zeros(1, device=device).item()  # `meta` holds no numbers
    except (RuntimeError, AssertionError) as error:  # what torch raises for an absent GPU
        reason = str(error).partition("\n")[0].replace(device, "it")[:200]
        raise InputError(
            f"device {device[:40]!r} cannot be used here ({reason}); give cpu, cuda or cuda:N"
        ) from None
    return device
