"""The 41 proteins of LIN: what each looks like, and why.

Levels are relative to the brightest places of a picture. They, the contrasts of the cytoplasm and
the optics were fitted to class averages of a few real cells (benchmarks/nets/lin41); the parts
are what is known of each protein.
"""

from dataclasses import dataclass

from ganeval.datasets.synthlin.microscope import Optics
from ganeval.datasets.synthlin.parts import (
    Part,
    diffuse,
    medial_nodes,
    membrane,
    microtubules,
    nuclei,
    patches,
    plus_ends,
    pole_spots,
    reticulum,
    septum,
    tip_dots,
    tips,
)


@dataclass(frozen=True)
class Protein:
    """A pattern, the words for it, and how it was seen."""

    name: str
    family: str
    """Proteins of a family look alike."""
    words: str
    """Where it is, for captions."""
    parts: tuple[Part, ...]
    optics: Optics


def _protein(name: str, family: str, words: str, *parts: Part, **optics: float) -> Protein:
    return Protein(name, family, words, parts, Optics(**optics))


BGS4 = _protein(
    "Bgs4", "septum",  # builds the cell wall wherever it grows
    "at growing ends and the septum",
    diffuse(0.54, nucleus=-0.13, mottle=0.1, fall=0.27), tips(1.04, reach=5.29, least=0.0),
    tips(0.16, reach=14.16, least=0.5), tip_dots(0.37, 3), septum(1.51, width=2.53),
    medial_nodes(0.52, 6, width=12), focus=1.07, grain=2.37,
)  # fmt: skip
"""The red channel of every cell."""

PROTEINS: dict[str, Protein] = {
    protein.name: protein
    for protein in (
        # Actin patches: endocytosis, where the cell grows and divides.
        _protein("Act1", "patches", "in actin patches near the ends",
                 diffuse(0.43, nucleus=-0.23, mottle=0.14, fall=1.1),
                 patches(0.63, 26.1, polar=0.6), focus=1.32, grain=2.83),
        _protein("Arp3", "patches", "in clustered actin patches at growing ends and the septum",
                 diffuse(0.52, nucleus=0.03, mottle=0.12, fall=1.23),
                 patches(0.45, 22.8, size=1.54, polar=0.85), focus=1.13, grain=2.33),
        _protein("Fim1", "patches", "in many sharp actin patches",
                 diffuse(0.35, nucleus=0.09, mottle=0.03, fall=0.84),
                 patches(0.65, 28, size=1.13, polar=0.5), focus=1.86, grain=2.83),
        _protein("Myo1", "patches", "in a few actin patches at the cortex",
                 diffuse(0.4, nucleus=-0.08, mottle=0.13, fall=0.46),
                 patches(0.58, 13.6, size=1.0, polar=0.6), tips(0.81, reach=3.91), focus=1.12,
                 grain=2.17),
        # Microtubules and what rides on them.
        _protein("Atb2", "microtubules", "in long microtubule bundles",
                 diffuse(0.37, nucleus=0.12, mottle=0.04, fall=0.39),
                 microtubules(0.78, 2.3, reach=0.8, size=0.96), focus=1.46, grain=0.89),
        _protein("Alp14", "microtubules", "in short thick bars along microtubules",
                 diffuse(0.71, nucleus=0.11, mottle=0.04, fall=0.25),
                 microtubules(1.05, 1.7, reach=0.33, size=1.2), plus_ends(0.79, 3.3, size=1.22),
                 septum(0.24, width=1.56), focus=1.82, grain=1.15),
        _protein("Mal3", "microtubules", "in comets along microtubules",
                 diffuse(0.42, nucleus=0.05, mottle=0.04, fall=0.4),
                 plus_ends(0.6, 11.1, size=1.05, stretch=1.5), focus=1.3, grain=1.81),
        _protein("Tea2", "microtubules", "in fine comets and at the ends",
                 diffuse(0.59, nucleus=-0.05, mottle=0.06, fall=0.34),
                 plus_ends(0.5, 8.2, size=0.85), tips(0.74, reach=2.86, least=0.5), focus=1.35,
                 grain=1.51),
        _protein("Tip1", "tips", "at both ends and in fine spots along the sides",
                 diffuse(0.45, nucleus=-0.17, mottle=0.06, fall=0.24),
                 tip_dots(0.29, 5.4, size=1.13), tips(0.62, reach=3.5, least=0.6),
                 plus_ends(0.42, 3.1, size=0.8), focus=1.39, grain=1.37),
        # Spindle poles.
        _protein("Alp6", "poles", "in spots near the nucleus",
                 diffuse(0.97, nucleus=-0.2, mottle=0.06, fall=0.17),
                 pole_spots(0.64, size=1.53, extra=3.45), focus=1.14, grain=1.36),
        _protein("Sid2", "poles", "in one or two spots at the spindle poles",
                 diffuse(0.65, nucleus=-0.14, mottle=0.03, fall=0.32),
                 pole_spots(0.43, size=1.85, extra=0.5), septum(0.3, width=2.39), focus=1.06,
                 grain=1.14),
        _protein("Mob2", "diffuse", "all through the cytoplasm with faint spots",
                 diffuse(0.6, nucleus=-0.09, mottle=0.09, fall=0.36),
                 tip_dots(0.67, 2.2, size=1.17), septum(0.14, width=1.63),
                 plus_ends(0.14, 3.1, size=1.13), focus=1.18, grain=1.26),
        # Growth markers at the ends.
        _protein("Tea1", "tips", "in spots at both ends",
                 diffuse(0.56, nucleus=-0.09, mottle=0.08, fall=0.31),
                 tip_dots(0.37, 6.4, size=1.22), tips(0.66, reach=3.65, least=0.7),
                 plus_ends(0.29, 3.8, size=1.07), focus=1.15, grain=1.53),
        _protein("Tea3", "tips", "in crescents at both ends",
                 diffuse(0.78, nucleus=-0.11, mottle=0.09, fall=0.35),
                 tips(0.78, reach=2.96, least=0.5), tip_dots(0.42, 3.3, size=1.19), focus=1.06,
                 grain=1.48),
        _protein("Tea4", "tips", "at the ends",
                 diffuse(0.74, nucleus=-0.2, mottle=0.06, fall=0.41),
                 tips(0.92, reach=2.77, least=0.6), tip_dots(0.26, 2.6, size=1.05),
                 plus_ends(0.31, 2.1, size=1.11), focus=1.14, grain=1.3),
        _protein("Pom1", "tips", "in a wide crescent at one end",
                 diffuse(0.76, nucleus=-0.19, mottle=0.07, fall=0.2), tips(1.02, reach=3.76),
                 focus=1.13, grain=1.56),
        _protein("For3", "tips", "at the ends and strongly at the septum",
                 diffuse(0.54, nucleus=0.06, mottle=0.1, fall=0.57), tips(0.76, reach=3.54),
                 septum(0.91, width=1.44), plus_ends(0.2, 3.2, size=1.16), focus=1.11, grain=1.59),
        _protein("Shk1", "tips", "in crescents at growing ends and at the septum",
                 diffuse(0.51, nucleus=0.17, mottle=0.12, fall=0.38), tips(0.82, reach=3.26),
                 septum(0.93, width=1.72), tip_dots(0.22, 4.3, size=1.1), focus=1.63, grain=2.05),
        _protein("Rga1", "tips", "in a crescent at one end and at the septum",
                 diffuse(0.81, nucleus=-0.08, mottle=0.07, fall=0.24), tips(0.93, reach=3.14),
                 septum(0.62, width=1.67), focus=1.09, grain=1.38),
        _protein("Scd2", "tips", "in thin crescents at growing ends",
                 diffuse(0.55, nucleus=-0.04, mottle=0.08, fall=0.36), tips(0.9, reach=2.58),
                 focus=1.26, grain=1.25),
        _protein("Scd1", "diffuse", "all through the cell, a little at the ends",
                 diffuse(0.56, nucleus=0.03, mottle=0.09, fall=0.45), nuclei(0.12),
                 tips(0.7, reach=3.17), focus=1.18, grain=0.88),
        _protein("Hob1", "tips", "all through the cytoplasm and strongly at one end",
                 diffuse(0.96, nucleus=-0.27, mottle=0.14, fall=0.49), tips(1.33, reach=4.27),
                 focus=1.3, grain=0.8),
        # Septum and membrane.
        _protein("Mor2", "membrane", "at the membrane, the ends and the rim of the septum",
                 diffuse(0.51, nucleus=-0.1, mottle=0.07, fall=0.6), membrane(0.32, depth=1.01),
                 tips(0.94, reach=3.66), septum(2.86, width=1.28, ring=0.6), focus=1.23,
                 grain=1.09),
        _protein("Ras1", "membrane", "along the membrane",
                 diffuse(0.65, nucleus=-0.21, mottle=0.04, fall=0.32), membrane(0.28, depth=0.95),
                 septum(0.69, width=1.67), focus=1.17, grain=0.78),
        _protein("Rho2", "membrane", "strongly along the membrane",
                 diffuse(0.27, nucleus=-0.2, fall=0.49), membrane(0.17, depth=1.05),
                 septum(0.68, width=0.99), focus=1.05, grain=0.86),
        _protein("Rho1", "soft", "in cloudy masses",
                 diffuse(1.24, nucleus=-0.2, mottle=0.12, fall=0.98),
                 reticulum(0.16, 8.1, size=2.4), focus=1.2, grain=0.63),
        _protein("Gef1", "diffuse", "all through the cell and thinly at the septum",
                 diffuse(0.62, nucleus=-0.11, mottle=0.12, fall=0.24), septum(0.34, width=1.24),
                 focus=1.24, grain=0.84),
        _protein("Kin1", "diffuse", "all through the cell and at the septum",
                 diffuse(0.74, nucleus=0.02, mottle=0.08, fall=0.29), tips(0.66, reach=2.8),
                 septum(0.33, width=1.39), focus=1.1, grain=1.4),
        _protein("Pck1", "diffuse", "all through the cytoplasm and thinly at the septum",
                 diffuse(0.49, mottle=0.1, fall=0.31), septum(0.46, width=1.14), focus=1.12,
                 grain=0.89),
        _protein("Pck2", "diffuse", "in the cytoplasm, between vacuoles, and at the septum",
                 diffuse(0.51, nucleus=-0.06, mottle=0.08, fall=0.35), tips(0.35, reach=3.13),
                 septum(0.49, width=1.27), focus=1.2, grain=0.88),
        _protein("Ppb1", "diffuse", "all through the cell, between vacuoles",
                 diffuse(0.7, nucleus=0.09, mottle=0.1, fall=0.29), septum(0.46, width=1.73),
                 focus=1.39, grain=1.02),
        _protein("Nak1", "diffuse", "all through the cytoplasm, less in the nucleus",
                 diffuse(0.76, nucleus=-0.11, mottle=0.11, fall=0.26), focus=1.06, grain=1.25),
        _protein("Rgf1", "diffuse", "all through the cell, a little at growing ends",
                 diffuse(0.77, nucleus=0.01, mottle=0.08, fall=0.34), tips(0.77, reach=2.87),
                 focus=1.17, grain=1.22),
        # Kinases in the cytoplasm, some in the nucleus; pictures out of focus.
        _protein("Mkh1", "soft", "in the cytoplasm, not in the nucleus",
                 diffuse(0.39, nucleus=-0.33, mottle=0.16, fall=0.23), septum(0.43, width=3.13),
                 focus=1.13, grain=0.51),
        _protein("Pmk1", "soft", "in the cytoplasm and strongly in the nucleus",
                 diffuse(1.04, nucleus=0.04, mottle=0.12, fall=0.73), nuclei(0.28, size=2.7),
                 focus=1.18, grain=0.83),
        _protein("Sty1", "soft", "all through the cell and more in the nucleus",
                 diffuse(0.65, mottle=0.12, fall=0.74), nuclei(0.15, size=3.17), focus=1.36,
                 grain=0.62),
        _protein("Sts5", "soft", "in the cytoplasm, cloudy, not in the nucleus",
                 diffuse(0.83, nucleus=-0.14, mottle=0.11, fall=0.46), focus=1.58, grain=0.87),
        _protein("Ssp1", "soft", "in the cytoplasm, cloudy, not in the nucleus",
                 diffuse(0.82, nucleus=-0.29, mottle=0.12, fall=0.47), focus=1.16, grain=0.62),
        _protein("Skb1", "soft", "in blurred masses, not in the nucleus",
                 diffuse(0.64, nucleus=-0.2, mottle=0.16, fall=0.63), reticulum(0.13, 7.1),
                 focus=1.18, grain=0.51),
        _protein("Efc25", "soft", "in the cytoplasm and broadly at the ends and the septum",
                 diffuse(0.26, nucleus=-0.1, mottle=0.07, fall=1.49), tips(0.3, reach=5.04),
                 septum(0.35, width=2.69), focus=1.51, grain=1.66),
        # Alone.
        _protein("Cki2", "blotches", "in blotches all through the cell",
                 diffuse(0.47, nucleus=-0.05, fall=0.38), reticulum(0.45, 13.6, size=1.85),
                 focus=1.11, grain=1.34),
    )
}  # fmt: skip
"""In groups that look alike; sorted by name they are LIN's classes."""
