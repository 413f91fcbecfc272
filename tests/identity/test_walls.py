"""G-33 at identity's door: what is of others is answered as unknown, and each no is recorded."""

from datetime import UTC, datetime, timedelta

import pytest

from services.identity.domain.session import Portee, draw_token
from shared.contracts.identity import SERVICE
from shared.mongo.documents import to_row
from shared.path.decision import Document
from tests.harness.readings import readings
from tests.identity.builders import AGENT, compte, convention, groupe, session
from tests.identity.running import AGENT_SESSION, Running

pytestmark = [pytest.mark.connected, pytest.mark.timeout(120)]

OTHERS, OTHER_CAF = "20_7", "781"
OWN = {"user_id": "notre"}
OF_OTHERS = {"user_id": "leur", "apres": "leur", "groupe": "g9", "convention_id": OTHERS}
UNKNOWN = {name: "99_999" if name == "convention_id" else "inconnu" for name in OF_OTHERS}
WITH_IDS = {
    ("/users", "apres"),
    ("/users", "groupe"),
    ("/users", "convention_id"),
    ("/agents", "apres"),
    ("/users/{user_id}", "user_id"),
    ("/users/{user_id}/history", "user_id"),
}
ADMIN_SESSION, NEW_SESSION = draw_token(), draw_token()


async def put(identity: Running, *documents: Document) -> None:
    """Store documents as if they had been written before."""
    database = identity.platform.database(SERVICE)
    for each in documents:
        database[each.COLLECTION].replace_one(
            {"_id": each.id}, to_row(each.changed(version=1)), upsert=True
        )


def of(user_id: str, token: str, portee: Portee = Portee.COMPLETE) -> Document:
    """An open session of somebody."""
    now = datetime.now(UTC) - timedelta(seconds=1)
    return session(portee, token, user_id=user_id, opened_at=now, seen_at=now)


async def test_readings_answer_the_id_of_others_as_unknown(identity: Running) -> None:
    """A session that opens only the choice of a password is told no, too, and recorded."""
    await put(
        identity,
        convention(administrateurs=("notre",)),
        convention(OTHERS, caf=OTHER_CAF),
        groupe("g9", "leur", convention_id=OTHERS),
        compte("notre"),
        compte("neuf", identifiant="KRB4729TV36"),
        compte("leur", convention_id=OTHERS, caf=OTHER_CAF, identifiant="KRB4729TV37"),
        of("notre", ADMIN_SESSION),
        of("neuf", NEW_SESSION, Portee.PERSONNALISATION),
    )
    document = (await identity.ask("GET", "/openapi.json")).json()
    tried, refused = set(), []
    for reading in readings(document):
        for name in reading.ids:
            for by, token in ((AGENT.id, AGENT_SESSION), ("notre", ADMIN_SESSION)):
                answers = []
                for ids in (OF_OTHERS, UNKNOWN):
                    path, params = reading.address(OWN, {name: ids[name]})
                    query = "&".join(f"{each}={value}" for each, value in params.items())
                    answer = await identity.ask("GET", f"{path}?{query}", session=token)
                    answers.append((answer.status_code, answer.json()))
                    refused.append((by, f"GET {reading.path}", answer.json()["code"]))
                assert answers[0] == answers[1], (reading.path, name)
                assert answers[0][0] in {403, 404}, (reading.path, name)
            tried.add((reading.path, name))
    for path in ("/me", "/users", "/users/notre"):
        answer = await identity.ask("GET", path, session=NEW_SESSION)
        refused.append(("neuf", f"GET {path}".replace("notre", "{user_id}"), "neuf"))
        assert answer.json()["code"] == "mot_de_passe_a_personnaliser"
    rows = list(identity.platform.database(SERVICE)["acces_refuses"].find().sort("at", 1))
    assert tried == WITH_IDS
    assert [(each["acteur"], each["route"]) for each in rows] == [each[:2] for each in refused]
    assert [each["code"] for each in rows[:-3]] == [each[2] for each in refused[:-3]]
