"""What a password must be [seed 003], and how temporary ones are drawn."""

import re
import secrets
import unicodedata
from datetime import timedelta
from typing import ClassVar

from services.identity.domain.mots import holds
from shared.errors import Refusal

SHORTEST, LONGEST = 8, 32
"""8 to 32 characters [seed 003]."""
TEMPORARY_LIFETIME = timedelta(hours=24)
"""A temporary password opens for 24 h [seed 002], counted from its issue (ADR-0010)."""
_LINE_ENDS = {"Zl", "Zp"}
"""Unicode's own line and paragraph ends, which are no control characters (UAX #44)."""
_GROUPS, _GROUP = 4, 5
_UNAMBIGUOUS = "ABCDEFGHJKMNPQRSTUVWXYZabcdefghijkmnpqrstuvwxyz23456789"
"""Letters and digits that nobody mistakes for another: no I, l, O, 0, 1 [seed 003]."""
_TEMPORARY = re.compile(
    rf"[{_UNAMBIGUOUS}]{{{_GROUP}}}(-[{_UNAMBIGUOUS}]{{{_GROUP}}}){{{_GROUPS - 1}}}"
)


class PasswordRefused(Refusal):
    """A chosen password breaks a rule."""

    field: ClassVar[str | None] = "nouveau_mot_de_passe"
    status: ClassVar[int] = 422


class TooShort(PasswordRefused):
    """Fewer than 8 characters."""

    code: ClassVar[str] = "mot_de_passe_trop_court"
    sentence: ClassVar[str] = "Le mot de passe doit compter au moins 8 caractères."


class TooLong(PasswordRefused):
    """More than 32 characters."""

    code: ClassVar[str] = "mot_de_passe_trop_long"
    sentence: ClassVar[str] = "Le mot de passe doit compter au plus 32 caractères."


class NoUpper(PasswordRefused):
    """No capital letter."""

    code: ClassVar[str] = "mot_de_passe_sans_majuscule"
    sentence: ClassVar[str] = "Le mot de passe doit contenir au moins une lettre majuscule."


class NoLower(PasswordRefused):
    """No small letter."""

    code: ClassVar[str] = "mot_de_passe_sans_minuscule"
    sentence: ClassVar[str] = "Le mot de passe doit contenir au moins une lettre minuscule."


class NoDigit(PasswordRefused):
    """No digit."""

    code: ClassVar[str] = "mot_de_passe_sans_chiffre"
    sentence: ClassVar[str] = "Le mot de passe doit contenir au moins un chiffre."


class NoSpecial(PasswordRefused):
    """Neither letter nor digit anywhere."""

    code: ClassVar[str] = "mot_de_passe_sans_caractere_special"
    sentence: ClassVar[str] = (
        "Le mot de passe doit contenir au moins un caractère spécial, par exemple ! ? % & * + -."
    )


class CurrencySign(PasswordRefused):
    """A currency sign: it does not count as special [seed 003], so it is refused (assumed)."""

    code: ClassVar[str] = "mot_de_passe_sigle_monetaire"
    sentence: ClassVar[str] = "Le mot de passe ne doit pas contenir de sigle monétaire (€ £ $ …)."


class ControlCharacter(PasswordRefused):
    """A character that cannot be typed again."""

    code: ClassVar[str] = "mot_de_passe_caractere_interdit"
    sentence: ClassVar[str] = "Le mot de passe contient un caractère qui n’est pas admis."


class LooksTemporary(PasswordRefused):
    """It has the very shape of a temporary password, by which these are told apart."""

    code: ClassVar[str] = "mot_de_passe_forme_provisoire"
    sentence: ClassVar[str] = (
        "Le mot de passe ne doit pas avoir la forme d’un mot de passe provisoire."
    )


class OwnWords(PasswordRefused):
    """A word of the person or of the portal is in it."""

    code: ClassVar[str] = "mot_de_passe_mots_personnels"
    sentence: ClassVar[str] = (
        "Le mot de passe ne doit contenir ni votre nom, ni votre prénom, ni votre identifiant, ni "
        "un mot de votre adresse mail ou de votre organisme, ni un mot du portail comme « caf » "
        "ou « partenaire »."
    )


class TooEasy(PasswordRefused):
    """Guessed in no time: a common word, a sequence, a repetition."""

    code: ClassVar[str] = "mot_de_passe_trop_facile"
    sentence: ClassVar[str] = (
        "Ce mot de passe est trop facile à deviner : évitez les mots courants, les suites et les "
        "répétitions. Plusieurs mots sans rapport entre eux font un bon mot de passe."
    )


class PasswordWrong(Refusal):
    """What was typed again to confirm an act is not the password, or none is looked at now."""

    code: ClassVar[str] = "mot_de_passe_refuse"
    sentence: ClassVar[str] = (
        "Le mot de passe n’est pas le bon, ou trop d’essais ont échoué. Réessayez plus tard."
    )
    field: ClassVar[str | None] = "mot_de_passe"
    status: ClassVar[int] = 403


class Unchanged(PasswordRefused):
    """The new password is the one in use."""

    code: ClassVar[str] = "mot_de_passe_inchange"
    sentence: ClassVar[str] = "Le nouveau mot de passe doit être différent de l’actuel."


LOWEST_SCORE = 2
"""zxcvbn's scale: below, less than 10⁶ guesses are enough (assumed; reliability §1.6)."""


def composed(password: str) -> str:
    """The same characters however the keyboard composed them (NIST SP 800-63B §3.1.1.2, NFC)."""
    return unicodedata.normalize("NFC", password)


def check_own_words(password: str, words: tuple[str, ...]) -> None:
    """Raise `OwnWords` if one of them is in the password."""
    if holds(password, words):
        raise OwnWords


def check_guessing(score: int) -> None:
    """Raise `TooEasy` for a password that is guessed at once."""
    if score < LOWEST_SCORE:
        raise TooEasy


def check_password(password: str) -> None:
    """Accept a chosen password or raise the first rule that it breaks [seed 003]."""
    password = composed(password)
    categories = [unicodedata.category(character) for character in password]
    untypable = any(category[0] == "C" or category in _LINE_ENDS for category in categories)
    rules: tuple[tuple[bool, type[PasswordRefused]], ...] = (
        (len(password) >= SHORTEST, TooShort),
        (len(password) <= LONGEST, TooLong),
        (not untypable, ControlCharacter),
        ("Sc" not in categories, CurrencySign),
        ("Lu" in categories, NoUpper),
        ("Ll" in categories, NoLower),
        ("Nd" in categories, NoDigit),
        (any(category[0] in "PSZ" for category in categories), NoSpecial),
        (not looks_temporary(password), LooksTemporary),
    )
    for kept, refusal in rules:
        if not kept:
            raise refusal


def draw_temporary_password() -> str:
    """Twenty characters that can be read aloud: four groups of five (115 bits)."""
    groups = ("".join(secrets.choice(_UNAMBIGUOUS) for _ in range(_GROUP)) for _ in range(_GROUPS))
    return "-".join(groups)


def looks_temporary(password: str) -> bool:
    """Whether what was typed has the shape of a temporary password."""
    return _TEMPORARY.fullmatch(password) is not None
