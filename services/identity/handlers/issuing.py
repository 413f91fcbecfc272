"""The slow part of credentials: draw, hash, seal."""

from datetime import datetime

from services.identity.domain.compte import Compte
from services.identity.domain.identifiant import CANDIDATES, draw_identifiant
from services.identity.domain.mot_de_passe import TEMPORARY_LIFETIME, draw_temporary_password
from services.identity.domain.ouverture import (
    IDENTIFIANT_LIFETIME,
    Annonce,
    Candidate,
    Envois,
    Issue,
)
from services.identity.domain.reinitialisation import Tirage
from services.identity.ports import Hasher, Sealer
from shared.calendrier import day_of
from shared.contracts.comptes import EtatCompte, MotifTirage


class Issuing:
    """Draws credentials; nothing leaves it in clear."""

    def __init__(self, hasher: Hasher, sealer: Sealer) -> None:
        self._hasher = hasher
        self._sealer = sealer

    async def issue(self, compte: Compte, now: datetime) -> Issue:
        """What a new account needs; its mails only if it opens today, for 24 h run from issue."""
        drawn = [draw_identifiant() for _ in range(CANDIDATES)]
        if compte.etat_at(day_of(now)) is not EtatCompte.OUVERT:
            return Issue(tuple(Candidate(each, None) for each in drawn), None)
        tirage = await self.draw(compte, now)
        candidates = tuple(
            Candidate(each, self.announce(compte.changed(identifiant=each), now)) for each in drawn
        )
        return Issue(candidates, tirage)

    async def write_both(self, compte: Compte, now: datetime) -> Envois:
        """The two mails of an account that exists."""
        return Envois(self.announce(compte, now), await self.draw(compte, now))

    def announce(self, compte: Compte, now: datetime) -> Annonce:
        """The identifiant of an account for its next sending, to its address."""
        emission, expires_at = compte.emission + 1, now + IDENTIFIANT_LIFETIME
        recipient = _recipient(compte, emission, now, expires_at)
        key_id, sealed = self._sealer.seal({**recipient, "identifiant": compte.identifiant})
        return Annonce(compte.mail, emission, sealed, key_id, expires_at)

    async def draw(
        self, compte: Compte, now: datetime, *, motif: MotifTirage | None = None
    ) -> Tirage:
        """A temporary password for the next generation of an account, to its address.

        Its mail says why (`motif`), unless it is the first or nobody in particular asked.
        """
        generation, expires_at = compte.generation + 1, now + TEMPORARY_LIFETIME
        recipient = _recipient(compte, generation, now, expires_at)
        why = {} if motif is None else {"motif": motif.value}
        password = draw_temporary_password()
        hashed = await self._hasher.hash(password)
        key_id, sealed = self._sealer.seal({**recipient, **why, "mot_de_passe": password})
        return Tirage(compte.mail, generation, hashed, sealed, key_id, expires_at)


def _recipient(
    compte: Compte, generation: int, now: datetime, expires_at: datetime
) -> dict[str, str | int]:
    """Whom a mail is for; should the address change, `issued_at` tells which is the newer one."""
    return {
        "user_id": compte.id,
        "generation": generation,
        "issued_at": now.isoformat(),
        "expires_at": expires_at.isoformat(),
        "to": compte.mail,
        "nom": compte.nom,
        "prenom": compte.prenom,
        "genre": compte.genre.value,
    }
