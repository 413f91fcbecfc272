"""The HTTP door of identity: sessions, accounts, tokens."""

from fastapi import APIRouter

from services.identity.routes.comptes import add_comptes
from services.identity.routes.jetons import add_jetons
from services.identity.routes.sessions import add_sessions
from services.identity.sessions import Sessions
from services.identity.use_cases import UseCases
from shared.http.problems import RESPONSES
from shared.runtime import Runtime
from shared.security.tokens import TokenIssuer


def make_routes(runtime: Runtime, use_cases: UseCases, issuer: TokenIssuer) -> APIRouter:
    """The routes, wired to a process."""
    router = APIRouter(responses=RESPONSES)
    sessions = Sessions(runtime)
    add_sessions(router, runtime, use_cases, sessions)
    add_comptes(router, runtime, use_cases, sessions)
    add_jetons(router, runtime, issuer, sessions)
    return router
