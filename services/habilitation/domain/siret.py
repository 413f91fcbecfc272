"""The number of an establishment and its key."""

from services.habilitation.domain.errors_contrat import SiretInvalid

LA_POSTE = "356000000"
"""SIREN of La Poste, whose establishments have a rule of their own: the sum of their 14 digits is a
multiple of 5; its siège has a usual key [https://fr.wikipedia.org/wiki/SIRET, assumed]."""


def check_siret(siret: str) -> str:
    """The number, if its key is right.

    Raises: SiretInvalid
    """
    if not (_luhn(siret) or (siret.startswith(LA_POSTE) and sum(map(int, siret)) % 5 == 0)):
        raise SiretInvalid
    return siret


def _luhn(digits: str) -> bool:
    """Luhn's key (ISO/IEC 7812-1 annex B): every other digit from the right counts double."""
    doubled = (int(each) * (1 + place % 2) for place, each in enumerate(reversed(digits)))
    return sum(sum(divmod(each, 10)) for each in doubled) % 10 == 0
