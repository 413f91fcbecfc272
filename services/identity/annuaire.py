"""The lists of accounts: what an actor may see, filtered, in pages by name."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from services.identity.domain import lecture
from services.identity.domain.compte import Compte
from services.identity.domain.copies import Convention, Groupe, Membre
from services.identity.domain.droits import Demandeur, Operation, Personne, check
from services.identity.domain.errors import (
    ConventionUnknown,
    GroupeUnknown,
    NotPermitted,
    UserUnknown,
)
from services.identity.domain.identifiant import read_identifiant
from shared.contracts.comptes import EtatCompte, GenreCompte
from shared.contracts.conventions import NatureGroupe
from shared.mongo.client import Store
from shared.mongo.documents import to_document
from shared.path.decision import Reader, State
from shared.recherche import searchable
from shared.security.principal import Principal

PAGE = 50
"""Accounts of one page at most (assumed)."""
_HIGHEST = "\U0010ffff"
_ORDER = ("nom_cherche", "prenom_cherche", "_id")
Query = dict[str, Any]


@dataclass(frozen=True)
class Filtres:
    """What a list is asked for [seed 004]; the état and the convention are ours."""

    identifiant: str | None = None
    nom: str | None = None
    prenom: str | None = None
    groupe: str | None = None
    etat: EtatCompte | None = None
    convention_id: str | None = None
    apres: str | None = None


@dataclass(frozen=True)
class Page:
    """Some accounts in order, and the one after which the next page begins."""

    comptes: Sequence[Compte]
    suivant: str | None


class Annuaire:
    """Reads accounts for an actor; what he may not see is not there."""

    def __init__(self, store: Store, reader: Reader) -> None:
        self._store = store
        self._reader = reader

    async def personne(self, principal: Principal, user_id: str, day: date) -> Personne:
        """One account with its groups. Raises UserUnknown, NotPermitted."""
        state = await self._look(principal, day, user_id)
        return check(
            lecture.demandeur(principal, state, day),
            Operation.CONSULTER,
            lecture.personne(state, user_id, day),
            day,
        )

    async def users(self, principal: Principal, filtres: Filtres, day: date) -> Page:
        """A page of the partners' people. Raises a refusal for what the actor may not see."""
        demandeur = lecture.demandeur(principal, await self._look(principal, day), day)
        seen = await self._seen(demandeur, filtres.convention_id, day)
        members = await self._members_asked(demandeur, filtres.groupe, day)
        return await self._page([seen, *members], filtres, day)

    async def agents(self, principal: Principal, filtres: Filtres, day: date) -> Page:
        """A page of the internal accounts of the agent's own Caf. Raises NotPermitted."""
        demandeur = lecture.demandeur(principal, await self._look(principal, day), day)
        if demandeur.acteur is None or not demandeur.is_agent(day):
            raise NotPermitted
        own = {"caf": demandeur.acteur.caf, "genre": GenreCompte.AGENT_CAF}
        return await self._page([own], filtres, day)

    async def _look(self, principal: Principal, day: date, user_id: str | None = None) -> State:
        first = lecture.keys(principal, user_id=user_id)
        if user_id is not None:
            first.append(Membre.key_for(user_id))
        state = State({key: await self._reader.load(key) for key in first})
        more = lecture.more_keys(principal, state, day, user_id=user_id)
        state.add({key: await self._reader.load(key) for key in more if key not in state})
        return state

    async def _seen(self, demandeur: Demandeur, convention_id: str | None, day: date) -> Query:
        """Which accounts the actor may see, as `droits.check` says of each."""
        acteur = demandeur.acteur
        if acteur is None or not (demandeur.is_agent(day) or demandeur.is_partner(day)):
            raise NotPermitted
        if not demandeur.is_agent(day):
            if convention_id not in {None, acteur.convention_id}:
                raise ConventionUnknown
            return await self._seen_by_partner(demandeur, day)
        his = await self._reader.find(Convention, "caf", acteur.caf or "")
        ids = [each.id for each in his]
        if convention_id is not None:
            if convention_id not in ids:
                raise ConventionUnknown
            return {"convention_id": convention_id}
        landlords = {"caf": acteur.caf, "genre": GenreCompte.BAILLEUR}
        return {"$or": [{"convention_id": {"$in": ids}}, landlords]}

    async def _seen_by_partner(self, demandeur: Demandeur, day: date) -> Query:
        """The people of his convention for an administrateur, else those of his groups, and he."""
        if demandeur.convention is not None and demandeur.is_administrateur():
            return {"convention_id": demandeur.convention.id}
        managed = await self._managed(demandeur, day)
        members = await self._members(managed, day) if managed else []
        his = None if demandeur.convention is None else demandeur.convention.id
        return {"convention_id": his, "_id": {"$in": [demandeur.principal.id, *members]}}

    async def _managed(self, demandeur: Demandeur, day: date) -> list[str]:
        own = await self._reader.find(Groupe, "responsable_id", demandeur.principal.id)
        if demandeur.convention is not None:
            query = {
                "convention_id": demandeur.convention.id,
                "nature": NatureGroupe.AFAS_DECLARER,
            }
            rows = await self._store.collection(Groupe.COLLECTION).find(query).to_list(None)
            own += [to_document(row, Groupe) for row in rows]
        managed = (each for each in own if demandeur.manages(each, day))
        return sorted({each.groupe_id for each in managed})

    async def _members_asked(
        self, demandeur: Demandeur, groupe_id: str | None, day: date
    ) -> list[Query]:
        """Who belongs to the group asked for. Raises GroupeUnknown."""
        if groupe_id is None:
            return []
        groupe = await self._reader.load(Groupe.key_for(groupe_id))
        if groupe is None or not await self._sees(demandeur, groupe, day):
            raise GroupeUnknown
        return [{"_id": {"$in": await self._members([groupe_id], day)}}]

    async def _sees(self, demandeur: Demandeur, groupe: Groupe, day: date) -> bool:
        convention = await self._reader.load(Convention.key_of(groupe.convention_id))
        if demandeur.acteur is None or convention is None:
            return False
        if demandeur.is_agent(day):
            return convention.caf == demandeur.acteur.caf
        own = convention.id == demandeur.acteur.convention_id
        return own and (demandeur.is_administrateur() or demandeur.manages(groupe, day))

    async def _members(self, groupes: Sequence[str], day: date) -> list[str]:
        """Who is looked after by one of these groups, as `lecture.groupes_of` says of each."""
        asked = {"$in": list(groupes)}
        rights, accounts = (self._store.collection(each) for each in ("droits", "comptes"))
        rows = rights.find({"appartenances.groupe_id": asked}, {"_id": 1})
        ids = [row["_id"].removeprefix(Membre.PREFIX) async for row in rows]
        query = {"$or": [{"_id": {"$in": ids}}, {"groupes_demandes": asked}]}
        comptes = [to_document(row, Compte) async for row in accounts.find(query)]
        keys = [Membre.key_for(each.id).id for each in comptes]
        found = [to_document(row, Membre) async for row in rights.find({"_id": {"$in": keys}})]
        membres = {each.user_id: each for each in found}
        return [
            each.id
            for each in comptes
            if {*lecture.groupes_of(each, membres.get(each.id), day)} & {*groupes}
        ]

    async def _page(self, conditions: Sequence[Query], filtres: Filtres, day: date) -> Page:
        """One page, and whether there is another. Raises UserUnknown for a strange `apres`."""
        seen = {"$and": [*conditions, *_filters(filtres, day)]}
        if filtres.apres is not None:
            last = await self._found({"$and": [*conditions, {"_id": filtres.apres}]}, 1)
            if not last:
                raise UserUnknown
            seen["$and"].append(_after(last[0]))
        found = await self._found(seen, PAGE + 1)
        page = found[:PAGE]
        return Page(page, page[-1].id if len(found) > PAGE else None)

    async def _found(self, query: Mapping[str, Any], most: int) -> list[Compte]:
        cursor = self._store.collection(Compte.COLLECTION).find(query)
        rows = await cursor.sort([(name, 1) for name in _ORDER]).limit(most).to_list(None)
        return [to_document(row, Compte) for row in rows]


def _filters(filtres: Filtres, day: date) -> list[Query]:
    asked: list[Query] = []
    if filtres.identifiant:
        asked.append({"identifiant": _beginning(read_identifiant(filtres.identifiant))})
    for name in ("nom", "prenom"):
        typed = searchable(getattr(filtres, name) or "")
        if typed:
            asked.append({f"{name}_cherche": _beginning(typed)})
    if filtres.etat is not None:
        asked.append(_in_state(filtres.etat, day.isoformat()))
    return asked


def _beginning(text: str) -> Query:
    return {"$gte": text, "$lt": text + _HIGHEST}


def _in_state(etat: EtatCompte, today: str) -> Query:
    """The state by the calendar, as `Compte.etat_at` says."""
    if etat is EtatCompte.CLOTURE:
        return {"cloture": {"$lte": today}}
    ouverture = "$lte" if etat is EtatCompte.OUVERT else "$gt"
    return {"ouverture": {ouverture: today}, "cloture": {"$not": {"$lte": today}}}


def _after(last: Compte) -> Query:
    """What comes after an account in the order of names; the first condition is for the index."""
    nom, prenom = last.nom_cherche, last.prenom_cherche
    return {
        "nom_cherche": {"$gte": nom},
        "$or": [
            {"nom_cherche": {"$gt": nom}},
            {"nom_cherche": nom, "prenom_cherche": {"$gt": prenom}},
            {"nom_cherche": nom, "prenom_cherche": prenom, "_id": {"$gt": last.id}},
        ],
    }
