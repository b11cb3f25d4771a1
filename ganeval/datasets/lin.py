"""LIN: fission-yeast cells with one of 41 tagged proteins (Dodgson et al. 2017), as distributed.

Two sibling folders, `LIN_Normalized_WT_size-48-80_train` and `..._test`, hold one folder of RGB
PNG per protein: red is Bgs4, green the protein, blue is empty. There is a variant of 96 x 160
pixels (`size-96-160`). The images belong to their authors; this package holds none.
"""

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Literal

from ganeval.errors import InputError
from ganeval.images import ImageSource, open_images

LIN41 = (
    "Act1", "Alp14", "Alp6", "Arp3", "Atb2", "Cki2", "Efc25", "Fim1", "For3", "Gef1", "Hob1",
    "Kin1", "Mal3", "Mkh1", "Mob2", "Mor2", "Myo1", "Nak1", "Pck1", "Pck2", "Pmk1", "Pom1", "Ppb1",
    "Ras1", "Rga1", "Rgf1", "Rho1", "Rho2", "Scd1", "Scd2", "Shk1", "Sid2", "Skb1", "Ssp1", "Sts5",
    "Sty1", "Tea1", "Tea2", "Tea3", "Tea4", "Tip1",
)  # fmt: skip
"""Names of all proteins, sorted."""

LIN6 = ("Alp14", "Arp3", "Cki2", "Mkh1", "Sid2", "Tea1")
"""The subset that published models are usually trained on (Osokin et al. 2017)."""

_FOLDER = re.compile(r"(?:.*size-(?P<height>\d+)-(?P<width>\d+).*_)?(?P<part>train|test)")


def lin(
    root: str | Path,
    *,
    part: Literal["train", "test"],
    proteins: Sequence[str] = LIN41,
    size: tuple[int, int] = (48, 80),
) -> ImageSource:
    """Lists the cells of one part: two channels (Bgs4, protein) in uint8, labelled by protein.

    Args:
        root: folder that holds the part's folder.
        part: `train` or `test`, as LIN's authors split it.
        proteins: classes to take: LIN41, LIN6 or others of LIN41.
        size: (height, width) in pixels: (48, 80) or (96, 160), which have separate folders.

    Raises:
        InputError: the folder is missing, or it lacks a protein.
    """
    folder = _part_folder(Path(root), part, size)
    if unknown := sorted(set(proteins) - set(LIN41)):
        raise InputError(f"LIN has no protein {', '.join(unknown)}; known: {', '.join(LIN41)}")
    if missing := [name for name in proteins if not (folder / name).is_dir()]:
        raise InputError(
            f"{folder} has no folder {', '.join(missing)}; unpack all of LIN, or ask for the "
            "proteins that are there"
        )
    everything = open_images(folder, channels=(0, 1), label_by="folder:0")
    assert everything.labels is not None
    wanted = frozenset(proteins)
    return everything.select([i for i, label in enumerate(everything.labels) if label in wanted])


def _part_folder(root: Path, part: str, size: tuple[int, int]) -> Path:
    if not root.is_dir():
        raise InputError(f"there is no folder {root}; give the one that LIN was unpacked into")
    found = {}
    for path in sorted(root.iterdir()):
        match = _FOLDER.fullmatch(path.name)
        if match and path.is_dir() and match["part"] == part:
            height, width = match["height"], match["width"]
            found[(int(height), int(width)) if height else (48, 80)] = path
    if size not in found:
        sizes = ", ".join(f"{h} x {w}" for h, w in found) or "none"
        raise InputError(
            f"{root} has no {part} part of {size[0]} x {size[1]} pixels (found: {sizes}); wanted a "
            f"folder like LIN_Normalized_WT_size-{size[0]}-{size[1]}_{part}"
        )
    return found[size]
