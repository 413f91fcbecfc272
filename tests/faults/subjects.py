"""The services that the faults of the path are played on, for parametrised tests."""

import pytest

from tests.faults.accounts import Accounts
from tests.faults.groupes import Groupes
from tests.faults.mode import pick
from tests.faults.subject import Subject


def _service(subject: type[Subject]) -> str:
    return subject.SERVICE


each_service = pytest.mark.parametrize("subject", [Accounts, Groupes], ids=_service)
"""Every one of them."""
each_service_in_full = pytest.mark.parametrize(
    "subject", pick(short=[Accounts], full=[Accounts, Groupes]), ids=_service
)
"""identity alone in the short version: the path is the same code, and a test of these is long."""
