"""The règles d'usage: which version is in force, what a person has to accept [seed 002]."""

from typing import ClassVar

from shared.errors import Refusal

VERSIONS = ("2026-11",)
"""Every version there was, the one in force last; the texts are in data/regles_usage (assumed:
domain reference §2.7, versioned text, accepted at the first sign-in and at each new version)."""


class ReglesNotInForce(Refusal):
    """Not the version that is in force."""

    code: ClassVar[str] = "regles_pas_en_vigueur"
    sentence: ClassVar[str] = (
        "Cette version des règles d’usage n’est pas celle en vigueur : lisez la version actuelle."
    )
    field: ClassVar[str | None] = "version"


def in_force() -> str:
    """The version in force."""
    return VERSIONS[-1]


def to_accept(accepted: str | None) -> str | None:
    """The version that a person has to accept, if he has not."""
    return None if accepted == in_force() else in_force()


def check_version(version: str) -> None:
    """Raise `ReglesNotInForce` for any version but the one in force."""
    if version != in_force():
        raise ReglesNotInForce
