"""« Problème de connexion »: who a person says he is and what fails, to tell him whom to ask."""

from enum import StrEnum


class RoleDeclare(StrEnum):
    """What a person who cannot sign in says he is: nothing is given on the strength of it."""

    UTILISATEUR = "utilisateur"
    RESPONSABLE = "responsable"
    ADMINISTRATEUR = "administrateur"
    BAILLEUR = "bailleur"
    AGENT_CAF = "agent_caf"


class Probleme(StrEnum):
    """What prevents a person from signing in (domain reference §12)."""

    IDENTIFIANT_PERDU = "identifiant_perdu"
    MOT_DE_PASSE_PERDU = "mot_de_passe_perdu"
    MOT_DE_PASSE_PROVISOIRE_EXPIRE = "mot_de_passe_provisoire_expire"
    MAIL_NON_RECU = "mail_non_recu"
    CONNEXION_REFUSEE = "connexion_refusee"
    SERVICE_ABSENT = "service_absent"
