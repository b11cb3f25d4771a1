"""What reads files and options from outside, with a valid example of each and how it is damaged."""

import contextlib
import functools
import hashlib
import io
import itertools
import json
import runpy
import shlex
import shutil
import tempfile
import zipfile
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from random import Random

import numpy as np
import tifffile
import torch
from PIL import Image
from safetensors.torch import save
from typer.testing import CliRunner

from ganeval import METRICS, Features, Score, fid, open_images
from ganeval.cli import main
from ganeval.errors import InputError
from ganeval.features._base import array_fingerprint
from ganeval.moments import Moments
from ganeval.nets import Card, fingerprint, load_card, load_net
from ganeval.nets._network import make_trunk
from ganeval.npz import to_bytes
from ganeval.suites import ScoresFile, clash_of, compare_estimates, evaluate, kept_estimates

_changes = runpy.run_path(str(Path(__file__).with_name("changes.py")))
any_of, change_arrays, change_bytes, change_json = (
    _changes[name] for name in ("any_of", "change_arrays", "change_bytes", "change_json")
)

REAL, FAKE = np.random.default_rng(0).standard_normal((2, 12, 3))


@dataclass(frozen=True)
class Target:
    """Something that reads what it was given.

    Args:
        name: of the target.
        examples: valid inputs, by file name.
        change: damages or forges one of them.
        use: reads a file and returns what would be printed, or raises an error of ganeval.
    """

    name: str
    examples: Callable[[], dict[str, bytes]]
    change: Callable[[bytes, Random], bytes]
    use: Callable[[Path], str]

    def run(self, seed: int) -> str:
        """Damages an example by chance and uses it."""
        random = Random(seed)
        examples = self.examples()
        name = random.choice(sorted(examples))
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder, name)
            path.write_bytes(self.change(examples[name], random))
            return self.use(path)


def _written(save: Callable[[Path], object], name: str) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        save(Path(folder, name))
        return Path(folder, name).read_bytes()


@functools.cache
def _images() -> dict[str, bytes]:
    rng = np.random.default_rng(0)
    pixels = rng.integers(0, 256, (3, 8, 9, 3), np.uint8)
    found = {}
    for suffix in ("png", "bmp", "webp", "gif", "jpg"):
        stream = io.BytesIO()
        Image.fromarray(pixels[0]).save(stream, suffix.replace("jpg", "jpeg"))
        found[f"a.{suffix}"] = stream.getvalue()
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for i in range(2):
            archive.writestr(f"class/{i}.png", found["a.png"])
    found["a.zip"] = stream.getvalue()
    shape = (2).to_bytes(4, "big") + (8).to_bytes(4, "big") * 2
    found["x-idx3-ubyte"] = b"\0\0\x08\x03" + shape + pixels[:2, :, :8, 0].tobytes()
    deep = rng.integers(0, 65536, (8, 9), np.uint16)
    return found | {
        "a.npy": _written(lambda path: np.save(path, pixels), "a.npy"),
        "a.npz": _written(lambda path: np.savez(path, images=pixels, labels=np.arange(3)), "a.npz"),
        "a.tif": _written(lambda path: tifffile.imwrite(path, deep, compression="lzw"), "a.tif"),
        "b.tif": _written(
            lambda path: tifffile.imwrite(path, pixels[0], metadata={"axes": "YXS"}), "b.tif"
        ),
    }


def _use_images(path: Path) -> str:
    source = open_images(str(path))
    shapes = [source.read(index).shape for index in range(min(len(source), 3))]
    return f"{source.name} {shapes} {source.labels}"


@functools.cache
def _features() -> dict[str, bytes]:
    protocol = {
        "net": {"name": "lin41", "fingerprint": "f"},
        "preprocessing": {"resize": "none"},
        "images": {"value_range": [[0, 255]]},
        "observed": {"range": [[0, 200]], "values": 100, "outside": 0},
    }
    names = tuple(f"{i:02d}" for i in range(len(FAKE)))
    plain = Features(FAKE, names, name="plain", fingerprint="x")
    full = replace(
        plain,
        logits=FAKE[:, :2],
        labels=names,
        groups=names,
        hashes=np.zeros((len(FAKE), 2), np.uint64),
        classes=("a", "b"),
        protocol=protocol,
        warnings=("odd",),
    )
    return {"plain.npz": plain.to_bytes(), "full.npz": full.to_bytes()}


def _change_features(data: bytes, random: Random) -> bytes:
    """The arrays, whose hashes a forger would correct."""
    changed = change_arrays(data, random)
    arrays = dict(np.load(io.BytesIO(changed)))
    with contextlib.suppress(KeyError, ValueError, AttributeError, TypeError, RecursionError):
        meta = json.loads(arrays["meta"].tobytes())
        meta["content"] = {
            name: array_fingerprint(array) for name, array in arrays.items() if name != "meta"
        }
        arrays["meta"] = np.frombuffer(json.dumps(meta).encode(), np.uint8)
    return to_bytes(arrays)


def _use_features(path: Path) -> str:
    return str(fid(REAL, str(path)))


@functools.cache
def _statistics() -> dict[str, bytes]:
    whole = Moments.of(FAKE, np.arange(len(FAKE)) % 4)
    found = {"ours.npz": _written(whole.save, "ours.npz")}
    theirs = {"mu": FAKE.mean(0), "sigma": np.cov(FAKE, rowvar=False)}
    return found | {"theirs.npz": _written(lambda path: np.savez(path, **theirs), "theirs.npz")}


def _use_statistics(path: Path) -> str:
    return f"{fid(REAL, str(path))} {Moments.load(path).mean}"


@functools.cache
def _score() -> dict[str, bytes]:
    scores = {name: METRICS[name].function(REAL, FAKE) for name in ("fid", "kid")}
    return {f"{name}.json": score.to_json().encode() for name, score in scores.items()}


def _use_score(path: Path) -> str:
    score = Score.from_json(path.read_text(encoding="utf-8", errors="replace"))
    return f"{score} {score.log_dict()} {Score.from_json(score.to_json()).interval}"


@functools.cache
def _evaluated() -> tuple[bytes, dict[str, bytes]]:
    """A scores file, and its influences by name."""
    with tempfile.TemporaryDirectory() as folder:
        file = ScoresFile(Path(folder, "scores.jsonl"))

        def keep(score: Score) -> None:
            file.keep(score)
            file.append(score)

        models = {"a": FAKE, "b": FAKE + 0.3}
        evaluate(REAL, models, metrics=["fid", "precision"], each=keep)
        kept = {path.name: path.read_bytes() for path in file.folder.iterdir()}
        return file.path.read_bytes(), kept


@functools.cache
def _scores() -> dict[str, bytes]:
    lines, kept = _evaluated()
    return {"scores.jsonl": lines} | kept


def _change_scores(data: bytes, random: Random) -> bytes:
    if data.startswith(b"PK"):
        return any_of(change_arrays, change_bytes)(data, random)
    lines = data.splitlines()
    at = random.randrange(len(lines))
    lines[at] = change_json(lines[at], random)
    return b"\n".join(lines) + b"\n"


def _use_scores(path: Path) -> str:
    lines, kept = _evaluated()
    if path.name in kept:  # damaged influences, beside the scores they belong to
        kept = kept | {path.name: path.read_bytes()}
        path = path.with_name("scores.jsonl")
        path.write_bytes(lines)
    file = ScoresFile(path)
    file.folder.mkdir()
    for name, data in kept.items():
        (file.folder / name).write_bytes(data)
    said = [*map(str, file.scores()), clash_of(file.scores(), str(path))]
    evaluate(REAL, {"a": FAKE}, metrics=["fid"], known=file.scores())
    for metric in ("fid", "precision"):
        found = kept_estimates(str(path), metric)
        runs = {name: [one] for name, one in found.items()}
        said.append(compare_estimates(runs, metric=metric).verdict)
    return " ".join(map(str, said))


@functools.cache
def _cards() -> dict[str, bytes]:
    found = {
        name: replace(load_card(name), training={"n_images": 5, "note": ["a"]})
        for name in ("pixels", "mnist", "morphology")
    }
    found["each"] = load_card("mnist", each_channel=True)
    return {f"{name}.json": card.to_json().encode() for name, card in found.items()}


def _use_card(path: Path) -> str:
    whole = load_card("mnist")
    shutil.copy(Path(str(whole.folder), str(whole.weights)), path.parent)
    card = load_card(path)
    images = torch.zeros(2, min(card.channels or 1, 64), *(card.input_size or (8, 8)))
    net = load_net(card)
    if images.numel() > 1 << 20:
        return fingerprint(card)
    return f"{card.name} {net(images).features.shape}"


@functools.cache
def _weights() -> dict[str, bytes]:
    trunk = make_trunk(
        channels=1, widths=(4,), dim=3, classes=2, generator=torch.Generator().manual_seed(0)
    )
    state = trunk.state_dict()
    stream = io.BytesIO()
    torch.save(state, stream)
    return {"weights.safetensors": save(state), "weights.pth": stream.getvalue()}


def _use_weights(path: Path) -> str:
    """With a card whose hash is that of the file, as whoever forges both would write it."""
    card = Card(
        name="forged",
        architecture="trunk" if path.suffix == ".safetensors" else "inception",
        channels=1 if path.suffix == ".safetensors" else 3,
        dim=3,
        classes=("a", "b"),
        options={"widths": [4], "mean": [0.5], "std": [0.5]},
        training={"n_images": 5},
        weights=path.name,
        sha256=hashlib.sha256(path.read_bytes()).hexdigest(),
    )
    (path.parent / "card.json").write_text(card.to_json())
    found = load_card(path.parent)
    return str(load_net(found)(torch.zeros(2, found.channels or 1, 8, 8)).features.shape)


@functools.cache
def _tables() -> dict[str, bytes]:
    rows = "\n".join(f"{i}.png,class {i % 2},{i}" for i in range(4))
    lines = f"file,label,plate\n{rows}\n"
    return {"labels.csv": lines.encode(), "labels.tsv": lines.replace(",", "\t").encode()}


def _use_table(path: Path) -> str:
    images = path.parent / "images"
    images.mkdir()
    for i in range(4):
        Image.fromarray(np.full((8, 8), i, np.uint8)).save(images / f"{i}.png")
    source = open_images(str(images), label_by=f"csv:{path}", group_by=f"csv:{path}:plate")
    return f"{source.labels} {source.groups}"


OPTIONS = (
    "--subset-size", "--bandwidth", "--k", "--seed", "--batch-size", "--num-workers", "--device",
    "--level", "--protocol", "--feature-net", "--weights", "--layout", "--channels", "--metrics",
    "--value-range", "--label-by", "--max-images", "--on-error", "--shard", "--axes", "--project",
    "--planes", "--include", "--group-by", "--repeats", "--classifier", "--neighbours",
)  # fmt: skip
FLAGS = (
    "--no-interval",
    "--json",
    "--no-cache",
    "--quiet",
    "--match-labels",
    "--help",
    "--x",
    "--",
)
VALUES = (
    "0", "1", "-1", "2", "5", "0.5", "1e308", "nan", "inf", "10" * 20, "", "x", "cpu", "cuda:99",
    "pixels", "mnist", "0:255", "-1:1", "1,2", "regex:(", "regex:(.)", "csv:x", "parent", "a b",
    "é", "\t", "pytorch-fid", "NHWC", "REAL", "FAKE", "REAL::x", ".", "median", "logistic",
)  # fmt: skip
COMMANDS = (
    "fid REAL FAKE", "kid REAL FAKE", "prdc REAL FAKE", "is FAKE", "kde REAL FAKE", "rke REAL FAKE",
    "swd REAL FAKE", "c2st REAL FAKE", "compare REAL a=FAKE b=OTHER --metric kid",
    "evaluate REAL FAKE --metrics fid,kid", "features extract FAKE -o x.npz",
    "stats save FAKE -o x.npz", "nets show mnist", "nets list", "cache info",
)  # fmt: skip


@functools.cache
def _options() -> dict[str, bytes]:
    return {f"{i:02d}.txt": command.encode() for i, command in enumerate(COMMANDS)}


def _change_options(data: bytes, random: Random) -> bytes:
    words = data.decode().split()
    for _ in range(random.choice((1, 1, 1, 2, 3))):
        kind = random.randrange(10)
        if kind < 5:
            words += [random.choice(OPTIONS), random.choice(VALUES)]
        elif kind < 7:
            words.append(random.choice(FLAGS))
        elif kind < 9:
            words[random.randrange(1, len(words))] = random.choice((*VALUES, *words))
        else:
            words.insert(random.randrange(1, len(words) + 1), random.choice(VALUES))
    return shlex.join(words).encode()


def _placed(word: str) -> str:
    for role in ("REAL", "FAKE", "OTHER"):
        word = word.replace(role, f"{role.lower()}.npy")
    return word


def _use_options(path: Path) -> str:
    """The command line in a folder of its own; raises what `main` does not turn into one line."""
    for name, rows in (("real", REAL), ("fake", FAKE), ("other", FAKE + 0.3)):
        np.save(path.parent / f"{name}.npy", rows)
    words = [_placed(word) for word in shlex.split(path.read_text())]
    with contextlib.chdir(path.parent):
        done = CliRunner().invoke(main, words)
    if done.exception is not None and not isinstance(done.exception, SystemExit):
        raise done.exception
    if done.exit_code not in (0, 2) or "Traceback" in done.output:
        raise RuntimeError(f"exit {done.exit_code} of {words}: {done.output[-500:]}")
    if done.exit_code:
        *_, last = done.stderr.strip().splitlines() or [""]
        if not last.startswith("Error: "):  # notes and warnings have lines of their own, above
            raise RuntimeError(f"no error in one line of {words}: {done.stderr[-500:]}")
        raise InputError(last)
    written = [
        f"{word}:" for before, word in itertools.pairwise(words) if before in ("-o", "--out")
    ]
    said = (done.stdout or done.stderr).split(" ")
    return " ".join(word for word in said if word not in written)  # a file may be called nan


_json, _arrays = any_of(change_json, change_json, change_bytes), any_of(change_arrays, change_bytes)
TARGETS = {
    target.name: target
    for target in (
        Target("images", _images, any_of(change_bytes, _arrays), _use_images),
        Target("features", _features, any_of(_change_features, _arrays), _use_features),
        Target("statistics", _statistics, any_of(change_arrays, _arrays), _use_statistics),
        Target("score", _score, _json, _use_score),
        Target("scores.jsonl", _scores, _change_scores, _use_scores),
        Target("cards", _cards, _json, _use_card),
        Target("weights", _weights, change_bytes, _use_weights),
        Target("tables", _tables, change_bytes, _use_table),
        Target("options", _options, _change_options, _use_options),
    )
}
