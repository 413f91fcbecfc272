"""My services; why somebody has a service or not; what a change would make of it."""

from typing import Annotated

from fastapi import APIRouter, Depends

from services.habilitation.annuaire.explications import Explications
from services.habilitation.annuaire.hypothese import committed, written_by
from services.habilitation.annuaire.personnes import Personnes
from services.habilitation.domain.errors import UserUnknown
from services.habilitation.domain.menu import menu
from services.habilitation.forms import explications as forms
from services.habilitation.forms.suppositions import Supposition
from services.habilitation.routes.commandes import command_of
from services.habilitation.routes.table import COMMANDES
from services.habilitation.use_cases import BY_TOPIC
from shared.calendrier import day_of
from shared.contracts.conventions import CodeService
from shared.contracts.envelope import Id
from shared.http.access import Access
from shared.ids import draw_id
from shared.path.decision import Request
from shared.runtime import Runtime
from shared.security.principal import Principal

SERVICE = "/utilisateurs/{user_id}/services/{service}"


def add_explications(router: APIRouter, runtime: Runtime, access: Access) -> None:
    """Add the routes that explain."""
    _add_menu(router, runtime, access)
    _add_explication(router, runtime, access)
    _add_hypothese(router, runtime, access)


def _add_menu(router: APIRouter, runtime: Runtime, access: Access) -> None:
    explications, clock = Explications(runtime.store), runtime.clock

    @router.get("/moi/services", tags=["droits"])
    async def show_services(
        actor: Annotated[Principal, Depends(access.principal)],
    ) -> forms.MesServices:
        """Voir son menu, et pourquoi chaque service s’y trouve ou non."""
        portrait, told = await explications.mine(actor, day_of(clock.now()))
        return forms.mes_services(menu(portrait), told)


def _add_explication(router: APIRouter, runtime: Runtime, access: Access) -> None:
    explications, clock = Explications(runtime.store), runtime.clock

    @router.get(SERVICE, tags=["droits"])
    async def explain(
        user_id: Id,
        service: CodeService,
        actor: Annotated[Principal, Depends(access.principal)],
    ) -> forms.ExplicationView:
        """Savoir pourquoi une personne a accès à un service, ou ce qui manque et qui y remédie."""
        why = await explications.explain(actor, user_id, service, day_of(clock.now()))
        return forms.explication_view(why)


def _add_hypothese(router: APIRouter, runtime: Runtime, access: Access) -> None:
    explications, personnes = Explications(runtime.store), Personnes(runtime.store)
    use_cases = {each.message: each for each in BY_TOPIC}
    by_name = {each.name: each for each in COMMANDES}

    @router.post(f"{SERVICE}/hypothese", tags=["droits"])
    async def suppose(
        user_id: Id,
        service: CodeService,
        supposition: Supposition,
        actor: Annotated[Principal, Depends(access.principal)],
    ) -> forms.HypotheseView:
        """Savoir ce qu’une demande changerait, sans la faire ; refusée comme elle le serait."""
        now = runtime.clock.now()
        day = day_of(now)
        personne, _ = await personnes.find(actor, user_id, day)
        if personne.convention_id is None:
            raise UserUnknown
        commande = by_name[supposition.commande]
        asked = command_of(commande, supposition, {"convention_id": personne.convention_id})
        id = draw_id()
        changes = await written_by(
            committed(runtime.store),
            runtime.reader,
            use_cases[commande.command],
            Request(asked, actor, now, id, id, None),
        )
        before, after = await explications.compare(actor, user_id, service, day, changes)
        return forms.HypotheseView(
            avant=forms.explication_view(before), apres=forms.explication_view(after)
        )
