"""The commands, with what each is for: all that `ganeval --help` needs to load.

A summary has at most 45 letters, so that a line of 80 holds it.
"""

SCORES = {
    "authpct": "Are fakes near-copies of training images?",
    "c2st": "Can a classifier tell real from fake?",
    "clipped": "Which share of fakes is good, and covers?",
    "ct": "Test: are fakes too close to training data?",
    "fid": "How far apart are real and fake? (Fréchet)",
    "fld": "Are unseen reals likely, given the fakes?",
    "intra-fid": "How far apart within each class? (Fréchet)",
    "intra-kid": "How far apart within each class? (kernel)",
    "is": "Are fakes sure and varied to a classifier?",
    "kde": "How likely are the reals under the fakes?",
    "kid": "How far apart, from few images? (kernel)",
    "memorization": "Which fakes are copies of training images?",
    "mind": "What does transport cost, on FID's scale?",
    "mmd": "Test: are real and fake one distribution?",
    "obedience": "Does a fake show what it was asked for?",
    "prdc": "Do fakes look real and cover the reals?",
    "retrieval": "Is the class asked for the nearest of all?",
    "rke": "How many distinct modes do the fakes have?",
    "sfid": "Does the layout of the images agree?",
    "swd": "What does transport along lines cost?",
    "utility": "Can fakes train a classifier of the reals?",
    "vendi": "How many different fakes, at this n?",
}
"""Of metrics: each answers a question. Entries of METRICS have these names as `command`."""

TOOLS = {
    "evaluate": "Score several models by several metrics.",
    "compare": "Which model is better, and how sure is it?",
    "plan": "How many images are enough?",
    "audit": "May these nets judge these images?",
    "matrix": "Compare every class with every class.",
    "explain": "Say in words what is wrong with the fakes.",
    "neighbors": "Find the real images nearest to each fake.",
    "report": "Write one page with all about some scores.",
    "bundle": "Pack scores so that others can check them.",
    "verify": "Compute the scores of a bundle again.",
    "demo": "Score two models of simulated yeast.",
    "nets": "List, show, train and share feature nets.",
    "features": "Extract features to files, or merge those.",
    "stats": "Save or merge means and covariances.",
    "data": "Write simulated images of known truth.",
    "cache": "Show or empty the cache.",
}
"""All others, each in the file of `ganeval/cli` that has its name."""
