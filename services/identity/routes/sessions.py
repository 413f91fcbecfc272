"""Signing in and out, choosing a password, changing it."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response

from services.identity import plancher
from services.identity.acces import Acces
from services.identity.domain.errors import SignInRefused
from services.identity.domain.session import ABSOLUTE, IDLE, Portee, draw_token
from services.identity.forms import sessions as forms
from services.identity.handlers.checking import REFUSED
from services.identity.handlers.choose_password import ChoosePassword
from services.identity.handlers.sign_in import SignIn
from services.identity.handlers.sign_out import SignOut
from services.identity.handlers.update_password import UpdatePassword
from services.identity.sessions import Actor, Sessions
from services.identity.source import Sources
from shared.http.door import KEYED
from shared.http.problems import AnsweredOnce
from shared.runtime import Runtime
from shared.security.principal import ActorKind, Principal

ANYONE = Principal(ActorKind.PARTENAIRE, "-anonyme")
"""Whoever is not signed in yet, by an id that no account can have; nothing is decided in his name
but whether he may be."""


def add_sessions(
    router: APIRouter, runtime: Runtime, acces: Acces, sessions: Sessions, sources: Sources
) -> None:
    """Add the routes of sessions and passwords."""
    door = runtime.http_door
    in_session = Annotated[Actor, Depends(sessions.ended_or_not)]

    @router.post("/sessions", status_code=201, tags=["sessions"], openapi_extra=KEYED)
    async def sign_in(request: Request, form: forms.SignInForm) -> forms.SessionOpened:
        """Se connecter."""
        came, token, password = plancher.came(), draw_token(), form.mot_de_passe.get_secret_value()
        asked = SignIn(form.identifiant, sources.of(request), password, token)
        outcome = await door.ask(request, acces.sign_in, asked, ANYONE)
        if REFUSED in outcome.result:
            await plancher.hold_back(came)
            raise SignInRefused
        if not outcome.first:
            raise AnsweredOnce
        return forms.SessionOpened(
            token=token,
            user_id=outcome.result["user_id"],
            must_change_password=outcome.result["portee"] == Portee.PERSONNALISATION,
            last_sign_in_at=outcome.result.get("last_sign_in_at"),
            regles_a_accepter=outcome.result.get("regles_a_accepter"),
        )

    @router.get("/sessions/current", tags=["sessions"])
    async def show_session(actor: Annotated[Actor, Depends(sessions.any)]) -> forms.SessionView:
        """Voir sa session."""
        session, now = actor.session, runtime.clock.now()
        return forms.SessionView(
            user_id=session.user_id,
            portee=session.portee,
            opened_at=session.opened_at,
            idle_until=now + IDLE,
            ends_at=session.opened_at + ABSOLUTE,
        )

    @router.delete("/sessions/current", status_code=204, tags=["sessions"], openapi_extra=KEYED)
    async def sign_out(request: Request, actor: in_session) -> Response:
        """Se déconnecter : le jeton ne vaut plus rien."""
        await door.ask(request, acces.sign_out, SignOut(actor.presence), actor.principal)
        return Response(status_code=204)

    @router.post("/password", status_code=204, tags=["sessions"], openapi_extra=KEYED)
    async def choose_password(
        request: Request, form: forms.PasswordForm, actor: in_session
    ) -> Response:
        """Choisir son mot de passe, après une connexion par mot de passe provisoire."""
        asked = ChoosePassword(actor.presence, form.nouveau_mot_de_passe.get_secret_value())
        await door.ask(request, acces.choose_password, asked, actor.principal)
        return Response(status_code=204)

    @router.put("/password", status_code=204, tags=["sessions"], openapi_extra=KEYED)
    async def update_password(request: Request, form: forms.PasswordUpdate) -> Response:
        """Mettre à jour son mot de passe ; toutes les sessions prennent fin."""
        came = plancher.came()
        asked = UpdatePassword(
            form.identifiant,
            sources.of(request),
            form.mot_de_passe.get_secret_value(),
            form.nouveau_mot_de_passe.get_secret_value(),
        )
        outcome = await door.ask(request, acces.update_password, asked, ANYONE)
        if REFUSED in outcome.result:
            await plancher.hold_back(came)
            raise SignInRefused
        return Response(status_code=204)
