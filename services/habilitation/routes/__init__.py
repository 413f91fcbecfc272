"""The HTTP door of habilitation: commands of its screens, lists, explanations."""

from fastapi import APIRouter

from services.habilitation.routes.commandes import add_commandes
from services.habilitation.routes.explications import add_explications
from services.habilitation.routes.imports import add_imports
from services.habilitation.routes.lectures import add_lectures
from services.habilitation.routes.referentiel import add_referentiel
from shared.http.access import Access
from shared.http.problems import RESPONSES
from shared.runtime import Runtime


def make_routes(runtime: Runtime) -> APIRouter:
    """The routes, wired to a process."""
    router = APIRouter(responses=RESPONSES)
    access = Access(runtime.settings.jwks, runtime.clock, runtime.service.name)
    add_commandes(router, runtime.http_door, access)
    add_lectures(router, runtime, access)
    add_explications(router, runtime, access)
    add_referentiel(router, access)
    add_imports(router, runtime, access)
    return router
