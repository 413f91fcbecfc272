"""Invented accounts, a hash and a seal that cost nothing; a decision taken in memory."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any, cast

from services.identity.acces import Acces, Means, make_acces
from services.identity.domain.compte import Compte, Provisoire
from services.identity.domain.copies import Convention
from services.identity.domain.essais import Place, Refus
from services.identity.domain.ouverture import Candidate, Issue
from services.identity.domain.session import Portee, Session, id_of
from services.identity.handlers.presence import Presence
from services.identity.use_cases import UseCases, make_use_cases
from shared.contracts.comptes import Fonction, GenreCompte
from shared.contracts.habilitation import EtatConvention
from shared.contracts.identity import SERVICE, CreateUser
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

    async def hash(self, password: str) -> str:
        """The hash to keep of a password."""
        self.hashed.append(password)
        return hash_of(password)

    async def verify(self, password: str, hash: str | None) -> bool:
        """Whether a password is the hashed one."""
        self.verified.append(hash)
        return hash == hash_of(password)

    def is_outdated(self, hash: str) -> bool:
        """Whether it was made by another fake."""
        return not hash.startswith("hash of ")


@dataclass
class FakeEssais:
    """Gives out places to whoever asks, unless there is a refusal; what came of them is kept."""

    refus: Refus | None = None
    jusqua: datetime | None = None
    asked: list[tuple[str, str, datetime]] = field(default_factory=list)
    settled: list[tuple[str, bool, datetime]] = field(default_factory=list)

    async def take(self, identifiant: str, source: str, now: datetime) -> Place | Refus:
        """A place, or the refusal."""
        self.asked.append((identifiant, source, now))
        return self.refus or Place(f"place {len(self.asked)}", identifiant, source)

    async def give_back(self, place: Place, *, right: bool, now: datetime) -> datetime | None:
        """Keep what came of it."""
        self.settled.append((place.id, right, now))
        return self.jusqua


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
        self.stored: dict[Key[Any], Document] = {each.key: each for each in documents}

    async def load(self, key: Key[D]) -> D | None:
        """A document as last stored: the reader of slow preparations."""
        return cast("D | None", self.stored.get(key))

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
        if use_case.prepare is None:
            return request
        prepared = await use_case.prepare(request, self)
        return Request(message, principal, now, "message", "correlation", prepared)

    def decide(self, use_case: UseCase[Any, Any], *requests: Request[Any, Any]) -> list[Decision]:
        """Decide requests as one group: each sees what the earlier ones wrote."""
        keys = [key for request in requests for key in use_case.keys(request)]
        state = State({key: self.stored.get(key) for key in keys})
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
        "identifiant": IDENTIFIANT,
        "nom": "Été-Durand",
        "prenom": "Zoé",
        "mail": "zoe@commune.example",
        "telephone": "01 02 03 04 05",
        "mot_de_passe": hash_of(PASSWORD),
        "generation": 1,
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


def issue(*identifiants: str) -> Issue:
    """What was drawn for an account, these identifiants among them."""
    candidates = tuple(Candidate(each, f"sealed {each}") for each in identifiants)
    return Issue(candidates, hash_of(TEMPORARY), "sealed password", "key-1", NOW + DAY)


def facts(decision: Decision) -> list[Any]:
    """What a decision tells, in order."""
    return [told.fact for told in decision.facts]


def written(decision: Decision, model: type[D]) -> list[D]:
    """What a decision writes of one kind."""
    return [document for document in decision.writes if isinstance(document, model)]
