"""Cards of nets: which go into a bundle, and whether those in one are of the nets that scored."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from ganeval.bundles.agreement import in_short
from ganeval.bundles.anonymous import plain_text
from ganeval.bundles.read import Bundle
from ganeval.bundles.sides import net_of
from ganeval.errors import InputError
from ganeval.metrics import Score
from ganeval.nets import FEATURE_FIELDS, Card, fingerprint, load_card


@dataclass(frozen=True)
class CheckedCard:
    """One card, compared with the scores by its net and with the net of that name on this machine.

    Args:
        file: in the bundle.
        net: its name; empty where the card cannot be read.
        fields: what differs, in words.
        broken: whether it is not the card of the net that scored: what differs would move features.
    """

    file: str
    net: str
    fields: tuple[str, ...] = ()
    broken: bool = False


def known_card(score: Score, name: str) -> Card | None:
    """The card of the net of a score, where it is on this machine and still the same net."""
    try:
        card = load_card(name)
    except InputError:
        return None
    return card if card.sha256 in (None, _net(score).get("sha256")) else None


def card_text(card: Card) -> str:
    """What a bundle has of a card: all but paths."""
    return plain_text(card.to_json())


def checked_cards(bundle: Bundle) -> tuple[CheckedCard, ...]:
    """Every card of a bundle, compared."""
    return tuple(_checked(bundle, file) for file in bundle.card_files)


def _checked(bundle: Bundle, file: str) -> CheckedCard:
    try:
        card = bundle.card(file)
    except InputError as error:
        return CheckedCard(file, "", (str(error),), broken=True)
    scores = [score for score in bundle.scores if _name(score) == card.name]
    if not scores:
        return CheckedCard(file, card.name, ("no score is by a net of this name",), broken=True)
    stated = json.loads(card.to_json())
    differing: dict[str, str] = {}
    for score in scores:
        wanted = _wanted(card, score)
        differing |= {
            field: f"{field}: {in_short(stated[field])} and {in_short(wanted[field])}"
            for field in wanted
            if stated[field] != wanted[field]
        }
    own = {_net(score).get("fingerprint") for score in scores}
    broken = bool(differing.keys() & {*FEATURE_FIELDS}) and own != {fingerprint(card)}
    return CheckedCard(file, card.name, tuple(differing.values()), broken)


def _wanted(card: Card, score: Score) -> dict[str, Any]:
    """The fields that a card of the net of a score has, as far as they are known here."""
    try:
        here = known_card(score, net_of(score) or "")
    except InputError:  # a name that leads to somebody's file
        here = None
    if here is not None:
        found: dict[str, Any] = json.loads(card_text(here))
        return found
    return {} if card.sha256 is None else {"sha256": _net(score).get("sha256")}


def _name(score: Score) -> str:
    return str(_net(score).get("name", "")).removesuffix(":each-channel")


def _net(score: Score) -> dict[str, Any]:
    return score.protocol.get("net") or {}


def cards_of(scores: Sequence[Score]) -> list[Card]:
    """The cards of the nets of one's own scores, each once."""
    found = (known_card(score, _name(score)) for score in scores)
    return list({card.name: card for card in found if card is not None}.values())
