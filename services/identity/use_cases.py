"""What identity can do: the table of contents of the service."""

from dataclasses import dataclass
from typing import Any

from services.identity.domain.ouverture import Issue
from services.identity.handlers.bootstrap_agent import BootstrapAgent, bootstrap_agent
from services.identity.handlers.choose_password import ChoosePassword, choose_password
from services.identity.handlers.create_user import create_user
from services.identity.handlers.expire_temporary_password import EXPIRE_TEMPORARY_PASSWORD
from services.identity.handlers.issuing import Issuing
from services.identity.handlers.modify_user import MODIFY_USER
from services.identity.handlers.sign_in import SignIn, Verified, sign_in
from services.identity.ports import Hasher, Sealer
from shared.contracts.identity import CreateUser, ExpireTemporaryPassword, ModifyUser
from shared.path.decision import UseCase


@dataclass(frozen=True)
class UseCases:
    """Every use case, wired."""

    create_user: UseCase[CreateUser, Issue]
    modify_user: UseCase[ModifyUser, None]
    expire_temporary_password: UseCase[ExpireTemporaryPassword, None]
    sign_in: UseCase[SignIn, Verified]
    choose_password: UseCase[ChoosePassword, str]
    bootstrap_agent: UseCase[BootstrapAgent, Issue]

    @property
    def by_topic(self) -> tuple[UseCase[Any, Any], ...]:
        """Those that come by Kafka; the others hold secrets and come by HTTP, or by an operator."""
        return (self.create_user, self.modify_user, self.expire_temporary_password)


def make_use_cases(hasher: Hasher, sealer: Sealer) -> UseCases:
    """Wire the use cases to what hashes and what seals."""
    issuing = Issuing(hasher, sealer)
    return UseCases(
        create_user=create_user(issuing),
        modify_user=MODIFY_USER,
        expire_temporary_password=EXPIRE_TEMPORARY_PASSWORD,
        sign_in=sign_in(hasher),
        choose_password=choose_password(hasher),
        bootstrap_agent=bootstrap_agent(issuing),
    )
