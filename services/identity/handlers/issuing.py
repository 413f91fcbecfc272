"""The slow part of credentials: draw, hash, seal."""

from datetime import datetime

from services.identity.domain.compte import Compte
from services.identity.domain.identifiant import CANDIDATES, draw_identifiant
from services.identity.domain.mot_de_passe import TEMPORARY_LIFETIME, draw_temporary_password
from services.identity.domain.ouverture import FIRST_GENERATION, Candidate, Issue
from services.identity.domain.reinitialisation import Tirage
from services.identity.ports import Hasher, Sealer


class Issuing:
    """Draws credentials; nothing leaves it in clear."""

    def __init__(self, hasher: Hasher, sealer: Sealer) -> None:
        self._hasher = hasher
        self._sealer = sealer

    async def issue(self, *, user_id: str, to: str, nom: str, prenom: str, now: datetime) -> Issue:
        """Credentials for one new account, sealed to the one who writes to people."""
        expires_at = now + TEMPORARY_LIFETIME
        recipient = _recipient(user_id, to, nom, prenom, FIRST_GENERATION, expires_at)
        password = draw_temporary_password()
        hashed = await self._hasher.hash(password)
        key_id, sealed_password = self._sealer.seal({**recipient, "mot_de_passe": password})
        candidates = tuple(
            Candidate(drawn, self._sealer.seal({**recipient, "identifiant": drawn})[1])
            for drawn in (draw_identifiant() for _ in range(CANDIDATES))
        )
        return Issue(candidates, hashed, sealed_password, key_id, expires_at)

    async def draw(self, compte: Compte, now: datetime) -> Tirage:
        """A temporary password for the next generation of an account, to its address."""
        generation, expires_at = compte.generation + 1, now + TEMPORARY_LIFETIME
        recipient = _recipient(
            compte.id, compte.mail, compte.nom, compte.prenom, generation, expires_at
        )
        password = draw_temporary_password()
        hashed = await self._hasher.hash(password)
        key_id, sealed = self._sealer.seal({**recipient, "mot_de_passe": password})
        return Tirage(compte.mail, generation, hashed, sealed, key_id, expires_at)


def _recipient(
    user_id: str, to: str, nom: str, prenom: str, generation: int, expires_at: datetime
) -> dict[str, str | int]:
    return {
        "user_id": user_id,
        "generation": generation,
        "expires_at": expires_at.isoformat(),
        "to": to,
        "nom": nom,
        "prenom": prenom,
    }
