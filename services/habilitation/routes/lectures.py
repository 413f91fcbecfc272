"""The lists of conventions, groups and people, and each in detail: what the actor sees of them."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query

from services.habilitation.annuaire import conventions, groupes, personnes
from services.habilitation.annuaire.tableau_de_bord import TableauxDeBord
from services.habilitation.domain.etats import EtatGroupe
from services.habilitation.forms import lectures as forms
from services.habilitation.forms.tableau_de_bord import TableauDeBordView, tableau_view
from services.habilitation.routes.table import CONVENTION, GROUPE, GROUPES, MEMBRES, UTILISATEURS
from shared.calendrier import day_of
from shared.contracts.comptes import LONGEST_TEXT
from shared.contracts.conventions import EtatConvention
from shared.contracts.envelope import Code, Id, NumeroConvention
from shared.http.access import Access
from shared.runtime import Runtime
from shared.security.principal import Principal

Beginning = Annotated[str | None, Query(max_length=LONGEST_TEXT)]
"""The beginning of a name, of a code or of a number, as typed."""


def _conventions(
    libelle: Beginning = None,
    type_organisme: Code | None = None,
    statut: EtatConvention | None = None,
    partenaire: Beginning = None,
    apres: NumeroConvention | None = None,
) -> conventions.Filtres:
    return conventions.Filtres(libelle, type_organisme, statut, partenaire, apres)


def _groupes(
    code: Beginning = None,
    libelle: Beginning = None,
    utilisateur: Id | None = None,
    statut: EtatGroupe | None = None,
    apres: Id | None = None,
) -> groupes.Filtres:
    return groupes.Filtres(code, libelle, utilisateur, statut, apres)


def _personnes(
    nom: Beginning = None,
    prenom: Beginning = None,
    groupe: Id | None = None,
    apres: Id | None = None,
) -> personnes.Filtres:
    return personnes.Filtres(nom, prenom, groupe, apres)


def add_lectures(router: APIRouter, runtime: Runtime, access: Access) -> None:
    """Add the routes that show what there is."""
    _add_conventions(router, runtime, access)
    _add_groupes(router, runtime, access)
    _add_personnes(router, runtime, access)
    _add_tableau_de_bord(router, runtime, access)


def _add_conventions(router: APIRouter, runtime: Runtime, access: Access) -> None:
    annuaire, clock = conventions.Conventions(runtime.store), runtime.clock

    @router.get("/conventions", tags=["conventions"])
    async def list_conventions(
        actor: Annotated[Principal, Depends(access.principal)],
        filtres: Annotated[conventions.Filtres, Depends(_conventions)],
    ) -> forms.ConventionPage:
        """Chercher parmi les conventions qu’on peut voir, par nom du partenaire."""
        day = day_of(clock.now())
        page = await annuaire.page(actor, filtres, day)
        lines = [forms.convention_line(each, day) for each in page.documents]
        return forms.ConventionPage(conventions=lines, suivant=page.suivant)

    @router.get(CONVENTION, tags=["conventions"])
    async def show_convention(
        convention_id: NumeroConvention, actor: Annotated[Principal, Depends(access.principal)]
    ) -> forms.ConventionView:
        """Voir une convention : contrat, services et profils accordés, administrateurs."""
        day = day_of(clock.now())
        return forms.convention_view(await annuaire.show(actor, convention_id, day), day)


def _add_groupes(router: APIRouter, runtime: Runtime, access: Access) -> None:
    annuaire, clock = groupes.Groupes(runtime.store), runtime.clock

    @router.get(GROUPES, tags=["groupes"])
    async def list_groupes(
        convention_id: NumeroConvention,
        actor: Annotated[Principal, Depends(access.principal)],
        filtres: Annotated[groupes.Filtres, Depends(_groupes)],
    ) -> forms.GroupePage:
        """Chercher parmi les groupes qu’on peut voir, par code."""
        vue, page = await annuaire.page(actor, convention_id, filtres, day_of(clock.now()))
        lines = [forms.groupe_line(vue, each) for each in page.documents]
        return forms.GroupePage(groupes=lines, suivant=page.suivant)

    @router.get(GROUPE, tags=["groupes"])
    async def show_groupe(
        convention_id: NumeroConvention,
        groupe_id: Id,
        actor: Annotated[Principal, Depends(access.principal)],
    ) -> forms.GroupeView:
        """Voir un groupe : son rôle, son responsable, ce qu’on peut y faire."""
        day = day_of(clock.now())
        return forms.groupe_view(await annuaire.show(actor, convention_id, groupe_id, day))


def _add_personnes(router: APIRouter, runtime: Runtime, access: Access) -> None:
    annuaire, clock = personnes.Personnes(runtime.store), runtime.clock

    async def page(
        actor: Principal, convention_id: str, filtres: personnes.Filtres
    ) -> forms.UtilisateurPage:
        day = day_of(clock.now())
        fiches, suivant = await annuaire.page(actor, convention_id, filtres, day)
        lines = [forms.utilisateur_view(each, day) for each in fiches]
        return forms.UtilisateurPage(utilisateurs=lines, suivant=suivant)

    @router.get(UTILISATEURS, tags=["utilisateurs"])
    async def list_utilisateurs(
        convention_id: NumeroConvention,
        actor: Annotated[Principal, Depends(access.principal)],
        filtres: Annotated[personnes.Filtres, Depends(_personnes)],
    ) -> forms.UtilisateurPage:
        """Chercher parmi les utilisateurs qu’on peut voir, par nom, avec leurs groupes."""
        return await page(actor, convention_id, filtres)

    @router.get(MEMBRES, tags=["groupes"])
    async def list_membres(
        convention_id: NumeroConvention,
        groupe_id: Id,
        actor: Annotated[Principal, Depends(access.principal)],
        apres: Id | None = None,
    ) -> forms.UtilisateurPage:
        """Voir qui appartient à un groupe, ou va lui appartenir, par nom."""
        return await page(actor, convention_id, personnes.Filtres(groupe=groupe_id, apres=apres))

    @router.get("/utilisateurs/{user_id}", tags=["utilisateurs"])
    async def show_utilisateur(
        user_id: Id, actor: Annotated[Principal, Depends(access.principal)]
    ) -> forms.UtilisateurView:
        """Voir une personne avec ses groupes, présents, à venir et passés."""
        day = day_of(clock.now())
        return forms.utilisateur_view(await annuaire.show(actor, user_id, day), day)


def _add_tableau_de_bord(router: APIRouter, runtime: Runtime, access: Access) -> None:
    tableaux, clock = TableauxDeBord(runtime.store), runtime.clock

    @router.get(f"{CONVENTION}/tableau-de-bord", tags=["conventions"])
    async def show_tableau_de_bord(
        convention_id: NumeroConvention, actor: Annotated[Principal, Depends(access.principal)]
    ) -> TableauDeBordView:
        """Voir où en est une convention : groupes, responsables, fins proches, comptes à suivre."""
        return tableau_view(await tableaux.show(actor, convention_id, day_of(clock.now())))
