"""Follow the address of a person: what was held for the old one goes to the new one, and a change
is told to both, and to the Caf when the person is an administrateur partenaire.

[domain: « change own mail (…, notice to the old address; an administrateur's change is also told
to the Caf, which keeps the convention) »; OWASP ASVS 5.0, 7.5.1 and 6.3.7]
"""

from collections.abc import Iterable
from typing import Any

from services.notifications.domain.adresse import Adresse
from services.notifications.domain.envoi import Changed, Envoi, notice_id, queue_notice
from services.notifications.domain.modele import VALIDITE, Modele
from services.notifications.handlers.changes import decision
from services.notifications.handlers.releasing import ADRESSE_CORRIGEE, keys_of_held, released
from shared.contracts.identity import UserMailChanged, UserUpdated
from shared.path.decision import Decision, Document, Key, Request, State, UseCase

Told = UserMailChanged | UserUpdated


def follow_addresses(
    domain: str,
) -> tuple[UseCase[UserMailChanged, None], UseCase[UserUpdated, None]]:
    """The two use cases; `domain` is the right-hand side of the Message-IDs."""

    def decide_changed(request: Request[UserMailChanged, None], state: State) -> Decision:
        let_go, corrected = _corrected(request, state)
        return decision(*let_go, *_notices(request, state, domain), also=corrected)

    def decide_updated(request: Request[UserUpdated, None], state: State) -> Decision:
        let_go, corrected = _corrected(request, state)
        return decision(*let_go, also=corrected)

    return (
        UseCase(
            message=UserMailChanged,
            keys=lambda request: [
                _address_of(request),
                *(Envoi.key_of(_id(modele, request.message)) for modele in _modeles(request)),
            ],
            more_keys=_held,
            decide=decide_changed,
        ),
        UseCase(
            message=UserUpdated,
            keys=lambda request: [_address_of(request)],
            more_keys=_held,
            decide=decide_updated,
        ),
    )


def _address_of(request: Request[Any, None]) -> Key[Adresse]:
    return Adresse.key_of(request.message.user_id)


def _held(request: Request[Any, None], state: State) -> Iterable[Key[Any]]:
    return keys_of_held(state.get(_address_of(request)))


def _corrected(
    request: Request[Any, None], state: State
) -> tuple[list[Changed], tuple[Document, ...]]:
    """The mails held for an address that is no longer the one in use, and its document."""
    told: Told = request.message
    adresse = state.get(_address_of(request))
    if adresse is None or adresse.mail is None or adresse.refuses(told.mail):
        return [], ()
    let_go = released(adresse, state, ADRESSE_CORRIGEE, request.now)
    return list(let_go), (adresse.corrected(),)


def _modeles(request: Request[UserMailChanged, None]) -> Iterable[Modele]:
    yield Modele.ADRESSE_QUITTEE
    yield Modele.ADRESSE_MODIFIEE
    if request.message.administrateur:
        yield Modele.ADRESSE_ADMINISTRATEUR


def _id(modele: Modele, told: UserMailChanged) -> str:
    return notice_id(modele, told.user_id, told.at.isoformat())


def _notices(
    request: Request[UserMailChanged, None], state: State, domain: str
) -> Iterable[Changed]:
    told = request.message
    if request.now >= told.at + VALIDITE:
        return
    for modele in _modeles(request):
        id = _id(modele, told)
        if state.get(Envoi.key_of(id)) is None:
            mail = queue_notice(
                modele,
                told.user_id,
                id=id,
                domain=domain,
                now=request.now,
                expires_at=told.at + VALIDITE,
                **_says(modele, told),
            )
            yield mail, ()


def _says(modele: Modele, told: UserMailChanged) -> dict[str, Any]:
    """What that mail says, and where it goes if not to the address in use."""
    valeurs = {"le": told.at.isoformat()}
    match modele:
        case Modele.ADRESSE_QUITTEE:
            return {"valeurs": valeurs, "adresse": told.ancienne_mail}
        case Modele.ADRESSE_ADMINISTRATEUR:
            convention = told.convention_id or ""
            return {
                "valeurs": {**valeurs, "convention": convention},
                "caf": told.caf or "",
                "sujet_id": told.user_id,
            }
        case _:
            return {"valeurs": valeurs}
