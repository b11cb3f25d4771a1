"""The 41 proteins of LIN: what each looks like, and why.

Levels are relative to the brightest places of a picture. They, the contrasts of the cytoplasm and
the optics were fitted to class averages of a few real cells (benchmarks/nets/lin41); the parts
follow from what is known of each protein.
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
    """A protein's pattern, the words for it, and its optics."""

    name: str
    family: str
    """Proteins of a family look alike."""
    words: str
    """Place of the protein in the cell, for captions."""
    parts: tuple[Part, ...]
    optics: Optics


def _protein(name: str, family: str, words: str, *parts: Part, **optics: float) -> Protein:
    return Protein(name, family, words, parts, Optics(**optics))


BGS4 = _protein(
    "Bgs4", "septum",  # builds the cell wall wherever it grows
    "at growing ends and the septum",
    diffuse(0.57, nucleus=-0.15, mottle=0.1, fall=0.28), tips(1.19, reach=5.33, least=0.0),
    tips(0.16, reach=14.1, least=0.5), tip_dots(0.37, 3), septum(1.34, width=2.47),
    medial_nodes(0.53, 6, width=12), focus=1.11, grain=2.4,
)  # fmt: skip
"""The red channel of every cell."""

PROTEINS: dict[str, Protein] = {
    protein.name: protein
    for protein in (
        # Actin patches: endocytosis, where the cell grows and divides.
        _protein("Act1", "patches", "in actin patches near the ends",
                 diffuse(0.42, nucleus=-0.32, mottle=0.16, fall=1.23),
                 patches(0.53, 44.8, size=0.95, polar=0.6), focus=1.26, grain=2.69, girth=0.971),
        _protein("Arp3", "patches", "in clustered actin patches at growing ends and the septum",
                 diffuse(0.55, nucleus=-0.05, mottle=0.15, fall=1.42),
                 patches(0.53, 21.3, size=1.66, polar=0.85), focus=1.03, grain=2.48, girth=1.001),
        _protein("Fim1", "patches", "in many sharp actin patches",
                 diffuse(0.37, nucleus=0.08, mottle=0.03, fall=0.94),
                 patches(0.76, 32.8, size=1.06, polar=0.5), focus=1.77, grain=2.9, girth=0.968),
        _protein("Myo1", "patches", "in a few actin patches at the cortex",
                 diffuse(0.35, nucleus=-0.11, mottle=0.13, fall=0.49),
                 patches(0.56, 14.1, size=0.97, polar=0.6), tips(0.69, reach=4.1), focus=1.1,
                 grain=2.14, girth=0.999),
        # Microtubules and what rides on them.
        _protein("Atb2", "microtubules", "in long microtubule bundles",
                 diffuse(0.45, nucleus=0.17, mottle=0.04, fall=0.47),
                 microtubules(1.04, 2.7, reach=0.65, size=0.94), focus=1.45, grain=0.96,
                 girth=0.992),
        _protein("Alp14", "microtubules", "in short thick bars along microtubules",
                 diffuse(0.62, nucleus=0.21, mottle=0.04, fall=0.2),
                 microtubules(0.88, 1.5, reach=0.25, size=1.2), plus_ends(0.7, 4.3, size=1.25),
                 septum(0.23, width=1.55), focus=1.53, grain=1.15, girth=1.007),
        _protein("Mal3", "microtubules", "in comets along microtubules",
                 diffuse(0.31, nucleus=0.12, mottle=0.04, fall=0.59),
                 plus_ends(0.73, 11.1, size=0.99, stretch=1.5), focus=1.27, grain=1.7, girth=0.985),
        _protein("Tea2", "microtubules", "in fine comets and at the ends",
                 diffuse(0.55, nucleus=-0.03, mottle=0.07, fall=0.34),
                 plus_ends(0.49, 8.4, size=0.79), tips(0.73, reach=2.59, least=0.5), focus=1.27,
                 grain=1.35, girth=0.995),
        _protein("Tip1", "tips", "at both ends and in fine spots along the sides",
                 diffuse(0.41, nucleus=-0.15, fall=0.2), tip_dots(0.32, 4.8, size=1.09),
                 tips(0.5, reach=3.16, least=0.6), plus_ends(0.42, 3.7, size=0.73), focus=1.29,
                 grain=1.3),
        # Spindle poles.
        _protein("Alp6", "poles", "in spots near the nucleus",
                 diffuse(0.94, nucleus=-0.15, fall=0.13), pole_spots(0.67, size=1.58, extra=3.96),
                 focus=1.07, grain=1.53, girth=1.014),
        _protein("Sid2", "poles", "in one or two spots at the spindle poles",
                 diffuse(0.78, nucleus=-0.08, mottle=0.03, fall=0.4),
                 pole_spots(0.56, size=2.15, extra=0.51), septum(0.22, width=2.29), focus=1,
                 grain=1.09, girth=0.992),
        _protein("Mob2", "diffuse", "all through the cytoplasm with faint spots",
                 diffuse(0.69, nucleus=-0.13, mottle=0.07, fall=0.32),
                 tip_dots(0.57, 2.9, size=1.17), septum(0.13, width=1.58),
                 plus_ends(0.13, 3.1, size=1.08), focus=1.3, grain=1.42, girth=0.993),
        # Growth markers at the ends.
        _protein("Tea1", "tips", "in spots at both ends",
                 diffuse(0.54, nucleus=-0.11, mottle=0.06, fall=0.24),
                 tip_dots(0.33, 6.7, size=1.11), tips(0.57, reach=3.65, least=0.7),
                 plus_ends(0.32, 4, size=0.99), focus=1.02, grain=1.51, girth=0.995),
        _protein("Tea3", "tips", "in crescents at both ends",
                 diffuse(0.75, nucleus=-0.1, mottle=0.1, fall=0.33),
                 tips(0.77, reach=2.58, least=0.5), tip_dots(0.45, 3.8, size=1.24), focus=1,
                 grain=1.47, girth=1.028),
        _protein("Tea4", "tips", "at the ends",
                 diffuse(0.96, nucleus=-0.14, mottle=0.06, fall=0.37),
                 tips(0.9, reach=2.74, least=0.6), tip_dots(0.26, 2.6),
                 plus_ends(0.39, 2.4, size=1.22), focus=1.05, grain=1.44, girth=1.001),
        _protein("Pom1", "tips", "in a wide crescent at one end",
                 diffuse(0.9, nucleus=-0.22, mottle=0.08, fall=0.14), tips(1.27, reach=2.78),
                 focus=1.02, grain=1.61, girth=1.022),
        _protein("For3", "tips", "at the ends and strongly at the septum",
                 diffuse(0.65, nucleus=0.07, mottle=0.14, fall=0.57), tips(0.71, reach=4.71),
                 septum(0.9, width=1.56), plus_ends(0.23, 3.6, size=1.25), focus=1.16, grain=1.55,
                 girth=0.986),
        _protein("Shk1", "tips", "in crescents at growing ends and at the septum",
                 diffuse(0.59, nucleus=0.15, mottle=0.12, fall=0.34), tips(0.7, reach=3.46),
                 septum(0.85, width=1.91), tip_dots(0.23, 4.7, size=1.1), focus=1.74, grain=2.01,
                 girth=1.004),
        _protein("Rga1", "tips", "in a crescent at one end and at the septum",
                 diffuse(0.88, nucleus=-0.06, mottle=0.09, fall=0.22), tips(0.99, reach=3.49),
                 septum(0.56, width=1.63), focus=1.07, grain=1.36, girth=1.017),
        _protein("Scd2", "tips", "in thin crescents at growing ends",
                 diffuse(0.45, nucleus=-0.02, mottle=0.07, fall=0.27), tips(0.84, reach=2.24),
                 focus=1.18, grain=1.22, girth=0.994),
        _protein("Scd1", "diffuse", "all through the cell, a little at the ends",
                 diffuse(0.54, nucleus=0.02, mottle=0.11, fall=0.56), nuclei(0.12, size=3.19),
                 tips(0.63, reach=2.84), focus=1.15, grain=0.9, girth=1.012),
        _protein("Hob1", "tips", "all through the cytoplasm and strongly at one end",
                 diffuse(0.84, nucleus=-0.31, mottle=0.1, fall=0.57), tips(1.09, reach=4.37),
                 focus=1.53, grain=1.37, girth=0.978),
        # Septum and membrane.
        _protein("Mor2", "membrane", "at the membrane, the ends and the rim of the septum",
                 diffuse(0.63, nucleus=-0.09, mottle=0.09, fall=0.58), membrane(0.44, depth=1.04),
                 tips(1.02, reach=5.15), septum(3.49, width=1.75, ring=0.6), focus=1.22, grain=1.3,
                 girth=1.003),
        _protein("Ras1", "membrane", "along the membrane",
                 diffuse(0.48, nucleus=-0.25, mottle=0.04, fall=0.29), membrane(0.18, depth=0.82),
                 septum(0.53, width=1.71), focus=1.2, grain=0.81, girth=1.033),
        _protein("Rho2", "membrane", "strongly along the membrane",
                 diffuse(0.15, nucleus=-0.09, mottle=0.04, fall=0.35), membrane(0.13, depth=0.89),
                 septum(0.73, width=0.76), focus=0.89, grain=0.82),
        _protein("Rho1", "soft", "in cloudy masses",
                 diffuse(1.14, nucleus=-0.31, mottle=0.13, fall=1.14),
                 reticulum(0.11, 11.3, size=2.2), focus=1.25, grain=1.19, girth=0.959),
        _protein("Gef1", "diffuse", "all through the cell and thinly at the septum",
                 diffuse(0.55, nucleus=-0.1, mottle=0.15, fall=0.27), septum(0.31, width=1.2),
                 focus=1.42, grain=0.79, girth=0.998),
        _protein("Kin1", "diffuse", "all through the cell and at the septum",
                 diffuse(0.78, nucleus=0.04, mottle=0.08, fall=0.28), tips(0.76, reach=2.68),
                 septum(0.33, width=1.32), focus=1.11, grain=1.51, girth=1.006),
        _protein("Pck1", "diffuse", "all through the cytoplasm and thinly at the septum",
                 diffuse(0.42, nucleus=-0.02, mottle=0.13, fall=0.32), septum(0.35, width=1.07),
                 focus=1.2, grain=0.94, girth=0.99),
        _protein("Pck2", "diffuse", "in the cytoplasm, between vacuoles, and at the septum",
                 diffuse(0.53, nucleus=-0.02, mottle=0.06, fall=0.44), tips(0.36, reach=2.65),
                 septum(0.42, width=1.2), focus=1.41, grain=0.89, girth=0.999),
        _protein("Ppb1", "diffuse", "all through the cell, between vacuoles",
                 diffuse(0.68, nucleus=0.09, mottle=0.12, fall=0.35), septum(0.34, width=1.7),
                 focus=1.51, grain=1.15, girth=0.994),
        _protein("Nak1", "diffuse", "all through the cytoplasm, less in the nucleus",
                 diffuse(0.63, nucleus=-0.03, mottle=0.14, fall=0.29), focus=1.01, grain=1.28,
                 girth=1.012),
        _protein("Rgf1", "diffuse", "all through the cell, a little at growing ends",
                 diffuse(0.8, nucleus=-0.03, mottle=0.07, fall=0.39), tips(0.75, reach=2.97),
                 focus=1.2, grain=1.25, girth=1.006),
        # Kinases in the cytoplasm, some in the nucleus; pictures out of focus.
        _protein("Mkh1", "soft", "in the cytoplasm, not in the nucleus",
                 diffuse(0.27, nucleus=-0.4, mottle=0.14, fall=0.17), septum(0.16, width=3.26),
                 focus=1.21, grain=0.88, girth=0.974),
        _protein("Pmk1", "soft", "in the cytoplasm and strongly in the nucleus",
                 diffuse(0.65, nucleus=-0.05, mottle=0.07, fall=0.94), nuclei(0.27, size=2.23),
                 focus=1.25, grain=1.22, girth=0.958),
        _protein("Sty1", "soft", "all through the cell and more in the nucleus",
                 diffuse(0.8, nucleus=0.07, mottle=0.11, fall=0.88), nuclei(0.17, size=3.24),
                 focus=1.46, grain=0.77, girth=0.954),
        _protein("Sts5", "soft", "in the cytoplasm, cloudy, not in the nucleus",
                 diffuse(0.73, nucleus=-0.16, mottle=0.12, fall=0.63), focus=1.72, grain=1,
                 girth=0.984),
        _protein("Ssp1", "soft", "in the cytoplasm, cloudy, not in the nucleus",
                 diffuse(0.9, nucleus=-0.28, mottle=0.09, fall=0.54), focus=1.49, grain=1,
                 girth=0.979),
        _protein("Skb1", "soft", "in blurred masses, not in the nucleus",
                 diffuse(0.51, nucleus=-0.31, mottle=0.14, fall=0.95),
                 reticulum(0.12, 6.5, size=1.7), focus=1.31, grain=0.87, girth=0.959),
        _protein("Efc25", "soft", "in the cytoplasm and broadly at the ends and the septum",
                 diffuse(0.22, nucleus=-0.17, mottle=0.06, fall=1.89), tips(0.17, reach=3.91),
                 septum(0.26, width=1.93), focus=1.47, grain=1.58, girth=0.979),
        # The only one of its kind.
        _protein("Cki2", "blotches", "in blotches all through the cell",
                 diffuse(0.49, nucleus=-0.01, fall=0.41), reticulum(0.55, 13.7, size=1.81),
                 focus=1.06, grain=1.17, girth=0.998),
    )
}  # fmt: skip
"""Proteins in groups that look alike; sorted by name they are LIN's classes."""
