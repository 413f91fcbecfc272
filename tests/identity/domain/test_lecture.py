"""By which groups an account is somebody's to look after, whatever its days."""

from datetime import date, timedelta
from typing import Any

import pytest

from services.identity.domain.compte import Compte
from services.identity.domain.copies import Appartenance, Convention, Membre
from services.identity.domain.lecture import groupes_of
from shared.calendrier import day_of
from shared.contracts.comptes import EtatCompte
from shared.contracts.identity_commands import CloseUser, ModifyUser, ReopenUser
from shared.path.decision import Document
from tests.identity.builders import NOW, Scene, compte, create, groupe, membre, partner

TODAY = day_of(NOW)
YESTERDAY, TOMORROW, LATER = (TODAY + timedelta(days=n) for n in (-1, 1, 5))
WAITING = compte(etat=EtatCompte.A_OUVRIR, ouverture=LATER)


def test_a_signed_convention_opens_on_its_day_told_or_not() -> None:
    signed = Convention(
        id="19_214",
        organisme="Mairie de Valfleury",
        caf="931",
        gestion_deleguee=True,
        etat="a_signer",
        ouverture=date(2025, 3, 7),
        validee=True,
    )
    assert [signed.is_open(date(2025, 3, day)) for day in (6, 7)] == [False, True]
    assert not signed.changed(validee=False).is_open(date(2025, 3, 7))
    assert not signed.changed(cloture=date(2025, 3, 7)).is_open(date(2025, 3, 7))


def belongs(debut: date, fin: date | None = None) -> Membre:
    return membre("u1", appartenances=(Appartenance(groupe_id="g1", debut=debut, fin=fin),))


@pytest.mark.parametrize(
    ("account", "known", "groupes"),
    [
        (compte(groupes_demandes=("g1", "g2")), None, ("g1", "g2")),
        (compte(groupes_demandes=("g2",)), belongs(YESTERDAY), ("g1",)),
        (compte(groupes_demandes=("g1",)), belongs(YESTERDAY, TODAY), ()),
        (compte(), belongs(TOMORROW), ()),
        (WAITING, belongs(LATER), ("g1",)),
        (WAITING, belongs(LATER + timedelta(days=1)), ()),
        (compte(cloture=TODAY), belongs(YESTERDAY, TODAY), ("g1",)),
        (compte(cloture=YESTERDAY), belongs(YESTERDAY), ("g1",)),
        (compte(cloture=TODAY), belongs(date(2025, 1, 6), YESTERDAY), ()),
        (compte(cloture=TOMORROW), belongs(YESTERDAY, TODAY), ()),
    ],
)
def test_groups_by_which_an_account_is_looked_after(
    account: Compte, known: Membre | None, groupes: tuple[str, ...]
) -> None:
    assert groupes_of(account, known, TODAY) == groupes


async def test_responsable_looks_after_whom_he_just_made_and_closed() -> None:
    scene = Scene(compte("resp"), groupe("g1", "resp"), groupe("g2", "autre"))
    cases, resp = scene.use_cases, partner("resp")
    made = create("u1", groupes=("g1",), ouverture=TOMORROW)
    await scene.ask(cases.create_user, made, principal=resp)

    async def modify(nom: str) -> None:
        asked = ModifyUser(user_id="u1", nom=nom)
        await scene.ask(cases.modify_user, asked, principal=resp)
        assert scene.compte().nom == nom

    await modify("Durand")  # habilitation has not told yet
    answered: Document = belongs(TOMORROW)
    scene.stored[answered.key] = answered
    await modify("Dupont")  # it has: from the opening day on
    asked: Any = CloseUser(user_id="u1")
    await scene.ask(cases.close_user, asked, principal=resp)
    ended = belongs(TODAY, TODAY)
    scene.stored[ended.key] = ended
    await scene.ask(cases.reopen_user, ReopenUser(user_id="u1"), principal=resp)
    assert scene.compte().cloture is None
