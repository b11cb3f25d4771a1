"""Reference trainers: every GAN and every conditioning of the thesis, to have samples to score.

One process, one loop (`loop.py`), read from top to bottom. A recipe (`recipes.py`) names its data,
nets, loss and conditioning; each of these is one entry:

    data.py          what is learned: real images in memory, in batches
    nets/            generators and discriminators, layer by layer
    losses.py        what the two play for
    penalties.py     gradient penalty, spectral norm, weight clipping
    conditioning.py  how a label gets into both nets: the systems that the loop trains
    stackgan.py      the system that turns texts into pictures
    systems.py       all systems by name
    loop.py          the training
    checkpoint.py    a run on disk
    sampling.py      images out of a checkpoint

Every random number is a function of the seed, the step and its purpose, so that a run that was
killed ends in the same weights as one that was not.

`python -m trainers --help`. Trainers import ganeval, never the other way round.
"""
