"""Lists of accounts, one account, its history: what the actor may see of them."""

from dataclasses import replace
from typing import Annotated

from fastapi import APIRouter, Depends, Query

from services.identity.annuaire import Annuaire, Filtres
from services.identity.forms import annuaire as forms
from services.identity.sessions import Actor, Sessions
from shared.calendrier import day_of
from shared.contracts.comptes import LONGEST_TEXT, EtatCompte
from shared.contracts.envelope import Id, NumeroConvention
from shared.runtime import Runtime

Beginning = Annotated[str | None, Query(max_length=LONGEST_TEXT)]
"""The beginning of a name or of an identifiant, as typed."""


def _filtres(
    identifiant: Beginning = None,
    nom: Beginning = None,
    prenom: Beginning = None,
    etat: EtatCompte | None = None,
    apres: Id | None = None,
) -> Filtres:
    return Filtres(identifiant=identifiant, nom=nom, prenom=prenom, etat=etat, apres=apres)


def add_annuaire(router: APIRouter, runtime: Runtime, sessions: Sessions) -> None:
    """Add the routes that show accounts."""
    annuaire = Annuaire(runtime.store, runtime.reader)
    clock = runtime.clock

    @router.get("/users", tags=["comptes"])
    async def list_users(
        actor: Annotated[Actor, Depends(sessions.full)],
        filtres: Annotated[Filtres, Depends(_filtres)],
        groupe: Id | None = None,
        convention_id: NumeroConvention | None = None,
    ) -> forms.UserPage:
        """Chercher parmi les utilisateurs qu’on peut voir, par nom."""
        day = day_of(clock.now())
        asked = replace(filtres, groupe=groupe, convention_id=convention_id)
        page = await annuaire.users(actor.principal, asked, day)
        lines = [forms.UserLine.model_validate(forms.shown(each, day)) for each in page.comptes]
        return forms.UserPage(users=lines, suivant=page.suivant)

    @router.get("/agents", tags=["comptes"])
    async def list_agents(
        actor: Annotated[Actor, Depends(sessions.full)],
        filtres: Annotated[Filtres, Depends(_filtres)],
    ) -> forms.AgentPage:
        """Chercher parmi les comptes internes de sa Caf, par nom."""
        day = day_of(clock.now())
        page = await annuaire.agents(actor.principal, filtres, day)
        lines = [forms.AgentLine.model_validate(forms.shown(each, day)) for each in page.comptes]
        return forms.AgentPage(agents=lines, suivant=page.suivant)

    @router.get("/users/{user_id}", tags=["comptes"])
    async def show_user(
        user_id: Id, actor: Annotated[Actor, Depends(sessions.full)]
    ) -> forms.UserView:
        """Voir un compte : le sien, ou celui d’une personne qu’on gère."""
        day = day_of(clock.now())
        personne = await annuaire.personne(actor.principal, user_id, day)
        return forms.view(personne, day)

    @router.get("/users/{user_id}/history", tags=["comptes"])
    async def show_history(
        user_id: Id, actor: Annotated[Actor, Depends(sessions.full)]
    ) -> forms.History:
        """Voir ce qui a été fait d’un compte, et par qui."""
        personne = await annuaire.personne(actor.principal, user_id, day_of(clock.now()))
        return forms.history(personne.compte)
