"""What may happen in a history: who asks what of whom, for when; what nobody asks."""

from collections.abc import Callable
from datetime import date, timedelta
from random import Random
from typing import Any, NamedTuple

from services.habilitation.domain.membre import Membre
from shared.contracts import habilitation_commands as commands
from shared.contracts.comptes import EtatCompte
from shared.contracts.conventions import CodeService
from shared.security.principal import Principal
from tests.habilitation.builders import ADMIN, AGENT, CONVENTION, SUPPLEANT
from tests.habilitation.histoire import Histoire
from tests.habilitation.signing import ask, demande

USERS = ("admin", "resp", "habiliteur", "membre", "simple")
GROUPES = ("g1", "g2", "n1", "n2", "habiliter", "declarer")
ROLES = (
    (CodeService.CDAP, "T1"),
    (CodeService.CDAP, "T2"),
    (CodeService.CDAP, "T9"),
    (CodeService.ADONIS, None),
)
SERVICES = (CodeService.CDAP, CodeService.AFAS, CodeService.ADONIS)
PROFILS = (("T1",), ("T2", "T9"), ("T1", "T2", "T9"), ("T1", "T2"))


class Step(NamedTuple):
    """One step: what happens; two numbers say to whom, two others when."""

    name: str
    a: int
    b: int
    m: int
    n: int

    @property
    def user(self) -> str:
        """The person meant."""
        return USERS[self.a % len(USERS)]

    @property
    def groupe(self) -> str:
        """The group meant."""
        return GROUPES[self.b % len(GROUPES)]

    @property
    def service(self) -> CodeService:
        """The service meant."""
        return SERVICES[self.a % len(SERVICES)]


Asked = tuple[Any, Principal]


def _in(histoire: Histoire, count: int) -> date | None:
    """A day soon, or none."""
    return None if count < 3 else histoire.today + timedelta(days=count - 3)


def _member(kind: type[Any], step: Step, **more: Any) -> Asked:
    by = SUPPLEANT if step.user == "admin" else ADMIN
    of = {"convention_id": CONVENTION, "user_id": step.user, "groupe_id": step.groupe}
    return kind(**of, **more), AGENT if step.groupe == "habiliter" else by


def _held(histoire: Histoire, step: Step) -> Step:
    """The same step, about a membership that there is."""
    held = [
        (USERS.index(membre.id), GROUPES.index(each.groupe_id))
        for membre in histoire.all(Membre)
        for each in membre.going_on(histoire.today)
    ]
    if not held:
        return step
    user, groupe = held[step.n % len(held)]
    return step._replace(a=user, b=groupe)


def _groupe(kind: type[Any], step: Step, **more: Any) -> Asked:
    return kind(**({"convention_id": CONVENTION, "groupe_id": step.groupe} | more)), ADMIN


def _signed(kind: type[Any], **more: Any) -> Asked:
    return ask(kind, **more), AGENT


def _open(histoire: Histoire, step: Step) -> Asked:
    return _groupe(
        commands.OpenGroupe,
        step,
        groupe_id=("n1", "n2")[step.b % 2],
        code=f"N{step.b}",
        libelle="Groupe",
        responsable_id="resp",
        ouverture=_in(histoire, step.m),
        cloture=_in(histoire, step.n),
    )


def _assign(_: Histoire, step: Step) -> Asked:
    service, profil = ROLES[step.a % len(ROLES)]
    return _groupe(commands.AssignRole, step, service=service, profil=profil)


def _sign(_: Histoire, step: Step) -> Asked:
    profils = tuple(demande(each) for each in PROFILS[step.a % len(PROFILS)])
    return _signed(commands.SignBulletin, service=CodeService.CDAP, profils=profils)


ASKED: dict[str, Callable[[Histoire, Step], Asked]] = {
    "add": lambda h, s: _member(commands.AddAppartenance, s, debut=_in(h, s.m), fin=_in(h, s.n)),
    "end": lambda h, s: _member(commands.EndAppartenance, _held(h, s), fin=_in(h, s.m)),
    "move": lambda h, s: _member(
        commands.MoveAppartenance, _held(h, s), vers_id=s.groupe, le=_in(h, s.m)
    ),
    "open": _open,
    "modify": lambda h, s: _groupe(commands.ModifyGroupe, s, ouverture=_in(h, s.m)),
    "close": lambda h, s: _groupe(commands.CloseGroupe, s, cloture=_in(h, s.m)),
    "reopen": lambda _, s: _groupe(commands.ReopenGroupe, s),
    "delete": lambda _, s: _groupe(commands.DeleteGroupe, s),
    "assign": _assign,
    "withdraw": lambda _, s: _groupe(commands.WithdrawRole, s),
    "suspend": lambda *_: _signed(commands.SuspendConvention),
    "resume": lambda *_: _signed(commands.ResumeConvention),
    "suspend_service": lambda _, s: _signed(commands.SuspendService, service=s.service),
    "resume_service": lambda _, s: _signed(commands.ResumeService, service=s.service),
    "terminate": lambda _, s: _signed(commands.TerminateBulletin, service=s.service),
    "sign": _sign,
    "confirm": lambda *_: _signed(commands.ConfirmCondition),
    "eligible": lambda *_: _signed(commands.RecordEligibilite),
    "end_convention": lambda h, s: _signed(
        commands.CloseConvention, cloture=h.today + timedelta(days=4 + s.n)
    ),
}
"""What is asked, and by whom."""
HAPPENS: dict[str, Callable[[Histoire, Step], None]] = {
    "day": lambda h, s: h.wait(1 + s.a % 2),
    "schedule": lambda h, _: h.schedule(),
    "account_ends": lambda h, s: h.account(s.user, cloture=_in(h, s.m)),
    "account_closed": lambda h, s: h.account(s.user, etat=EtatCompte.CLOTURE, cloture=h.today),
    "account_back": lambda h, s: h.account(s.user, etat=EtatCompte.OUVERT, cloture=None),
}
"""What nobody asks of habilitation."""
RARE = {
    "suspend",
    "terminate",
    "suspend_service",
    "end_convention",
    "account_ends",
    "account_closed",
    "delete",
    "withdraw",
    "close",
}
"""After them little happens."""
OFTEN = ("add", "add", "add", "add", "move", "assign", "sign", "day", "day", "resume")
NAMES = (*sorted(RARE), *[each for each in (*ASKED, *HAPPENS, *OFTEN) if each not in RARE] * 8)
"""A step of a history; some happen more often."""


def draw_history(number: int, length: int) -> list[Step]:
    """The steps of one history, the same for the same number."""
    random = Random(number)  # noqa: S311 - a history is no secret
    return [
        Step(random.choice(NAMES), *(random.randrange(7) for _ in range(4))) for _ in range(length)
    ]


def play(histoire: Histoire, step: Step) -> None:
    """One step of a history."""
    if step.name in HAPPENS:
        HAPPENS[step.name](histoire, step)
    else:
        histoire.ask(*ASKED[step.name](histoire, step))
