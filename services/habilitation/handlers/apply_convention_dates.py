"""ApplyConventionDates: the opening or closing day of a convention came; asked by the scheduler."""

from services.habilitation.domain.convention import Convention, SiretReserve
from services.habilitation.domain.cycle import apply_dates, siret_keys
from services.habilitation.domain.errors import ConventionUnknown, NotPermitted
from shared.contracts.habilitation import SERVICE
from shared.contracts.habilitation_commands import ApplyConventionDates
from shared.path.decision import Decision, Key, Request, State, UseCase
from shared.security.principal import service_principal

Asked = Request[ApplyConventionDates, None]


def _keys(request: Asked) -> list[Key[Convention]]:
    return [Convention.key_of(request.message.convention_id)]


def _more_keys(request: Asked, state: State) -> list[Key[SiretReserve]]:
    return siret_keys(request.message.convention_id, state)


def _decide(request: Asked, state: State) -> Decision:
    """The scheduler has judged the day: a clock a little behind is not asked again."""
    if request.principal != service_principal(SERVICE):
        raise NotPermitted
    convention = state.get(Convention.key_of(request.message.convention_id))
    if convention is None:
        raise ConventionUnknown
    return apply_dates(convention, request.message.day, state, request.now)


APPLY_CONVENTION_DATES = UseCase(
    message=ApplyConventionDates, keys=_keys, more_keys=_more_keys, decide=_decide
)
