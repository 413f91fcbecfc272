"""The captcha of « Mot de passe oublié » [seed 003]: an image, or a question to be read aloud.

A challenge is drawn from bytes that only the service can make again from its id: its answers are
written nowhere.
"""

from dataclasses import dataclass
from datetime import timedelta
from typing import ClassVar

from services.identity.domain.mots import plain
from shared.errors import Refusal

LIFETIME = timedelta(minutes=5)
"""How long a challenge may be answered (reliability G-26)."""
LENGTH = 6
ALPHABET = "ABCDEFGHJKMNPQRSTUVWXYZabcdefghijkmnpqrstuvwxyz23456789"
"""Case counts [seed 003]; no I, l, O, 0, 1, which people mistake for one another [seed 003]."""

_NUMBERS = (
    *("zéro", "un", "deux", "trois", "quatre", "cinq", "six", "sept", "huit", "neuf", "dix"),
    *("onze", "douze", "treize", "quatorze", "quinze", "seize", "dix-sept", "dix-huit"),
)
_FAMILIES = {
    "une couleur": ("rouge", "vert", "bleu", "jaune", "violet"),
    "un jour de la semaine": ("lundi", "mardi", "jeudi", "vendredi", "samedi"),
    "un animal": ("cheval", "mouton", "poisson", "canard", "renard"),
    "un fruit": ("pomme", "poire", "cerise", "prune", "fraise"),
    "un meuble": ("table", "chaise", "armoire", "lit", "commode"),
}
"""Families of words that everybody tells apart (assumed)."""


MOST_GIVEN, GIVEN_WITHIN = 100, timedelta(hours=1)
"""Challenges given to one source in an hour, and so the forgotten passwords that it may ask for:
each takes a challenge (assumed: a town hall behind one address, ten people who each renew the image
ten times)."""


class TooManyCaptchas(Refusal):
    """One source asked for more challenges than people do."""

    code: ClassVar[str] = "trop_de_demandes"
    sentence: ClassVar[str] = (
        "Trop de demandes sont venues de votre réseau depuis une heure. Réessayez plus tard."
    )
    status: ClassVar[int] = 429


class CaptchaRefused(Refusal):
    """Wrong, used, too old, or of nobody."""

    code: ClassVar[str] = "captcha_refuse"
    sentence: ClassVar[str] = (
        "La réponse n’est pas la bonne, ou elle est venue trop tard. Recommencez avec une nouvelle "
        "image ou une nouvelle question."
    )
    field: ClassVar[str | None] = "reponse"
    status: ClassVar[int] = 422


class CaptchaUnknown(Refusal):
    """No such challenge, or none any more."""

    code: ClassVar[str] = "captcha_inconnu"
    sentence: ClassVar[str] = "Cette image n’existe plus. Demandez-en une autre."
    status: ClassVar[int] = 404


@dataclass(frozen=True)
class Defi:
    """A challenge: the text of its image, or a question with its answers; either opens."""

    texte: str
    question: str
    reponses: tuple[str, ...]

    def is_met(self, typed: str) -> bool:
        """Whether what was typed answers it: the image to the letter, the question freely."""
        return typed.strip() == self.texte or _loose(typed) in map(_loose, self.reponses)


def draw(seed: bytes) -> Defi:
    """The challenge of these 32 bytes: always the same."""
    texte = "".join(ALPHABET[byte % len(ALPHABET)] for byte in seed[:LENGTH])
    question, reponses = _sum(seed) if seed[8] % 2 else _odd_one(seed)
    return Defi(texte, question, reponses)


def _sum(seed: bytes) -> tuple[str, tuple[str, ...]]:
    left, right = (1 + byte % 9 for byte in seed[9:11])
    question = f"Combien font {_NUMBERS[left]} plus {_NUMBERS[right]} ?"
    return question, (str(left + right), _NUMBERS[left + right])


def _odd_one(seed: bytes) -> tuple[str, tuple[str, ...]]:
    """One word of the family asked for, among two of others."""
    names = list(_FAMILIES)
    start = seed[9]
    chosen = [names[(start + step) % len(names)] for step in range(3)]
    words = [_FAMILIES[name][seed[10 + place] % 5] for place, name in enumerate(chosen)]
    turn = seed[13] % 3
    said = words[turn:] + words[:turn]
    question = f"Parmi ces mots, lequel est {chosen[0]} : {said[0]}, {said[1]} ou {said[2]} ?"
    return question, (words[0],)


def _loose(text: str) -> str:
    """Without accents, capitals, spaces, hyphens."""
    return "".join(each for each in plain(text) if each.isalnum())
