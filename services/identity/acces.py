"""What people do for themselves, by HTTP only: a password never enters a topic."""

from dataclasses import dataclass

from services.identity.handlers.accept_regles import ACCEPT_REGLES, AcceptRegles
from services.identity.handlers.change_mail import ChangeMail, Shown, change_mail
from services.identity.handlers.change_telephone import CHANGE_TELEPHONE, ChangeTelephone
from services.identity.handlers.checking import Checking
from services.identity.handlers.choose_password import ChoosePassword, choose_password
from services.identity.handlers.choosing import Choosing
from services.identity.handlers.forgotten_password import (
    Drawn,
    ForgottenPassword,
    forgotten_password,
)
from services.identity.handlers.issuing import Issuing
from services.identity.handlers.report_incident import (
    ReportIncident,
    SealedWords,
    report_incident,
)
from services.identity.handlers.sign_in import SignIn, Verified, sign_in
from services.identity.handlers.sign_out import SIGN_OUT, SignOut
from services.identity.handlers.update_password import Chosen, UpdatePassword, update_password
from services.identity.ports import Captchas, Essais, Hasher, Robustesse, Sealer
from shared.path.decision import UseCase


@dataclass(frozen=True)
class Acces:
    """Every use case of a person for himself, wired."""

    sign_in: UseCase[SignIn, Verified]
    sign_out: UseCase[SignOut, None]
    choose_password: UseCase[ChoosePassword, str]
    update_password: UseCase[UpdatePassword, Chosen]
    forgotten_password: UseCase[ForgottenPassword, Drawn]
    change_mail: UseCase[ChangeMail, Shown]
    change_telephone: UseCase[ChangeTelephone, None]
    accept_regles: UseCase[AcceptRegles, None]
    report_incident: UseCase[ReportIncident, SealedWords]


@dataclass(frozen=True)
class Means:
    """What these use cases need from the outside."""

    hasher: Hasher
    sealer: Sealer
    essais: Essais
    captchas: Captchas
    robustesse: Robustesse


def make_acces(means: Means) -> Acces:
    """Wire them; one `Checking` for every pathway, so that all attempts count together."""
    checking = Checking(means.hasher, means.essais)
    choosing = Choosing(means.hasher, means.robustesse)
    return Acces(
        sign_in=sign_in(means.hasher, checking),
        sign_out=SIGN_OUT,
        choose_password=choose_password(choosing),
        update_password=update_password(checking, choosing),
        forgotten_password=forgotten_password(means.captchas, Issuing(means.hasher, means.sealer)),
        change_mail=change_mail(checking),
        change_telephone=CHANGE_TELEPHONE,
        accept_regles=ACCEPT_REGLES,
        report_incident=report_incident(means.sealer),
    )
