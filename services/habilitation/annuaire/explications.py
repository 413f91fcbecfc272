"""Why somebody has a service or not, what a change would make of it, what his menu shows."""

from collections.abc import Iterable, Sequence
from datetime import date

from services.habilitation.annuaire.personnes import Personnes
from services.habilitation.annuaire.vue import Vue, look, look_up, vue_of
from services.habilitation.domain.convention import Convention
from services.habilitation.domain.dossier import dossier_of
from services.habilitation.domain.errors import NotPermitted
from services.habilitation.domain.groupe import Groupe
from services.habilitation.domain.membre import Membre
from services.habilitation.domain.menu import Portrait
from services.habilitation.domain.personne import Personne
from shared.contracts.comptes import GenreCompte
from shared.contracts.conventions import CodeService
from shared.droits.chaine import Voie, decide
from shared.droits.dossier import Dossier
from shared.droits.explication import Explication, explain
from shared.droits.mots import Lecteur
from shared.mongo.client import Store
from shared.path.decision import Document
from shared.security.principal import Principal


class Explications:
    """Explains rights to an actor, of people whom he sees."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._personnes = Personnes(store)

    async def explain(
        self, principal: Principal, user_id: str, service: CodeService, day: date
    ) -> Explication:
        """The chain of a person and a service. Raises UserUnknown, NotPermitted."""
        personne, vue = await self._personnes.find(principal, user_id, day)
        return await self._explain(await self._dossier(personne), vue, service, day)

    async def compare(
        self,
        principal: Principal,
        user_id: str,
        service: CodeService,
        day: date,
        changes: Sequence[Document],
    ) -> tuple[Explication, Explication]:
        """As it is, then as if these documents had been written.

        Raises UserUnknown, NotPermitted.
        """
        personne, vue = await self._personnes.find(principal, user_id, day)
        now, then = await self._dossier(personne), await self._dossier(personne, changes)
        return (
            await self._explain(now, vue, service, day),
            await self._explain(then, vue, service, day),
        )

    async def mine(
        self, principal: Principal, day: date
    ) -> tuple[Portrait, dict[CodeService, Explication]]:
        """What the actor's own menu depends on, each service explained. Raises NotPermitted."""
        demandeur, _ = await look(self._store, principal, day)
        personne = demandeur.personne
        if personne is None or not personne.is_open(day):
            raise NotPermitted
        vue = None
        if demandeur.is_partner(day) and personne.convention_id is not None:
            vue = await vue_of(self._store, principal, personne.convention_id, day)
        dossier = await self._dossier(personne)
        told = {each: await self._explain(dossier, vue, each, day) for each in CodeService}
        portrait = Portrait(
            fonctions=frozenset(personne.fonctions) if personne.is_agent else None,
            bailleur=personne.genre == GenreCompte.BAILLEUR,
            gere=demandeur.is_agent(day) or (vue is not None and not vue.manages_nothing),
            services=frozenset(each for each, why in told.items() if why.is_granted),
            natures=frozenset(each.nature for each in demandeur.groupes),
        )
        return portrait, told

    async def _explain(
        self, dossier: Dossier, vue: Vue | None, service: CodeService, day: date
    ) -> Explication:
        voie = decide(dossier, service, day).voie
        if voie is None or vue is None:
            return explain(dossier, service, day)
        own = dossier.compte is not None and dossier.compte.id == vue.demandeur.principal.id
        seen = None if own or vue.sees_all else vue.groupes
        if seen is not None and voie.groupe.id not in seen:  # nor who has to do with it
            return explain(dossier, service, day, Lecteur(groupes=seen))
        noms = await self._noms(vue, voie.groupe.responsable_id, _named(voie))
        return explain(dossier, service, day, Lecteur(noms, seen))

    async def _dossier(self, personne: Personne, changes: Sequence[Document] = ()) -> Dossier:
        """What rights hang on, as stored, then as changed."""
        of_membre = Membre.key_of(personne.id)
        of_convention = Convention.key_of(personne.convention_id or "")
        state = await look_up(self._store, of_membre, of_convention)
        for each in changes:
            state.put(each)
        membre = state.get(of_membre)
        keys = (
            []
            if membre is None
            else [Groupe.key_of(each.groupe_id) for each in membre.appartenances]
        )
        groupes = await look_up(self._store, *keys)
        for each in changes:
            groupes.put(each)
        found = [groupe for key in keys if (groupe := groupes.get(key)) is not None]
        return dossier_of(personne, state.get(of_convention), membre, found)

    async def _noms(self, vue: Vue, responsable_id: str, asked: Iterable[str]) -> dict[str, str]:
        """Names that the actor may read: those whom he sees, else whom he may turn to."""
        near = {vue.demandeur.principal.id, responsable_id}
        keys = [
            Personne.key_of(each)
            for each in asked
            if vue.sees_all or each in near or vue.convention.is_administrateur(each)
        ]
        state = await look_up(self._store, *keys)
        people = (state.get(key) for key in keys)
        return {
            each.id: each.nom_complet
            for each in people
            if each is not None and each.convention_id == vue.convention.id
        }


def _named(voie: Voie) -> set[str]:
    """Who put an end to the membership, gave the role or withdrew it."""
    given, withdrawn = voie.groupe.role_attribue, voie.groupe.role_retire
    ended_by = voie.appartenance.fin_par
    found = {each.par for each in (given, withdrawn) if each is not None}
    return found if ended_by is None else found | {ended_by}
