"""Reference trainers: every GAN and every conditioning of the thesis, to have samples to score.

One process, one loop (`loop.py`), read from top to bottom. A recipe (`recipes.py`) names its data,
nets, loss and conditioning; each of these is one entry:

    data.py          what is learned; batches.py, birds.py: in batches; text.py: captions
    nets/            generators and discriminators, layer by layer
    losses.py        what the two play for
    penalties.py     gradient penalty, spectral norm, weight clipping
    _base.py         `System`: what the loop trains
    conditioning.py  how a label gets into both nets
    stackgan.py      texts to pictures
    systems.py       all systems by name
    loop.py          the training
    chance.py        its random numbers
    checkpoint.py    a run on disk
    sampling.py      images out of a checkpoint
    scores.py        what they are worth, by ganeval
    progress.py      what a person sees meanwhile
    inventory.py     recipes with the sizes of their nets

Every random number is a function of the seed, the step and its purpose, so that a run that was
killed ends in the same weights as one that was not.

`python -m trainers --help`. Trainers import ganeval, never the other way round.
"""
