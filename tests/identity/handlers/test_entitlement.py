"""Every command about an account asks the same table, and says the same of what it refuses."""

from collections.abc import Callable
from datetime import date
from functools import partial
from typing import Any

import pytest

from services.identity.domain.compte import AdresseReservee
from services.identity.domain.errors import (
    ConventionNotOpen,
    NotDelegated,
    NotPermitted,
    UserUnknown,
)
from services.identity.use_cases import UseCases
from shared.contracts.comptes import EtatCompte, Fonction
from shared.contracts.conventions import EtatConvention
from shared.contracts.identity_commands import (
    CloseUser,
    ModifyUser,
    ReopenUser,
    ResendIdentifiant,
    ResetPassword,
)
from shared.errors import Refusal
from shared.path.decision import Document, UseCase
from shared.security.principal import Principal
from tests.identity.builders import (
    AGENT,
    CONVENTION,
    ITSELF,
    Scene,
    agent,
    compte,
    convention,
    partner,
)

Command = tuple[Callable[[UseCases], UseCase[Any, Any]], Callable[..., Any]]
COMMANDS: dict[str, Command] = {
    "modify": (lambda each: each.modify_user, partial(ModifyUser, nom="Durand")),
    "close": (lambda each: each.close_user, CloseUser),
    "reopen": (lambda each: each.reopen_user, ReopenUser),
    "resend": (lambda each: each.resend_identifiant, ResendIdentifiant),
    "reset": (lambda each: each.reset_password, ResetPassword),
}
EVERYBODY: tuple[Document, ...] = (
    compte(),
    compte("simple"),
    compte("admin"),
    compte("leur-admin", convention_id="20_7"),
    convention(administrateurs=("admin",)),
    convention("20_7", caf="831", administrateurs=("leur-admin",)),
    AdresseReservee(id="zoe@commune.example", user_id="u1"),
)
ELSEWHERE = agent(caf="831")
OTHER = agent(fonctions=(Fonction.ACTION_SOCIALE,))
SHUT = convention(administrateurs=("admin",), etat=EtatConvention.SUSPENDUE)
KEPT = convention(administrateurs=("admin",), gestion_deleguee=False)


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize(
    ("principal", "instead", "refusal"),
    [
        (AGENT, ELSEWHERE, UserUnknown),
        (AGENT, OTHER, NotPermitted),
        (AGENT, agent(cloture=date(2025, 3, 1)), NotPermitted),
        (partner("leur-admin"), None, UserUnknown),
        (partner("simple"), None, UserUnknown),
        (partner("u1"), None, NotPermitted),
        (partner("nobody"), None, NotPermitted),
        (ITSELF, None, NotPermitted),
        (partner("admin"), SHUT, ConventionNotOpen),
        (partner("admin"), KEPT, NotDelegated),
    ],
)
async def test_refused_alike_and_nothing_is_hashed(
    command: str, principal: Principal, instead: Document | None, refusal: type[Refusal]
) -> None:
    scene = Scene(*EVERYBODY, *([] if instead is None else [instead]))
    choose, message = COMMANDS[command]
    with pytest.raises(refusal):
        await scene.ask(choose(scene.use_cases), message(user_id="u1"), principal=principal)
    assert scene.hasher.hashed == []


@pytest.mark.parametrize("command", COMMANDS)
async def test_account_of_another_caf_is_refused_as_one_that_is_not_there(command: str) -> None:
    choose, message = COMMANDS[command]
    for user_id in ("leur-admin", "nulle-part"):
        scene = Scene(*EVERYBODY)
        with pytest.raises(UserUnknown):
            await scene.ask(choose(scene.use_cases), message(user_id=user_id))


@pytest.mark.parametrize("command", ["modify", "close", "resend"])
async def test_administrateur_may_in_his_convention(command: str) -> None:
    scene = Scene(*EVERYBODY)
    choose, message = COMMANDS[command]
    done = await scene.ask(
        choose(scene.use_cases), message(user_id="u1"), principal=partner("admin")
    )
    assert done.result == {"user_id": "u1"}
    assert scene.compte().convention_id == CONVENTION
    assert scene.compte().actes[-1].par == "admin"


async def test_administrateur_reopens_in_his_convention() -> None:
    closed = compte(etat=EtatCompte.CLOTURE, cloture=date(2025, 3, 1))
    scene = Scene(*EVERYBODY, closed)
    asked = ReopenUser(user_id="u1")
    await scene.ask(scene.use_cases.reopen_user, asked, principal=partner("admin"))
    assert scene.compte().etat is EtatCompte.OUVERT
