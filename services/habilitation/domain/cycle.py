"""The life of a convention: presented, validated, open, suspended, closed for good."""

from datetime import date, datetime

from services.habilitation.domain.convention import Convention, SiretReserve
from services.habilitation.domain.errors import CloturePast
from services.habilitation.domain.errors_contrat import (
    AlreadyValidated,
    MotifMissing,
)
from services.habilitation.domain.etats import CONVENTION
from services.habilitation.domain.mention import Mention
from services.habilitation.domain.recit import tell_convention
from shared.calendrier import day_of
from shared.contracts.conventions import EtatConvention
from shared.contracts.envelope import Fact
from shared.contracts.habilitation import (
    ConventionClosed,
    ConventionOpened,
    ConventionPresented,
    ConventionResumed,
    ConventionSuspended,
    ConventionUpdated,
)
from shared.path.decision import Decision, Key, State


def present(convention: Convention, now: datetime) -> Decision:
    """The draft waits for its signatures."""
    return _passed(convention, ConventionPresented, EtatConvention.A_SIGNER, now)


def validate(convention: Convention, now: datetime) -> Decision:
    """Signed by all: open from its opening day on, today if that has come.

    Raises: StateForbids, AlreadyValidated
    """
    day = day_of(now)
    CONVENTION.check(convention.etat_at(day), ConventionOpened)
    if convention.validee:
        raise AlreadyValidated
    validee = convention.changed(validee=True)
    if validee.ouverture > day:
        return Decision((validee,), (tell_convention(ConventionUpdated, validee, at=now),))
    opened = validee.changed(etat=EtatConvention.OUVERTE)
    return Decision((opened,), (tell_convention(ConventionOpened, opened, at=now),))


def suspend(convention: Convention, motif: str, by: str, now: datetime) -> Decision:
    """Nobody of the partner may do anything any more; says why, since when, by whom.

    Raises: MotifMissing, StateForbids
    """
    stopped = convention.changed(
        motif=read_motif(motif), suspension=Mention(at=now, par=by), reprise=None
    )
    return _passed(stopped, ConventionSuspended, EtatConvention.SUSPENDUE, now)


def resume(convention: Convention, by: str, now: datetime) -> Decision:
    """The suspension is over: since when, by whom."""
    going_on = convention.changed(motif=None, suspension=None, reprise=Mention(at=now, par=by))
    return _passed(going_on, ConventionResumed, EtatConvention.OUVERTE, now)


def plan_closing(convention: Convention, cloture: date, state: State, now: datetime) -> Decision:
    """Close a convention from a day on: at once if it is today, which frees its SIRET.

    Raises: CloturePast, StateForbids
    """
    day = day_of(now)
    CONVENTION.check(convention.etat_at(day), ConventionClosed)
    if cloture < day:
        raise CloturePast
    planned = convention.changed(cloture=cloture)
    if cloture == day:
        return close(planned, state, now)
    if planned == convention:
        return Decision()
    return Decision((planned,), (tell_convention(ConventionUpdated, planned, at=now),))


def close(convention: Convention, state: State, now: datetime) -> Decision:
    """A convention is over: another may be registered for its organisme."""
    closed = convention.changed(etat=EtatConvention.CLOTUREE)
    return Decision(
        writes=(closed, *_freed(closed, state)),
        facts=(tell_convention(ConventionClosed, closed, at=now),),
    )


def apply_dates(convention: Convention, day: date, state: State, now: datetime) -> Decision:
    """Tell what the calendar did, once; nothing where the date was moved or told meanwhile."""
    came = convention.etat_at(day)
    if came is convention.etat:
        return Decision()
    if came is EtatConvention.CLOTUREE:
        return close(convention, state, now)
    opened = convention.changed(etat=came)
    return Decision((opened,), (tell_convention(ConventionOpened, opened, at=now),))


def read_motif(motif: str) -> str:
    """The reason of a suspension.

    Raises: MotifMissing
    """
    if not motif.strip():
        raise MotifMissing
    return motif.strip()


def siret_keys(convention_id: str, state: State) -> list[Key[SiretReserve]]:
    """The reservation that its closing frees."""
    convention = state.get(Convention.key_of(convention_id))
    return [] if convention is None else [SiretReserve.key_of(convention.siret)]


def _passed(
    convention: Convention, fait: type[Fact], vers: EtatConvention, now: datetime
) -> Decision:
    """From one state to another; an opening that nobody told yet is told first."""
    came = convention.etat_at(day_of(now))
    CONVENTION.check(came, fait)
    passed = convention.changed(etat=vers)
    told = [tell_convention(fait, passed, at=now)]
    if came is not convention.etat:
        opened = convention.changed(etat=came, motif=None, suspension=None)
        told.insert(0, tell_convention(ConventionOpened, opened, at=now))
    return Decision((passed,), tuple(told))


def _freed(convention: Convention, state: State) -> tuple[SiretReserve, ...]:
    """The reservation of its SIRET, unless another convention holds it already."""
    reserved = state.get(SiretReserve.key_of(convention.siret))
    if reserved is None or reserved.convention_id != convention.id:
        return ()
    return (reserved.changed(convention_id=None),)
