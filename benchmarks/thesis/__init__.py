"""The models of the thesis, trained once more."""
