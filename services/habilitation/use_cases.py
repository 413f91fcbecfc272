"""What habilitation can do: the table of contents of the service."""

from typing import Any

from services.habilitation.handlers.solliciter_caf import SOLLICITER_CAF
from shared.path.decision import UseCase

CONTRACT: tuple[UseCase[Any, Any], ...] = ()
"""Conventions, contrats, bulletins, administrateurs: the Caf's side."""

GROUPES: tuple[UseCase[Any, Any], ...] = ()
"""Groups and their role."""

MEMBRES: tuple[UseCase[Any, Any], ...] = ()
"""Who belongs to them."""

DEMANDES: tuple[UseCase[Any, Any], ...] = (SOLLICITER_CAF,)
"""Calls on the Caf."""

BY_TOPIC = (*CONTRACT, *GROUPES, *MEMBRES, *DEMANDES)
"""Those that come by Kafka, and by HTTP from a screen."""
