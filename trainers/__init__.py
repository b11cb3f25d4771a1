"""Reference trainers: every GAN and every conditioning of the thesis, which give samples to score.

One process, one loop (`loop.py`), read from top to bottom. A recipe (`recipes.py`) names its data,
nets, loss and conditioning; each of these is one entry:

    data.py          training data; batches.py, birds.py: its batches; text.py: captions
    nets/            generators and discriminators, layer by layer
    losses.py        what both nets minimise
    penalties.py     gradient penalty, spectral norm, weight clipping
    _base.py         `System`: what the loop trains
    conditioning.py  how a label gets into both nets
    stackgan.py      from texts to pictures
    systems.py       all systems by name
    loop.py          the training
    chance.py        random numbers
    checkpoint.py    a run on disk
    sampling.py      images from a checkpoint
    scores.py        their scores, by ganeval
    progress.py      the progress bar
    inventory.py     recipes with the sizes of their nets

Every random number is a function of the seed, the step and its purpose, so a run that was killed
and resumed ends with the same weights as one that was not.

`python -m trainers --help`. Trainers import ganeval, never the other way round.
"""
