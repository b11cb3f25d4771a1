"""Faithful reading of images: `open_images` lists them, `iterate` decodes them.

Every image becomes an array [c, h, w] of uint8, uint16 or float32:

- **Depth** is kept: 8 and 16 bits per channel stay (16-bit RGB PNG too), floats become float32,
  1 bit becomes 0 and 255, grey of 2 or 4 bits is spread over 0 to 255 (PNG, TIFF). Values of 10,
  12 or 14 bits stay as they are, and a note proposes their value range. Signed and wider
  integers become float32 if that is exact, and then need a declared value range.
- **Palette** images become RGB; the plain grey ramp with which BMP and GIF store grey stays grey.
  The colour table of an ImageJ TIFF says how it is shown, not what was measured, and is ignored.
- **Alpha** that is opaque everywhere is dropped. Any other alpha is an error, unless channels are
  selected: then alpha is the last channel to choose from.
- **CMYK, LAB** and other colour spaces are an error: convert to RGB first. Colour profiles are not
  applied. A TIFF in which white is zero is inverted.
- **Orientation** (EXIF, TIFF) is applied: pixels are as a viewer shows them.
- **Animations** (GIF, WebP, PNG of several frames) are an error unless `planes="t"` takes their
  frames.
- **Volumes and films** (NIfTI, DICOM, CZI, ND2, TIFF stacks, `.mp4`) give their planes, times or
  projections by `planes` and `project`: see `ganeval.images.volumes` and each format's module.
- **TIFF axes**: C or S are channels, pages without axes count as channels, and Z or T longer than
  1 are an error until `axes`, `planes` or `project` says what to do. An array [h, w, c] that was
  written as h pages of w x c pixels is an error too.
- **Names** are chosen by `include` and `exclude`. A note tells of masks and other families of
  names among the images, which all count as images.
- **Folders** are classes unless they look like plates and wells, like storage (`rank0`, `00001`
  with numbers that run on) or like masks. `dataset.json` and `metadata.csv` beside the images come
  first.
- **Channels** are never converted: `channels` selects, `stack_by` joins files.
- **Values** are never rescaled here, but by what a file itself says (DICOM, NIfTI); `value_range`
  is declared and carried along. A range that begins below 0 or ends at 1 or lower is meant for
  floats: integers keep their type's.
- **The content decides** the format; the extension only decides which files are read.
- NaN, infinities, and empty, damaged or absurdly large files raise ImageError.
"""

from ganeval.images._base import Batch, ImageSource, Kind, Pixels, Reader, ValueRange
from ganeval.images.arrays import Positions, positions
from ganeval.images.batch import open_batch
from ganeval.images.formats import FORMATS, Format, feature_rows, is_feature_array
from ganeval.images.labels import RuleFitsNothing
from ganeval.images.loader import iterate
from ganeval.images.names import GlobFitsNothing, as_globs
from ganeval.images.open import open_images
from ganeval.images.pixel_size import pixel_size_of
from ganeval.images.pixels import pixel_hash
from ganeval.images.sample import stratified_sample
from ganeval.images.value_range import data_range, declared_for, observed_range, parse_value_range

__all__ = [
    "FORMATS",
    "Batch",
    "Format",
    "GlobFitsNothing",
    "ImageSource",
    "Kind",
    "Pixels",
    "Positions",
    "Reader",
    "RuleFitsNothing",
    "ValueRange",
    "as_globs",
    "data_range",
    "declared_for",
    "feature_rows",
    "is_feature_array",
    "iterate",
    "observed_range",
    "open_batch",
    "open_images",
    "parse_value_range",
    "pixel_hash",
    "pixel_size_of",
    "positions",
    "stratified_sample",
]
