"""Invented accounts, a hash and a seal that cost nothing; a decision taken in memory."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any, cast

from services.identity.acces import Acces, Means, make_acces
from services.identity.domain.compte import Acteur, Compte, Provisoire
from services.identity.domain.copies import Appartenance, Convention, Groupe, Membre
from services.identity.domain.essais import Place, Refus
from services.identity.domain.ouverture import Annonce, Candidate, Issue
from services.identity.domain.reinitialisation import Tirage
from services.identity.domain.session import Portee, Session, id_of
from services.identity.handlers.presence import Presence
from services.identity.use_cases import UseCases, make_use_cases
from shared.contracts.comptes import Fonction, GenreCompte
from shared.contracts.conventions import EtatConvention, NatureGroupe
from shared.contracts.identity import SERVICE
from shared.contracts.identity_commands import CreateUser
from shared.errors import Unavailable
from shared.path.decision import D, Decision, Document, Key, Request, State, UseCase
from shared.security.principal import ActorKind, Principal, service_principal

NOW = datetime(2025, 3, 6, 13, 30, tzinfo=UTC)
DAY = timedelta(hours=24)
CAF, CONVENTION = "931", "19_214"
IDENTIFIANT = "KRB4729TV35"
PASSWORD = "Bonjour-2026"
TEMPORARY = "abcde-ABCDE-23456-fghjk"
AGENT = Principal(ActorKind.AGENT_CAF, "agent-1")
PARTNER = Principal(ActorKind.PARTENAIRE, "u1")
ITSELF = service_principal(SERVICE)
OTHER_SERVICE = service_principal("notifications")
TOKEN = "token-of-a-session"


@dataclass
class FakeHasher:
    """Hashes by a prefix, and counts the work."""

    hashed: list[str] = field(default_factory=list)
    verified: list[str | None] = field(default_factory=list)
    outdated: bool = False
    full: bool = False

    def check_room(self) -> None:
        """Full when the test says so."""
        if self.full:
            raise Unavailable

    async def hash(self, password: str) -> str:
        """The hash to keep of a password."""
        self.hashed.append(password)
        return hash_of(password)

    async def verify(self, password: str, hash: str | None) -> bool:
        """Whether a password is the hashed one."""
        self.check_room()
        self.verified.append(hash)
        return hash == hash_of(password)

    def is_outdated(self, hash: str) -> bool:
        """Whether it was made by another fake, or the test says so."""
        return self.outdated or not hash.startswith("hash of ")


@dataclass
class FakeEssais:
    """Gives out places to whoever asks, unless there is a refusal; what came of them is kept."""

    refus: Refus | None = None
    jusqua: datetime | None = None
    asked: list[tuple[str, str, datetime]] = field(default_factory=list)
    settled: list[tuple[str, bool, datetime]] = field(default_factory=list)
    left: list[str] = field(default_factory=list)

    async def take(self, identifiant: str, source: str, now: datetime) -> Place | Refus:
        """A place, or the refusal."""
        self.asked.append((identifiant, source, now))
        return self.refus or Place(f"place {len(self.asked)}", identifiant, source)

    async def give_back(self, place: Place, *, right: bool, now: datetime) -> datetime | None:
        """Keep what came of it."""
        self.settled.append((place.id, right, now))
        return self.jusqua

    async def leave(self, place: Place) -> None:
        """Keep that it was not used."""
        self.left.append(place.id)


class FakeCaptchas:
    """One challenge, "captcha", answered by "right" once, at any time."""

    def __init__(self) -> None:
        self.answered: list[datetime] = []

    async def answer(self, id: str, typed: str, now: datetime) -> bool:
        """Whether that is the answer, the first time."""
        self.answered.append(now)
        return len(self.answered) == 1 and (id, typed) == ("captcha", "right")


@dataclass
class FakeRobustesse:
    """The same score for every password; what was looked at is kept."""

    given: int = 4
    looked_at: list[tuple[str, Sequence[str]]] = field(default_factory=list)

    async def score(self, password: str, words: Sequence[str]) -> int:
        """The score."""
        self.looked_at.append((password, words))
        return self.given


@dataclass
class FakeSealer:
    """Seals by a number; what was sealed can be looked at."""

    sealed: list[dict[str, str | int]] = field(default_factory=list)

    def seal(self, payload: dict[str, str | int]) -> tuple[str, str]:
        """The id of the key and the sealed payload."""
        self.sealed.append(payload)
        return "key-1", f"sealed-{len(self.sealed)}"


def hash_of(password: str) -> str:
    """What the fake hasher makes of a password."""
    return f"hash of {password}"


class Scene:
    """The use cases with a fake hash and a fake seal, on documents in memory."""

    def __init__(self, *documents: Document) -> None:
        self.hasher, self.sealer = FakeHasher(), FakeSealer()
        self.use_cases: UseCases = make_use_cases(self.hasher, self.sealer)
        self.essais, self.captchas = FakeEssais(), FakeCaptchas()
        self.robustesse = FakeRobustesse()
        self.acces: Acces = make_acces(
            Means(self.hasher, self.sealer, self.essais, self.captchas, self.robustesse)
        )
        everywhere = (agent(), convention())
        self.stored: dict[Key[Any], Document] = {
            each.key: each for each in (*everywhere, *documents)
        }

    def look_up(self, key: Key[D]) -> D | None:
        """A document as last stored; who acts is read from his account."""
        if key.model is not Acteur:
            return cast("D | None", self.stored.get(key))
        own = self.stored.get(Compte.key_of(key.id))
        return None if own is None else cast("D", Acteur(**dict(own)))

    async def load(self, key: Key[D]) -> D | None:
        """The reader of slow preparations, by key."""
        return self.look_up(key)

    async def find(self, model: type[D], field: str, value: str) -> list[D]:
        """The reader of slow preparations, by a field."""
        return [
            each
            for each in self.stored.values()
            if isinstance(each, model) and getattr(each, field) == value
        ]

    async def prepared(
        self,
        use_case: UseCase[Any, Any],
        message: object,
        *,
        principal: Principal = AGENT,
        now: datetime = NOW,
    ) -> Request[Any, Any]:
        """A request, its slow part done."""
        request: Request[Any, Any] = Request(
            message, principal, now, "message", "correlation", None
        )
        if use_case.prepare is None or not use_case.is_slow(message):
            return request
        prepared = await use_case.prepare(request, self)
        return Request(message, principal, now, "message", "correlation", prepared)

    def decide(self, use_case: UseCase[Any, Any], *requests: Request[Any, Any]) -> list[Decision]:
        """Decide requests as one group: each sees what the earlier ones wrote."""
        keys = [key for request in requests for key in use_case.keys(request)]
        state = State({key: self.look_up(key) for key in keys})
        if use_case.more_keys is not None:
            more = [key for request in requests for key in use_case.more_keys(request, state)]
            state.add({key: self.look_up(key) for key in more})
        decisions = []
        for request in requests:
            decision = use_case.decide(request, state)
            for document in decision.writes:
                state.put(document)
            decisions.append(decision)
        for decision in decisions:
            self.stored |= {document.key: document for document in decision.writes}
        return decisions

    async def ask(
        self,
        use_case: UseCase[Any, Any],
        message: object,
        *,
        principal: Principal = AGENT,
        now: datetime = NOW,
    ) -> Decision:
        """Prepare, decide, store."""
        request = await self.prepared(use_case, message, principal=principal, now=now)
        return self.decide(use_case, request)[0]

    def compte(self, user_id: str = "u1") -> Compte:
        """The account as last stored."""
        compte: Any = self.stored[Compte.key_of(user_id)]
        assert isinstance(compte, Compte)
        return compte


def compte(user_id: str = "u1", **own: Any) -> Compte:
    """An account of a partner whose password is personalised; `own` replaces some of it."""
    values: dict[str, Any] = {
        "id": user_id,
        "genre": GenreCompte.PARTENAIRE,
        "convention_id": CONVENTION,
        "caf": CAF,
        "identifiant": IDENTIFIANT,
        "nom": "Été-Durand",
        "prenom": "Zoé",
        "mail": "zoe@commune.example",
        "telephone": "01 02 03 04 05",
        "mot_de_passe": hash_of(PASSWORD),
        "generation": 1,
        "emission": 1,
        "ouverture": date(2025, 1, 6),
    }
    return Compte(**(values | own))


def agent(user_id: str = AGENT.id, **own: Any) -> Compte:
    """The account of an agent of the Caf, who may do everything there; `own` replaces some."""
    values: dict[str, Any] = {
        "genre": GenreCompte.AGENT_CAF,
        "convention_id": None,
        "caf": CAF,
        "fonctions": tuple(Fonction),
        "identifiant": "AGT2345AB23",
        "nom": "Martin",
        "prenom": "Luc",
        "mail": f"{user_id}@caf.example",
        "telephone": None,
    }
    return compte(user_id, **(values | own))


def convention(id: str = CONVENTION, **own: Any) -> Convention:
    """An open convention of that Caf, as habilitation told of it; `own` replaces some."""
    values: dict[str, Any] = {
        "id": id,
        "organisme": "Mairie de Valfleury",
        "caf": CAF,
        "gestion_deleguee": True,
        "etat": EtatConvention.OUVERTE,
        "version": 1,
        "seq": 1,
    }
    return Convention(**(values | own))


def temporary(generation: int = 1, expires_at: datetime = NOW + DAY) -> Provisoire:
    """A temporary password that nobody used yet."""
    return Provisoire(hash=hash_of(TEMPORARY), generation=generation, expires_at=expires_at)


def presence(token: str = TOKEN, convention_id: str | None = CONVENTION) -> Presence:
    """That person in that session."""
    return Presence("u1", id_of(token), convention_id)


def session(portee: Portee = Portee.COMPLETE, token: str = TOKEN, **own: Any) -> Session:
    """A session of that account; `own` replaces some of it."""
    values: dict[str, Any] = {
        "id": id_of(token),
        "user_id": "u1",
        "portee": portee,
        "epoque": 0,
        "opened_at": NOW,
        "seen_at": NOW,
    }
    return Session(**(values | own))


def create(user_id: str = "u2", **own: Any) -> CreateUser:
    """What an agent asks to open an account."""
    values: dict[str, Any] = {
        "user_id": user_id,
        "convention_id": CONVENTION,
        "nom": "Benali",
        "prenom": "Aïcha",
        "mail": f"{user_id}@commune.example",
    }
    return CreateUser(**(values | own))


def groupe(groupe_id: str, responsable: str, **own: Any) -> Groupe:
    """An open group of that convention; `own` replaces some of it."""
    values: dict[str, Any] = {
        "id": Groupe.key_for(groupe_id).id,
        "convention_id": CONVENTION,
        "code": groupe_id,
        "nature": NatureGroupe.PARTENAIRE,
        "responsable_id": responsable,
        "ouverture": date(2025, 1, 6),
    }
    return Groupe(**(values | own))


def membre(user_id: str, *groupes: str, **own: Any) -> Membre:
    """Who belongs to these groups; `own` replaces some of it."""
    belongs = tuple(Appartenance(groupe_id=each, debut=date(2025, 1, 6)) for each in groupes)
    values: dict[str, Any] = {
        "id": Membre.key_for(user_id).id,
        "convention_id": CONVENTION,
        "appartenances": belongs,
    }
    return Membre(**(values | own))


def partner(user_id: str) -> Principal:
    """A person of a partner, as his session tells."""
    return Principal(ActorKind.PARTENAIRE, user_id)


def issue(*identifiants: str, to: str = "zoe@commune.example") -> Issue:
    """What was drawn for an account that opens at once, these identifiants among them."""
    candidates = tuple(Candidate(each, annonce(f"sealed {each}", to)) for each in identifiants)
    return Issue(candidates, tirage(to))


def annonce(sealed: str = "sealed", to: str = "zoe@commune.example", emission: int = 1) -> Annonce:
    """An identifiant sealed for its mail."""
    return Annonce(to, emission, sealed, "key-1", NOW + 2 * DAY)


def tirage(to: str = "zoe@commune.example", generation: int = 1) -> Tirage:
    """A temporary password drawn for its mail."""
    return Tirage(to, generation, hash_of(TEMPORARY), "sealed password", "key-1", NOW + DAY)


def facts(decision: Decision) -> list[Any]:
    """What a decision tells, in order."""
    return [told.fact for told in decision.facts]


def written(decision: Decision, model: type[D]) -> list[D]:
    """What a decision writes of one kind."""
    return [document for document in decision.writes if isinstance(document, model)]
