"""The import of users and groups: a CSV file in, its report out, line by line."""

from collections.abc import AsyncIterator
from contextlib import ExitStack
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import StreamingResponse

from services.habilitation.annuaire.vue import look
from services.habilitation.domain.droits import Operation, check_convention
from services.habilitation.imports.decideurs import Decideur, PourDeBon, PourVoir
from services.habilitation.imports.fichier import MOST_BYTES, read_lines, read_text
from services.habilitation.imports.lignes import COLUMNS
from services.habilitation.imports.places import Places
from services.habilitation.imports.seance import Seance
from services.habilitation.routes.table import CONVENTION
from shared.calendrier import day_of
from shared.contracts.envelope import NumeroConvention
from shared.http.access import Access
from shared.runtime import Runtime
from shared.security.principal import Principal

CSV = "text/csv; charset=utf-8"
_FILE = {
    "requestBody": {
        "required": True,
        "content": {"text/csv": {"schema": {"type": "string", "maxLength": MOST_BYTES}}},
    }
}


async def _whole() -> AsyncIterator[ExitStack]:
    """What is held until the whole answer has left, or nobody reads it any more."""
    with ExitStack() as held:
        yield held


def add_imports(router: APIRouter, runtime: Runtime, access: Access) -> None:
    """Add the route of imports."""
    places = Places()

    @router.post(
        f"{CONVENTION}/imports",
        tags=["utilisateurs"],
        response_class=StreamingResponse,
        responses={200: {"content": {"text/csv": {}}, "description": "Le rapport, par lignes."}},
        openapi_extra=_FILE,
    )
    async def import_file(
        convention_id: NumeroConvention,
        request: Request,
        actor: Annotated[Principal, Depends(access.principal)],
        held: Annotated[ExitStack, Depends(_whole)],
        *,
        essai: Annotated[bool, Query()] = True,
    ) -> StreamingResponse:
        """Importer des groupes et des utilisateurs ; à l’essai si rien d’autre n’est dit.

        Le rapport est écrit à mesure. Importer deux fois le même fichier ne change rien.
        """
        day = day_of(runtime.clock.now())
        demandeur, convention = await look(runtime.store, actor, day, convention_id)
        check_convention(demandeur, Operation.CREER_UTILISATEUR, convention, day)
        held.enter_context(places.taken(convention_id))
        lignes = read_lines(await read_text(request.stream()), COLUMNS)
        decideur: Decideur = PourDeBon(runtime, actor)
        if essai:
            decideur = PourVoir(runtime.reader, actor, runtime.clock)
        seance = Seance(decideur, convention_id, actor, runtime.macs, runtime.clock)
        return StreamingResponse(seance.report(lignes), media_type=CSV)
