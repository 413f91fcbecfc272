"""Signing in, choosing a password."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response

from services.identity.domain.errors import SignInRefused
from services.identity.domain.session import Portee, draw_token
from services.identity.forms import sessions as forms
from services.identity.handlers.choose_password import ChoosePassword
from services.identity.handlers.sign_in import REFUSED, SignIn
from services.identity.sessions import Actor, Sessions
from services.identity.use_cases import UseCases
from shared.http.door import KEYED
from shared.http.problems import AnsweredOnce
from shared.runtime import Runtime
from shared.security.principal import ActorKind, Principal

ANYONE = Principal(ActorKind.PARTENAIRE, "anonyme")
"""Whoever is not signed in yet; nothing is decided in his name but whether he may be."""


def add_sessions(
    router: APIRouter, runtime: Runtime, use_cases: UseCases, sessions: Sessions
) -> None:
    """Add the routes of sessions."""
    door = runtime.http_door

    @router.post("/sessions", status_code=201, tags=["sessions"], openapi_extra=KEYED)
    async def sign_in(request: Request, form: forms.SignInForm) -> forms.SessionOpened:
        """Se connecter."""
        token = draw_token()
        asked = SignIn(form.identifiant, form.mot_de_passe.get_secret_value(), token)
        outcome = await door.ask(request, use_cases.sign_in, asked, ANYONE)
        if REFUSED in outcome.result:
            raise SignInRefused
        if not outcome.first:
            raise AnsweredOnce
        return forms.SessionOpened(
            token=token,
            user_id=outcome.result["user_id"],
            must_change_password=outcome.result["portee"] == Portee.PERSONNALISATION,
            last_sign_in_at=outcome.result.get("last_sign_in_at"),
        )

    @router.post("/password", status_code=204, tags=["sessions"], openapi_extra=KEYED)
    async def choose_password(
        request: Request,
        form: forms.PasswordForm,
        actor: Annotated[Actor, Depends(sessions.ended_or_not)],
    ) -> Response:
        """Choisir son mot de passe, après une connexion par mot de passe provisoire."""
        asked = ChoosePassword(
            actor.compte.id, actor.session.id, form.nouveau_mot_de_passe.get_secret_value()
        )
        await door.ask(request, use_cases.choose_password, asked, actor.principal)
        return Response(status_code=204)
