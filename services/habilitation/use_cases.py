"""What habilitation can do: the table of contents of the service."""

from typing import Any

from services.habilitation.handlers.add_appartenance import ADD_APPARTENANCE
from services.habilitation.handlers.apply_appartenance_dates import APPLY_APPARTENANCE_DATES
from services.habilitation.handlers.apply_convention_dates import APPLY_CONVENTION_DATES
from services.habilitation.handlers.apply_groupe_dates import APPLY_GROUPE_DATES
from services.habilitation.handlers.assign_role import ASSIGN_ROLE
from services.habilitation.handlers.close_convention import CLOSE_CONVENTION
from services.habilitation.handlers.close_groupe import CLOSE_GROUPE
from services.habilitation.handlers.confirm_condition import CONFIRM_CONDITION
from services.habilitation.handlers.delete_groupe import DELETE_GROUPE
from services.habilitation.handlers.designate_administrateur import DESIGNATE_ADMINISTRATEUR
from services.habilitation.handlers.end_appartenance import END_APPARTENANCE
from services.habilitation.handlers.modify_convention import MODIFY_CONVENTION
from services.habilitation.handlers.modify_groupe import MODIFY_GROUPE
from services.habilitation.handlers.move_appartenance import MOVE_APPARTENANCE
from services.habilitation.handlers.open_groupe import OPEN_GROUPE
from services.habilitation.handlers.present_convention import PRESENT_CONVENTION
from services.habilitation.handlers.record_eligibilite import RECORD_ELIGIBILITE
from services.habilitation.handlers.register_convention import REGISTER_CONVENTION
from services.habilitation.handlers.relieve_administrateur import RELIEVE_ADMINISTRATEUR
from services.habilitation.handlers.reopen_groupe import REOPEN_GROUPE
from services.habilitation.handlers.replace_administrateur import REPLACE_ADMINISTRATEUR
from services.habilitation.handlers.request_account import REQUEST_ACCOUNT
from services.habilitation.handlers.resume_convention import RESUME_CONVENTION
from services.habilitation.handlers.resume_service import RESUME_SERVICE
from services.habilitation.handlers.sign_bulletin import SIGN_BULLETIN
from services.habilitation.handlers.sign_contrat import SIGN_CONTRAT
from services.habilitation.handlers.solliciter_caf import SOLLICITER_CAF
from services.habilitation.handlers.suspend_convention import SUSPEND_CONVENTION
from services.habilitation.handlers.suspend_service import SUSPEND_SERVICE
from services.habilitation.handlers.take_back_designation import TAKE_BACK_DESIGNATION
from services.habilitation.handlers.terminate_bulletin import TERMINATE_BULLETIN
from services.habilitation.handlers.validate_convention import VALIDATE_CONVENTION
from services.habilitation.handlers.welcome_further import WELCOME_FURTHER
from services.habilitation.handlers.welcome_user import WELCOME_USER
from services.habilitation.handlers.withdraw_role import WITHDRAW_ROLE
from shared.path.decision import UseCase

CONTRACT: tuple[UseCase[Any, Any], ...] = (
    REGISTER_CONVENTION,
    MODIFY_CONVENTION,
    PRESENT_CONVENTION,
    VALIDATE_CONVENTION,
    SUSPEND_CONVENTION,
    RESUME_CONVENTION,
    CLOSE_CONVENTION,
    SIGN_CONTRAT,
    SIGN_BULLETIN,
    TERMINATE_BULLETIN,
    CONFIRM_CONDITION,
    RECORD_ELIGIBILITE,
    SUSPEND_SERVICE,
    RESUME_SERVICE,
    DESIGNATE_ADMINISTRATEUR,
    REPLACE_ADMINISTRATEUR,
    RELIEVE_ADMINISTRATEUR,
    APPLY_CONVENTION_DATES,
)
"""Conventions, contrats, bulletins, administrateurs: the Caf's side."""

GROUPES: tuple[UseCase[Any, Any], ...] = (
    OPEN_GROUPE,
    MODIFY_GROUPE,
    CLOSE_GROUPE,
    REOPEN_GROUPE,
    DELETE_GROUPE,
    ASSIGN_ROLE,
    WITHDRAW_ROLE,
    APPLY_GROUPE_DATES,
)
"""Groups and their role."""

MEMBRES: tuple[UseCase[Any, Any], ...] = (
    ADD_APPARTENANCE,
    END_APPARTENANCE,
    MOVE_APPARTENANCE,
    REQUEST_ACCOUNT,
    APPLY_APPARTENANCE_DATES,
)
"""Who belongs to them, who is to."""

DEMANDES: tuple[UseCase[Any, Any], ...] = (SOLLICITER_CAF,)
"""Calls on the Caf."""

BY_TOPIC = (*CONTRACT, *GROUPES, *MEMBRES, *DEMANDES)
"""Those that come by Kafka, and by HTTP from a screen."""

ON_ACCOUNTS: tuple[UseCase[Any, Any], ...] = (WELCOME_USER, WELCOME_FURTHER, TAKE_BACK_DESIGNATION)
"""What facts about accounts make the service do."""
