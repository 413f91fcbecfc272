"""The routes of commands, made from their table."""

import json
from collections.abc import Mapping
from dataclasses import replace
from inspect import Parameter, Signature
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request, Response

from services.habilitation.forms.form import Answer, Form
from services.habilitation.routes.table import COMMANDES, CREATED, Commande
from services.habilitation.use_cases import BY_TOPIC
from shared.contracts.conventions import CodeProfil, CodeService
from shared.contracts.envelope import Id, NumeroConvention
from shared.contracts.habilitation_commands import ConventionCommand
from shared.http.access import Access
from shared.http.door import KEYED, HttpDoor
from shared.path.decision import Decision, State, UseCase
from shared.path.decision import Request as Asked
from shared.security.principal import Principal

IN_PATH: Mapping[str, Any] = {
    "convention_id": NumeroConvention,
    "service": CodeService,
    "profil": CodeProfil,
    "groupe_id": Id,
    "user_id": Id,
    "ancien_id": Id,
}
"""What an address may name."""


def add_commandes(router: APIRouter, door: HttpDoor, access: Access) -> None:
    """Add a route for every command of a screen."""
    use_cases = {each.message: each for each in BY_TOPIC}
    for commande in COMMANDES:
        use_case = _answering(use_cases[commande.command], commande.answer)
        _add(router, door, access, commande, use_case)


def command_of(commande: Commande, form: Form | None, path: Mapping[str, str]) -> ConventionCommand:
    """The command that a form and an address make. Raises what the form refuses."""
    told = {} if form is None else form.asked()
    return commande.command.model_validate_json(json.dumps({**told, **path}))


def names_in(path: str) -> list[str]:
    """What an address names, in order."""
    return [each[1:-1] for each in path.split("/") if each.startswith("{")]


def _answering(use_case: UseCase[Any, Any], answer: type[Answer]) -> UseCase[Any, Any]:
    """The same, with what its answer names kept beside: who asks again is told the same ids."""

    def decide(request: Asked[Any, Any], state: State) -> Decision:
        decision = use_case.decide(request, state)
        said = {name: getattr(request.message, name, None) for name in answer.model_fields}
        kept = {name: str(value) for name, value in said.items() if value is not None}
        return replace(decision, result={**kept, **decision.result})

    return replace(use_case, decide=decide)


def _add(
    router: APIRouter,
    door: HttpDoor,
    access: Access,
    commande: Commande,
    use_case: UseCase[Any, Any],
) -> None:
    async def endpoint(
        request: Request,
        response: Response,
        actor: Principal,
        form: Form | None = None,
        **path: str,
    ) -> Answer:
        asked = command_of(commande, form, path)
        outcome = await door.ask(request, use_case, asked, actor)
        answer = commande.answer.model_validate(dict(outcome.result))
        if commande.status == CREATED:
            response.headers["Location"] = answer.AT.format(**dict(answer))
        return answer

    endpoint.__name__ = commande.name
    endpoint.__doc__ = commande.says
    # FastAPI reads what a route takes from its signature, the OpenAPI document too
    endpoint.__signature__ = _signature(commande, access)  # type: ignore[attr-defined]
    router.add_api_route(
        commande.path,
        endpoint,
        methods=[commande.method],
        status_code=commande.status,
        response_model=commande.answer,
        tags=[commande.tag],
        openapi_extra=KEYED,
    )


def _signature(commande: Commande, access: Access) -> Signature:
    taken: dict[str, Any] = {
        "request": Request,
        "response": Response,
        "actor": Annotated[Principal, Depends(access.principal)],
        **{name: IN_PATH[name] for name in names_in(commande.path)},
    }
    if commande.form is not None:
        taken["form"] = commande.form
    parameters = [
        Parameter(name, Parameter.KEYWORD_ONLY, annotation=kind) for name, kind in taken.items()
    ]
    return Signature(parameters)
