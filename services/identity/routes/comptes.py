"""Opening, modifying, showing accounts."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request, Response
from pydantic import BaseModel

from services.identity.domain.compte import Compte
from services.identity.domain.errors import UserUnknown
from services.identity.forms import comptes as forms
from services.identity.sessions import Actor, Sessions
from services.identity.use_cases import UseCases
from shared.contracts.envelope import Id
from shared.contracts.identity import CreateUser, ModifyUser
from shared.http.door import KEYED
from shared.ids import draw_id
from shared.runtime import Runtime
from shared.security.principal import ActorKind


def add_comptes(
    router: APIRouter, runtime: Runtime, use_cases: UseCases, sessions: Sessions
) -> None:
    """Add the routes of accounts."""
    door = runtime.http_door

    @router.post("/users", status_code=201, tags=["comptes"], openapi_extra=KEYED)
    async def create_user(
        request: Request,
        response: Response,
        form: forms.UserForm,
        actor: Annotated[Actor, Depends(sessions.full)],
    ) -> forms.UserRef:
        """Ouvrir le compte d’une personne ; deux mails lui sont écrits."""
        asked = CreateUser(**{"user_id": draw_id(), **_given(form)})
        outcome = await door.ask(request, use_cases.create_user, asked, actor.principal)
        response.headers["Location"] = f"/users/{outcome.result['user_id']}"
        return forms.UserRef(user_id=outcome.result["user_id"])

    @router.patch("/users/{user_id}", tags=["comptes"], openapi_extra=KEYED)
    async def modify_user(
        request: Request,
        user_id: Id,
        form: forms.UserChanges,
        actor: Annotated[Actor, Depends(sessions.full)],
    ) -> forms.UserRef:
        """Modifier ce qu’on sait d’une personne."""
        asked = ModifyUser(**_given(form), user_id=user_id)
        await door.ask(request, use_cases.modify_user, asked, actor.principal)
        return forms.UserRef(user_id=user_id)

    @router.get("/users/{user_id}", tags=["comptes"])
    async def show_user(
        user_id: Id, actor: Annotated[Actor, Depends(sessions.full)]
    ) -> forms.UserView:
        """Voir un compte : le sien, ou tout compte pour un agent de la Caf."""
        compte = await runtime.reader.load(Compte.key_of(user_id))
        entitled = actor.principal.kind is ActorKind.AGENT_CAF or actor.compte.id == user_id
        if compte is None or not entitled:
            raise UserUnknown
        return forms.UserView(user_id=compte.id, **compte.model_dump(exclude={"id"}))


def _given(form: BaseModel) -> dict[str, Any]:
    """What a form asks; what was typed again to confirm it is no part of that."""
    return {
        name: value
        for name, value in form
        if value is not None and not name.endswith("_confirmation")
    }
