"""Cards of nets that run by timm and have a name of their own."""

from dataclasses import replace

from ganeval.nets._base import Card

FILE = "model.safetensors"

DINOV2 = Card(
    name="dinov2",
    architecture="timm",
    channels=3,
    input_size=(224, 224),
    resize="clean",
    dtype="uint8",
    dim=1024,
    options={
        "model": "vit_large_patch14_dinov2.lvd142m",
        "hub": "timm/vit_large_patch14_dinov2.lvd142m",
        "mean": [0.485, 0.456, 0.406],
        "std": [0.229, 0.224, 0.225],
    },
    training={"data": "LVD-142M, without labels, by Meta in 2023"},
    licence="Apache-2.0",
    source="ViT-L/14 of Oquab et al. 2023, arXiv:2304.07193, at 224 pixels; as a judge of "
    "generated images: Stein et al. 2023, arXiv:2306.04675",
    weights=FILE,
)


DINOV3 = Card(
    name="dinov3",
    architecture="timm",
    channels=3,
    input_size=(256, 256),
    resize="clean",
    dtype="uint8",
    dim=1024,
    options={
        "model": "vit_large_patch16_dinov3.lvd1689m",
        "hub": "timm/vit_large_patch16_dinov3.lvd1689m",
        "mean": [0.485, 0.456, 0.406],
        "std": [0.229, 0.224, 0.225],
    },
    training={"data": "LVD-1689M, without labels, by Meta in 2025"},
    licence="dinov3-license",
    source="ViT-L/16 of Siméoni et al. 2025, arXiv:2508.10104, at 256 pixels; the mean of patches",
    weights=FILE,
)

SIGLIP2 = Card(
    name="siglip2",
    architecture="timm",
    channels=3,
    input_size=(256, 256),
    resize="clean",
    dtype="uint8",
    dim=1024,
    options={
        "model": "vit_large_patch16_siglip_256.v2_webli",
        "hub": "timm/vit_large_patch16_siglip_256.v2_webli",
        "mean": [0.5, 0.5, 0.5],
        "std": [0.5, 0.5, 0.5],
    },
    training={"data": "WebLI, images with captions, by Google in 2025"},
    licence="Apache-2.0",
    source="ViT-L/16 of Tschannen et al. 2025, arXiv:2502.14786, at 256 pixels; attention pooling",
    weights=FILE,
)

META = "dinov2"
"""The rule of Meta's own code for position embeddings at another size: bicubic without a filter,
on a grid that is a tenth of a patch larger. timm's own has a filter against aliasing."""

TIMM_CARDS = (
    DINOV2,
    replace(
        DINOV2,
        name="dinov2:dgm-eval",
        resize="pillow-bicubic",
        options={**DINOV2.options, "position": META},
        source=f"{DINOV2.source}; resized in 8 bits and run as by dgm-eval",
    ),
    replace(
        DINOV2,
        name="dinov2:edm2",
        resize="bicubic-antialias",
        options={**DINOV2.options, "position": META},
        source=f"{DINOV2.source}; resized and run as by EDM2's calculate_metrics.py",
    ),
    DINOV3,
    SIGLIP2,
)
