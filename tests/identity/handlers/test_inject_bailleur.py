"""An information system makes the account of a private landlord, and nobody else does."""

import pytest

from services.identity.domain.errors import MailUnavailable, NotPermitted
from shared.contracts.comptes import GenreCompte
from shared.contracts.identity_commands import InjectBailleur
from shared.security.principal import ActorKind, Principal
from tests.identity.builders import AGENT, CAF, PARTNER, Scene, compte, facts

SYSTEM = Principal(ActorKind.SERVICE, "logement")
ASKED = InjectBailleur(
    user_id="b1", caf=CAF, nom="Roux", prenom="Paul", mail="paul.roux@maison.example"
)


async def test_landlord_has_no_convention_and_two_mails() -> None:
    scene = Scene()
    decision = await scene.ask(scene.use_cases.inject_bailleur, ASKED, principal=SYSTEM)
    made = scene.compte("b1")
    assert (made.genre, made.convention_id, made.caf) == (GenreCompte.BAILLEUR, None, CAF)
    assert made.created_by == "logement"
    created, *mails = facts(decision)
    assert (created.genre, created.caf, created.convention_id) == ("bailleur", CAF, None)
    assert len(mails) == 2


async def test_injected_twice_by_two_ids_has_one_address() -> None:
    scene = Scene()
    use_case = scene.use_cases.inject_bailleur
    await scene.ask(use_case, ASKED, principal=SYSTEM)
    again = ASKED.model_copy(update={"user_id": "b2"})
    with pytest.raises(MailUnavailable):
        await scene.ask(use_case, again, principal=SYSTEM)


@pytest.mark.parametrize("principal", [AGENT, PARTNER])
async def test_no_person_injects(principal: Principal) -> None:
    scene = Scene(compte())
    with pytest.raises(NotPermitted):
        await scene.ask(scene.use_cases.inject_bailleur, ASKED, principal=principal)
    assert scene.hasher.hashed == []
