"""The groups of a convention that an actor sees: the list of seed 004, and one in detail."""

from dataclasses import dataclass
from datetime import date

from services.habilitation.annuaire.pages import Page, Query, beginning, read_page
from services.habilitation.annuaire.vue import Vue, look_up, vue_of
from services.habilitation.domain.errors import NotPermitted, UserUnknown
from services.habilitation.domain.etats import EtatGroupe
from services.habilitation.domain.groupe import Groupe
from services.habilitation.domain.membre import Membre
from services.habilitation.domain.personne import Personne
from shared.mongo.client import Store
from shared.recherche import searchable
from shared.security.principal import Principal


@dataclass(frozen=True)
class Filtres:
    """What the list is asked for: code, libellé, utilisateur [seed 004]; the statut is ours."""

    code: str | None = None
    libelle: str | None = None
    utilisateur: str | None = None
    """The id of a person who belongs to it, or will."""
    statut: EtatGroupe | None = None
    apres: str | None = None


@dataclass(frozen=True)
class Detail:
    """A group, its responsable, the group that it hangs under if that is seen, what may be done."""

    vue: Vue
    groupe: Groupe
    responsable: Personne | None
    parent: Groupe | None


class Groupes:
    """Reads groups for an actor."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def page(
        self, principal: Principal, convention_id: str, filtres: Filtres, day: date
    ) -> tuple[Vue, Page[Groupe]]:
        """A page of those that he sees, by code. Raises ConventionUnknown, UserUnknown…"""
        vue = await vue_of(self._store, principal, convention_id, day)
        seen: Query = {"convention_id": convention_id, "supprime": False}
        if vue.manages_nothing:
            raise NotPermitted
        if vue.groupes is not None:
            seen["_id"] = {"$in": sorted(vue.groupes)}
        filters = _filters(filtres, day)
        if filtres.utilisateur is not None:
            filters.append({"_id": {"$in": await self._of(vue, filtres.utilisateur)}})
        page = await read_page(
            self._store,
            Groupe,
            seen,
            filters=filters,
            order=("code_cherche",),
            apres=filtres.apres,
        )
        return vue, page

    async def show(
        self, principal: Principal, convention_id: str, groupe_id: str, day: date
    ) -> Detail:
        """One. Raises ConventionUnknown, GroupeUnknown, NotPermitted."""
        vue = await vue_of(self._store, principal, convention_id, day)
        key = Groupe.key_of(groupe_id)
        groupe = vue.check_groupe((await look_up(self._store, key)).get(key))
        responsable = Personne.key_of(groupe.responsable_id)
        above = Groupe.key_of(groupe.parent_id or "")
        state = await look_up(self._store, responsable, above)
        parent = state.get(above)
        shown = parent if parent is not None and vue.sees(parent) else None
        return Detail(vue, groupe, state.get(responsable), shown)

    async def _of(self, vue: Vue, user_id: str) -> list[str]:
        """The groups of a person, present and to come. Raises UserUnknown where he is not seen."""
        of_personne, of_membre = Personne.key_of(user_id), Membre.key_of(user_id)
        state = await look_up(self._store, of_personne, of_membre)
        personne, membre = state.get(of_personne), state.get(of_membre)
        if personne is None or personne.convention_id != vue.convention.id:
            raise UserUnknown
        going_on = () if membre is None else membre.going_on(vue.day)
        ids = {each.groupe_id for each in going_on}
        if vue.groupes is not None and not ids & vue.groupes:
            raise UserUnknown
        return sorted(ids)


def _filters(filtres: Filtres, day: date) -> list[Query]:
    asked: list[Query] = []
    if filtres.code:
        asked.append({"code_cherche": beginning(filtres.code.upper())})
    if searchable(filtres.libelle or ""):
        asked.append({"libelle_cherche": beginning(searchable(filtres.libelle or ""))})
    if filtres.statut is not None:
        asked.append(_in_state(filtres.statut, day.isoformat()))
    return asked


def _in_state(statut: EtatGroupe, today: str) -> Query:
    """The state by the calendar, as `Groupe.etat_at` says."""
    if statut is EtatGroupe.SUPPRIME:
        return {"supprime": True}  # none: what is deleted is not shown
    if statut is EtatGroupe.CLOTURE:
        return {"cloture": {"$lte": today}}
    begun = "$lte" if statut is EtatGroupe.OUVERT else "$gt"
    return {"ouverture": {begun: today}, "cloture": {"$not": {"$lte": today}}}
