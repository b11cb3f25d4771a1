"""The thesis behind the trainers, regenerated: `python -m benchmarks.thesis --help`.

table1 … recipes   a table or figure each: what is measured (`cells`), with which models
                   (`needs`), how (`run`), and its section of the page (`show`, `claims`)
__main__.py        the command
runner.py          measures what the results lack
models.py          trained models, shared by all, in build/thesis
yeast.py           simulated cells and LIN's own; digits.py: MNIST and CIFAR-10
cells.py           a line of the results; words.py: tables and intervals; style.py: pictures
page.py            README.md and beyond.md, from all results
published.json     the thesis' numbers
"""
