"""Opening, modifying, closing, reopening accounts; having their mails written again."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request, Response
from pydantic import BaseModel

from services.identity.forms import comptes as forms
from services.identity.sessions import Actor, Sessions
from services.identity.use_cases import UseCases
from shared.contracts.envelope import Id
from shared.contracts.identity_commands import (
    CloseUser,
    CreateAgent,
    CreateUser,
    ModifyUser,
    ReopenUser,
    ResendIdentifiant,
    ResetPassword,
)
from shared.http.door import KEYED, HttpDoor
from shared.ids import draw_id


def add_comptes(router: APIRouter, door: HttpDoor, use_cases: UseCases, sessions: Sessions) -> None:
    """Add the routes that change accounts."""
    _add_creations(router, door, use_cases, sessions)
    _add_changes(router, door, use_cases, sessions)
    _add_mails(router, door, use_cases, sessions)


def _add_creations(
    router: APIRouter, door: HttpDoor, use_cases: UseCases, sessions: Sessions
) -> None:
    @router.post("/users", status_code=201, tags=["comptes"], openapi_extra=KEYED)
    async def create_user(
        request: Request,
        response: Response,
        form: forms.UserForm,
        actor: Annotated[Actor, Depends(sessions.full)],
    ) -> forms.UserRef:
        """Ouvrir le compte d’une personne ; deux mails lui sont écrits, le jour de l’ouverture."""
        form.check_confirmed()
        asked = CreateUser(**{"user_id": draw_id(), **_given(form)})
        outcome = await door.ask(request, use_cases.create_user, asked, actor.principal)
        response.headers["Location"] = f"/users/{outcome.result['user_id']}"
        return forms.UserRef(user_id=outcome.result["user_id"])

    @router.post("/agents", status_code=201, tags=["comptes"], openapi_extra=KEYED)
    async def create_agent(
        request: Request,
        response: Response,
        form: forms.AgentForm,
        actor: Annotated[Actor, Depends(sessions.full)],
    ) -> forms.UserRef:
        """Ouvrir le compte interne d’un agent de sa Caf."""
        form.check_confirmed()
        asked = CreateAgent(**{"user_id": draw_id(), **_given(form)})
        outcome = await door.ask(request, use_cases.create_agent, asked, actor.principal)
        response.headers["Location"] = f"/users/{outcome.result['user_id']}"
        return forms.UserRef(user_id=outcome.result["user_id"])


def _add_changes(
    router: APIRouter, door: HttpDoor, use_cases: UseCases, sessions: Sessions
) -> None:
    @router.patch("/users/{user_id}", tags=["comptes"], openapi_extra=KEYED)
    async def modify_user(
        request: Request,
        user_id: Id,
        form: forms.UserChanges,
        actor: Annotated[Actor, Depends(sessions.full)],
    ) -> forms.UserRef:
        """Modifier ce qu’on sait d’une personne."""
        form.check_confirmed()
        asked = ModifyUser(**_given(form), user_id=user_id)
        await door.ask(request, use_cases.modify_user, asked, actor.principal)
        return forms.UserRef(user_id=user_id)

    @router.post("/users/{user_id}/closing", tags=["comptes"], openapi_extra=KEYED)
    async def close_user(
        request: Request,
        user_id: Id,
        form: forms.ClosingForm,
        actor: Annotated[Actor, Depends(sessions.full)],
    ) -> forms.UserRef:
        """Clôturer un compte, aujourd’hui ou un jour à venir ; rien n’est effacé."""
        asked = CloseUser(user_id=user_id, cloture=form.cloture)
        await door.ask(request, use_cases.close_user, asked, actor.principal)
        return forms.UserRef(user_id=user_id)

    @router.post("/users/{user_id}/reopening", tags=["comptes"], openapi_extra=KEYED)
    async def reopen_user(
        request: Request, user_id: Id, actor: Annotated[Actor, Depends(sessions.full)]
    ) -> forms.UserRef:
        """Rouvrir un compte : sa date de clôture est retirée."""
        asked = ReopenUser(user_id=user_id)
        await door.ask(request, use_cases.reopen_user, asked, actor.principal)
        return forms.UserRef(user_id=user_id)


def _add_mails(router: APIRouter, door: HttpDoor, use_cases: UseCases, sessions: Sessions) -> None:
    @router.post(
        "/users/{user_id}/identifiant", status_code=202, tags=["comptes"], openapi_extra=KEYED
    )
    async def resend_identifiant(
        request: Request, user_id: Id, actor: Annotated[Actor, Depends(sessions.full)]
    ) -> forms.UserRef:
        """Renvoyer son identifiant à une personne, par mail."""
        asked = ResendIdentifiant(user_id=user_id)
        await door.ask(request, use_cases.resend_identifiant, asked, actor.principal)
        return forms.UserRef(user_id=user_id)

    @router.post("/users/{user_id}/reset", status_code=202, tags=["comptes"], openapi_extra=KEYED)
    async def reset_password(
        request: Request, user_id: Id, actor: Annotated[Actor, Depends(sessions.full)]
    ) -> forms.UserRef:
        """Faire envoyer un nouveau mot de passe provisoire ; l’actuel reste valable."""
        asked = ResetPassword(user_id=user_id)
        await door.ask(request, use_cases.reset_password, asked, actor.principal)
        return forms.UserRef(user_id=user_id)


def _given(form: BaseModel) -> dict[str, Any]:
    """What a form asks; what was typed again to confirm it is no part of that."""
    return {
        name: value
        for name, value in form
        if value is not None and not name.endswith("_confirmation")
    }
