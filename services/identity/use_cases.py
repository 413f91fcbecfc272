"""What identity can do: the table of contents of the service."""

from dataclasses import dataclass
from typing import Any

from services.identity.domain.ouverture import Issue
from services.identity.handlers.bootstrap_agent import BootstrapAgent, bootstrap_agent
from services.identity.handlers.create_user import create_user
from services.identity.handlers.expire_temporary_password import EXPIRE_TEMPORARY_PASSWORD
from services.identity.handlers.issuing import Issuing
from services.identity.handlers.modify_user import MODIFY_USER
from services.identity.ports import Hasher, Sealer
from shared.contracts.identity import CreateUser, ExpireTemporaryPassword, ModifyUser
from shared.path.decision import UseCase


@dataclass(frozen=True)
class UseCases:
    """Every use case, wired."""

    create_user: UseCase[CreateUser, Issue]
    modify_user: UseCase[ModifyUser, None]
    expire_temporary_password: UseCase[ExpireTemporaryPassword, None]
    bootstrap_agent: UseCase[BootstrapAgent, Issue]

    @property
    def by_topic(self) -> tuple[UseCase[Any, Any], ...]:
        """Those that come by Kafka; the first agent comes by an operator's command."""
        return (self.create_user, self.modify_user, self.expire_temporary_password)


def make_use_cases(hasher: Hasher, sealer: Sealer) -> UseCases:
    """Wire the use cases to what hashes and what seals."""
    issuing = Issuing(hasher, sealer)
    return UseCases(
        create_user=create_user(issuing),
        modify_user=MODIFY_USER,
        expire_temporary_password=EXPIRE_TEMPORARY_PASSWORD,
        bootstrap_agent=bootstrap_agent(issuing),
    )
