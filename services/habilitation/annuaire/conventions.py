"""The conventions that an actor sees: the list of seed 001, and one in detail."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from services.habilitation.annuaire.pages import Page, Query, beginning, read_page
from services.habilitation.annuaire.vue import look, look_up, vue_of
from services.habilitation.domain.convention import Convention
from services.habilitation.domain.droits import Demandeur
from services.habilitation.domain.errors import NotPermitted
from services.habilitation.domain.personne import Personne
from shared.contracts.conventions import EtatConvention
from shared.mongo.client import Store
from shared.recherche import searchable
from shared.security.principal import Principal

SIRET_DIGITS = 14


@dataclass(frozen=True)
class Filtres:
    """What the list is asked for: libellé, type de partenaire, statut, partenaire [seed 001]."""

    libelle: str | None = None
    """The beginning of its number (assumed: a convention has no other libellé)."""
    type_organisme: str | None = None
    statut: EtatConvention | None = None
    partenaire: str | None = None
    """The beginning of the organisme's name, or its SIRET."""
    apres: str | None = None


@dataclass(frozen=True)
class Detail:
    """A convention with who its administrateurs are."""

    convention: Convention
    personnes: Mapping[str, Personne | None]


class Conventions:
    """Reads conventions for an actor."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def page(self, principal: Principal, filtres: Filtres, day: date) -> Page[Convention]:
        """A page of those that he sees, by name. Raises NotPermitted."""
        demandeur, _ = await look(self._store, principal, day)
        return await read_page(
            self._store,
            Convention,
            await self._seen(demandeur, day),
            filters=_filters(filtres, day),
            order=("organisme_cherche",),
            apres=filtres.apres,
        )

    async def show(self, principal: Principal, convention_id: str, day: date) -> Detail:
        """One. Raises ConventionUnknown, NotPermitted."""
        vue = await vue_of(self._store, principal, convention_id, day)
        if not vue.sees_all:
            raise NotPermitted
        ids = [each.user_id for each in vue.convention.administrateurs]
        state = await look_up(self._store, *map(Personne.key_of, ids))
        people = {each: state.get(Personne.key_of(each)) for each in ids}
        return Detail(vue.convention, people)

    async def _seen(self, demandeur: Demandeur, day: date) -> Query:
        """Those of his Caf for an agent; his own for who manages it, or some of its groups."""
        personne = demandeur.personne
        if personne is None:
            raise NotPermitted
        if demandeur.is_agent(day):
            return {"caf": personne.caf}
        vue = await vue_of(self._store, demandeur.principal, personne.convention_id or "", day)
        if vue.manages_nothing:
            raise NotPermitted
        return {"_id": vue.convention.id}


def _filters(filtres: Filtres, day: date) -> list[Query]:
    asked: list[Query] = []
    if filtres.libelle:
        asked.append({"_id": beginning(filtres.libelle)})
    if filtres.type_organisme:
        asked.append({"type_organisme": filtres.type_organisme})
    if filtres.statut is not None:
        asked.append(_in_state(filtres.statut, day.isoformat()))
    typed = filtres.partenaire or ""
    if typed.isdigit() and len(typed) == SIRET_DIGITS:
        asked.append({"siret": typed})
    elif searchable(typed):
        asked.append({"organisme_cherche": beginning(searchable(typed))})
    return asked


def _in_state(statut: EtatConvention, today: str) -> Query:
    """The state by the calendar, as `Convention.etat_at` says."""
    over = {"cloture": {"$lte": today}}
    begun = {"etat": EtatConvention.A_SIGNER, "validee": True, "ouverture": {"$lte": today}}
    if statut is EtatConvention.CLOTUREE:
        return {"$or": [over, {"etat": statut}]}
    goes_on: list[Query] = [{"cloture": {"$not": {"$lte": today}}}]
    if statut is EtatConvention.OUVERTE:
        goes_on.append({"$or": [begun, {"etat": statut}]})
    else:
        goes_on += [{"etat": statut}, {"$nor": [begun]}]
    return {"$and": goes_on}
