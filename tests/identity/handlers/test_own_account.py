"""What a person does with his own account: phone, règles d'usage, incident, signing out."""

from typing import Any

import pytest

from services.identity.domain.errors import PersonalisationRequired, SessionRequired
from services.identity.domain.frequence import MOST_INCIDENTS
from services.identity.domain.regles import ReglesNotInForce, in_force
from services.identity.domain.session import Portee, Session, is_open
from services.identity.handlers.accept_regles import AcceptRegles
from services.identity.handlers.change_telephone import ChangeTelephone
from services.identity.handlers.report_incident import ReportIncident
from services.identity.handlers.sign_out import SignOut
from shared.contracts.comptes import NatureIncident
from shared.frequence import WITHIN, TooOften
from tests.identity.builders import (
    NOW,
    PARTNER,
    Scene,
    compte,
    convention,
    facts,
    presence,
    session,
    written,
)

WORDS = "Un collègue a utilisé mon compte ce matin."
INCIDENT = ReportIncident(presence(), "i1", NatureIncident.COMPTE_PARTAGE, WORDS)


def scene(portee: Portee = Portee.COMPLETE, **own: Any) -> Scene:
    return Scene(convention(), compte(**own), session(portee))


async def test_phone_changes_or_goes() -> None:
    known = scene()
    use_case = known.acces.change_telephone
    for telephone in ("06 07 08 09 10", None):
        decision = await known.ask(use_case, ChangeTelephone(presence(), telephone))
        assert known.compte().telephone == telephone
        (fact,) = facts(decision)
        assert (fact.telephone, fact.updated_by) == (telephone, "u1")


async def test_regles_in_force_are_accepted_once() -> None:
    known = scene()
    asked = AcceptRegles(presence(), in_force())
    (fact,) = facts(await known.ask(known.acces.accept_regles, asked))
    assert (fact.TYPE, fact.regles) == ("mcp.identity.regles_usage_accepted.v1", in_force())
    assert known.compte().regles == in_force()
    assert facts(await known.ask(known.acces.accept_regles, asked)) == []
    with pytest.raises(ReglesNotInForce):
        await known.ask(known.acces.accept_regles, AcceptRegles(presence(), "2020-01"))


async def test_incident_is_told_with_whose_it_is_and_its_words_sealed() -> None:
    known = scene()
    decision = await known.ask(known.acces.report_incident, INCIDENT, principal=PARTNER)
    (fact,) = facts(decision)
    assert (fact.incident_id, fact.nature) == ("i1", "compte_partage")
    assert (fact.caf, fact.organisme) == ("931", "Mairie de Valfleury")
    assert known.sealer.sealed == [{"user_id": "u1", "incident_id": "i1", "description": WORDS}]
    assert WORDS not in fact.to_json().decode()
    assert WORDS not in repr(INCIDENT)
    assert decision.result == {"incident_id": "i1"}


async def test_incidents_are_told_so_many_times_an_hour() -> None:
    known = scene()
    for _ in range(MOST_INCIDENTS):
        await known.ask(known.acces.report_incident, INCIDENT, principal=PARTNER)
    with pytest.raises(TooOften):
        await known.ask(known.acces.report_incident, INCIDENT, principal=PARTNER)
    past = tuple(at - WITHIN for at in known.compte().incidents)
    known = scene(incidents=past)
    await known.ask(known.acces.report_incident, INCIDENT, principal=PARTNER)
    assert known.compte().incidents == (NOW,)


async def test_ended_session_opens_nothing_and_ends_once() -> None:
    known = scene(Portee.PERSONNALISATION)
    decision = await known.ask(known.acces.sign_out, SignOut(presence()))
    (ended,) = written(decision, Session)
    assert not is_open(ended, known.compte(), convention(), NOW)
    assert [fact.TYPE for fact in facts(decision)] == ["mcp.identity.signed_out.v1"]
    with pytest.raises(SessionRequired):
        await known.ask(known.acces.sign_out, SignOut(presence()))


@pytest.mark.parametrize(
    "name", ["change_telephone", "accept_regles", "report_incident"], ids=lambda name: name
)
async def test_personalisation_comes_first(name: str) -> None:
    known = scene(Portee.PERSONNALISATION)
    message = {
        "change_telephone": ChangeTelephone(presence(), None),
        "accept_regles": AcceptRegles(presence(), in_force()),
        "report_incident": INCIDENT,
    }[name]
    with pytest.raises(PersonalisationRequired):
        await known.ask(getattr(known.acces, name), message)
