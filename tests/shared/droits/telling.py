"""Facts of habilitation and identity, as the copy of a service gets them."""

from datetime import date
from typing import Any

from shared.clock import Clock
from shared.contracts import identity
from shared.contracts.comptes import EtatCompte, GenreCompte
from shared.contracts.envelope import Fact
from shared.contracts.identity import UserClosed, UserCreated
from shared.droits.projection import PROJECTIONS
from shared.mongo import projection
from shared.mongo.client import Store
from tests.harness.access import Access
from tests.harness.habilitation import Habilitation

BY_TYPE = {fact.TYPE: each for each in PROJECTIONS for fact in each.facts}


class Teller(Habilitation):
    """Plays identity too: tells of accounts as it does."""

    async def open_account(self, user_id: str, convention_id: str | None, **more: Any) -> None:
        """Open an account; without a convention, a private landlord's."""
        fact = account(UserCreated, user_id, convention_id, **more)
        await self._tell(fact, f"comptes/{user_id}", identity.SERVICE)

    async def close_account(self, user_id: str, convention_id: str) -> None:
        """Close an account."""
        fact = account(UserClosed, user_id, convention_id, etat=EtatCompte.CLOTURE)
        await self._tell(fact, f"comptes/{user_id}", identity.SERVICE)


class Told(Teller):
    """Habilitation and identity, whose facts reach a store at once: no Kafka."""

    def __init__(self, store: Store) -> None:
        super().__init__(access=NOWHERE)
        self._store = store
        self.t1 = ""

    async def _tell(self, fact: Fact, aggregate: str, _service: str = "") -> None:
        self._numbers[aggregate] += 1
        each = BY_TYPE[fact.TYPE]
        collection = self._store.collection(each.collection)
        await projection.apply(each, collection, [(fact, self._numbers[aggregate])])


NOWHERE: Access = None  # type: ignore[assignment] # nothing is published
_BY = {UserCreated: "created_by", UserClosed: "closed_by"}


def account(
    model: type[UserCreated] | type[UserClosed],
    user_id: str,
    convention_id: str | None,
    *,
    etat: EtatCompte = EtatCompte.OUVERT,
    ouverture: date | None = None,
    caf: str = "931",
) -> Fact:
    """What identity tells of an invented account."""
    genre = GenreCompte.BAILLEUR if convention_id is None else GenreCompte.PARTENAIRE
    values: dict[str, Any] = {
        "user_id": user_id,
        "convention_id": convention_id,
        "genre": genre,
        "nom": "Benali",
        "prenom": "Aïcha",
        "mail": "aicha.benali@commune.example",
        "poste": "sedentaire",
        "etat": etat,
        "caf": caf,
        "ouverture": ouverture,
        "at": Clock.real_now(),
        _BY[model]: "cheffe",
    }
    return model(**values)
