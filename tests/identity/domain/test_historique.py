"""The history of an account: nobody makes what matters forgotten by repeating himself."""

from datetime import timedelta

from services.identity.domain.historique import INCONNU, MOST_ACTES, Acte, NatureActe, noted
from services.identity.domain.reinitialisation import Tirage, reset
from tests.identity.builders import DAY, NOW, compte, hash_of

MINUTE = timedelta(minutes=1)


def acts(count: int, nature: NatureActe, par: str) -> list[Acte]:
    return [Acte(at=NOW + n * MINUTE, acte=nature, par=par) for n in range(count)]


def history(*actes: Acte) -> tuple[Acte, ...]:
    kept: tuple[Acte, ...] = ()
    for each in actes:
        kept = noted(kept, each)
    return kept


def test_fifty_forgotten_passwords_are_one_act_of_nobody_knows_whom() -> None:
    account = compte().noted(NatureActe.CREATION, par="agent-1", at=NOW)
    for number in range(2, 2 + MOST_ACTES):
        tirage = Tirage(account.mail, number, hash_of("x"), "sealed", "key-1", NOW + DAY)
        account = account.changed(reinitialisations=())
        written = reset(account, tirage, asked_by=None, now=NOW + number * MINUTE).writes[0]
        account = account.changed(**dict(written))
    creation, oubli = account.actes
    assert (creation.acte, creation.par, creation.fois) == (NatureActe.CREATION, "agent-1", 1)
    assert (oubli.par, oubli.fois) == (INCONNU, MOST_ACTES)
    assert (oubli.depuis, oubli.at) == (NOW + 2 * MINUTE, NOW + 51 * MINUTE)


def test_same_act_of_others_is_another() -> None:
    kept = history(
        *acts(2, NatureActe.REINITIALISATION, "agent-1"), *acts(3, NatureActe.REINITIALISATION, "x")
    )
    assert [(each.par, each.fois) for each in kept] == [("agent-1", 2), ("x", 3)]


def test_changes_of_address_are_kept_one_by_one() -> None:
    kept = history(*acts(3, NatureActe.CHANGEMENT_ADRESSE, "u1"))
    assert [each.fois for each in kept] == [1, 1, 1]


def test_where_there_are_too_many_what_may_be_repeated_goes_first() -> None:
    uniques = acts(20, NatureActe.CHANGEMENT_ADRESSE, "u1")
    others = [acts(1, NatureActe.MODIFICATION, f"p{n}")[0] for n in range(60)]
    kept = history(*acts(1, NatureActe.CREATION, "agent-1"), *uniques, *others)
    assert len(kept) == MOST_ACTES
    assert kept[1:21] == tuple(uniques)
    assert kept[-1].par == "p59"


def test_creation_never_goes() -> None:
    kept = history(
        *acts(1, NatureActe.CREATION, "agent-1"), *acts(80, NatureActe.CHANGEMENT_ADRESSE, "u1")
    )
    assert len(kept) == MOST_ACTES
    assert kept[0].acte is NatureActe.CREATION
    assert kept[-1].at == NOW + 79 * MINUTE
