"""The bulletin d'adhésion of a service: signed, over, suspended; its éligibilité; its profiles."""

from collections.abc import Iterable, Mapping
from datetime import date

from services.habilitation.domain.convention import (
    Convention,
    Profil,
    ServiceSigne,
)
from services.habilitation.domain.errors_contrat import (
    ConditionUseless,
    EligibiliteUseless,
    PorteeInvalid,
    ProfilNotGranted,
    ProfilsMissing,
    ProfilsOfCdapOnly,
    ProfilTwice,
    ProfilUnknown,
    ServiceNotSigned,
    WordsMissing,
)
from services.habilitation.domain.etats import SERVICE
from services.habilitation.domain.mention import Mention
from services.habilitation.domain.referentiel import caf, profils
from shared.contracts.conventions import (
    NEED_ELIGIBILITE,
    CodeService,
    EtatService,
    Portee,
    ProfilDemande,
)
from shared.contracts.envelope import Fact
from shared.contracts.habilitation import (
    ServiceClosed,
    ServiceOpened,
    ServiceResumed,
    ServiceSuspended,
    ServiceUpdated,
)

Change = tuple[Convention, type[Fact]]
"""The convention after a change of one of its services, and the fact that tells it."""


def sign(
    convention: Convention, service: CodeService, asked: Iterable[ProfilDemande], day: date
) -> Change:
    """Sign a bulletin; signed again, it replaces the profiles granted.

    What the Caf confirmed of a profile that stays is still confirmed; a bulletin that follows one
    that is over asks for its éligibilité again (assumed).

    Raises: ProfilsOfCdapOnly, ProfilsMissing, ProfilUnknown, ProfilTwice, WordsMissing,
    PorteeInvalid
    """
    before = convention.service(service)
    granted = _granted(service, tuple(asked), before)
    if before is not None and before.etat is not EtatService.RESILIE:
        signed = before.model_copy(update={"bulletin": day, "profils": granted})
        return convention.with_service(signed), ServiceUpdated
    signed = ServiceSigne(service=service, etat=EtatService.SIGNE, bulletin=day, profils=granted)
    return convention.with_service(signed), ServiceOpened


def terminate(convention: Convention, service: CodeService, mention: Mention) -> Change:
    """A service ends for the convention: its groups give nothing.

    Raises: ServiceNotSigned
    """
    ended = {
        "etat": EtatService.RESILIE,
        "motif": None,
        "suspension": None,
        "resiliation": mention,
    }
    return _changed(convention, _signed(convention, service), ended), ServiceClosed


def record_eligibilite(convention: Convention, service: CodeService, day: date) -> Change:
    """The formulaire d'éligibilité was accepted; the day of the first stays.

    Raises: EligibiliteUseless, ServiceNotSigned
    """
    if service not in NEED_ELIGIBILITE:
        raise EligibiliteUseless
    signed = _signed(convention, service)
    return _changed(convention, signed, {"eligibilite": signed.eligibilite or day}), ServiceUpdated


def confirm_condition(convention: Convention, code: str, mention: Mention) -> Change:
    """The Caf saw that the own condition of a profile holds; the day of the first time stays.

    Raises: ServiceNotSigned, ProfilNotGranted, ConditionUseless
    """
    signed = _signed(convention, CodeService.CDAP)
    found = signed.profil(code)
    if found is None:
        raise ProfilNotGranted
    if found.condition is None:
        raise ConditionUseless
    if found.condition_confirmee:
        return convention, ServiceUpdated
    confirmed = found.model_copy(update={"condition_confirmee": True, "confirmation": mention})
    granted = tuple(confirmed if each is found else each for each in signed.profils)
    return _changed(convention, signed, {"profils": granted}), ServiceUpdated


def suspend(convention: Convention, service: CodeService, motif: str, mention: Mention) -> Change:
    """One service stops, with its reason.

    Raises: ServiceNotSigned, StateForbids
    """
    stopped = {"etat": EtatService.SUSPENDU, "motif": motif, "suspension": mention, "reprise": None}
    return _passed(convention, service, ServiceSuspended, stopped)


def resume(convention: Convention, service: CodeService, mention: Mention) -> Change:
    """One service goes on.

    Raises: ServiceNotSigned, StateForbids
    """
    going_on = {"etat": EtatService.SIGNE, "motif": None, "suspension": None, "reprise": mention}
    return _passed(convention, service, ServiceResumed, going_on)


def _passed(
    convention: Convention, service: CodeService, fait: type[Fact], changes: Mapping[str, object]
) -> Change:
    signed = _signed(convention, service)
    SERVICE.check(signed.etat, fait)
    return _changed(convention, signed, changes), fait


def _signed(convention: Convention, service: CodeService) -> ServiceSigne:
    found = convention.service(service)
    if found is None or found.etat is EtatService.RESILIE:
        raise ServiceNotSigned
    return found


def _changed(
    convention: Convention, service: ServiceSigne, changes: Mapping[str, object]
) -> Convention:
    return convention.with_service(service.model_copy(update=changes))


def _granted(
    service: CodeService, asked: tuple[ProfilDemande, ...], before: ServiceSigne | None
) -> tuple[Profil, ...]:
    if service is not CodeService.CDAP:
        if asked:
            raise ProfilsOfCdapOnly
        return ()
    if not asked:
        raise ProfilsMissing
    codes = [each.profil for each in asked]
    for code in codes:
        if code not in profils():
            raise ProfilUnknown(profil=code)
        if codes.count(code) > 1:
            raise ProfilTwice(profil=code)
    return tuple(_profil(each, before) for each in asked)


def _profil(asked: ProfilDemande, before: ServiceSigne | None) -> Profil:
    words = (asked.missions, asked.finalite, asked.fondement, asked.destinataires)
    if not all(each.strip() for each in words):
        raise WordsMissing(profil=asked.profil)
    multi = asked.portee is Portee.MULTI_CAF
    if multi != bool(asked.cafs) or any(caf(each) is None for each in asked.cafs):
        raise PorteeInvalid(profil=asked.profil)
    goes_on = before is not None and before.etat is not EtatService.RESILIE
    known = before.profil(asked.profil) if before is not None and goes_on else None
    return Profil(
        **asked.model_dump(),
        condition=profils()[asked.profil].condition,
        condition_confirmee=known is not None and known.condition_confirmee,
        confirmation=None if known is None else known.confirmation,
    )
