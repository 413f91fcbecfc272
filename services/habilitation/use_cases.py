"""What habilitation can do: the table of contents of the service."""

from typing import Any

from services.habilitation.handlers.add_appartenance import ADD_APPARTENANCE
from services.habilitation.handlers.apply_appartenance_dates import APPLY_APPARTENANCE_DATES
from services.habilitation.handlers.end_appartenance import END_APPARTENANCE
from services.habilitation.handlers.move_appartenance import MOVE_APPARTENANCE
from services.habilitation.handlers.solliciter_caf import SOLLICITER_CAF
from services.habilitation.handlers.welcome_user import WELCOME_USER
from shared.path.decision import UseCase

CONTRACT: tuple[UseCase[Any, Any], ...] = ()
"""Conventions, contrats, bulletins, administrateurs: the Caf's side."""

GROUPES: tuple[UseCase[Any, Any], ...] = ()
"""Groups and their role."""

MEMBRES: tuple[UseCase[Any, Any], ...] = (
    ADD_APPARTENANCE,
    END_APPARTENANCE,
    MOVE_APPARTENANCE,
    APPLY_APPARTENANCE_DATES,
)
"""Who belongs to them."""

DEMANDES: tuple[UseCase[Any, Any], ...] = (SOLLICITER_CAF,)
"""Calls on the Caf."""

BY_TOPIC = (*CONTRACT, *GROUPES, *MEMBRES, *DEMANDES)
"""Those that come by Kafka, and by HTTP from a screen."""

ON_ACCOUNTS: tuple[UseCase[Any, Any], ...] = (WELCOME_USER,)
"""What facts about accounts make the service do."""
