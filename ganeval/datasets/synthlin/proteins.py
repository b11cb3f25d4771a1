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
    diffuse(0.50, mottle=0.14, fall=0.36), tips(1.05, reach=5.2), tip_dots(0.23, 3),
    septum(1.43, width=1.7), medial_nodes(0.36, 6, width=12.0), focus=1.2, grain=2.3,
)  # fmt: skip
"""The red channel of every cell."""

PROTEINS: dict[str, Protein] = {
    protein.name: protein
    for protein in (
        # Actin patches: endocytosis, where the cell grows and divides.
        _protein("Act1", "patches", "in actin patches near the ends",
                 diffuse(0.41, nucleus=-0.27, mottle=0.14, fall=2.4),
                 patches(0.64, 26, size=0.95, polar=0.6), focus=0.8, grain=2.17),
        _protein("Arp3", "patches", "in clustered actin patches at growing ends and the septum",
                 diffuse(0.56, nucleus=-0.05, mottle=0.14, fall=2.21),
                 patches(0.35, 22, size=1.1, polar=0.85), focus=0.7, grain=1.56),
        _protein("Fim1", "patches", "in many sharp actin patches",
                 diffuse(0.32, nucleus=0.02, mottle=0.04, fall=1.76),
                 patches(0.62, 24, size=1.0, polar=0.5), focus=1.18, grain=2.08),
        _protein("Myo1", "patches", "in a few actin patches at the cortex",
                 diffuse(0.42, nucleus=-0.07, mottle=0.14, fall=0.95),
                 patches(0.68, 13, size=0.95, polar=0.6), tips(0.37), focus=0.7, grain=1.53),
        # Microtubules and what rides on them.
        _protein("Atb2", "microtubules", "in long microtubule bundles",
                 diffuse(0.41, mottle=0.05, fall=1.09),
                 microtubules(0.86, 3, reach=0.85, size=1.05), focus=0.95, grain=0.63),
        _protein("Alp14", "microtubules", "in short thick bars along microtubules",
                 diffuse(0.57, nucleus=-0.01, mottle=0.05, fall=0.85),
                 microtubules(0.75, 2, reach=0.4, size=1.2), plus_ends(0.53, 3), septum(0.3),
                 focus=1.13, grain=0.91),
        _protein("Mal3", "microtubules", "in comets along microtubules",
                 diffuse(0.49, nucleus=-0.01, mottle=0.05, fall=1.04),
                 plus_ends(0.55, 12, size=1.0, stretch=1.5), focus=0.9, grain=1.52),
        _protein("Tea2", "microtubules", "in fine comets and at the ends",
                 diffuse(0.59, nucleus=-0.14, mottle=0.07, fall=0.69),
                 plus_ends(0.53, 9, size=0.8), tips(0.46, least=0.5), focus=0.86, grain=1.17),
        _protein("Tip1", "tips", "at both ends and in fine spots along the sides",
                 diffuse(0.5, nucleus=-0.25, mottle=0.09, fall=0.82), tip_dots(0.33, 6),
                 tips(0.48, least=0.6), plus_ends(0.48, 4, size=0.8), focus=0.87, grain=1.01),
        # Spindle poles.
        _protein("Alp6", "poles", "in spots near the nucleus",
                 diffuse(0.9, nucleus=-0.3, mottle=0.08, fall=0.66),
                 pole_spots(0.63, extra=2.5, size=1.3), focus=0.71, grain=1.14),
        _protein("Sid2", "poles", "in one or two spots at the spindle poles",
                 diffuse(0.71, nucleus=-0.26, mottle=0.04, fall=0.61),
                 pole_spots(0.35, extra=0.5, size=1.4), septum(0.39, width=2.5),
                 focus=0.7, grain=1.0),
        _protein("Mob2", "diffuse", "all through the cytoplasm with faint spots",
                 diffuse(0.66, nucleus=-0.13, mottle=0.13, fall=0.85), tip_dots(0.75, 2),
                 septum(0.15), plus_ends(0.14, 3), focus=0.7, grain=0.93),
        # Growth markers at the ends.
        _protein("Tea1", "tips", "in spots at both ends",
                 diffuse(0.51, nucleus=-0.12, mottle=0.14, fall=0.76), tip_dots(0.33, 7),
                 tips(0.42, least=0.7), plus_ends(0.25, 4), focus=0.74, grain=1.12),
        _protein("Tea3", "tips", "in crescents at both ends",
                 diffuse(0.58, nucleus=-0.22, mottle=0.12, fall=1.18), tips(0.53, least=0.5),
                 tip_dots(0.37, 4), focus=0.7, grain=1.07),
        _protein("Tea4", "tips", "at the ends",
                 diffuse(0.63, nucleus=-0.3, mottle=0.1, fall=0.86), tips(0.65, least=0.6),
                 tip_dots(0.29, 3), plus_ends(0.28, 2), focus=0.7, grain=1.03),
        _protein("Pom1", "tips", "in a wide crescent at one end",
                 diffuse(0.61, nucleus=-0.26, mottle=0.12, fall=0.75), tips(0.7, reach=5.0),
                 focus=0.7, grain=1.2),
        _protein("For3", "tips", "at the ends and strongly at the septum",
                 diffuse(0.64, nucleus=-0.04, mottle=0.09, fall=1.06), tips(0.37),
                 septum(0.95, width=1.4), plus_ends(0.19, 3), focus=0.7, grain=1.09),
        _protein("Shk1", "tips", "in crescents at growing ends and at the septum",
                 diffuse(0.46, nucleus=0.1, mottle=0.14, fall=1.24), tips(0.59),
                 septum(1.2, width=1.5), tip_dots(0.25, 4), focus=0.96, grain=1.61),
        _protein("Rga1", "tips", "in a crescent at one end and at the septum",
                 diffuse(0.59, nucleus=-0.14, mottle=0.08, fall=0.68), tips(0.61),
                 septum(0.72, width=1.5), focus=0.7, grain=1.05),
        _protein("Scd2", "tips", "in thin crescents at growing ends",
                 diffuse(0.49, nucleus=-0.06, mottle=0.11, fall=0.89), tips(0.75),
                 focus=0.7, grain=0.87),
        _protein("Scd1", "diffuse", "all through the cell, a little at the ends",
                 diffuse(0.51, mottle=0.1, fall=0.75), nuclei(0.14), tips(0.51),
                 focus=0.7, grain=0.69),
        _protein("Hob1", "tips", "all through the cytoplasm and strongly at one end",
                 diffuse(0.75, nucleus=-0.3, mottle=0.14, fall=1.1), tips(0.83, reach=3.5),
                 focus=0.7, grain=0.46),
        # Septum and membrane.
        _protein("Mor2", "membrane", "at the membrane, the ends and the rim of the septum",
                 diffuse(0.45, nucleus=-0.17, mottle=0.07, fall=1.14), membrane(0.29), tips(0.42),
                 septum(3.07, width=1.2, ring=0.6), focus=0.7, grain=0.72),
        _protein("Ras1", "membrane", "along the membrane",
                 diffuse(0.69, nucleus=-0.28, mottle=0.05, fall=0.92), membrane(0.35),
                 septum(0.7), focus=0.74, grain=0.6),
        _protein("Rho2", "membrane", "strongly along the membrane",
                 diffuse(0.29, nucleus=-0.16, mottle=0.06, fall=1.72), membrane(0.22),
                 septum(0.54, width=1.1), focus=0.7, grain=0.69),
        _protein("Rho1", "soft", "in cloudy masses",
                 diffuse(1.1, nucleus=-0.14, mottle=0.09, fall=1.63),
                 reticulum(0.18, 8, size=2.6), focus=0.7, grain=0.39),
        _protein("Gef1", "diffuse", "all through the cell and thinly at the septum",
                 diffuse(0.75, nucleus=-0.16, mottle=0.09, fall=0.49), septum(0.32, width=1.1),
                 focus=0.72, grain=0.74),
        _protein("Kin1", "diffuse", "all through the cell and at the septum",
                 diffuse(0.8, nucleus=-0.06, mottle=0.12, fall=0.72), tips(0.38),
                 septum(0.42, width=1.4), focus=0.7, grain=0.96),
        _protein("Pck1", "diffuse", "all through the cytoplasm and thinly at the septum",
                 diffuse(0.54, nucleus=-0.08, mottle=0.09, fall=0.82), septum(0.47, width=1.1),
                 focus=0.7, grain=0.69),
        _protein("Pck2", "diffuse", "in the cytoplasm, between vacuoles, and at the septum",
                 diffuse(0.55, nucleus=-0.13, mottle=0.1, fall=0.68), tips(0.2),
                 septum(0.67, width=1.3), focus=0.7, grain=0.74),
        _protein("Ppb1", "diffuse", "all through the cell, between vacuoles",
                 diffuse(0.87, mottle=0.09, fall=0.55), septum(0.43), focus=0.85, grain=0.76),
        _protein("Nak1", "diffuse", "all through the cytoplasm, less in the nucleus",
                 diffuse(0.76, nucleus=-0.22, mottle=0.09, fall=0.6), focus=0.7, grain=1.09),
        _protein("Rgf1", "diffuse", "all through the cell, a little at growing ends",
                 diffuse(0.72, nucleus=-0.03, mottle=0.11, fall=0.78), tips(0.57),
                 focus=0.7, grain=0.92),
        # Kinases in the cytoplasm, some in the nucleus; pictures out of focus.
        _protein("Mkh1", "soft", "in the cytoplasm, not in the nucleus",
                 diffuse(0.59, nucleus=-0.3, mottle=0.14, fall=0.88), septum(0.48, width=3.0),
                 focus=0.7, grain=0.37),
        _protein("Pmk1", "soft", "in the cytoplasm and strongly in the nucleus",
                 diffuse(0.88, nucleus=0.01, mottle=0.14, fall=1.59), nuclei(0.32),
                 focus=0.7, grain=0.56),
        _protein("Sty1", "soft", "all through the cell and more in the nucleus",
                 diffuse(0.63, nucleus=-0.1, mottle=0.14, fall=1.58), nuclei(0.14),
                 focus=0.79, grain=0.46),
        _protein("Sts5", "soft", "in the cytoplasm, cloudy, not in the nucleus",
                 diffuse(0.83, nucleus=-0.2, mottle=0.12, fall=0.78), focus=0.9, grain=0.67),
        _protein("Ssp1", "soft", "in the cytoplasm, cloudy, not in the nucleus",
                 diffuse(0.82, nucleus=-0.3, mottle=0.14, fall=1.55), focus=0.7, grain=0.43),
        _protein("Skb1", "soft", "in blurred masses, not in the nucleus",
                 diffuse(0.55, nucleus=-0.23, mottle=0.14, fall=1.16),
                 reticulum(0.15, 8, size=2.2), focus=0.7, grain=0.38),
        _protein("Efc25", "soft", "in the cytoplasm and broadly at the ends and the septum",
                 diffuse(0.32, nucleus=-0.2, mottle=0.08, fall=2.4), tips(0.26, reach=6.0),
                 septum(0.51, width=3.0), focus=0.85, grain=1.31),
        # Alone.
        _protein("Cki2", "blotches", "in blotches all through the cell",
                 diffuse(0.44, nucleus=-0.14, mottle=0.07, fall=0.87),
                 reticulum(0.47, 12, size=2.1), focus=0.72, grain=1.25),
    )
}  # fmt: skip
"""In groups that look alike; sorted by name they are LIN's classes."""
