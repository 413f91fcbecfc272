"""The slow part of choosing a password: is it easily guessed, and its hash."""

from services.identity.domain.compte import Compte
from services.identity.domain.copies import Convention
from services.identity.domain.mot_de_passe import (
    check_guessing,
    check_own_words,
    check_password,
)
from services.identity.domain.mots import own_words
from services.identity.ports import Hasher, Robustesse
from shared.path.decision import Reader


class Choosing:
    """Accepts a chosen password and hashes it."""

    def __init__(self, hasher: Hasher, robustesse: Robustesse) -> None:
        self._hasher = hasher
        self._robustesse = robustesse

    async def hash_of(self, password: str, compte: Compte, reader: Reader) -> str:
        """The hash of a password for this person. Raises the first rule that it breaks."""
        check_password(password)
        convention = None
        if compte.convention_id is not None:
            convention = await reader.load(Convention.key_of(compte.convention_id))
        words = own_words(compte, convention)
        check_own_words(password, words)
        check_guessing(await self._robustesse.score(password, words))
        return await self._hasher.hash(password)
