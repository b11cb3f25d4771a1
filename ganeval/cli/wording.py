"""Messages name options as Python does, `layout='NCHW'`; here they become `--layout NCHW`."""

import re

OPTION = re.compile(r"`([a-z][a-z_]*)=([^`]*)`")
"""An option in a message of the library, between backticks: a keyword and its value."""


def as_typed(text: str) -> str:
    """`text` with every option as one types it.

    Example:
        >>> as_typed("declare it: `value_range=(0, 4095)`")
        'declare it: --value-range 0:4095'
    """
    return OPTION.sub(lambda match: _typed(match[1], match[2]), text)


def _typed(name: str, value: str) -> str:
    option = f"--{name.replace('_', '-')}"
    if value == "True":
        return option
    between = ":" if name == "value_range" else ","
    pairs = value.replace("), (", "\0")
    plain = re.sub(r"[()'\"]", "", pairs).replace(", ", between).replace("\0", ",")
    return f"{option}={plain}" if plain.startswith("-") else f"{option} {plain}"
