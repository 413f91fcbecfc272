"""The HTTP door of identity: sessions, accounts, tokens, one's own account, help."""

from fastapi import APIRouter

from services.identity.acces import Acces
from services.identity.captchas import Captchas
from services.identity.routes.aide import add_aide
from services.identity.routes.annuaire import add_annuaire
from services.identity.routes.comptes import add_comptes
from services.identity.routes.jetons import add_jetons
from services.identity.routes.moi import add_moi
from services.identity.routes.oubli import add_oubli
from services.identity.routes.sessions import add_sessions
from services.identity.sessions import Sessions
from services.identity.source import Sources
from services.identity.use_cases import UseCases
from shared.http.problems import RESPONSES
from shared.runtime import Runtime
from shared.security.tokens import TokenIssuer


def make_routes(
    runtime: Runtime,
    use_cases: UseCases,
    acces: Acces,
    *,
    captchas: Captchas,
    sources: Sources,
    issuer: TokenIssuer,
) -> APIRouter:
    """The routes, wired to a process."""
    router = APIRouter(responses=RESPONSES)
    sessions = Sessions(runtime)
    add_sessions(router, runtime, acces, sessions, sources)
    add_oubli(router, runtime, acces, captchas, sources)
    add_moi(router, runtime, acces, sessions, sources)
    add_aide(router)
    add_comptes(router, runtime.http_door, use_cases, sessions)
    add_annuaire(router, runtime, sessions)
    add_jetons(router, runtime, issuer, sessions)
    return router
