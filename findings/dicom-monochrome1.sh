#!/usr/bin/env bash
# Two DICOM readers return opposite greys for one MONOCHROME1 file.
#
# In MONOCHROME1 the smallest value is white. pydicom returns the values as stored; SimpleITK
# returns 2^BitsStored - 1 minus each of them, without a word. A real set read by one and a fake
# set read by the other differ in every pixel.
# Seen with pydicom 3.0.2, SimpleITK 2.5.7, numpy 2.4.6 on 2026-11-28.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check pydicom==3.0.2 SimpleITK==2.5.7 numpy==2.4.6
cd "$folder"
venv/bin/python - <<'PYTHON'
import numpy as np
import pydicom
from pydicom.dataset import Dataset, FileMetaDataset


def write(path, pixels, **tags):
    data = Dataset()
    data.file_meta = FileMetaDataset()
    data.file_meta.TransferSyntaxUID = pydicom.uid.ExplicitVRLittleEndian
    data.file_meta.MediaStorageSOPClassUID = pydicom.uid.SecondaryCaptureImageStorage
    data.file_meta.MediaStorageSOPInstanceUID = data.SOPInstanceUID = "1.2.3.4"
    data.SOPClassUID = data.file_meta.MediaStorageSOPClassUID
    data.StudyInstanceUID, data.SeriesInstanceUID = "1.2", "1.2.3"
    data.Rows, data.Columns = pixels.shape
    data.SamplesPerPixel, data.PixelRepresentation = 1, 0
    data.BitsAllocated, data.BitsStored, data.HighBit = 16, 12, 11
    for name, value in tags.items():
        setattr(data, name, value)
    data.PixelData = pixels.astype("<u2").tobytes()
    data.save_as(path, enforce_file_format=True)


stored = np.array([[0, 1000], [4095, 7]], np.uint16)
write("a.dcm", stored, PhotometricInterpretation="MONOCHROME1")
import SimpleITK

by_pydicom = pydicom.dcmread("a.dcm").pixel_array
by_simpleitk = SimpleITK.GetArrayFromImage(SimpleITK.ReadImage("a.dcm"))[0]
print("stored    ", stored.tolist())
print("pydicom   ", by_pydicom.tolist())
print("SimpleITK ", by_simpleitk.tolist())
assert by_pydicom.tolist() == stored.tolist()
assert by_simpleitk.tolist() == (4095 - stored.astype(int)).tolist()
PYTHON
