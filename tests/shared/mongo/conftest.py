"""Fixtures: a unit of work on the store of the tiny service."""

import pytest

from shared.mongo.client import Store
from shared.mongo.unit_of_work import UnitOfWork
from tests.shared.asking import HOUSE
from tests.shared.mongo.deciding import DEADLINE_S


@pytest.fixture
def unit_of_work(store: Store) -> UnitOfWork:
    return UnitOfWork(store, HOUSE, DEADLINE_S)
