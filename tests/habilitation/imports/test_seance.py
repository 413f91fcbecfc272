"""An import decided in memory: what each line makes, what a second time finds."""

import base64
import csv
import io
from types import SimpleNamespace
from typing import Any

import pytest

from services.habilitation.domain.groupe import Groupe
from services.habilitation.domain.membre import Membre
from services.habilitation.domain.personne import Personne
from services.habilitation.imports.decideurs import Decideur, PourDeBon, PourVoir
from services.habilitation.imports.fichier import read_lines
from services.habilitation.imports.lignes import COLUMNS
from services.habilitation.imports.seance import Seance
from shared.contracts.habilitation_commands import AddAppartenance, DeleteGroupe, OpenGroupe
from shared.errors import Unavailable
from shared.http.door import FULL
from shared.http.problems import OutboxFull
from shared.path.decision import D, Key, UseCase
from shared.security.macs import Macs
from shared.security.principal import Principal
from tests.habilitation.builders import (
    ADMIN,
    AGENT,
    CONVENTION,
    NOW,
    TODAY,
    Scene,
    kept,
    membre,
    personne,
    use_case_of,
)

MACS = Macs(base64.b64encode(bytes(32)).decode())
HEADER = sorted(COLUMNS)


class Clock:
    """Always the same moment."""

    def now(self) -> Any:
        return NOW


CLOCK: Any = Clock()


class OfScene:
    """Decides for good, on the documents of a scene."""

    def __init__(self, scene: Scene, by: Principal) -> None:
        self.scene, self.by = scene, by
        self.asked: list[Any] = []

    async def load(self, key: Key[D]) -> D | None:
        return await self.scene.load(key)

    async def decide(self, use_case: UseCase[Any, Any], message: Any) -> None:
        assert use_case is use_case_of(message)
        self.asked += [told.fact for told in (await self.scene.ask(message, self.by)).facts]


class Hurried:
    """Reads a scene in which somebody joins `g2` just after its members were first read."""

    def __init__(self, scene: Scene) -> None:
        self.scene, self.joined = scene, False

    async def load(self, key: Key[D]) -> D | None:
        return await self.scene.load(key)

    async def find(self, model: type[D], field: str, value: str) -> list[D]:
        found = await self.scene.find(model, field, value)
        if not self.joined:
            self.joined = True
            await self.scene.ask(_joining("simple", "g2"))
        return found


def table(*lines: dict[str, str]) -> str:
    text = io.StringIO()
    writer = csv.DictWriter(text, HEADER, restval="", delimiter=";")
    writer.writeheader()
    writer.writerows(lines)
    return text.getvalue()


def user(mail: str = "helene.delmas@valfleury.example", *groupes: str) -> dict[str, str]:
    return {
        "objet": "utilisateur",
        "nom": "Delmas",
        "prenom": "Hélène",
        "mail": mail,
        "groupes": "|".join(groupes),
    }


def group(code: str = "T2PE", **own: str) -> dict[str, str]:
    return {"objet": "groupe", "code": code, "libelle": f"{code} importé"} | own


def seance(decideur: Decideur, by: Principal = ADMIN) -> Seance:
    return Seance(decideur, CONVENTION, by, MACS, CLOCK)


async def report(
    decideur: Decideur, *lines: dict[str, str], by: Principal = ADMIN
) -> list[tuple[str, str]]:
    """What became of each line, and the code of its refusal."""
    given = [each async for each in seance(decideur, by).report(read_lines(table(*lines), COLUMNS))]
    read = list(csv.DictReader(io.StringIO("".join(given), newline=""), delimiter=";"))
    return [(each["resultat"], each["code"]) for each in read[:-1]]


async def test_groups_get_their_role_and_people_are_asked_for() -> None:
    decideur = OfScene(Scene(), ADMIN)
    lines = [
        group("T2PE", service="cdap", profil="T2"),
        user("a@valfleury.example", "T2PE"),
        user("b@valfleury.example", "t2pe", "G2"),
    ]
    assert await report(decideur, *lines) == [("fait", ""), ("demande", ""), ("demande", "")]
    opened, assigned, first, second = decideur.asked
    assert (opened.code, opened.responsable_id, assigned.role.profil) == ("T2PE", "admin", "T2")
    assert first.groupes == (opened.groupe_id,)
    assert second.groupes == (opened.groupe_id, "g2")
    assert first.user_id != second.user_id


async def test_the_same_file_twice_changes_nothing() -> None:
    scene = Scene()
    decideur = OfScene(scene, ADMIN)
    lines = [group("T2PE", service="cdap", profil="T2"), user("a@valfleury.example", "T2PE")]
    await report(decideur, *lines)
    (asked,) = [each for each in decideur.asked if hasattr(each, "personne")]
    scene.put(personne(asked.user_id))
    await scene.ask(_joining(asked.user_id, asked.groupes[0]))
    before, decideur.asked = dict(scene.stored), []
    assert await report(decideur, *lines) == [("deja_fait", ""), ("deja_fait", "")]
    assert (scene.stored, decideur.asked) == (before, [])


def _joining(user_id: str, groupe_id: str) -> AddAppartenance:
    return AddAppartenance(convention_id=CONVENTION, user_id=user_id, groupe_id=groupe_id)


async def test_who_was_imported_joins_what_a_longer_file_names() -> None:
    scene = Scene()
    decideur = OfScene(scene, ADMIN)
    await report(decideur, user("a@valfleury.example"))
    scene.put(personne(decideur.asked[0].user_id))
    assert await report(decideur, user("A@Valfleury.example", "G2")) == [("fait", "")]
    assert scene.get(Membre, decideur.asked[0].user_id).groupes(TODAY) == ("g2",)


async def test_a_group_that_was_deleted_is_opened_anew() -> None:
    scene = Scene()
    decideur = OfScene(scene, ADMIN)
    for _ in range(3):
        assert await report(decideur, group()) == [("fait", "")]
        opened = decideur.asked[-1]
        await scene.ask(DeleteGroupe(convention_id=CONVENTION, groupe_id=opened.groupe_id))
    assert len({each.groupe_id for each in decideur.asked}) == 3


async def test_a_trial_sees_who_joins_by_a_line_above() -> None:
    """A second profile is refused by the trial as it would be for good."""
    scene = Scene()
    decideur = OfScene(scene, ADMIN)
    await report(decideur, user("a@valfleury.example"))
    known = personne(decideur.asked[0].user_id)
    scene.put(known, membre(known.id, "g1"))
    lines = [user("a@valfleury.example", "G2"), group("G2", service="cdap", profil="T2")]
    tried = await report(PourVoir(scene, ADMIN, CLOCK), *lines)
    assert tried == await report(decideur, *lines)
    assert tried == [("fait", ""), ("refuse", "autre_profil")]


async def test_a_trial_reads_again_what_changed_under_it() -> None:
    scene = Scene()
    trial = PourVoir(Hurried(scene), ADMIN, CLOCK)
    assert await report(trial, group("G2", service="cdap", profil="T2")) == [("fait", "")]


async def test_responsable_is_a_person_of_a_line_above() -> None:
    decideur = OfScene(Scene(), ADMIN)
    lines = [user("chef@valfleury.example"), group("T2PE", responsable="Chef@valfleury.example")]
    assert await report(decideur, *lines) == [("demande", ""), ("fait", "")]
    asked, opened, again = decideur.asked
    assert opened.responsable_id == asked.user_id == again.user_id
    assert again.titre == "responsable"


@pytest.mark.parametrize(
    ("lines", "code"),
    [
        ([group(responsable="inconnu@valfleury.example")], "responsable_absent"),
        ([user("a@valfleury.example", "INCONNU")], "groupe_inconnu"),
        ([group(service="cdap", profil="T5")], "profil_non_accorde"),
        ([group("AFAS-HABILITER", service="cdap", profil="T1")], "non_permis"),
        ([group(service="afas")], None),
        ([{"objet": "groupe", "code": "T 1"}], "cellule_invalide"),
    ],
)
async def test_a_line_that_is_refused_stops_no_other(
    lines: list[dict[str, str]], code: str | None
) -> None:
    *told, last = await report(OfScene(Scene(), ADMIN), *lines, user("z@valfleury.example"))
    assert last == ("demande", "")
    assert told[-1][0] == "refuse"
    assert code is None or told[-1][1] == code


async def test_a_file_does_not_fill_what_cannot_leave() -> None:
    """As any command of HTTP is turned away while the broker is (ADR-0002)."""
    runtime: Any = SimpleNamespace(drain=SimpleNamespace(size=FULL + 1), reader=Scene())
    assert await report(PourDeBon(runtime, ADMIN), group(), user()) == [
        ("refuse", OutboxFull.code),
        ("refuse", OutboxFull.code),
    ]


async def test_a_line_that_could_not_be_decided_stops_no_other() -> None:
    class Busy(OfScene):
        async def decide(self, use_case: UseCase[Any, Any], message: Any) -> None:
            if isinstance(message, OpenGroupe):
                raise Unavailable
            await super().decide(use_case, message)

    told = await report(Busy(Scene(), ADMIN), group(), user())
    assert told == [("refuse", "ligne_non_decidee"), ("demande", "")]


async def test_twice_in_one_file_is_said() -> None:
    lines = [user("a@valfleury.example"), user("A@valfleury.example", "G2"), group(), group("t2pe")]
    told = await report(OfScene(Scene(), ADMIN), *lines)
    assert [code for _, code in told] == ["", "ligne_en_double", "", "ligne_en_double"]


async def test_an_agent_names_the_responsable() -> None:
    scene = Scene(kept())
    assert await report(OfScene(scene, AGENT), group(), by=AGENT) == [
        ("refuse", "responsable_absent")
    ]


async def test_a_trial_says_the_same_and_changes_nothing() -> None:
    lines = [
        user("chef@valfleury.example"),
        group("T2PE", service="cdap", profil="T2", responsable="chef@valfleury.example"),
        user("a@valfleury.example", "T2PE"),
        group("T5X", service="cdap", profil="T5"),
        user("b@valfleury.example", "T5X"),
    ]
    scene = Scene()
    before = dict(scene.stored)
    tried = await report(PourVoir(scene, ADMIN, CLOCK), *lines)
    assert scene.stored == before
    assert tried == await report(OfScene(scene, ADMIN), *lines)
    assert [each for each, _ in tried] == ["demande", "fait", "demande", "refuse", "demande"]
    assert any(isinstance(each, Groupe) and each.code == "T2PE" for each in scene.stored.values())
    assert not any(
        isinstance(each, Personne) and each.nom == "Delmas" for each in scene.stored.values()
    )
