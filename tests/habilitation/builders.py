"""Invented conventions, groups and people; a decision taken in memory.

Our convention `19_214` (Caf 931) has the administrateurs `admin` and `suppleant`, the groups `g1`
(responsable `resp`, member `membre`, profile T1), `g2` (responsable `autre-resp`, no role), and the
Caf's two AFAS groups `habiliter` (member `habiliteur`) and `declarer`; `simple` belongs to nothing.
That of others, `20_7` (Caf 831), has `leur-admin` and the group `g9` of `leur-resp`.
"""

from collections.abc import Coroutine, Iterable, Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any, TypeVar, cast

from services.habilitation.domain.convention import (
    Administrateur,
    Contrat,
    Convention,
    Profil,
    ServiceSigne,
)
from services.habilitation.domain.groupe import CodeReserve, Groupe, Role
from services.habilitation.domain.membre import Appartenance, Membre
from services.habilitation.domain.mention import Mention
from services.habilitation.domain.personne import Personne
from services.habilitation.use_cases import BY_TOPIC, ON_ACCOUNTS
from shared.calendrier import day_of
from shared.contracts.comptes import EtatCompte, Fonction, GenreCompte
from shared.contracts.conventions import (
    CodeService,
    EtatConvention,
    EtatService,
    NatureGroupe,
    NouvellePersonne,
    Rang,
)
from shared.contracts.habilitation import SERVICE
from shared.contracts.topics import CONVENTIONS, DEMANDES, ROLE_ASSIGNMENTS
from shared.errors import Outdated, Refusal
from shared.path.decision import D, Decision, Document, Key, Request, State, UseCase
from shared.security.principal import ActorKind, Principal, service_principal
from tests.habilitation.arrows import check_arrows

T = TypeVar("T")

NOW = datetime(2025, 3, 6, 13, 30, tzinfo=UTC)
TODAY = date(2025, 3, 6)
OPENED = date(2025, 1, 6)
"""When everything here began."""
SIGNED = datetime(2025, 1, 6, 9, 0, tzinfo=UTC)
CAF, OTHER_CAF = "931", "831"
CONVENTION, OTHER_CONVENTION = "19_214", "20_7"
ITSELF = service_principal(SERVICE)
OTHER_SERVICE = service_principal("identity")
TELLERS = {
    CONVENTIONS: {"conventions"},
    ROLE_ASSIGNMENTS: {"groupes", "membres"},
    DEMANDES: {"demandes"},
}
"""Whose facts a topic carries, and no other does: who reads it alone misses no number."""


def partner(user_id: str) -> Principal:
    """A person of a partner."""
    return Principal(ActorKind.PARTENAIRE, user_id)


AGENT = Principal(ActorKind.AGENT_CAF, "agent")
OTHER_AGENT = Principal(ActorKind.AGENT_CAF, "autre-agent")
"""Of another Caf."""
AUDITOR = Principal(ActorKind.AGENT_CAF, "auditeur")
"""Of the same Caf, without the function Habilitations."""
ADMIN, SUPPLEANT = partner("admin"), partner("suppleant")
RESPONSABLE, OTHER_RESPONSABLE = partner("resp"), partner("autre-resp")
HABILITEUR, MEMBRE, SIMPLE = partner("habiliteur"), partner("membre"), partner("simple")
THEIR_ADMIN, THEIR_RESPONSABLE = partner("leur-admin"), partner("leur-resp")


def days(count: int) -> date:
    """A day counted from today."""
    return TODAY + timedelta(days=count)


def profil(code: str = "T1", **own: Any) -> Profil:
    """A profile granted; `own` replaces some of it."""
    values: dict[str, Any] = {
        "profil": code,
        "missions": "Accompagnement social des familles",
        "finalite": "Instruction des aides de la commune",
        "fondement": "Convention d’accès",
        "destinataires": "Agents du centre communal d’action sociale",
    }
    return Profil(**(values | own))


def service(code: CodeService = CodeService.CDAP, **own: Any) -> ServiceSigne:
    """A service that is open; `own` replaces some of it."""
    values: dict[str, Any] = {
        "service": code,
        "etat": EtatService.SIGNE,
        "bulletin": OPENED,
        "eligibilite": OPENED,
    }
    return ServiceSigne(**(values | own))


def cdap(**own: Any) -> ServiceSigne:
    """CDAP with T1 and T2, and T9 whose own condition is not confirmed yet."""
    judgment = profil("T9", condition="Désignation par un jugement")
    return service(**({"profils": (profil("T1"), profil("T2"), judgment)} | own))


def convention(id: str = CONVENTION, **own: Any) -> Convention:
    """An open convention, its management delegated; `own` replaces some of it."""
    values: dict[str, Any] = {
        "id": id,
        "siret": "21190214300018",
        "organisme": "Mairie de Valfleury",
        "type_organisme": "commune",
        "departements": ("93",),
        "caf": CAF,
        "etat": EtatConvention.OUVERTE,
        "validee": True,
        "ouverture": OPENED,
        "contrat": Contrat(signe_le=OPENED, gestion_deleguee=True),
        "services": (cdap(), service(CodeService.AFAS), service(CodeService.ADONIS)),
        "administrateurs": (
            Administrateur(user_id="admin", rang=Rang.PRINCIPAL, depuis=SIGNED),
            Administrateur(user_id="suppleant", rang=Rang.SUPPLEANT, depuis=SIGNED),
        ),
    }
    return Convention(**(values | own))


def their_convention(**own: Any) -> Convention:
    """The convention of others, of another Caf; `own` replaces some of it."""
    values: dict[str, Any] = {
        "siret": "21830007700011",
        "organisme": "Mairie de Rochebrune",
        "departements": ("83",),
        "caf": OTHER_CAF,
        "administrateurs": (
            Administrateur(user_id="leur-admin", rang=Rang.PRINCIPAL, depuis=SIGNED),
        ),
    }
    return convention(OTHER_CONVENTION, **(values | own))


def kept(**own: Any) -> Convention:
    """Our convention where the Caf keeps the management of habilitations to itself."""
    return convention(contrat=Contrat(signe_le=OPENED, gestion_deleguee=False), **own)


def groupe(groupe_id: str, responsable: str = "resp", **own: Any) -> Groupe:
    """An open group of our convention, without a role; `own` replaces some of it."""
    values: dict[str, Any] = {
        "id": groupe_id,
        "convention_id": CONVENTION,
        "code": groupe_id.upper(),
        "libelle": f"Groupe {groupe_id}",
        "responsable_id": responsable,
        "ouverture": OPENED,
        "ouverture_dite": True,
        "role_attribue": Mention(at=SIGNED, par="admin") if own.get("role") else None,
    }
    return Groupe(**(values | own))


def role(profil: str | None = "T1", service: CodeService = CodeService.CDAP) -> Role:
    """The role of a group."""
    return Role(service=service, profil=profil)


def appartenance(groupe_id: str, debut: date = OPENED, fin: date | None = None) -> Appartenance:
    """A membership, from the beginning on unless said otherwise."""
    return Appartenance(
        groupe_id=groupe_id, debut=debut, fin=fin, par="admin", debut_dit=debut <= TODAY
    )


def membre(user_id: str, *groupes: str | Appartenance, **own: Any) -> Membre:
    """Who belongs to these groups; `own` replaces some of it."""
    values: dict[str, Any] = {
        "id": user_id,
        "convention_id": CONVENTION,
        "appartenances": tuple(
            appartenance(each) if isinstance(each, str) else each for each in groupes
        ),
    }
    return Membre(**(values | own))


def personne(user_id: str, **own: Any) -> Personne:
    """The copy of an open account of a partner's person; `own` replaces some of it."""
    values: dict[str, Any] = {
        "id": user_id,
        "genre": GenreCompte.PARTENAIRE,
        "convention_id": CONVENTION,
        "nom": user_id.capitalize(),
        "prenom": "Zoé",
        "etat": EtatCompte.OUVERT,
        "caf": CAF,
        "ouverture": OPENED,
    }
    return Personne(**(values | own))


def agent(user_id: str = AGENT.id, **own: Any) -> Personne:
    """The copy of the account of an agent who manages habilitations; `own` replaces some."""
    values: dict[str, Any] = {
        "genre": GenreCompte.AGENT_CAF,
        "convention_id": None,
        "fonctions": (Fonction.HABILITATIONS,),
    }
    return personne(user_id, **(values | own))


def nouvelle(**own: Any) -> NouvellePersonne:
    """Somebody whose account is still to be made; `own` replaces some of it."""
    values: dict[str, Any] = {
        "nom": "Benali",
        "prenom": "Aïcha",
        "mail": "aicha.benali@commune.example",
    }
    return NouvellePersonne(**(values | own))


def _people() -> Iterator[Document]:
    ours = ("admin", "suppleant", "resp", "autre-resp", "habiliteur", "membre", "simple")
    yield from map(personne, ours)
    yield from (
        personne(each, convention_id=OTHER_CONVENTION, caf=OTHER_CAF)
        for each in ("leur-admin", "leur-resp", "leur-simple")
    )
    yield agent()
    yield agent(OTHER_AGENT.id, caf=OTHER_CAF)
    yield agent(AUDITOR.id, fonctions=(Fonction.SUPERVISION_CDAP,))


def _groupes() -> Iterator[Groupe]:
    afas = {"role": role(None, CodeService.AFAS), "adhesions": 1}
    yield groupe("g1", libelle="T1 Assistants sociaux", role=role("T1"), adhesions=1)
    yield groupe("g2", "autre-resp", libelle="T2 Petite enfance")
    yield groupe(
        "habiliter", "admin", code="AFAS-HABILITER", nature=NatureGroupe.AFAS_HABILITER, **afas
    )
    yield groupe(
        "declarer", "admin", code="AFAS-DECLARER", nature=NatureGroupe.AFAS_DECLARER, **afas
    )
    yield groupe("g9", "leur-resp", convention_id=OTHER_CONVENTION)


def everywhere() -> Iterator[Document]:
    """The two conventions with their people and groups, as this module says."""
    yield from (convention(), their_convention())
    yield from _people()
    for each in _groupes():
        yield each
        code = CodeReserve.id_for(each.convention_id, each.code)
        yield CodeReserve(id=code, groupe_id=each.id)
    yield membre("membre", "g1")
    yield membre("habiliteur", "habiliter")


class Scene:
    """The use cases on documents in memory: those of everywhere, then those given."""

    def __init__(self, *documents: Document) -> None:
        self.stored: dict[Key[Any], Document] = {
            each.key: each for each in (*everywhere(), *documents)
        }

    async def load(self, key: Key[D]) -> D | None:
        """The reader of slow preparations, by key."""
        return cast("D | None", self.stored.get(key))

    async def find(self, model: type[D], field: str, value: str) -> list[D]:
        """The reader of slow preparations, by a field, or one of its parts."""
        return [
            each
            for each in self.stored.values()
            if isinstance(each, model) and value in _values(each, field.split("."))
        ]

    def get(self, model: type[D], id: str) -> D:
        """A document as last stored."""
        return cast("D", self.stored[model.key_of(id)])

    def put(self, *documents: Document) -> None:
        """Store other documents."""
        self.stored |= {each.key: each for each in documents}

    async def prepared(
        self, message: object, by: Principal = ADMIN, *, now: datetime = NOW
    ) -> Request[Any, Any]:
        """A command, its slow part done."""
        request: Request[Any, Any] = Request(message, by, now, "message", "correlation", None)
        prepare = use_case_of(message).prepare
        if prepare is None:
            return request
        prepared = await prepare(request, self)
        return Request(message, by, now, "message", "correlation", prepared)

    def decide(self, *requests: Request[Any, Any]) -> list[Decision]:
        """Decide as one group, in order: each sees what those before wrote."""
        state = State({})
        for request in requests:
            keys = use_case_of(request.message).keys(request)
            state.add({key: self.stored.get(key) for key in keys})
        for request in requests:
            more_keys = use_case_of(request.message).more_keys
            more = () if more_keys is None else tuple(more_keys(request, state))
            state.add({key: self.stored.get(key) for key in more if key not in state})
        return [self._decide(request, state) for request in requests]

    def _decide(self, request: Request[Any, Any], state: State) -> Decision:
        decision = use_case_of(request.message).decide(request, state)
        written = {each.key for each in decision.writes}
        assert {told.by.key for told in decision.facts} <= written
        assert all(told.by.COLLECTION in TELLERS[told.fact.TOPIC] for told in decision.facts)
        assert not any(key.model.FOREIGN for key in written)
        for document in decision.writes:
            told = [type(each.fact) for each in decision.facts if each.by.key == document.key]
            before = state.get(document.key) if document.key in state else None
            check_arrows(before, document, told, day_of(request.now))
            state.put(document)
        self.put(*decision.writes)
        return decision

    async def ask(self, message: object, by: Principal = ADMIN, *, now: datetime = NOW) -> Decision:
        """Prepare, decide, store; what was prepared too early is prepared again."""
        try:
            return self.decide(await self.prepared(message, by, now=now))[0]
        except Outdated:
            return self.decide(await self.prepared(message, by, now=now))[0]

    async def facts(
        self, message: object, by: Principal = ADMIN, *, now: datetime = NOW
    ) -> list[Any]:
        """What a command makes the service tell, in order."""
        return [told.fact for told in (await self.ask(message, by, now=now)).facts]

    async def refusal(
        self, message: object, by: Principal = ADMIN, *, now: datetime = NOW
    ) -> Refusal | None:
        """The refusal of a command, or None where it is accepted."""
        try:
            await self.ask(message, by, now=now)
        except Refusal as refusal:
            return refusal
        return None

    async def code(
        self, message: object, by: Principal = ADMIN, *, now: datetime = NOW
    ) -> str | None:
        """The code of the refusal of a command, or None where it is accepted."""
        refusal = await self.refusal(message, by, now=now)
        return None if refusal is None else refusal.code


def at_once(coroutine: Coroutine[Any, Any, T]) -> T:
    """What a coroutine that waits for nothing gives, where there is no event loop."""
    try:
        coroutine.send(None)
    except StopIteration as done:
        value: T = done.value
        return value
    raise AssertionError("a decision waited")


def use_case_of(message: object) -> UseCase[Any, Any]:
    """The use case that decides a command, or reacts to a fact."""
    return next(each for each in (*BY_TOPIC, *ON_ACCOUNTS) if each.message is type(message))


def _values(value: object, path: list[str]) -> Iterable[object]:
    """What a dotted field holds, through lists, as the store reads it."""
    if isinstance(value, tuple):
        return [one for each in value for one in _values(each, path)]
    if not path:
        return [value]
    return _values(getattr(value, path[0]), path[1:])
