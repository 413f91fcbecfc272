"""The people of a convention with their groups, as far as an actor sees them."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from services.habilitation.annuaire.pages import Query, Sieve, beginning, read_page
from services.habilitation.annuaire.vue import Vue, look, look_up, vue_of
from services.habilitation.domain.droits import Demandeur
from services.habilitation.domain.errors import ConventionUnknown, NotPermitted, UserUnknown
from services.habilitation.domain.groupe import Groupe
from services.habilitation.domain.membre import Appartenance, Membre
from services.habilitation.domain.personne import Personne
from shared.contracts.comptes import GenreCompte
from shared.mongo.client import Store
from shared.path.decision import State
from shared.recherche import searchable
from shared.security.principal import Principal

FEW = 500
"""People of groups whom a query names one by one (assumed); of more, each page looks for its own,
so that a page costs as much in a group of ten thousand."""


@dataclass(frozen=True)
class Filtres:
    """What the list is asked for: nom, prénom, groupe [seed 004]."""

    nom: str | None = None
    prenom: str | None = None
    groupe: str | None = None
    apres: str | None = None


@dataclass(frozen=True)
class Fiche:
    """A person with the memberships that the actor sees, and their groups."""

    personne: Personne
    appartenances: Sequence[tuple[Appartenance, Groupe]]


class Personnes:
    """Reads people for an actor."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def page(
        self, principal: Principal, convention_id: str, filtres: Filtres, day: date
    ) -> tuple[list[Fiche], str | None]:
        """A page of those that he sees, by name, with what is not over.

        Raises ConventionUnknown, GroupeUnknown, NotPermitted, PageUnknown.
        """
        vue = await vue_of(self._store, principal, convention_id, day)
        seen: Query = {"convention_id": convention_id}
        filters = _filters(filtres)
        seen_by = filtered_by = None
        if vue.groupes is not None:
            named, seen_by = await self._of_groupes(vue, vue.groupes, principal.id)
            seen |= named
        if filtres.groupe is not None:
            key = Groupe.key_of(filtres.groupe)
            groupe = vue.check_groupe((await look_up(self._store, key)).get(key))
            named, filtered_by = await self._of_groupes(vue, [groupe.id])
            filters.append(named)
        page = await read_page(
            self._store,
            Personne,
            seen,
            filters=filters,
            seen_by=seen_by,
            filtered_by=filtered_by,
            order=("nom_cherche", "prenom_cherche"),
            apres=filtres.apres,
        )
        return await self._fiches(vue, page.documents), page.suivant

    async def show(self, principal: Principal, user_id: str, day: date) -> Fiche:
        """One, with the memberships that are over too. Raises UserUnknown, NotPermitted."""
        personne, vue = await self.find(principal, user_id, day)
        if vue is None:
            return Fiche(personne, ())
        membre, groupes = await self._belongings(personne.id)
        own = personne.id == principal.id
        told = _told(vue, membre.appartenances if membre else (), groupes, own=own)
        return Fiche(personne, sorted(told, key=lambda each: each[0].debut, reverse=True))

    async def find(
        self, principal: Principal, user_id: str, day: date
    ) -> tuple[Personne, Vue | None]:
        """A person whom he sees, and what he sees of that person's convention if there is one.

        Raises UserUnknown, NotPermitted.
        """
        key = Personne.key_of(user_id)
        personne = (await look_up(self._store, key)).get(key)
        demandeur, _ = await look(self._store, principal, day)
        _check_some(demandeur, day)
        if personne is None:
            raise UserUnknown
        if personne.convention_id is None:
            _check_alone(demandeur, personne, day)
            return personne, None
        try:
            vue = await vue_of(self._store, principal, personne.convention_id, day)
        except (ConventionUnknown, NotPermitted):  # a landlord sees nobody else
            raise UserUnknown from None
        if vue.groupes is not None and personne.id != principal.id:
            membre, _ = await self._belongings(personne.id)
            going_on = membre.going_on(day) if membre else ()
            if not vue.groupes & {each.groupe_id for each in going_on}:
                raise UserUnknown
        return personne, vue

    async def _of_groupes(
        self, vue: Vue, groupes: Iterable[str], *others: str
    ) -> tuple[Query, Sieve | None]:
        """Who belongs to one of these groups, or will, and others: named, or sifted if many."""
        belongs = _belongs(vue, groupes)
        few = await self._members(belongs, FEW + 1)
        if len(few) <= FEW:
            return {"_id": {"$in": sorted({*others, *few})}}, None

        async def sieve(ids: Collection[str]) -> Collection[str]:
            among = {"_id": {"$in": list(ids)}}
            return {*(set(others) & set(ids)), *await self._members(belongs | among)}

        return {}, sieve

    async def _members(self, query: Query, most: int = 0) -> list[str]:
        """Whose memberships a query finds; no more than `most`, if that is said."""
        rows = self._store.collection(Membre.COLLECTION).find(query, {"_id": 1}).limit(most)
        return [row["_id"] async for row in rows]

    async def _belongings(self, user_id: str) -> tuple[Membre | None, State]:
        key = Membre.key_of(user_id)
        membre = (await look_up(self._store, key)).get(key)
        return membre, await self._groupes([] if membre is None else [membre])

    async def _fiches(self, vue: Vue, people: Sequence[Personne]) -> list[Fiche]:
        keys = [Membre.key_of(each.id) for each in people]
        state = await look_up(self._store, *keys)
        membres = {key.id: found for key in keys if (found := state.get(key)) is not None}
        groupes = await self._groupes(membres.values())

        def fiche(personne: Personne) -> Fiche:
            membre, own = membres.get(personne.id), personne.id == vue.demandeur.principal.id
            going_on = () if membre is None else membre.going_on(vue.day)
            return Fiche(personne, _told(vue, going_on, groupes, own=own))

        return [fiche(each) for each in people]

    async def _groupes(self, membres: Iterable[Membre]) -> State:
        ids = {each.groupe_id for membre in membres for each in membre.appartenances}
        return await look_up(self._store, *map(Groupe.key_of, sorted(ids)))


def _belongs(vue: Vue, groupes: Iterable[str]) -> Query:
    """The memberships of these groups that are not over."""
    one = {
        "groupe_id": {"$in": sorted(groupes)},
        "$or": [{"fin": None}, {"fin": {"$gt": vue.day.isoformat()}}],
    }
    return {"convention_id": vue.convention.id, "appartenances": {"$elemMatch": one}}


def _told(
    vue: Vue, appartenances: Iterable[Appartenance], groupes: State, *, own: bool
) -> list[tuple[Appartenance, Groupe]]:
    """Memberships with their group: one's own all, those of others in the groups that are seen."""
    found = ((each, groupes.get(Groupe.key_of(each.groupe_id))) for each in appartenances)
    return [
        (each, groupe) for each, groupe in found if groupe is not None and (own or vue.sees(groupe))
    ]


def _check_some(demandeur: Demandeur, day: date) -> None:
    """Somebody whose account is open: an agent, a partner, a landlord. Raises NotPermitted."""
    personne = demandeur.personne
    landlord = personne is not None and personne.genre == GenreCompte.BAILLEUR
    open_landlord = landlord and personne is not None and personne.is_open(day)
    if not (demandeur.is_agent(day) or demandeur.is_partner(day) or open_landlord):
        raise NotPermitted


def _check_alone(demandeur: Demandeur, personne: Personne, day: date) -> None:
    """Without a convention: himself, or a landlord of the agent's Caf. Raises UserUnknown."""
    of_his_caf = (
        personne.genre == GenreCompte.BAILLEUR
        and demandeur.personne is not None
        and demandeur.is_agent(day)
        and personne.caf == demandeur.personne.caf
    )
    if personne.id != demandeur.principal.id and not of_his_caf:
        raise UserUnknown


def _filters(filtres: Filtres) -> list[Query]:
    asked: list[Query] = []
    for name in ("nom", "prenom"):
        typed = searchable(getattr(filtres, name) or "")
        if typed:
            asked.append({f"{name}_cherche": beginning(typed)})
    return asked
