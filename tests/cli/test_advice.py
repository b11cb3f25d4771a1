"""Advice is followed to its end: a message that names an option leads on when it is obeyed."""

import ast
import re
import shlex
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
import tifffile
from PIL import Image

import ganeval

PACKAGE = Path(ganeval.__file__).parent
OPTION = re.compile(r"--[a-z][a-z-]*[a-z]")
HELP = {"Option", "Argument", "_option"}


def messages(package: Path = PACKAGE) -> Iterator[tuple[str, str]]:
    """(file, text with {} for what is filled in) of every string that names an option.

    Docstrings, help texts and the list of one option's names are left out.
    """
    for path in sorted(package.rglob("*.py")):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        aside: set[int] = set()
        for node in ast.walk(tree):
            called = getattr(node, "func", None)
            name = getattr(called, "attr", getattr(called, "id", None))
            if isinstance(node, ast.Call) and name in HELP:
                aside.update(id(inner) for inner in ast.walk(node))
            elif isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
                aside.add(id(node.value))
            elif isinstance(node, ast.JoinedStr):
                aside.update(id(inner) for inner in ast.walk(node) if inner is not node)
        for node in ast.walk(tree):
            if id(node) not in aside and OPTION.search(text := _text(node)):
                yield str(path.relative_to(package)), text


def _text(node: ast.AST) -> str:
    if isinstance(node, ast.JoinedStr):
        return "".join(
            part.value if isinstance(part, ast.Constant) else "{}" for part in node.values
        )
    value = getattr(node, "value", None)
    return value if isinstance(node, ast.Constant) and isinstance(value, str) else ""


@dataclass(frozen=True)
class Case:
    """A command that brings up a message, and the command that its advice makes of it.

    Args:
        says: a part of the message that is the same whatever is filled in.
        make: writes the files into the working folder.
        typed: the command that the user typed; earlier ones may stand before it, after ` ; `.
        add: what the message advises to add; or all of the next command, after `ganeval `.
    """

    says: str
    make: Callable[[], None]
    typed: str
    add: str


def arrays(**pixels: np.ndarray) -> Callable[[], None]:
    return lambda: [np.save(f"{name}.npy", array) for name, array in pixels.items()] and None


def ints(*shape: int, seed: int = 0, top: int = 256, dtype: type = np.uint8) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, top, shape).astype(dtype)


def floats(*shape: int, seed: int = 0, by: float = 1.0) -> np.ndarray:
    return (ints(*shape, seed=seed) / 255 * by).astype(np.float32)


def hot(seed: int = 0) -> np.ndarray:
    """Images of 12 bits with one hot pixel."""
    pixels = ints(40, 8, 8, seed=seed, top=4096, dtype=np.uint16)
    pixels[3, 0, 0] = 65535
    return pixels


def pictures(
    *names: str, suffix: str = "png", shape: tuple[int, ...] = (8, 8)
) -> Callable[[], None]:
    """Pictures at these paths; each name may say how many: `a/{}_cat:20`."""

    def make() -> None:
        for seed, name in enumerate(names):
            pattern, _, count = name.partition(":")
            for i in range(int(count or 1)):
                path = Path(f"{pattern.format(i)}.png")
                path.parent.mkdir(parents=True, exist_ok=True)
                Image.fromarray(ints(*shape, seed=100 * seed + i)).save(path)

    return make


def tiff(shape: tuple[int, ...], **options: object) -> Callable[[], None]:
    def make() -> None:
        for i in range(3):
            Path("t").mkdir(exist_ok=True)
            tifffile.imwrite(f"t/{i}.tif", ints(*shape, seed=i), **options)

    return make


def alpha() -> None:
    pixels = np.dstack([ints(8, 8, 3), np.full((8, 8), 99, np.uint8)])
    for i in range(3):
        Path("t").mkdir(exist_ok=True)
        Image.fromarray(pixels).save(f"t/{i}.png")


def unreadable() -> None:
    pictures("t/{}:3")()
    Path("t/1.png").write_bytes(b"no picture")


def not_a_number() -> None:
    pixels = floats(5, 8, 8, 1)
    pixels[2, 3, 3] = np.nan
    np.save("a.npy", pixels)


def mixed() -> None:
    pictures("t/{}_rgb:3", shape=(8, 8, 3))()
    pictures("t/{}_grey:2")()


def animation() -> None:
    frames = [Image.fromarray(ints(8, 8, seed=i)) for i in range(3)]
    frames[0].save("a.gif", save_all=True, append_images=frames[1:])


def microscopes() -> None:
    """Two sides of different magnification."""
    for name, size in (("a", 0.1), ("b", 0.2)):
        Path(name).mkdir()
        about = {"axes": "YX", "PhysicalSizeX": size, "PhysicalSizeY": size}
        for i in range(8):
            pixels = ints(16, 16, seed=i + 100 * (name == "b"))
            tifffile.imwrite(f"{name}/{i}.ome.tif", pixels, ome=True, metadata=about)


def doubled() -> None:
    """Images that come in pairs."""
    rng = np.random.default_rng(0)
    for name in "ab":
        rows = np.repeat(rng.normal(size=(60, 16)), 3, axis=0) + 0.01 * rng.normal(size=(180, 16))
        pixels = (128 + 25 * rows).clip(0, 255).astype(np.uint8).reshape(-1, 4, 4)
        Path(name).mkdir()
        for i, image in enumerate(pixels):
            Image.fromarray(image).save(f"{name}/{i // 3:03d}_{i % 3}.png")


def plates() -> None:
    """Eight plates of twelve reals, some brighter than others."""
    rng = np.random.default_rng(0)
    for name, apart in (("a", 12), ("b", 0)):
        Path(name).mkdir()
        levels = np.repeat(rng.normal(128, apart, (8, 1, 1)), 12, axis=0)
        pixels = (levels + rng.normal(0, 20, (96, 4, 4))).clip(0, 255).astype(np.uint8)
        for i, image in enumerate(pixels):
            Image.fromarray(image).save(f"{name}/P{i // 12}_{i:03d}.png")


RGB = arrays(a=ints(20, 9, 8, 3), b=ints(20, 9, 8, 3, seed=1))
OPAQUE = arrays(a=ints(20, 9, 8, 3), b=ints(20, 6, 6, 3, seed=1))
KID = "kid a.npy b.npy --feature-net pixels"
EXTRACT = "features extract t -o x.npz --feature-net pixels"
CLASSES = pictures("a/{}_cat:30", "a/{}_dog:30", "b/{}_dog:45", "b/{}_cat:10")

CASES = [
    Case(
        "as in --channels 0, or for one side",
        arrays(a=ints(9, 9, 8, 3), b=ints(9, 9, 8, 2)),
        KID,
        "--channels 0",
    ),
    Case(
        "make them one size, as with --resize {},{}",
        lambda: (pictures("a/a{}:9")(), pictures("a/b{}:9", shape=(9, 8))(), pictures("b/{}:9")()),
        "kid a b --feature-net texture",
        "--resize 8,8",
    ),
    Case("or resize both: --resize", OPAQUE, KID, "--resize 6,6"),
    Case(
        "resize both, --resize H,W",
        OPAQUE,
        "features extract a.npy -o x.npz --feature-net pixels ; "
        "features extract b.npy -o y.npz --feature-net pixels ; kid x.npz y.npz",
        f"ganeval {KID} --resize 6,6",
    ),
    Case(
        "select the same ones, --channels 0,1",
        arrays(a=ints(9, 9, 8, 3), b=ints(9, 9, 8, 2)),
        "features extract a.npy -o x.npz --feature-net pixels ; "
        "features extract b.npy -o y.npz --feature-net pixels ; kid x.npz y.npz",
        f"ganeval {KID} --channels 0,1",
    ),
    Case(
        "name that net with --feature-net",
        RGB,
        "stats save a.npy -o s.npz --feature-net pixels ; fid s.npz b.npy --feature-net pixels:32",
        "--feature-net pixels",
    ),
    Case(
        "name the nets to ask: --feature-net",
        arrays(a=ints(40, 9, 8, 3)),
        "audit a.npy",
        "--feature-net pixels",
    ),
    Case("--feature-net names no net", RGB, "kid a.npy b.npy --feature-net ,", f"ganeval {KID}"),
    Case(
        "name the images: --real PATH",
        arrays(a=ints(40, 4, 4), b=ints(40, 4, 4, seed=1)),
        "evaluate a.npy b.npy --feature-net pixels --metrics kid -o s.jsonl ; "
        "bundle s.jsonl -o s.zip ; verify s.zip --feature-net pixels",
        "--real a.npy --fake b.npy",
    ),
    Case("add --feature-net NAME", RGB, "kid a.npy b.npy --resize 4,4", "--feature-net pixels"),
    Case(
        "--value-range data takes its percentiles from REAL",
        arrays(a=ints(20, 64, dtype=float), b=floats(20, 8, 8)),
        f"{KID} --value-range data",
        "--value-range 0:1",
    ),
    Case(
        "if that is meant, keep to --channels",
        arrays(a=ints(20, 8, 8, 3) * [1, 0, 1], b=ints(20, 8, 8, 3, seed=1) * [1, 0, 1]),
        f"{KID} --value-range 0:255",
        "--channels 0,2",
    ),
    Case("leave some out by name with --exclude", mixed, EXTRACT, "--exclude *_grey.png"),
    Case(
        "has no labels to match",
        pictures("a/{}_x:20", "b/{}_x:20"),
        "kid a b --feature-net pixels --match-labels",
        "--label-by 'regex:(.)_'",
    ),
    Case(
        "was the same range declared for different values",
        arrays(a=ints(20, 8, 8, dtype=np.uint16) * 63, b=ints(20, 8, 8, seed=1)),
        KID,
        "--real-range 0:16065",
    ),
    Case(
        "declare their own, such as --value-range",
        arrays(a=floats(20, 8, 8), b=floats(20, 8, 8, seed=1, by=255)),
        f"{KID} --value-range 0:1",
        "--fake-range 0:255",
    ),
    Case(
        "is below 0 (they span",
        arrays(a=floats(20, 8, 8), b=floats(20, 8, 8, seed=1, by=0.5) + np.float32(0.3)),
        f"{KID} --real-range 0:1 --fake-range=-1:1",
        "--fake-range 0:1",
    ),
    Case(
        "but all of them except",
        arrays(a=hot(), b=hot(seed=1)),
        KID,
        "--value-range 0:4095",
    ),
    Case(
        "under an eighth of their range",
        arrays(
            a=ints(20, 8, 8, top=4096, dtype=np.uint16),
            b=ints(20, 8, 8, seed=1, top=4096, dtype=np.uint16),
        ),
        KID,
        "--value-range 0:4095",
    ),
    Case(
        "(value_range) declares another",
        arrays(a=floats(20, 8, 8), b=floats(20, 8, 8, seed=1, by=1.2)),
        f"{KID} --value-range 0:1",
        "--value-range 0:1.2",
    ),
    Case(
        "bits do; if they are, declare",
        arrays(
            a=ints(20, 8, 8, top=16384, dtype=np.uint16),
            b=ints(20, 8, 8, seed=1, top=16384, dtype=np.uint16),
        ),
        KID,
        "--value-range 0:16383",
    ),
    Case(
        "takes the folders inside as labels",
        pictures("t/x_train/c/{}:3", "t/x_test/d/{}:3"),
        EXTRACT,
        "--label-by folder:1",
    ),
    Case(
        "name one of them, or --label-by folder:0 takes them as labels",
        pictures("t/trainA/{}:3", "t/trainB/{}:3"),
        EXTRACT,
        "--label-by folder:0",
    ),
    Case(
        "look like plates or wells",
        pictures("t/plate1/{}:3", "t/plate2/{}:3"),
        EXTRACT,
        "--group-by folder:0",
    ),
    Case(
        "look like storage of one set",
        pictures("t/rank0/{}:3", "t/rank1/{}:3"),
        EXTRACT,
        "--label-by folder:0",
    ),
    Case(
        "names fall into families",
        pictures("t/{}:6", "t/{}_mask:6"),
        EXTRACT,
        "--exclude *_mask.png",
    ),
    Case(
        "joins them as channels of one image",
        pictures("t/{}_dapi:6", "t/{}_gfp:6"),
        EXTRACT,
        "--stack-by '(_dapi|_gfp)[.]'",
    ),
    Case(
        "correct the pattern, or leave them out with --exclude",
        pictures("t/{}_dapi:6", "t/{}_gfp:6", "t/{}_mask:6"),
        f"{EXTRACT} --stack-by '(_dapi|_gfp)[.]'",
        "--exclude *_mask.png",
    ),
    Case(
        "if classes are not meant, --label-by none",
        pictures("a/p_x{}:20", "a/q_y{}:20", "b/p_x{}:20", "b/q_y{}:20"),
        "kid a b --feature-net pixels --label-by 'regex:(.)_' --group-by 'regex:_(.)'",
        "--label-by none",
    ),
    Case(
        "folders named like masks",
        pictures("t/images/{}:4", "t/masks/{}:4"),
        EXTRACT,
        "--exclude masks/",
    ),
    Case(
        "no axis is clearly the channels",
        arrays(a=ints(9, 4, 4, 4), b=ints(9, 4, 4, 4, seed=1)),
        KID,
        "--layout NCHW",
    ),
    Case(
        ", which looks like {}, but",
        arrays(a=ints(9, 3, 8, 8), b=ints(9, 3, 8, 8, seed=1)),
        KID,
        "--layout NCHW",
    ),
    Case(
        "say --layout NHW for grey images",
        arrays(a=ints(9, 8, 3), b=ints(9, 8, 3, seed=1)),
        KID,
        "--layout NHW",
    ),
    Case("is not an image that can be read", unreadable, EXTRACT, "--on-error skip"),
    Case(
        "to measure the {} colour channels and leave alpha out", alpha, EXTRACT, "--channels 0,1,2"
    ),
    Case(
        "NaN or infinite values",
        not_a_number,
        "features extract a.npy -o x.npz --feature-net pixels --value-range 0:1",
        "--on-error skip",
    ),
    Case(
        "take them all with --planes t",
        animation,
        "features extract a.gif -o x.npz --feature-net pixels",
        "--planes t",
    ),
    Case(
        "take every one with --planes",
        tiff((4, 8, 8), imagej=True, metadata={"axes": "ZYX"}),
        EXTRACT,
        "--planes z",
    ),
    Case(
        "take their maximum with --project max",
        tiff((4, 8, 8), imagej=True, metadata={"axes": "ZYX"}),
        EXTRACT,
        "--project max",
    ),
    Case(
        "say that they are channels with --axes",
        tiff((4, 8, 8), imagej=True, metadata={"axes": "ZYX"}),
        EXTRACT,
        "--axes CYX",
    ),
    Case("with its channels last; if so, say --axes", tiff((24, 20, 2)), EXTRACT, "--axes YXC"),
    Case(
        "pages without axes are taken as channels",
        tiff((6, 8, 8), metadata=None),
        EXTRACT,
        "--axes CYX",
    ),
    Case(
        "planes stored apart are taken as colours",
        tiff((3, 8, 8), photometric="rgb", planarconfig="separate"),
        EXTRACT,
        "--axes CYX",
    ),
    Case(
        "has no range of its own; leave it out",
        arrays(
            a=ints(20, 8, 8, 2, dtype=np.float32) * [1, 0], b=ints(20, 8, 8, 2, dtype=np.float32)
        ),
        f"{KID} --value-range data",
        "--channels 0",
    ),
    Case(
        "sort its images into class folders, or give --label-by",
        pictures("a/{}_cat:20", "a/{}_dog:20"),
        "matrix a --feature-net pixels --metric kid",
        "--label-by 'regex:(cat|dog)'",
    ),
    Case(
        "has no labels, and {} compares within classes",
        CLASSES,
        "intra-kid a b --feature-net pixels",
        "--label-by 'regex:(cat|dog)'",
    ),
    Case(
        "class frequencies differ",
        CLASSES,
        "kid a b --feature-net pixels --label-by 'regex:(cat|dog)'",
        "--match-labels",
    ),
    Case(
        "that follow each other are alike",
        plates,
        "kid a b --feature-net pixels --label-by none",
        "--real-group-by 'regex:(P.)'",
    ),
    Case(
        "far more alike than others",
        doubled,
        "kid a b --feature-net pixels",
        "--group-by 'regex:(\\d+)_'",
    ),
    Case(
        "has groups; give --group-by for both",
        pictures("a/{}_x:24", "b/{}_x:24"),
        "stats save a -o s.npz --feature-net pixels --group-by 'regex:(.)_' ; "
        "stats save b -o r.npz --feature-net pixels ; stats merge s.npz r.npz -o m.npz",
        "ganeval stats save b -o q.npz --feature-net pixels --group-by 'regex:(.)_'",
    ),
    Case(
        "have no default feature net",
        arrays(a=ints(9, 8, 8), b=ints(9, 8, 8, seed=1)),
        "kid a.npy b.npy",
        "--feature-net pixels",
    ),
    Case(
        "select some with --channels",
        arrays(a=ints(9, 28, 28, 3)),
        "features extract a.npy -o x.npz --feature-net mnist",
        "--channels 0",
    ),
    Case(
        "run it on every channel with --each-channel",
        arrays(a=ints(9, 28, 28, 3)),
        "features extract a.npy -o x.npz --feature-net mnist",
        "--each-channel",
    ),
    Case(
        "and no value range was declared (observed",
        arrays(a=floats(9, 8, 8), b=floats(9, 8, 8, seed=1)),
        KID,
        "--value-range 0:1",
    ),
    Case(
        "needs the training images",
        arrays(a=ints(20, 8, 8), b=ints(20, 8, 8, seed=1), t=ints(40, 8, 8, seed=2)),
        "evaluate a.npy b.npy --metrics authpct --feature-net pixels",
        "--train t.npy",
    ),
    Case(
        "that, give --train",
        arrays(a=ints(20, 8, 8), b=ints(20, 8, 8, seed=1), t=ints(40, 8, 8, seed=2)),
        "neighbors a.npy b.npy --feature-net pixels -o out",
        "--train t.npy -o more",
    ),
    Case(
        "take --metric kid",
        pictures("a/cat/{}:8", "a/dog/{}:8"),
        "matrix a --feature-net pixels",
        "--metric kid",
    ),
    Case(
        "images, and FID falls with their number",
        pictures("a/cat/{}:30", "a/dog/{}:40", shape=(2, 2)),
        "matrix a --feature-net pixels",
        "--per-class 15",
    ),
    Case(
        "exists; name another file, or replace it with --force",
        pictures("t/{}:4"),
        f"{EXTRACT} ; {EXTRACT}",
        "--force",
    ),
    Case(
        "add --out report.html, or --format md",
        arrays(a=ints(40, 4, 4), b=ints(40, 4, 4, seed=1)),
        "evaluate a.npy b.npy --feature-net pixels --metrics fid -o s.jsonl ; report s.jsonl",
        "--format md",
    ),
    Case(
        "exists; name another folder, or replace it with --force",
        lambda: None,
        "nets export mnist out ; nets export pixels out",
        "--force",
    ),
    Case(
        "most images do not show one object on a ground",
        arrays(a=ints(12, 16, 16), b=ints(12, 16, 16, seed=1)),
        "explain a.npy b.npy --repeats 1",
        "--feature-net morphology:offsets",
    ),
    Case(
        "has no named features",
        arrays(a=ints(12, 16, 16), b=ints(12, 16, 16, seed=1)),
        "explain a.npy b.npy --repeats 1 --feature-net pixels",
        "ganeval explain a.npy b.npy --repeats 1 --feature-net texture",
    ),
    Case(
        "what holds for both with --pixel-size",
        microscopes,
        "explain a b --repeats 1 -q",
        "--pixel-size 0.1",
    ),
    Case(
        "name one, as in --config",
        arrays(a=ints(40, 4, 4), b=ints(40, 4, 4, seed=1), c=ints(40, 4, 4, seed=2)),
        "evaluate a.npy b.npy c.npy --feature-net pixels --metrics fid -o s.jsonl ; "
        "fid --config s.jsonl",
        "ganeval fid --config s.jsonl:1",
    ),
    Case(
        "name one of these: --metric",
        arrays(a=ints(40, 4, 4), b=ints(40, 4, 4, seed=1), c=ints(40, 4, 4, seed=2)),
        "evaluate a.npy b.npy c.npy --feature-net pixels --metrics kid -o s.jsonl ; "
        "compare s.jsonl",
        "--metric kid",
    ),
    Case(
        "use it with: ganeval {}",
        arrays(a=ints(40, 4, 4), b=ints(40, 4, 4, seed=1)),
        "evaluate a.npy b.npy --feature-net pixels --metrics fid -o s.jsonl ; "
        "kid --config s.jsonl:1",
        "ganeval fid --config s.jsonl:1",
    ),
    Case(
        "takes one; name one, or use them all",
        arrays(a=ints(40, 4, 4), b=ints(40, 4, 4, seed=1)),
        "kid a.npy b.npy --feature-net pixels,pixels:all",
        "ganeval evaluate a.npy b.npy --feature-net pixels,pixels:all --metrics kid",
    ),
]

# Messages that name an option without advising it: the option itself is what is wrong, or they say
# what was done. Fragments, as in `Case.says`.
NO_ADVICE = (
    "leave out --test-per-class",
    "takes training images; leave --train out",
    "--per-image needs the images, and",
    "--protocol {} fixes a net",
    "--channel-names has {} name",
    "--channel-names is {}",
    "a table has no channels and no pixels",
    "--pixel-size would count twice",
    "--defect takes NAME",
    "--shard takes I/N",
    "--shard {} is none of",
    "must end in .npz",
    "--engine is",
    "--show is {}",
    "--match-labels does nothing here",
    "is a file; name a folder",
    "cannot be made in",
    "--match-labels needs the labels of both sides",
    "--channels takes numbers",
    "--shard is for images",
    "fits no image; taken as independent",
    "is left aside",
    "holds single images, and --planes",
    "name one letter for each",
    "has no weights; leave out --weights",
    "is not a file; name the weights",
    "count channels from 0, after --channels",
    "(tar --dereference)",
    "wanted a line that --json",
    "measurements of the largest object",
    "--format {} is not known",
    "--out {} names no format",
    "is no model of these scores",
    "are too narrow if images share",
    "--config {} has no score of {}; name another file",
    "--config {} is a score of {}, which is no metric",
    "--config {} has {}, which this command does not know",
    "name a file of scores, FILE or FILE:ROW",
    "which `ganeval evaluate` computes; name the row of a model",
    "--config {}: {} has {}",
    "does not take; compute the score again",
    "is a zip; unpack it (a bundle has scores.jsonl)",
)
# Parts of messages and of help, and results that say what to do next.
PARTS = (
    ", or --label-by (labels) for their classes",
    r"--help", r"--out", r"--per-image", r"--input-size", r"--resize", r"--include", r"--exclude",
    r"--no-{}", r"--group-by", r"--label-by", r"--metrics", r"--feature-net", r" --channels {}",
    r"--train DIR", r" --metrics {}", r"say what its axes are with --axes, {}",
)  # fmt: skip
NEXT = (
    "  ganeval fid {}/real",
    "use it with: --feature-net",
    "use it with --feature-net",
    "see {} --help",
    "Options of images are for all sides",
)
# Advice that cannot be followed here, and where it is proved or why not.
ELSEWHERE = {
    "fixes it; without, ganeval {} takes other values)": "tests/cli/test_protocol_option.py",
    "where the score's images were, does not exist": "tests/cli/test_config_option.py",
    "only with images; or add --also features": "tests/cli/test_bundle_command.py",
    "do nothing alone; add --also features": "tests/cli/test_bundle_command.py",
    "so the net learns without; if there are some": "a training; tests/cli/test_nets_commands.py",
    "a smaller --batch-size": "memory runs out",
    "use fewer --num-workers": "memory runs out",
    "found no images in": "a share of no images",
    "values have {} bits; if that is their whole": "DICOM; tests/images/test_dicom.py",
    "have one PatientID": "DICOM; tests/images/test_dicom.py",
    "cannot be opened: {}; check its permissions": "the tests may run as root",
    "have no label ({}), so no": "tests/images/test_labels_and_sample.py",
    "are taken as ids, not classes": "tests/images/test_labels_and_sample.py",
    "has a fourth axis": "NIfTI; tests/images/test_nifti.py",
    "name them with --axes (as in ZYX)": "tests/images",
    "name them with --axes (as in CYX)": "tests/images/test_tiff.py",
    "values have {} bits, so white is": "tests/images/test_tiff.py",
    "cannot be fetched": "the network",
    "read them as {} images": "tests/images/test_tiff.py",
    "has several channel axes": "tests/images/test_tiff.py",
    "planes are stored apart: if they": "tests/images/test_tiff.py",
    "hold one group each": "tests/images",
    "has no planes across": "tests/images",
    "and one is wanted: take every one": "tests/images",
    "or train one: ganeval nets train": "a training",
    "has {} channels but net {} takes": "its parts have cases of their own",
    "images have no range of their own": "tests/nets/test_prepare.py",
    "which is empty in the images of net": "the net lin41; tests/nets/test_prepare.py",
    "or name the file with --weights PATH": "weights; tests/nets/test_find.py",
    "name a file of yours with --weights": "the network; tests/nets/test_inception.py",
    "elsewhere and name the": "the network",
    "needs its weights": "weights of 91 MB and more",
    "are on no hub": "timm",
    "which net 'morphology' never gives": "tests/nets/test_morphology.py",
    "is a built-in net and would be hidden": "a training; tests/nets/test_train.py",
    "has no labels and a classifier needs them": "a training; tests/nets/test_train.py",
    "a classifier needs at least 2 classes": "a training; tests/nets/test_train.py",
    "enlarge the images: --input-size": "a training; tests/nets/test_train.py",
    "resize all for training": "a training; tests/nets/test_train.py",
    "start over with --restart": "a training; tests/nets/test_train.py",
    "choose another --name, or replace it": "a training; tests/nets/test_train.py",
    "--engine needs the net by name": "tests/cli/test_features_commands.py",
    "name the images with --real PATH and": "tests/cli/test_report_command.py",
    "two samples can be by chance": "tests/metrics/test_fid.py",
    "takes 8 bits; save both sides": "tests/cli/test_protocol_option.py",
    "leave out --protocol, or score each": "tests/cli/test_protocol_option.py",
    "names a net twice; name each once": "tests/cli/test_several_nets_option.py",
    "which are of one net; give images": "tests/cli/test_several_nets_option.py",
    "the hub was not reached": "the network",
    "is not on this machine; run ganeval": "weights; tests/nets/test_hugging_face_peers.py",
    "which is a file or code of some machine": "tests/bundles/test_hostile_bundles.py",
    "was written by another process meanwhile": "two processes; tests/cli/test_outputs.py",
    "with other groups of the reals": "tests/suites/test_scores_file.py",
}
ALL = tuple(messages())


def covered(text):
    known = (*(case.says for case in CASES), *NO_ADVICE, *NEXT, *ELSEWHERE)
    return text in PARTS or any(part in text for part in known)


def test_every_message_that_names_an_option_is_followed_or_says_why_not():
    assert [f"{file}: {text}" for file, text in ALL if not covered(text)] == []


def test_no_case_is_of_a_message_that_is_gone():
    texts = [text for _, text in ALL]
    for part in (*(case.says for case in CASES), *NO_ADVICE, *NEXT, *ELSEWHERE):
        assert any(part in text for text in texts), part
    assert set(PARTS) <= set(texts)


def test_a_new_message_is_found_wherever_it_stands(tmp_path):
    (tmp_path / "new.py").write_text(
        '"""Of --this no word."""\n'
        "def f(x):\n"
        '    """Nor of --that."""\n'
        "    option = _option('--quiet does nothing')\n"
        "    return f'{x} is odd; ' f'try --harder {x}', 'a--b', 'or --softer'\n"
    )
    assert {text for _, text in messages(tmp_path)} == {"{} is odd; try --harder {}", "or --softer"}
    assert PACKAGE.name == "ganeval"


def followed(run, typed):
    """Output of the last of several commands; those before it must work."""
    *first, last = (shlex.split(command) for command in typed.split(" ; "))
    for command in first:
        assert run(*command).exit_code == 0, command
    return run(*last)


def said(case: Case) -> re.Pattern[str]:
    return re.compile(".+?".join(re.escape(part) for part in case.says.split("{}")))


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.says[:50])
def test_what_a_message_advises_leads_on(run, case, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    case.make()
    before = followed(run, case.typed)
    assert said(case).search(before.stdout + before.stderr), before.stderr or before.exception
    last = case.typed.split(" ; ")[-1]
    again = (
        case.add.removeprefix("ganeval ")
        if case.add.startswith("ganeval ")
        else f"{last} {case.add}"
    )
    if "--force" not in again and " -o x.npz" in again:
        again = again.replace(" -o x.npz", " -o z.npz")
    after = followed(run, again)
    assert after.exit_code == 0, after.stderr or after.exception
    gone = not said(case).search(after.stdout + after.stderr)
    assert gone or before.exit_code == 2, after.stderr  # what is skipped is still named
