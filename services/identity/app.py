"""identity, wired: the only place where its parts meet."""

from services.identity import store
from services.identity.hashing import ArgonHasher
from services.identity.migrations.v0001_comptes import V0001
from services.identity.migrations.v0002_habilitation import V0002
from services.identity.projections import PROJECTIONS
from services.identity.routes import make_routes
from services.identity.sealing import NotificationsSealer
from services.identity.settings import IdentitySettings
from services.identity.use_cases import UseCases, make_use_cases
from shared.contracts import identity as contracts
from shared.security.tokens import TokenIssuer
from shared.service import Service


def make(settings: IdentitySettings) -> UseCases:
    """The use cases, with the real hash and the real seal."""
    return make_use_cases(
        ArgonHasher(settings.pepper.get_secret_value()), NotificationsSealer(settings.sealing_key)
    )


def build(settings: IdentitySettings) -> Service:
    """The service."""
    use_cases = make(settings)
    issuer = TokenIssuer(settings.signing_key.get_secret_value())
    return Service(
        name=contracts.SERVICE,
        settings=settings,
        refused=contracts.CommandRefused,
        commands=use_cases.by_topic,
        tells=(
            contracts.UserCreated,
            contracts.UserUpdated,
            contracts.UserSnapshot,
            contracts.PasswordChanged,
            contracts.TemporaryPasswordExpired,
            contracts.SignedIn,
            contracts.SignInFailed,
            contracts.IdentifiantIssued,
            contracts.TemporaryPasswordIssued,
        ),
        migrations=(V0001, V0002),
        projections=PROJECTIONS,
        routes=lambda runtime: make_routes(runtime, use_cases, issuer),
        snapshots=store.snapshots,
        due=store.due_expiries,
    )
