"""Who may makes accounts; two at once never share an address, an id or an identifiant."""

from datetime import timedelta
from typing import Any

import pytest

from services.identity.domain.compte import AdresseReservee, Compte, IdentifiantReserve
from services.identity.domain.errors import (
    ConventionUnknown,
    GroupeUnknown,
    MailInvalid,
    MailTaken,
    MailUnavailable,
    NoIdentifiantLeft,
    NomInvalid,
    NotPermitted,
    OuverturePast,
    PrenomInvalid,
    UserExists,
)
from services.identity.domain.identifiant import PATTERN
from services.identity.domain.mot_de_passe import looks_temporary
from services.identity.handlers import issuing
from shared.calendrier import day_of
from shared.contracts.comptes import GenreCompte, Poste
from shared.contracts.conventions import NatureGroupe
from shared.errors import Refusal
from shared.security.principal import Principal
from tests.identity.builders import (
    CAF,
    DAY,
    ITSELF,
    NOW,
    PARTNER,
    Scene,
    agent,
    compte,
    convention,
    create,
    facts,
    groupe,
    hash_of,
    membre,
    partner,
    written,
)


async def test_account_is_a_partners_of_the_convention() -> None:
    scene = Scene()
    asked = create(mail=" Aicha@Commune.Example ", nom=" Benali ", poste=Poste.ITINERANT)
    decision = await scene.ask(scene.use_cases.create_user, asked)
    opened = scene.compte("u2")
    assert (opened.genre, opened.convention_id) == (GenreCompte.PARTENAIRE, "19_214")
    assert (opened.nom, opened.mail, opened.poste) == (
        "Benali",
        "aicha@commune.example",
        Poste.ITINERANT,
    )
    assert PATTERN.fullmatch(opened.identifiant)
    assert decision.result == {"user_id": "u2"}
    assert [fact.TYPE.split(".")[2] for fact in facts(decision)] == [
        "user_created",
        "identifiant_issued",
        "temporary_password_issued",
    ]


async def test_two_mails_are_sealed_and_neither_holds_both_secrets() -> None:
    scene = Scene()
    await scene.ask(scene.use_cases.create_user, create())
    (drawn,) = scene.hasher.hashed
    assert looks_temporary(drawn)
    password, *identifiants = scene.sealer.sealed
    assert password["mot_de_passe"] == drawn
    assert "identifiant" not in password
    assert identifiants[0]["identifiant"] == scene.compte("u2").identifiant
    for each in scene.sealer.sealed:
        assert (each["user_id"], each["generation"]) == ("u2", 1)
        assert (each["to"], each["nom"]) == ("u2@commune.example", "Benali")
    assert all("mot_de_passe" not in each for each in identifiants)
    assert password["expires_at"] == (NOW + DAY).isoformat()
    assert {each["expires_at"] for each in identifiants} == {(NOW + 2 * DAY).isoformat()}
    provisoire = scene.compte("u2").provisoire
    assert provisoire is not None
    assert provisoire.hash == hash_of(drawn)


@pytest.mark.parametrize("principal", [PARTNER, ITSELF])
async def test_only_an_agent_opens_accounts(principal: Principal) -> None:
    scene = Scene()
    with pytest.raises(NotPermitted):
        await scene.ask(scene.use_cases.create_user, create(), principal=principal)
    assert scene.hasher.hashed == []


@pytest.mark.parametrize(
    ("own", "refusal"),
    [
        ({"mail": "a@b.example\r\nBcc: x@y.example"}, MailInvalid),
        ({"nom": "=?utf-8?q?x?="}, NomInvalid),
        ({"prenom": "a\u202eb"}, PrenomInvalid),
    ],
)
async def test_what_forges_a_mail_costs_no_hash(
    own: dict[str, str], refusal: type[Refusal]
) -> None:
    scene = Scene()
    with pytest.raises(refusal):
        await scene.ask(scene.use_cases.create_user, create(**own))
    assert scene.hasher.hashed == []


async def test_second_of_a_group_sees_the_address_that_the_first_reserved() -> None:
    scene = Scene()
    use_case = scene.use_cases.create_user
    first = await scene.prepared(use_case, create("u2", mail="a@b.example"))
    second = await scene.prepared(use_case, create("u3", mail="A@B.example"))
    with pytest.raises(MailTaken):
        scene.decide(use_case, first, second)


async def test_second_of_a_group_sees_the_account_that_the_first_opened() -> None:
    scene = Scene()
    use_case = scene.use_cases.create_user
    first = await scene.prepared(use_case, create("u2", mail="a@b.example"))
    second = await scene.prepared(use_case, create("u2", mail="c@d.example"))
    with pytest.raises(UserExists):
        scene.decide(use_case, first, second)


async def test_second_of_a_group_takes_the_next_identifiant(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    drawn = iter(["AAA2222AA22", "BBB2222BB22", "CCC2222CC22"] * 2)
    monkeypatch.setattr(issuing, "draw_identifiant", lambda: next(drawn))
    scene = Scene()
    use_case = scene.use_cases.create_user
    requests = [await scene.prepared(use_case, create(user_id)) for user_id in ("u2", "u3")]
    first, second = scene.decide(use_case, *requests)
    assert written(first, IdentifiantReserve)[0].id == "AAA2222AA22"
    assert written(second, IdentifiantReserve)[0].id == "BBB2222BB22"
    assert written(second, Compte)[0].identifiant == "BBB2222BB22"
    told = facts(second)[1]
    position = [each.get("identifiant") for each in scene.sealer.sealed].index("BBB2222BB22", 4)
    assert told.sealed == f"sealed-{position + 1}"


async def test_identifiants_all_taken_refuse_the_account(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(issuing, "draw_identifiant", lambda: "AAA2222AA22")
    scene = Scene(IdentifiantReserve(id="AAA2222AA22", user_id="u9"))
    with pytest.raises(NoIdentifiantLeft):
        await scene.ask(scene.use_cases.create_user, create())
    assert Compte.key_of("u2") not in scene.stored


async def test_address_and_id_of_an_earlier_account_are_refused() -> None:
    taken = AdresseReservee(id="u2@commune.example", user_id="u9")
    scene = Scene(taken, compte("u9"))
    with pytest.raises(MailTaken):
        await scene.ask(scene.use_cases.create_user, create())
    await scene.ask(scene.use_cases.create_user, create("u3"))
    with pytest.raises(UserExists):
        await scene.ask(scene.use_cases.create_user, create("u3", mail="other@b.example"))


@pytest.mark.parametrize(
    "holder", [None, compte("u9", caf="831", convention_id="20_7"), agent("u9", caf="831")]
)
async def test_address_of_whom_he_may_not_see_is_refused_without_a_word(
    holder: Compte | None,
) -> None:
    taken = AdresseReservee(id="u2@commune.example", user_id="u9")
    scene = Scene(taken, *([] if holder is None else [holder]))
    with pytest.raises(MailUnavailable):
        await scene.ask(scene.use_cases.create_user, create())


async def test_administrateur_is_told_of_an_address_of_his_convention() -> None:
    taken = AdresseReservee(id="u2@commune.example", user_id="u9")
    known = (compte("admin"), compte("resp"), groupe("g1", "resp"), taken)
    own = convention(administrateurs=("admin",))
    for principal, holder, refusal in (
        ("admin", compte("u9"), MailTaken),
        ("admin", compte("u9", convention_id="19_300"), MailUnavailable),
        ("resp", compte("u9"), MailUnavailable),
    ):
        scene = Scene(own, *known, holder)
        asked = create(groupes=("g1",))
        with pytest.raises(refusal):
            await scene.ask(scene.use_cases.create_user, asked, principal=partner(principal))


async def test_clock_frees_an_address_before_the_closing_is_told() -> None:
    taken = AdresseReservee(id="u2@commune.example", user_id="u9")
    scene = Scene(taken, compte("u9", cloture=day_of(NOW)))
    await scene.ask(scene.use_cases.create_user, create())
    kept: Any = scene.stored[taken.key]
    assert kept.user_id == "u2"


async def test_account_knows_its_caf_and_the_groups_asked_for() -> None:
    scene = Scene(groupe("g1", "resp"))
    decision = await scene.ask(scene.use_cases.create_user, create(groupes=("g1",)))
    made = scene.compte("u2")
    assert (made.caf, made.groupes_demandes) == (CAF, ("g1",))
    assert facts(decision)[0].caf == CAF


async def test_responsable_makes_people_for_his_groups_only() -> None:
    scene = Scene(compte("resp"), groupe("g1", "resp"), groupe("g2", "autre"))
    use_case, resp = scene.use_cases.create_user, partner("resp")
    decision = await scene.ask(use_case, create(groupes=("g1",)), principal=resp)
    created = facts(decision)[0]
    assert (created.groupes, created.created_by) == (("g1",), "resp")
    for groupes, refusal in (
        ((), NotPermitted),
        (("g1", "g2"), NotPermitted),
        (("g9",), GroupeUnknown),
    ):
        asked = create("u3", groupes=groupes)
        with pytest.raises(refusal):
            await scene.ask(use_case, asked, principal=resp)
    assert len(scene.hasher.hashed) == 1


async def test_member_of_afas_habiliter_makes_people_for_afas() -> None:
    scene = Scene(
        compte("membre"),
        membre("membre", "h"),
        groupe("h", "admin", nature=NatureGroupe.AFAS_HABILITER),
        groupe("d", "admin", nature=NatureGroupe.AFAS_DECLARER),
    )
    use_case = scene.use_cases.create_user
    await scene.ask(use_case, create(groupes=("d",)), principal=partner("membre"))
    with pytest.raises(NotPermitted):
        await scene.ask(use_case, create("u3", groupes=("h",)), principal=partner("membre"))


async def test_administrateur_makes_people_of_his_convention() -> None:
    scene = Scene(
        compte("admin"), convention(administrateurs=("admin",)), convention("20_7", caf="831")
    )
    use_case = scene.use_cases.create_user
    await scene.ask(use_case, create(), principal=partner("admin"))
    for elsewhere in ("20_7", "20_8"):
        asked = create("u3", convention_id=elsewhere)
        with pytest.raises(ConventionUnknown):
            await scene.ask(use_case, asked, principal=partner("admin"))


async def test_account_to_come_costs_no_hash_and_writes_no_mail() -> None:
    scene = Scene()
    opens = day_of(NOW) + timedelta(days=10)
    decision = await scene.ask(
        scene.use_cases.create_user, create(ouverture=opens, cloture=opens + timedelta(days=1))
    )
    (created,) = facts(decision)
    assert (created.etat, created.ouverture) == ("a_ouvrir", opens)
    assert PATTERN.fullmatch(scene.compte("u2").identifiant)
    assert (scene.hasher.hashed, scene.sealer.sealed) == ([], [])


async def test_dates_that_cannot_be_are_refused_before_any_hash() -> None:
    scene = Scene()
    yesterday = day_of(NOW) - timedelta(days=1)
    with pytest.raises(OuverturePast):
        await scene.ask(scene.use_cases.create_user, create(ouverture=yesterday))
    assert scene.hasher.hashed == []
