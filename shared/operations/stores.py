"""The service's store brought up to date."""

from shared.mongo.migrate import migrate
from shared.operations.endings import DONE, told
from shared.operations.opening import opened_store
from shared.service import Service


@told
async def migrate_store(service: Service) -> int:
    """Run the migrations that the store has not seen; any number of replicas may ask at once."""
    async with opened_store(service) as store:
        ran = await migrate(store, service.migrations)
    for migration in ran:
        print(f"{migration.id} {migration.name}")
    if not ran:
        print("Rien à faire.")
    return DONE
