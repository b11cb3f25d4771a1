"""Docstrings as the reference shows them: plain types, and examples as code."""

from typing import Any

import griffe


class Readable(griffe.Extension):
    """Changes what griffe has read, before it is laid out."""

    def on_function(self, *, func: griffe.Function, **kwargs: Any) -> None:
        """Takes the first part of `Annotated`; the rest is for the command line."""
        for parameter in func.parameters:
            found = parameter.annotation
            if isinstance(found, griffe.ExprSubscript) and str(found.left) == "Annotated":
                assert isinstance(found.slice, griffe.ExprTuple)
                parameter.annotation = found.slice.elements[0]

    def on_object(self, *, obj: griffe.Object, **kwargs: Any) -> None:
        """Griffe knows sections of examples by the plural."""
        if obj.docstring:
            obj.docstring.value = obj.docstring.value.replace("Example:\n", "Examples:\n")
