"""Regenerates the thesis "Conditional GANs for biological image synthesis", piece by piece.

    python -m benchmarks.thesis [NAME …|all] [--scale small|full]

Each table or figure has a folder with its results and pictures; README.md is the page of them all.
What the results have is not measured again, so a run that was stopped resumes.
"""

import argparse
import os
import sys
from pathlib import Path

from benchmarks.thesis.cells import SCALES
from benchmarks.thesis.runner import NAMES, run

HERE = Path(__file__).resolve().parent


def main() -> None:
    """Measures what is asked for and writes the page."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.thesis", description=(__doc__ or "").partition("\n")[0]
    )
    parser.add_argument(
        "names", nargs="*", metavar="NAME", default=["all"], help="all, or " + ", ".join(NAMES)
    )
    parser.add_argument(
        "--scale", choices=SCALES, default="small", help="minutes, or the thesis' own setting"
    )
    parser.add_argument("--lin", type=Path, metavar="PATH", help="LIN's folders: real yeast too")
    parser.add_argument("--cub", type=Path, metavar="PATH", help="CUB with captions: birds too")
    parser.add_argument("--jobs", type=int, default=1, help="processes, of one thread each")
    parser.add_argument("--only", default="", metavar="TEXT", help="cells with TEXT in their name")
    parser.add_argument("--out", type=Path, default=HERE, help="folder of results and page")
    given = parser.parse_args()
    if unknown := [name for name in given.names if name not in (*NAMES, "all")]:
        parser.error(f"there is no {', '.join(unknown)}; known: all, {', '.join(NAMES)}")
    for option in ("lin", "cub"):
        if (path := getattr(given, option)) is not None:
            if not path.is_dir():
                parser.error(
                    f"--{option} {path} is no folder; give the one that it was unpacked to"
                )
            os.environ[f"GANEVAL_{option.upper()}"] = str(path.resolve())
    names = NAMES if "all" in given.names else list(dict.fromkeys(given.names))
    complete = run(names, given.scale, given.out, given.jobs, given.only)
    from benchmarks.thesis.page import write

    write(given.out)
    sys.exit(not complete)


if __name__ == "__main__":
    main()
