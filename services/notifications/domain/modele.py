"""The kinds of mails: one folder of templates each, and how long what each says is worth saying."""

from datetime import timedelta
from enum import StrEnum


class Modele(StrEnum):
    """What is written."""

    IDENTIFIANT = "identifiant"
    MOT_DE_PASSE_PROVISOIRE = "mot_de_passe_provisoire"
    MOT_DE_PASSE_MODIFIE = "mot_de_passe_modifie"
    MOT_DE_PASSE_EXPIRE = "mot_de_passe_expire"
    CONNEXION_RALENTIE = "connexion_ralentie"
    ADRESSE_QUITTEE = "adresse_quittee"
    ADRESSE_MODIFIEE = "adresse_modifiee"
    ADRESSE_ADMINISTRATEUR = "adresse_administrateur"
    COMPTE_CLOTURE = "compte_cloture"
    COMPTE_ROUVERT = "compte_rouvert"
    INCIDENT_SIGNALE = "incident_signale"
    INCIDENT_RECU = "incident_recu"
    MOT_DE_PASSE_NON_REMIS = "mot_de_passe_non_remis"
    ADRESSE_SIGNALEE = "adresse_signalee"
    COMPTE_REFUSE = "compte_refuse"
    APPARTENANCE_REFUSEE = "appartenance_refusee"
    SOLLICITATION = "sollicitation"
    RELANCE = "relance"


SECRETS = frozenset({Modele.IDENTIFIANT, Modele.MOT_DE_PASSE_PROVISOIRE})
"""The mails whose recipient is sealed with what they carry: they depend on nothing else."""
A_LA_CAF = frozenset({Modele.ADRESSE_ADMINISTRATEUR, Modele.INCIDENT_SIGNALE, Modele.SOLLICITATION})
"""The mails to the contact of a Caf: no person's address is judged by their fate."""
A_UN_TIERS = frozenset(
    {
        Modele.MOT_DE_PASSE_NON_REMIS,
        Modele.ADRESSE_SIGNALEE,
        Modele.COMPTE_REFUSE,
        Modele.APPARTENANCE_REFUSEE,
    }
)
"""The mails to whoever opened or asked for an account, about its person: nobody's once his own is
closed."""
CAMPAGNES = frozenset({Modele.RELANCE})
"""What may be written to many persons at once [seed 000: relances]."""

VALIDITE = timedelta(days=7)
"""How long a mail without a secret is worth sending, held or not (assumed). A fact that is older
when it is read, because a topic is read again from its beginning, is not written about at all."""
ATTENTE_DESTINATAIRE = timedelta(hours=1)
"""How long a mail waits for a recipient of whom nothing is known yet (assumed: copies follow
within seconds; an hour leaves time to a topic that is read late)."""
