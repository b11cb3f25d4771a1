"""How files of volumes, films and tensors are recognised, without what reads them."""

from pathlib import Path

NIFTI = (".nii", ".nii.gz")
DICOM = (".dcm", ".dicom", ".ima")
FILMS = (".mp4", ".m4v", ".mov", ".avi", ".mkv", ".webm")
TENSORS = (".pt", ".pth", ".safetensors")


def is_nifti(path: Path) -> bool:
    """Whether a file's name ends as names of NIfTI files do."""
    return path.name.lower().endswith(NIFTI)


def is_dicom(path: Path) -> bool:
    """Whether a file is DICOM by its extension or, without one, by its content."""
    if path.suffix.lower() in DICOM:
        return True
    # UIDs as names look like extensions of digits; DICOMDIR is the table of contents of a disc.
    named = path.suffix == "" or path.suffix[1:].isdecimal()
    if not named or path.name == "DICOMDIR" or not path.is_file():
        return False
    with open(path, "rb") as file:
        return file.read(132)[128:] == b"DICM"


def is_czi(path: Path) -> bool:
    """Whether a file's name ends as Zeiss has it."""
    return path.suffix.lower() == ".czi"


def is_nd2(path: Path) -> bool:
    """Whether a file's name ends as Nikon has it."""
    return path.suffix.lower() == ".nd2"


def is_video(path: Path) -> bool:
    """Whether a file's name ends as names of films do."""
    return path.suffix.lower() in FILMS


def is_tensors(path: Path) -> bool:
    """Whether a file's name ends as names of saved tensors do."""
    return path.suffix.lower() in TENSORS
