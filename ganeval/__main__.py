"""`python -m ganeval`: the same as the `ganeval` command, also under `torchrun -m`."""

from ganeval.cli import main

if __name__ == "__main__":
    main()
