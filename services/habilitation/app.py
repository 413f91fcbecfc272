"""habilitation, wired: the only place where its parts meet."""

from services.habilitation import store
from services.habilitation.migrations import MIGRATIONS
from services.habilitation.projections import PERSONNES
from services.habilitation.routes import make_routes
from services.habilitation.settings import HabilitationSettings
from services.habilitation.use_cases import BY_TOPIC, ON_ACCOUNTS
from shared.contracts import habilitation as contracts
from shared.contracts import habilitation_demandes as demandes
from shared.contracts.topics import USER_LIFECYCLE
from shared.service import Service


def build(settings: HabilitationSettings) -> Service:
    """The service."""
    return Service(
        name=contracts.SERVICE,
        settings=settings,
        refused=contracts.CommandRefused,
        commands=BY_TOPIC,
        tells=(
            contracts.ConventionRegistered,
            contracts.ConventionPresented,
            contracts.ConventionOpened,
            contracts.ConventionUpdated,
            contracts.ConventionSuspended,
            contracts.ConventionResumed,
            contracts.ConventionClosed,
            contracts.AdministrateurDesignated,
            contracts.AdministrateurRelieved,
            contracts.ServiceOpened,
            contracts.ServiceUpdated,
            contracts.ServiceSuspended,
            contracts.ServiceResumed,
            contracts.ServiceClosed,
            contracts.ConventionSnapshot,
            contracts.GroupeOpened,
            contracts.GroupeUpdated,
            contracts.GroupeStarted,
            contracts.GroupeClosed,
            contracts.GroupeReopened,
            contracts.GroupeDeleted,
            contracts.RoleAssigned,
            contracts.RoleWithdrawn,
            contracts.GroupeSnapshot,
            contracts.AppartenanceAdded,
            contracts.AppartenanceEnded,
            contracts.AppartenanceMoved,
            contracts.AppartenanceStarted,
            contracts.AppartenanceLapsed,
            contracts.AppartenanceRefused,
            contracts.AppartenancesSnapshot,
            demandes.AccountRequested,
            demandes.CafSollicitee,
        ),
        migrations=MIGRATIONS,
        projections=(PERSONNES,),
        reactions={USER_LIFECYCLE: ON_ACCOUNTS},
        routes=make_routes,
        snapshots=store.snapshots,
        due=store.due,
    )
