"""Names of members of an archive, which are hostile until they are checked."""

from ganeval.errors import InputError


def plain_name(member: str, *, name: str) -> str:
    """The member's name without a leading `./`, or InputError if it points outside the archive."""
    parts = member.replace("\\", "/").split("/")
    if ".." in parts or member.startswith(("/", "\\")) or member[1:2] == ":" or "\0" in member:
        raise InputError(
            f"{name} holds the member {member!r}, which points outside the archive; do not trust "
            "it, or pack it again with plain relative names"
        )
    return "/".join(part for part in member.split("/") if part not in ("", "."))
