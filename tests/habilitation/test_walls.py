"""G-33: partners are walled off from one another, in every command and every reading.

An id of another convention, in any field, is answered as one that does not exist; nothing changes.
"""

from itertools import product

import pytest

from services.habilitation.routes.table import COMMANDES
from shared.contracts.habilitation_commands import ConventionCommand
from shared.path.decision import Document
from tests.habilitation.asking import (
    ASKED,
    MADE,
    OTHERS,
    UNKNOWN,
    Asking,
    ids_of,
    kind_of,
)
from tests.habilitation.builders import (
    ADMIN,
    AGENT,
    CONVENTION,
    OTHER_CONVENTION,
    RESPONSABLE,
    Scene,
    everywhere,
)
from tests.habilitation.running import Running
from tests.harness.readings import Reading, readings

WALLS = [
    pytest.param(command, asking, name, id=f"{command.__name__}-{name}")
    for command, asking in ASKED.items()
    for name in ids_of(command)
    if (command, name) not in MADE and (name in asking.fields or name == "convention_id")
]
OWN = {"convention_id": CONVENTION, "groupe_id": "g1", "user_id": "membre", "service": "cdap"}
each_command = pytest.mark.parametrize(
    ("command", "asking"),
    [pytest.param(*each, id=each[0].__name__) for each in ASKED.items()],
)


def scene(asking: Asking) -> Scene:
    return Scene(*asking.documents)


def test_every_command_and_every_id_are_tried() -> None:
    assert {*ASKED} == {each.command for each in COMMANDES}
    tried = {(each.values[0], each.values[2]) for each in WALLS} | MADE
    assert {(each, name) for each in ASKED for name in ids_of(each)} == tried


@each_command
async def test_what_is_tried_is_accepted_of_ones_own(
    command: type[ConventionCommand], asking: Asking
) -> None:
    """Else the walls below would prove nothing."""
    assert await scene(asking).code(asking.message(command), asking.by) is None


@pytest.mark.parametrize(("command", "asking", "name"), WALLS)
async def test_id_of_others_is_answered_as_unknown(
    command: type[ConventionCommand], asking: Asking, name: str
) -> None:
    kind = kind_of(name)
    told = []
    for ids in (OTHERS, UNKNOWN):
        there = scene(asking)
        before = dict(there.stored)
        refusal = await there.refusal(asking.message(command, **{name: ids[kind]}), asking.by)
        assert refusal is not None
        assert there.stored == before
        told.append((refusal.code, refusal.said, refusal.field, refusal.status))
    assert told[0] == told[1]


@each_command
async def test_ids_that_are_all_of_others_are_answered_as_unknown(
    command: type[ConventionCommand], asking: Asking
) -> None:
    """Neither does it help to be consistent: their group, in their convention."""
    names = [each for each in ids_of(command) if (command, each) not in MADE]
    if not names:
        return
    told = []
    for ids in (OTHERS, UNKNOWN):
        other = {name: ids[kind_of(name)] for name in names}
        told.append(await scene(asking).code(asking.message(command, **other), asking.by))
    assert told[0] == told[1] is not None


@each_command
async def test_nothing_of_others_changes_by_the_id_of_what_is_made(
    command: type[ConventionCommand], asking: Asking
) -> None:
    for made, name in MADE:
        if made is command and name != "sollicitation_id":
            there = scene(asking)
            before = theirs(there)
            await there.code(asking.message(command, **{name: OTHERS[kind_of(name)]}), asking.by)
            assert theirs(there) == before


def theirs(there: Scene) -> list[Document]:
    """The documents of the other convention."""
    return [
        each
        for each in there.stored.values()
        if OTHER_CONVENTION in {each.id, getattr(each, "convention_id", None)}
    ]


# -- by HTTP, from the OpenAPI document -----------------------------------------------------------


def kinds_of(reading: Reading, name: str) -> list[str]:
    """What an id of that name may be the id of: pages go on after what the list is of."""
    if name != "apres":
        return [kind_of(name)]
    return ["convention"] if reading.path == "/conventions" else ["groupe", "personne"]


@pytest.mark.connected
@pytest.mark.timeout(120)
async def test_readings_answer_the_id_of_others_as_unknown(habilitation: Running) -> None:
    """And each no leaves one record, which says of whom and of what."""
    document = (await habilitation.client.request("GET", "/openapi.json")).json()
    before = habilitation.stored()
    tried, refused = set(), []
    for reading in readings(document):
        for name in reading.ids:
            for by, kind in product((ADMIN, AGENT, RESPONSABLE), kinds_of(reading, name)):
                answers = []
                for ids in (OTHERS, UNKNOWN):
                    path, params = reading.address(OWN, {name: ids[kind]})
                    answer = await habilitation.ask("GET", path, by=by, key=None, params=params)
                    answers.append((answer.status_code, answer.json()))
                    told = ids[kind] if not params else None
                    refused.append((by.id, f"GET {reading.path}", answer.json()["code"], told))
                assert answers[0] == answers[1], (reading.path, name)
                assert answers[0][0] in {403, 404}, (reading.path, name)
            tried.add((reading.path, name))
    assert len(tried) >= 15
    assert habilitation.stored() == before
    recorded = habilitation.refusals()
    assert [(each["acteur"], each["route"], each["code"]) for each in recorded] == [
        (*each[:3],) for each in refused
    ]
    for row, (*_, told) in zip(recorded, refused, strict=True):
        assert told is None or told in row["cible"].values()
    await check_what_is_no_reading_by_name(habilitation)


async def check_what_is_no_reading_by_name(habilitation: Running) -> None:
    """A supposition and an import are no commands: each no leaves a record as of a reading."""
    told, before, token = [], len(habilitation.refusals()), habilitation.token(ADMIN)
    for ids in (OTHERS, UNKNOWN):
        for user, groupe in ((ids["personne"], "g2"), ("membre", ids["groupe"])):
            supposed = {"commande": "delete_groupe", "groupe_id": groupe}
            path = f"/utilisateurs/{user}/services/cdap/hypothese"
            answer = await habilitation.ask("POST", path, supposed, key=None)
            told.append((answer.status_code, answer.json()["code"]))
        path = f"/conventions/{ids['convention']}/imports"
        answer = await habilitation.client.send(path, b"", session=token, params={})
        told.append((answer.status_code, answer.json()["code"]))
    assert told[:3] == told[3:]
    codes = [code for _, code in told]
    assert codes[:3] == ["compte_inconnu", "groupe_inconnu", "convention_inconnue"]
    assert [each["code"] for each in habilitation.refusals()[before:]] == codes


@pytest.mark.connected
@pytest.mark.timeout(120)
async def test_commands_by_http_answer_the_id_of_others_as_unknown(habilitation: Running) -> None:
    """The same walls through the door: address, form, idempotence, one record of each no."""
    refused: list[str] = []
    for commande in COMMANDES:
        asking = ASKED[commande.command]
        habilitation.put(*everywhere(), *asking.documents)
        before = habilitation.stored()
        message = asking.message(commande.command).model_dump(mode="json", exclude_none=True)
        in_form = set() if commande.form is None else {*commande.form.model_fields}
        if "personne" in in_form & message.keys():
            message["personne"]["mail_confirmation"] = message["personne"]["mail"]
        for name in ids_of(commande.command):
            if (commande.command, name) in MADE:
                continue
            answers = []
            for ids in (OTHERS, UNKNOWN):
                values = message | {name: ids[kind_of(name)]}
                form = {each: values[each] for each in in_form if each in values}
                path = commande.path.format(**values)
                answer = await habilitation.ask(
                    commande.method, path, form if commande.form else None, by=asking.by
                )
                answers.append((answer.status_code, answer.json()))
                refused.append(answer.json()["code"])
            assert answers[0] == answers[1], (commande.path, name)
            assert answers[0][0] in {403, 404, 409, 422}, (commande.path, name, answers[0])
            assert answers[0][1]["code"] != "champ_invalide", (commande.path, name)
        assert habilitation.stored() == before, commande.path
    recorded = [each["refusal"]["code"] for each in habilitation.refusals()]
    assert sorted(recorded) == sorted(refused)
