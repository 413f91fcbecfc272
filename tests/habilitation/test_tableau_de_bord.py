"""The dashboard: what it counts and shows, to whom, within which bounds, by which indexes."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from services.habilitation.annuaire.tableau_de_bord import (
    MOST_GROUPES,
    MOST_LINES,
    SOON,
    of_ends,
    of_groupes,
    of_people,
)
from services.habilitation.annuaire.vue import Vue
from services.habilitation.domain.convention import Administrateur
from services.habilitation.domain.droits import Demandeur
from services.habilitation.domain.membre import Appartenance
from shared.calendrier import day_of
from shared.contracts.comptes import EtatCompte, GenreCompte
from shared.contracts.conventions import EtatConvention, Rang
from shared.contracts.habilitation import SERVICE
from shared.security.principal import ActorKind, Principal
from tests.habilitation.builders import (
    ADMIN,
    AGENT,
    AUDITOR,
    CONVENTION,
    HABILITEUR,
    ITSELF,
    MEMBRE,
    OPENED,
    OTHER_AGENT,
    OTHER_CONVENTION,
    OTHER_RESPONSABLE,
    RESPONSABLE,
    SIGNED,
    SIMPLE,
    THEIR_ADMIN,
    appartenance,
    convention,
    groupe,
    membre,
    partner,
    personne,
    role,
)
from tests.habilitation.running import Running

pytestmark = [pytest.mark.connected, pytest.mark.timeout(120)]

TODAY = day_of(datetime.now(UTC))
DAY = timedelta(days=1)
SEEN = datetime(2026, 3, 2, 8, 15, tzinfo=UTC)


class Place:
    """A convention of our Caf with its administrateur; ids begin with its number."""

    def __init__(self, habilitation: Running, number: int, **own: Any) -> None:
        self._habilitation = habilitation
        self.id = f"31_{number}"
        self.admin = partner(self.named("admin"))
        titulaire = Administrateur(user_id=self.admin.id, rang=Rang.PRINCIPAL, depuis=SIGNED)
        habilitation.put(convention(self.id, administrateurs=(titulaire,), **own))
        self.person("admin", nom="A", connecte_le=SEEN)

    def named(self, name: str) -> str:
        """An id of this place."""
        return f"{self.id.replace('_', '-')}-{name}"

    def person(self, name: str, *belongs: Appartenance, **own: Any) -> None:
        """An account with its memberships."""
        values = {"nom": name, "convention_id": self.id} | own
        self._habilitation.put(personne(self.named(name), **values))
        if belongs:
            self._habilitation.put(membre(self.named(name), *belongs, convention_id=self.id))

    def groupe(self, name: str, responsable: str = "admin", **own: Any) -> None:
        """A group whose code is its name."""
        values = {"convention_id": self.id, "code": name} | own
        self._habilitation.put(groupe(self.named(name), self.named(responsable), **values))

    def belongs(self, name: str, debut: date = OPENED, fin: date | None = None) -> Appartenance:
        """A membership of one of its groups."""
        return appartenance(self.named(name), debut, fin)

    async def read(self, by: Principal | None = None) -> Any:
        """Its dashboard, as its administrateur sees it unless another is said."""
        path = f"/conventions/{self.id}/tableau-de-bord"
        return await self._habilitation.read(path, by or self.admin)

    def told(self, listed: Any) -> tuple[int, list[str]]:
        """How many there are, and the names of those who are shown."""
        prefix = self.named("")
        return listed["total"], [each["user_id"].removeprefix(prefix) for each in listed["lignes"]]


async def test_groups_with_their_role_and_who_is_there_today(habilitation: Running) -> None:
    place = Place(habilitation, 1)
    place.groupe("T1", "cheffe", role=role("T1"))
    place.groupe("T1-SUD", "cheffe", parent_id=place.named("T1"), niveau=2)
    place.groupe("VIENT", ouverture=TODAY + DAY)
    place.groupe("FINI", cloture=TODAY)
    place.groupe("EFFACE", supprime=True)
    place.person("cheffe", connecte_le=SEEN - DAY)
    place.person("la", place.belongs("T1"), place.belongs("T1-SUD"))
    place.person("la-encore", place.belongs("T1", fin=TODAY + DAY))
    place.person("parti", place.belongs("T1", fin=TODAY))
    place.person("arrive", place.belongs("T1", debut=TODAY + DAY))
    place.person("clos", place.belongs("T1"), etat=EtatCompte.CLOTURE)
    shown = await place.read()
    assert (shown["convention_id"], shown["jour"]) == (place.id, TODAY.isoformat())
    assert shown["groupes"]["total"] == 3
    first, second, third = shown["groupes"]["lignes"]
    assert first == {
        "groupe_id": place.named("T1"),
        "code": "T1",
        "libelle": f"Groupe {place.named('T1')}",
        "niveau": 1,
        "role": {"service": "cdap", "profil": "T1"},
        "statut": "ouvert",
        "presents": 2,
    }
    assert (second["code"], second["niveau"], second["presents"]) == ("T1-SUD", 2, 1)
    assert (third["code"], third["statut"], third["role"]) == ("VIENT", "a_venir", None)
    assert third["presents"] == 0
    assert await place.read(AGENT) == shown


async def test_responsables_with_their_last_sign_in(habilitation: Running) -> None:
    place = Place(habilitation, 2)
    for name, responsable in (("G1", "admin"), ("G2", "ancien"), ("G3", "jamais"), ("G4", "admin")):
        place.groupe(name, responsable)
    place.groupe("G5", "pas-encore-connu")
    place.groupe("FINI", "d-un-groupe-clos", cloture=TODAY)
    place.person("ancien", connecte_le=SEEN - 9 * DAY)
    place.person("jamais")
    place.person("d-un-groupe-clos")
    shown = (await place.read())["responsables"]
    names = ["jamais", "pas-encore-connu", "ancien", "admin"]
    assert place.told(shown) == (4, names)
    lines = shown["lignes"]
    assert [each["connecte_le"] for each in lines] == [
        None,
        None,
        "2026-02-21T08:15:00Z",
        "2026-03-02T08:15:00Z",
    ]
    assert [each["groupes"] for each in lines] == [1, 1, 1, 2]
    assert (lines[0]["nom"], lines[0]["etat"]) == ("jamais", "ouvert")
    assert (lines[1]["nom"], lines[1]["etat"]) == (None, None)


async def test_what_ends_soon(habilitation: Running) -> None:
    place = Place(habilitation, 3, cloture=TODAY + SOON)
    place.groupe("DEMAIN", cloture=TODAY + DAY)
    place.groupe("BIENTOT", cloture=TODAY + SOON)
    place.groupe("PLUS-TARD", cloture=TODAY + SOON + DAY)
    place.groupe("FINI", cloture=TODAY)
    last = place.belongs("BIENTOT", fin=TODAY + SOON)
    later = place.belongs("PLUS-TARD", fin=TODAY + SOON + DAY)
    place.person("dernier-jour", last, later)
    place.person("demain", place.belongs("PLUS-TARD", fin=TODAY + DAY))
    place.person("parti", place.belongs("PLUS-TARD", fin=TODAY), place.belongs("DEMAIN"))
    place.person("du-groupe-fini", place.belongs("FINI", fin=TODAY + DAY))
    closed = {"etat": EtatCompte.OUVERT, "cloture": TODAY}
    place.person("clos", place.belongs("PLUS-TARD", fin=TODAY + DAY), **closed)
    ends = (await place.read())["fins_proches"]
    assert (ends["horizon"], ends["convention"]) == ((TODAY + SOON).isoformat(),) * 2
    assert ends["groupes"]["total"] == 2
    assert [(each["code"], each["fin"]) for each in ends["groupes"]["lignes"]] == [
        ("DEMAIN", (TODAY + DAY).isoformat()),
        ("BIENTOT", (TODAY + SOON).isoformat()),
    ]
    people = ends["appartenances"]
    assert place.told(people) == (2, ["demain", "dernier-jour"])
    assert [(each["groupe"]["code"], each["fin"]) for each in people["lignes"]] == [
        ("PLUS-TARD", (TODAY + DAY).isoformat()),
        ("BIENTOT", (TODAY + SOON).isoformat()),
    ]
    assert place.told(ends["comptes"]) == (0, [])
    for name, end in (("b", TODAY + SOON), ("c", TODAY + DAY), ("d", TODAY + SOON + DAY)):
        place.person(name, cloture=end)
    accounts = (await place.read())["fins_proches"]["comptes"]
    assert place.told(accounts) == (2, ["c", "b"])
    assert [each["fin"] for each in accounts["lignes"]] == [
        (TODAY + DAY).isoformat(),
        (TODAY + SOON).isoformat(),
    ]
    for number, cloture in enumerate((None, TODAY + SOON + DAY)):
        lasting = Place(habilitation, 30 + number, cloture=cloture)
        assert (await lasting.read())["fins_proches"]["convention"] is None


async def test_accounts_that_call_for_attention(habilitation: Running) -> None:
    place = Place(habilitation, 4)
    place.groupe("G1")
    place.groupe("FINI", cloture=TODAY)
    place.person("b-partout", place.belongs("G1"), connecte_le=SEEN)
    place.person("c-jamais", place.belongs("G1"), ouverture=OPENED)
    place.person("d-nulle-part", connecte_le=SEEN)
    place.person("e-groupe-fini", place.belongs("FINI"), connecte_le=SEEN)
    place.person("f-sorti", place.belongs("G1", fin=TODAY), connecte_le=SEEN)
    place.person("g-arrive", place.belongs("G1", debut=TODAY + DAY), connecte_le=SEEN)
    place.person("h-ni-l-un-ni-l-autre", ouverture=TODAY)
    place.person("i-a-ouvrir", ouverture=TODAY + DAY)
    place.person("j-clos", etat=EtatCompte.CLOTURE)
    place.person("k-clos-par-son-jour", cloture=TODAY)
    shown = await place.read()
    assert place.told(shown["jamais_connectes"]) == (2, ["c-jamais", "h-ni-l-un-ni-l-autre"])
    nowhere = ["admin", "d-nulle-part", "e-groupe-fini", "f-sorti", "h-ni-l-un-ni-l-autre"]
    assert place.told(shown["sans_groupe"]) == (5, nowhere)
    assert shown["jamais_connectes"]["lignes"][0] == {
        "user_id": place.named("c-jamais"),
        "nom": "c-jamais",
        "prenom": "Zoé",
        "ouverture": OPENED.isoformat(),
    }


async def test_what_is_cut_off_is_counted(habilitation: Running) -> None:
    place, more = Place(habilitation, 5), 3
    for number in range(MOST_GROUPES + more):
        many = {"cloture": TODAY + DAY} if number < MOST_LINES + more else {}
        place.groupe(f"G{number:03}", f"r{number % (MOST_LINES + more):02}", **many)
    for number in range(MOST_LINES + more):
        place.person(f"a{number:02}", cloture=TODAY + DAY)
        place.person(f"b{number:02}", place.belongs("G000", fin=TODAY + DAY), connecte_le=SEEN)
    shown = await place.read()
    cut = MOST_LINES + more
    for listed, total, most in (
        (shown["groupes"], MOST_GROUPES + more, MOST_GROUPES),
        (shown["responsables"], cut, MOST_LINES),
        (shown["fins_proches"]["groupes"], cut, MOST_LINES),
        (shown["fins_proches"]["appartenances"], cut, MOST_LINES),
        (shown["fins_proches"]["comptes"], cut, MOST_LINES),
        (shown["jamais_connectes"], cut, MOST_LINES),
        (shown["sans_groupe"], cut + 1, MOST_LINES),
    ):
        assert (listed["total"], len(listed["lignes"])) == (total, most)
    assert shown["groupes"]["lignes"][0]["presents"] == cut


async def test_who_manages_some_groups_sees_these_and_their_members(habilitation: Running) -> None:
    place = Place(habilitation, 6)
    place.groupe("SIEN", "cheffe", cloture=TODAY + DAY)
    place.groupe("AUTRE", cloture=TODAY + DAY)
    place.person("cheffe")
    place.person("a-elle", place.belongs("SIEN", fin=TODAY + DAY), place.belongs("AUTRE"))
    place.person("a-un-autre", place.belongs("AUTRE", fin=TODAY + DAY))
    place.person("nulle-part")
    shown = await place.read(partner(place.named("cheffe")))
    assert [(each["code"], each["presents"]) for each in shown["groupes"]["lignes"]] == [
        ("SIEN", 1)
    ]
    assert place.told(shown["responsables"]) == (1, ["cheffe"])
    assert [each["code"] for each in shown["fins_proches"]["groupes"]["lignes"]] == ["SIEN"]
    assert place.told(shown["fins_proches"]["appartenances"]) == (1, ["a-elle"])
    assert place.told(shown["jamais_connectes"]) == (1, ["a-elle"])
    assert place.told(shown["sans_groupe"]) == (0, [])


async def test_to_others_there_is_no_dashboard(habilitation: Running) -> None:
    habilitation.put(
        personne("parti", etat=EtatCompte.CLOTURE),
        personne("bailleur", genre=GenreCompte.BAILLEUR, convention_id=None),
    )
    ours, theirs = (
        f"/conventions/{each}/tableau-de-bord" for each in (CONVENTION, OTHER_CONVENTION)
    )
    unknown = "/conventions/99_9/tableau-de-bord"
    nobody = (AUDITOR, MEMBRE, SIMPLE, partner("parti"), partner("bailleur"), ITSELF)
    for path, status, code, refused in (
        (ours, 403, "non_permis", nobody),
        (ours, 404, "convention_inconnue", (OTHER_AGENT, THEIR_ADMIN)),
        (theirs, 404, "convention_inconnue", (AGENT, ADMIN, RESPONSABLE)),
        (unknown, 404, "convention_inconnue", (AGENT, ADMIN, RESPONSABLE)),
    ):
        for by in refused:
            answer = await habilitation.ask("GET", path, by=by, key=None)
            assert (answer.status_code, answer.json()["code"]) == (status, code), (path, by)
    answer = await habilitation.ask("GET", ours, by=None)
    assert (answer.status_code, answer.json()["code"]) == (401, "jeton_absent")
    for by, codes in (
        (RESPONSABLE, ["G1"]),
        (OTHER_RESPONSABLE, ["G2"]),
        (HABILITEUR, ["AFAS-DECLARER"]),
        (ADMIN, ["AFAS-DECLARER", "AFAS-HABILITER", "G1", "G2"]),
    ):
        shown = await habilitation.read(ours, by)
        assert [each["code"] for each in shown["groupes"]["lignes"]] == codes


async def test_a_suspended_convention_is_still_shown(habilitation: Running) -> None:
    place = Place(habilitation, 7, etat=EtatConvention.SUSPENDUE)
    place.groupe("G1")
    for by in (place.admin, AGENT):
        assert (await place.read(by))["groupes"]["total"] == 1


async def test_everything_is_found_by_an_index(habilitation: Running) -> None:
    database = habilitation.platform.database(SERVICE)
    asks = Demandeur(Principal(ActorKind.AGENT_CAF, AGENT.id))
    for groupes in (None, frozenset({"g1"})):
        vue = Vue(asks, convention(), TODAY, groupes)
        listed = [{"$match": of_groupes(vue)}, {"$sort": {"code_cherche": 1, "_id": 1}}]
        for collection, pipeline in (
            ("groupes", listed),
            ("personnes", of_people(vue, ["g1"], ["g1"])),
            ("membres", of_ends(vue, ["g1"])),
        ):
            asked: dict[str, Any] = {"aggregate": collection, "pipeline": pipeline, "cursor": {}}
            plan = str(database.command("explain", asked, verbosity="queryPlanner"))
            assert "IXSCAN" in plan, collection
            assert "COLLSCAN" not in plan, collection
            if collection == "membres":
                assert "convention_id_1_appartenances.fin_1" in plan
