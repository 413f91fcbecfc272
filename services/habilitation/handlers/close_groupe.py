"""CloseGroupe: a group is closed from a day on, today unless said otherwise [seed 004]."""

from services.habilitation.domain.adherents import Adherents, check_gain
from services.habilitation.domain.droits import Operation
from services.habilitation.domain.vie_groupe import close_groupe, tell_closing
from services.habilitation.handlers import adherence, entitlement
from shared.contracts.habilitation_commands import CloseGroupe
from shared.path.decision import Decision, Reader, Request, State, UseCase


async def _prepare(request: Request[CloseGroupe, None], reader: Reader) -> Adherents:
    """Members matter only where a closing that was to come may be put off."""
    if request.message.cloture is None:
        return Adherents()
    return await adherence.find_adherents(request, reader)


def _decide(request: Request[CloseGroupe, Adherents], state: State) -> Decision:
    """Its members keep their memberships, which give nothing."""
    _, before = entitlement.entitled(request, state, Operation.CLOTURER_GROUPE)
    day = entitlement.today(request)
    after = close_groupe(before, request.message.cloture or day, day)
    if after == before:
        return Decision(result={"groupe_id": before.id})
    if before.cloture is not None and after.goes_on(before.cloture):
        check_gain(before, after, request.prepared, state, request.principal, day)
    return tell_closing(after, request.now)


CLOSE_GROUPE = UseCase(
    message=CloseGroupe,
    prepare=_prepare,
    keys=adherence.keys,
    more_keys=adherence.more_keys,
    decide=_decide,
)
