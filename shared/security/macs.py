"""Proofs that only this service can make: of a request's body, of a dead letter's principal."""

import base64
import hashlib
import hmac

from shared.security.principal import ActorKind, Principal


class Macs:
    """HMAC-SHA-256 with a key private to one service."""

    def __init__(self, key: str) -> None:
        self._key = base64.b64decode(key, validate=True)

    def of(self, purpose: str, content: bytes) -> str:
        """The proof of some bytes for one purpose (hexadecimal)."""
        return hmac.new(self._key, purpose.encode() + b"\x00" + content, hashlib.sha256).hexdigest()

    def prove_own(self, message_id: str, type: str, body: bytes) -> str:
        """Show that this service asks itself for exactly this, once."""
        return self.of("own", "\x00".join((message_id, type, "")).encode() + body)

    def is_own(self, proof: str, message_id: str, type: str, body: bytes) -> bool:
        """Whether this service did ask itself for exactly this."""
        expected = self.prove_own(message_id, type, body)
        return hmac.compare_digest(proof.encode(), expected.encode())

    def seal_principal(self, principal: Principal, message_id: str) -> str:
        """Write down who a message is from, so that a replay needs no token any more."""
        plain = f"{principal.kind.value}:{principal.id}"
        return f"{plain}:{self._of_principal(plain, message_id)}"

    def open_principal(self, sealed: str, message_id: str) -> Principal | None:
        """Who a replayed message is from; None if this service did not write it down."""
        plain, _, proof = sealed.rpartition(":")
        expected = self._of_principal(plain, message_id)
        kind, _, id = plain.partition(":")
        proven = hmac.compare_digest(proof.encode(), expected.encode())
        if not proven or kind not in list(ActorKind):
            return None
        return Principal(ActorKind(kind), id)

    def _of_principal(self, plain: str, message_id: str) -> str:
        """No message id holds a NUL: nobody can move a part of it into the principal."""
        return self.of("principal", f"{plain}\x00{message_id}".encode())
