"""identity, wired: the only place where its parts meet."""

from fastapi import APIRouter

from services.identity import store
from services.identity.acces import Means, make_acces
from services.identity.captchas import Captchas
from services.identity.essais import StoredEssais
from services.identity.hashing import ArgonHasher
from services.identity.migrations.v0001_comptes import V0001
from services.identity.migrations.v0002_habilitation import V0002
from services.identity.migrations.v0003_annuaire import V0003
from services.identity.migrations.v0004_acces import V0004
from services.identity.migrations.v0005_demandes import V0005
from services.identity.migrations.v0006_demandes_refusees import V0006
from services.identity.projections import PROJECTIONS
from services.identity.robustesse import Zxcvbn
from services.identity.routes import make_routes
from services.identity.sealing import NotificationsSealer
from services.identity.settings import IdentitySettings
from services.identity.source import Sources
from services.identity.use_cases import UseCases, make_use_cases
from shared.contracts import identity as contracts
from shared.contracts.topics import DEMANDES
from shared.runtime import Runtime
from shared.security.tokens import TokenIssuer
from shared.service import Service


def make(settings: IdentitySettings) -> UseCases:
    """The use cases, with the real hash and the real seal."""
    return make_use_cases(*_secrets(settings))


def _secrets(settings: IdentitySettings) -> tuple[ArgonHasher, NotificationsSealer]:
    """What hashes and what seals: one of each in a process, for hashing has threads of its own."""
    hasher = ArgonHasher(settings.pepper.get_secret_value())
    return hasher, NotificationsSealer(settings.sealing_key)


def build(settings: IdentitySettings) -> Service:
    """The service."""
    hasher, sealer = _secrets(settings)
    use_cases = make_use_cases(hasher, sealer)

    def routes(runtime: Runtime) -> APIRouter:
        captchas = Captchas(runtime.store, runtime.macs)
        essais = StoredEssais(runtime.store, runtime.macs)
        return make_routes(
            runtime,
            use_cases,
            make_acces(Means(hasher, sealer, essais, captchas, Zxcvbn())),
            captchas=captchas,
            sources=Sources(settings.trusted_proxies),
            issuer=TokenIssuer(settings.signing_key.get_secret_value()),
        )

    return Service(
        name=contracts.SERVICE,
        settings=settings,
        refused=contracts.CommandRefused,
        commands=use_cases.by_topic,
        tells=(
            contracts.UserCreated,
            contracts.UserOpened,
            contracts.UserUpdated,
            contracts.UserMailChanged,
            contracts.UserClosed,
            contracts.UserReopened,
            contracts.UserSnapshot,
            contracts.AccountRefused,
            contracts.GroupesRequested,
            contracts.PasswordChanged,
            contracts.PasswordReset,
            contracts.TemporaryPasswordExpired,
            contracts.SignedIn,
            contracts.SignInFailed,
            contracts.SignedOut,
            contracts.UserLocked,
            contracts.ReglesUsageAccepted,
            contracts.IncidentReported,
            contracts.IdentifiantIssued,
            contracts.TemporaryPasswordIssued,
        ),
        migrations=(V0001, V0002, V0003, V0004, V0005, V0006),
        projections=PROJECTIONS,
        reactions={DEMANDES: (use_cases.make_requested_account,)},
        routes=routes,
        snapshots=store.snapshots,
        due=store.due,
    )
