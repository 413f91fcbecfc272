"""What identity can do: the table of contents of the service."""

from dataclasses import dataclass
from typing import Any

from services.identity.domain.ouverture import Annonce, Envois, Issue
from services.identity.domain.reinitialisation import Tirage
from services.identity.handlers.apply_dates import Echeance, apply_dates
from services.identity.handlers.bootstrap_agent import Amorcage, BootstrapAgent, bootstrap_agent
from services.identity.handlers.close_user import CLOSE_USER, Responsable
from services.identity.handlers.create_agent import create_agent
from services.identity.handlers.create_user import create_user
from services.identity.handlers.expire_temporary_password import EXPIRE_TEMPORARY_PASSWORD
from services.identity.handlers.inject_bailleur import inject_bailleur
from services.identity.handlers.issuing import Issuing
from services.identity.handlers.make_requested_account import Drawn, make_requested_account
from services.identity.handlers.modify_user import modify_user
from services.identity.handlers.reopen_user import Reouverture, reopen_user
from services.identity.handlers.resend_identifiant import resend_identifiant
from services.identity.handlers.reset_password import reset_password
from services.identity.ports import Hasher, Sealer
from shared.contracts.habilitation_demandes import AccountRequested
from shared.contracts.identity_commands import (
    ApplyDates,
    CloseUser,
    CreateAgent,
    CreateUser,
    ExpireTemporaryPassword,
    InjectBailleur,
    ModifyUser,
    ReopenUser,
    ResendIdentifiant,
    ResetPassword,
)
from shared.path.decision import UseCase


@dataclass(frozen=True)
class UseCases:
    """Every use case, wired."""

    create_user: UseCase[CreateUser, Issue]
    create_agent: UseCase[CreateAgent, Issue]
    inject_bailleur: UseCase[InjectBailleur, Issue]
    modify_user: UseCase[ModifyUser, Envois | None]
    close_user: UseCase[CloseUser, Responsable]
    reopen_user: UseCase[ReopenUser, Reouverture]
    apply_dates: UseCase[ApplyDates, Echeance]
    resend_identifiant: UseCase[ResendIdentifiant, Annonce | None]
    reset_password: UseCase[ResetPassword, Tirage | None]
    expire_temporary_password: UseCase[ExpireTemporaryPassword, None]
    bootstrap_agent: UseCase[BootstrapAgent, Amorcage]
    make_requested_account: UseCase[AccountRequested, Drawn]

    @property
    def by_topic(self) -> tuple[UseCase[Any, Any], ...]:
        """What is asked by Kafka; the first agent is made by an operator's command."""
        return (
            self.create_user,
            self.create_agent,
            self.inject_bailleur,
            self.modify_user,
            self.close_user,
            self.reopen_user,
            self.apply_dates,
            self.resend_identifiant,
            self.reset_password,
            self.expire_temporary_password,
        )


def make_use_cases(hasher: Hasher, sealer: Sealer) -> UseCases:
    """Wire the use cases to what hashes and what seals."""
    issuing = Issuing(hasher, sealer)
    return UseCases(
        create_user=create_user(issuing),
        create_agent=create_agent(issuing),
        inject_bailleur=inject_bailleur(issuing),
        modify_user=modify_user(issuing),
        close_user=CLOSE_USER,
        reopen_user=reopen_user(issuing),
        apply_dates=apply_dates(issuing),
        resend_identifiant=resend_identifiant(issuing),
        reset_password=reset_password(issuing),
        expire_temporary_password=EXPIRE_TEMPORARY_PASSWORD,
        bootstrap_agent=bootstrap_agent(issuing),
        make_requested_account=make_requested_account(issuing),
    )
