"""Somebody else's words, as one line of plain text."""


def printable(text: str) -> str:
    """`text` in one line: control characters, line breaks and marks of direction spelled out."""
    return "".join(letter if letter.isprintable() else spelled_out(letter) for letter in text)


def spelled_out(letter: str) -> str:
    """As in JSON, whose strings keep their meaning."""
    if letter < " ":
        return letter.encode("unicode_escape").decode()
    units = letter.encode("utf-16-be", "surrogatepass")
    return "".join(f"\\u{units[i : i + 2].hex()}" for i in range(0, len(units), 2))
