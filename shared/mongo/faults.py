"""Whose fault a store error is: a taken key is the message's, everything else is the store's."""

from shared.errors import Unavailable
from shared.mongo.client import StoreError, is_duplicate_key, is_write_conflict


class MongoFaults:
    """The failure table of the store (ADR-0004)."""

    def is_transient(self, error: BaseException) -> bool:
        """Any store error but a taken key; nothing that parse or decide raised."""
        if isinstance(error, Unavailable):
            return True
        return isinstance(error, StoreError) and not is_duplicate_key(error)

    def is_conflict(self, error: BaseException) -> bool:
        """Another writer was faster."""
        return is_write_conflict(error)

    def is_for_fewer(self, error: BaseException) -> bool:
        """A conflict, or a transaction that missed its deadline."""
        return self.is_conflict(error) or (isinstance(error, StoreError) and error.timeout)
