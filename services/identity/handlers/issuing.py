"""The slow part of opening an account: draw, hash, seal."""

from datetime import datetime

from services.identity.domain.identifiant import CANDIDATES, draw_identifiant
from services.identity.domain.mot_de_passe import TEMPORARY_LIFETIME, draw_temporary_password
from services.identity.domain.ouverture import FIRST_GENERATION, Candidate, Issue
from services.identity.ports import Hasher, Sealer


class Issuing:
    """Draws the credentials of a new account; nothing leaves it in clear."""

    def __init__(self, hasher: Hasher, sealer: Sealer) -> None:
        self._hasher = hasher
        self._sealer = sealer

    async def issue(self, *, user_id: str, to: str, nom: str, prenom: str, now: datetime) -> Issue:
        """Credentials for one person, sealed to the one who writes to people."""
        expires_at = now + TEMPORARY_LIFETIME
        recipient: dict[str, str | int] = {
            "user_id": user_id,
            "generation": FIRST_GENERATION,
            "expires_at": expires_at.isoformat(),
            "to": to,
            "nom": nom,
            "prenom": prenom,
        }
        password = draw_temporary_password()
        hashed = await self._hasher.hash(password)
        key_id, sealed_password = self._sealer.seal({**recipient, "mot_de_passe": password})
        candidates = tuple(
            Candidate(drawn, self._sealer.seal({**recipient, "identifiant": drawn})[1])
            for drawn in (draw_identifiant() for _ in range(CANDIDATES))
        )
        return Issue(candidates, hashed, sealed_password, key_id, expires_at)
