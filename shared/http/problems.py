"""What HTTP answers when it cannot do what was asked: problem documents (RFC 9457)."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any, ClassVar

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict
from starlette.exceptions import HTTPException
from starlette.routing import Match

from shared.errors import Refusal, Unavailable
from shared.mongo.client import StoreError

log = structlog.get_logger(__name__)

MEDIA_TYPE = "application/problem+json"
RETRY_AFTER_S = 5
"""What a caller is told to wait when a dependency is away (assumed)."""
NOT_ALLOWED = 405
UNAVAILABLE, RETRY_LATER = 503, {"Retry-After": str(RETRY_AFTER_S)}


class ProblemDocument(BaseModel):
    """A problem: `code` is stable, `detail` is French and for people, `field` is to correct."""

    model_config = ConfigDict(frozen=True)

    type: str
    title: str
    status: int
    detail: str
    code: str
    field: str | None = None


class KeyMissing(Refusal):
    """A command without an `Idempotency-Key`."""

    code: ClassVar[str] = "cle_idempotence_absente"
    sentence: ClassVar[str] = "L’en-tête Idempotency-Key est obligatoire (1 à 128 caractères)."
    status: ClassVar[int] = 400


class KeyReused(Refusal):
    """The same key with another body."""

    code: ClassVar[str] = "cle_idempotence_reprise"
    sentence: ClassVar[str] = "Cette clé Idempotency-Key a déjà servi pour une autre demande."
    status: ClassVar[int] = 422


class InFlight(Refusal):
    """The same key while its first request is still being handled."""

    code: ClassVar[str] = "demande_en_cours"
    sentence: ClassVar[str] = "Cette demande est déjà en cours de traitement."


class AnsweredOnce(Refusal):
    """A replay of a request whose answer held a secret, which is not kept."""

    code: ClassVar[str] = "deja_repondu"
    sentence: ClassVar[str] = (
        "Cette demande a déjà reçu sa réponse, qui ne peut pas être donnée deux fois : "
        "refaites-la avec une nouvelle clé."
    )


class OutboxFull(Refusal):
    """Too much waits to be published: the broker has been away for long."""

    code: ClassVar[str] = "service_engorge"
    sentence: ClassVar[str] = "Le service est momentanément indisponible. Réessayez plus tard."
    status: ClassVar[int] = UNAVAILABLE


class NotFound(Refusal):
    """What is asked for does not exist, or not for this actor."""

    code: ClassVar[str] = "inconnu"
    sentence: ClassVar[str] = "Ce que vous cherchez n’existe pas."
    status: ClassVar[int] = 404


_UNAVAILABLE = "Le service est momentanément indisponible. Réessayez dans quelques instants."
_OTHER = ("demande_refusee", "Cette demande n’a pas pu être traitée.")
_HTTP = {
    404: (NotFound.code, NotFound.sentence),
    NOT_ALLOWED: ("methode_non_permise", "Cette adresse n’accepte pas cette méthode."),
}
_BUG = "Une erreur est survenue de notre fait. Elle a été enregistrée."

_SCHEMA = {"schema": {"$ref": "#/components/schemas/ProblemDocument"}}
RESPONSES: dict[int | str, dict[str, Any]] = {
    status: {"content": {MEDIA_TYPE: _SCHEMA}, "description": what}
    for status, what in {
        400: "Demande incomplète",
        401: "Acteur inconnu",
        403: "Non permis",
        404: "Inconnu",
        409: "Refusé par la règle, ou déjà en cours",
        422: "Champ invalide, ou clé déjà utilisée pour autre chose",
        429: "Trop de demandes d’une même adresse, ou trop de demandes refusées",
        503: "Momentanément indisponible",
    }.items()
}


def answer(
    status: int, code: str, detail: str, field: str | None = None, headers: Mapping[str, str] = {}
) -> JSONResponse:
    """A problem document as a response."""
    document = ProblemDocument(
        type=f"urn:mcp:probleme:{code}",
        title=code.replace("_", " ").capitalize(),
        status=status,
        detail=detail,
        code=code,
        field=field,
    )
    return JSONResponse(
        document.model_dump(exclude_none=True), status, dict(headers), media_type=MEDIA_TYPE
    )


def _methods(app: FastAPI, request: Request) -> list[str]:
    """What an address accepts, whichever of its routes: `Allow` names all (RFC 9110 §15.5.6)."""
    routes = [each for each in app.routes if each.matches(request.scope)[0] is not Match.NONE]
    return sorted({method for each in routes for method in getattr(each, "methods", None) or ()})


class Refused(Exception):
    """A refusal as the inbox remembers it, raised again for whoever asks the same."""

    def __init__(self, refusal: Mapping[str, Any]) -> None:
        super().__init__(refusal["code"])
        self.refusal = refusal


def _describe(app: FastAPI) -> None:
    """Show in the OpenAPI document what the problem answers refer to."""
    described = app.openapi

    def with_problems() -> dict[str, Any]:
        schema = described()
        schemas = schema.setdefault("components", {}).setdefault("schemas", {})
        schemas["ProblemDocument"] = ProblemDocument.model_json_schema()
        return schema

    app.openapi = with_problems  # type: ignore[method-assign] # FastAPI's own way to extend it


def install(app: FastAPI, recorded: Callable[[Request, Refusal], Awaitable[Refusal]]) -> None:
    """Make every failure of an application a problem document.

    `recorded` gives the refusal to tell, once there is a record of it (ADR-0023); what the inbox
    remembers (`Refused`) has one.
    """
    _describe(app)

    @app.exception_handler(Refusal)
    async def on_refusal(request: Request, error: Refusal) -> JSONResponse:
        told = await recorded(request, error)  # a store that is away is an answer of its own
        headers = RETRY_LATER if told.status == UNAVAILABLE else {}
        return answer(told.status, told.code, told.said, told.field, headers)

    @app.exception_handler(Refused)
    async def on_refused(_: Request, error: Refused) -> JSONResponse:
        told = error.refusal
        return answer(told["status"], told["code"], told["sentence"], told.get("field"))

    @app.exception_handler(StoreError)
    async def on_store_error(request: Request, error: StoreError) -> JSONResponse:
        log.warning("store_unavailable", error=type(error).__name__)
        return await on_unavailable(request, Unavailable())

    @app.exception_handler(Unavailable)
    async def on_unavailable(_: Request, __: Unavailable) -> JSONResponse:
        return answer(UNAVAILABLE, "indisponible", _UNAVAILABLE, headers=RETRY_LATER)

    @app.exception_handler(RequestValidationError)
    async def on_invalid(_: Request, error: RequestValidationError) -> JSONResponse:
        first = error.errors()[0] if error.errors() else {"loc": (), "type": ""}
        if first["type"] == "json_invalid":  # its place is that of a character
            return answer(422, "json_invalide", "Le corps de la demande n’est pas du JSON valable.")
        field = ".".join(str(part) for part in first["loc"][1:]) or None
        return answer(422, "champ_invalide", "Un champ de la demande n’est pas valable.", field)

    @app.exception_handler(HTTPException)
    async def on_http(request: Request, error: HTTPException) -> JSONResponse:
        code, sentence = _HTTP.get(error.status_code, _OTHER)
        headers = error.headers or {}
        if error.status_code == NOT_ALLOWED:
            headers = {"Allow": ", ".join(_methods(app, request))}
        return answer(error.status_code, code, sentence, headers=headers)

    @app.exception_handler(Exception)
    async def on_bug(request: Request, error: Exception) -> JSONResponse:
        log.error("http_bug", route=request.url.path.split("/")[1], exc_info=error)
        return answer(500, "erreur_interne", _BUG)
