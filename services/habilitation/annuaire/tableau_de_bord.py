"""« Mes tableaux de bord »: where a convention is today, and what calls for somebody's attention.

An administrateur and the agent of the Caf see the whole convention; who manages some groups, these
and their members. Every list is bounded and says how many there are in all.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Generic, TypeVar

from services.habilitation.annuaire.pages import PAGE, Query
from services.habilitation.annuaire.vue import Vue, look_up, vue_of
from services.habilitation.domain.errors import NotPermitted
from services.habilitation.domain.groupe import Groupe
from services.habilitation.domain.membre import Membre
from services.habilitation.domain.personne import Personne
from shared.contracts.comptes import EtatCompte
from shared.mongo.client import Store
from shared.mongo.documents import to_document
from shared.security.principal import Principal

T = TypeVar("T")
Row = Mapping[str, Any]
Pipeline = list[dict[str, Any]]

SOON = timedelta(days=30)
"""How long before its day an end is shown (assumed)."""
MOST_GROUPES = 200
"""Groups of one dashboard at most, by code (assumed); the list of groups has them all."""
MOST_LINES = PAGE
"""Lines of each other list at most (assumed)."""


@dataclass(frozen=True)
class Liste(Generic[T]):
    """The first lines of a list, and how many there are with those that are cut off."""

    total: int
    lignes: Sequence[T]


@dataclass(frozen=True)
class GroupeSuivi:
    """A group that is not over, with how many open accounts belong to it today."""

    groupe: Groupe
    presents: int


@dataclass(frozen=True)
class ResponsableSuivi:
    """Who is responsable of groups, of how many; None where the account is not known yet."""

    user_id: str
    personne: Personne | None
    groupes: int

    @property
    def connecte_le(self) -> datetime | None:
        """The last sign-in, as far as told."""
        return None if self.personne is None else self.personne.connecte_le


@dataclass(frozen=True)
class FinAppartenance:
    """A membership that ends soon, of an account that is not closed."""

    personne: Personne
    groupe: Groupe
    fin: date


@dataclass(frozen=True)
class TableauDeBord:
    """The dashboard of a convention."""

    vue: Vue
    fin_convention: date | None
    """The day on which the convention is over, where it is soon."""
    groupes: Liste[GroupeSuivi]
    responsables: Liste[ResponsableSuivi]
    fins_groupes: Liste[Groupe]
    fins_appartenances: Liste[FinAppartenance]
    fins_comptes: Liste[Personne]
    jamais_connectes: Liste[Personne]
    sans_groupe: Liste[Personne]


class TableauxDeBord:
    """Reads dashboards for an actor."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def show(self, principal: Principal, convention_id: str, day: date) -> TableauDeBord:
        """That of a convention. Raises ConventionUnknown; NotPermitted to who manages nothing."""
        vue = await vue_of(self._store, principal, convention_id, day)
        if vue.manages_nothing:
            raise NotPermitted
        groupes = await self._groupes(vue)
        shown = groupes[:MOST_GROUPES]
        suivis = [each.id for each in groupes]
        people = await self._first(Personne, of_people(vue, suivis, [each.id for each in shown]))
        presents = {each["_id"]: each["presents"] for each in people["presents"]}
        ending = sorted(
            (each for each in groupes if _is_soon(each.cloture, day)),
            key=lambda each: (each.cloture or day, each.code_cherche),
        )
        cloture = vue.convention.cloture
        return TableauDeBord(
            vue=vue,
            fin_convention=cloture if _is_soon(cloture, day) else None,
            groupes=Liste(
                len(groupes), [GroupeSuivi(each, presents.get(each.id, 0)) for each in shown]
            ),
            responsables=await self._responsables(groupes),
            fins_groupes=Liste(len(ending), ending[:MOST_LINES]),
            fins_appartenances=await self._ends(vue, groupes),
            fins_comptes=_people(people, "fins"),
            jamais_connectes=_people(people, "jamais_connectes"),
            sans_groupe=_people(people, "sans_groupe"),
        )

    async def _groupes(self, vue: Vue) -> list[Groupe]:
        """The groups that he sees and that are not over, by code."""
        rows = self._store.collection(Groupe.COLLECTION).find(of_groupes(vue))
        found = await rows.sort([("code_cherche", 1), ("_id", 1)]).to_list(None)
        return [to_document(row, Groupe) for row in found]

    async def _responsables(self, groupes: Sequence[Groupe]) -> Liste[ResponsableSuivi]:
        """Who is responsable of these groups: who never signed in first, then the longest ago."""
        ids = sorted({each.responsable_id for each in groupes})
        state = await look_up(self._store, *map(Personne.key_of, ids))
        found = [
            ResponsableSuivi(
                user_id=each,
                personne=state.get(Personne.key_of(each)),
                groupes=sum(groupe.responsable_id == each for groupe in groupes),
            )
            for each in ids
        ]
        found.sort(key=lambda each: each.connecte_le.timestamp() if each.connecte_le else 0.0)
        return Liste(len(found), found[:MOST_LINES])

    async def _ends(self, vue: Vue, groupes: Sequence[Groupe]) -> Liste[FinAppartenance]:
        """The memberships of these groups that end soon, the next one first."""
        by_id = {each.id: each for each in groupes}
        found = await self._first(Membre, of_ends(vue, sorted(by_id)))
        ends = [
            FinAppartenance(
                to_document(row["personne"], Personne),
                by_id[row["appartenances"]["groupe_id"]],
                date.fromisoformat(row["appartenances"]["fin"]),
            )
            for row in found["lignes"]
        ]
        return Liste(_total(found["total"]), ends)

    async def _first(self, model: type[Personne | Membre], pipeline: Pipeline) -> Row:
        """What a pipeline that ends in a `$facet` answers."""
        rows = self._store.collection(model.COLLECTION).aggregate(pipeline)
        (answer,) = await rows.to_list(None)
        row: Row = answer
        return row


# --- what is asked of the store -------------------------------------------------------------------


def of_groupes(vue: Vue) -> Query:
    """The groups that he sees and that are not over, as `Groupe.goes_on` says."""
    today = vue.day.isoformat()
    asked: Query = {
        "convention_id": vue.convention.id,
        "supprime": False,
        "cloture": {"$not": {"$lte": today}},
    }
    if vue.groupes is not None:
        asked["_id"] = {"$in": sorted(vue.groupes)}
    return asked


def of_people(vue: Vue, suivis: Sequence[str], shown: Sequence[str]) -> Pipeline:
    """The open accounts by name, in one pass: how many are in each group shown, who is in none of
    those that are followed, now or later, who never signed in, and whose account ends soon.
    """
    today, horizon = vue.day.isoformat(), (vue.day + SOON).isoformat()
    is_followed = {"$in": ["$$each.groupe_id", list(suivis)]}
    goes_on = {"$or": [{"$eq": ["$$each.fin", None]}, {"$gt": ["$$each.fin", today]}]}
    all_of_them = {"$ifNull": [{"$first": "$membre.appartenances"}, []]}
    belongs = {
        "$filter": {
            "input": all_of_them,
            "as": "each",
            "cond": {"$and": [is_followed, goes_on]},
        }
    }
    present = {"suivies.debut": {"$lte": today}, "suivies.groupe_id": {"$in": list(shown)}}
    never: Query = {"connecte_le": None}
    nowhere: Query = {"suivies": []}
    ends: Query = {"cloture": {"$gt": today, "$lte": horizon}}
    return [
        {"$match": {"convention_id": vue.convention.id, **_open(today)}},
        {"$sort": {"nom_cherche": 1, "prenom_cherche": 1, "_id": 1}},
        _joined(Membre, "membre"),
        {"$set": {"suivies": belongs}},
        {"$unset": "membre"},
        *([] if vue.sees_all else [{"$match": {"suivies": {"$ne": []}}}]),
        {
            "$facet": {
                "presents": [
                    {"$unwind": "$suivies"},
                    {"$match": present},
                    {"$group": {"_id": "$suivies.groupe_id", "presents": {"$sum": 1}}},
                ],
                "jamais_connectes": [{"$match": never}, {"$limit": MOST_LINES}],
                "jamais_connectes_total": [{"$match": never}, {"$count": "total"}],
                "sans_groupe": [{"$match": nowhere}, {"$limit": MOST_LINES}],
                "sans_groupe_total": [{"$match": nowhere}, {"$count": "total"}],
                "fins": [
                    {"$match": ends},
                    {"$sort": {"cloture": 1, "nom_cherche": 1, "_id": 1}},
                    {"$limit": MOST_LINES},
                ],
                "fins_total": [{"$match": ends}, {"$count": "total"}],
            }
        },
    ]


def of_ends(vue: Vue, suivis: Sequence[str]) -> Pipeline:
    """The memberships of groups that are followed which end soon, by day."""
    today, horizon = vue.day.isoformat(), (vue.day + SOON).isoformat()
    ends = {"fin": {"$gt": today, "$lte": horizon}, "groupe_id": {"$in": list(suivis)}}
    return [
        {"$match": {"convention_id": vue.convention.id, "appartenances": {"$elemMatch": ends}}},
        {"$unwind": "$appartenances"},
        {"$match": {f"appartenances.{name}": value for name, value in ends.items()}},
        _joined(Personne, "personne"),
        {"$unwind": "$personne"},
        {"$match": {f"personne.{name}": value for name, value in _not_over(today).items()}},
        {"$sort": {"appartenances.fin": 1, "personne.nom_cherche": 1, "_id": 1}},
        {"$facet": {"lignes": [{"$limit": MOST_LINES}], "total": [{"$count": "total"}]}},
    ]


def _joined(model: type[Personne | Membre], name: str) -> dict[str, Any]:
    """The other document of the same person, by its key."""
    return {
        "$lookup": {
            "from": model.COLLECTION,
            "localField": "_id",
            "foreignField": "_id",
            "as": name,
        }
    }


def _not_over(today: str) -> Query:
    """Accounts that are not closed, as `Personne.etat_at` says."""
    return {"etat": {"$ne": EtatCompte.CLOTURE}, "cloture": {"$not": {"$lte": today}}}


def _open(today: str) -> Query:
    """Accounts that are open, as `Personne.etat_at` says."""
    return {**_not_over(today), "ouverture": {"$not": {"$gt": today}}}


def _is_soon(end: date | None, day: date) -> bool:
    """Whether an end is still to come, and soon."""
    return end is not None and day < end <= day + SOON


def _people(found: Row, name: str) -> Liste[Personne]:
    rows = found[name]
    return Liste(_total(found[f"{name}_total"]), [to_document(row, Personne) for row in rows])


def _total(counted: Sequence[Row]) -> int:
    """What `$count` says: nothing at all where there is none."""
    return counted[0]["total"] if counted else 0
