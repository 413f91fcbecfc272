"""Who may do what: the table of domain.md § 2.2, as it is to hold [seed 000][seed 001][seed 002].

One line per action and target, one column per actor:

agent    agent of the Caf pivot, function Habilitations; the management is delegated
garde    the same agent, where the Caf keeps the management of habilitations to itself
admin    administrateur partenaire
adm.g    administrateur partenaire, where the Caf keeps the management
resp     responsable of g1 and g3
r2       responsable of g2, and of both AFAS groups
hab      member of AFAS-HABILITER
util     member of g1: a plain utilisateur
caf2     agent of another Caf, function Habilitations
vois     administrateur of another convention
sans     agent of the Caf pivot without the function Habilitations

oui      accepted
non      refused: not permitted
rien     answered as what does not exist
caf      refused: the Caf keeps the management to itself
soi      refused: nobody gives himself a right
autre    refused: the Caf pivot of that organisme is another
-        makes no sense for that actor

Targets: `nous`, our convention; our groups g1, g2, habiliter and declarer; g9, a group of others
named as if it were ours. The same on the convention of others is answered as what does not exist,
to everybody but them: no line says so, every one is tried.
"""

from typing import NamedTuple

ACTORS = (
    "agent",
    "garde",
    "admin",
    "adm.g",
    "resp",
    "r2",
    "hab",
    "util",
    "caf2",
    "vois",
    "sans",
)

MATRICE = """
action                        cible     agent garde admin adm.g resp r2   hab  util caf2  vois sans

enregistrer_convention        nous      oui   oui   non   non   non  non  non  non  autre non  non
modifier_convention           nous      oui   oui   non   non   non  non  non  non  rien  rien non
presenter_convention          nous      oui   oui   non   non   non  non  non  non  rien  rien non
valider_convention            nous      oui   oui   non   non   non  non  non  non  rien  rien non
suspendre_convention          nous      oui   oui   non   non   non  non  non  non  rien  rien non
reprendre_convention          nous      oui   oui   non   non   non  non  non  non  rien  rien non
cloturer_convention           nous      oui   oui   non   non   non  non  non  non  rien  rien non
signer_contrat                nous      oui   oui   non   non   non  non  non  non  rien  rien non
signer_bulletin               nous      oui   oui   non   non   non  non  non  non  rien  rien non
resilier_bulletin             nous      oui   oui   non   non   non  non  non  non  rien  rien non
confirmer_condition           nous      oui   oui   non   non   non  non  non  non  rien  rien non
noter_eligibilite             nous      oui   oui   non   non   non  non  non  non  rien  rien non
suspendre_service             nous      oui   oui   non   non   non  non  non  non  rien  rien non
reprendre_service             nous      oui   oui   non   non   non  non  non  non  rien  rien non
designer_administrateur       nous      oui   oui   non   non   non  non  non  non  rien  rien non
remplacer_administrateur      nous      oui   oui   non   non   non  non  non  non  rien  rien non
relever_administrateur        nous      oui   oui   non   non   non  non  non  non  rien  rien non
solliciter_caf                nous      non   non   oui   oui   non  non  non  non  rien  rien non

ouvrir_groupe                 nous      non   oui   oui   caf   non  non  non  non  rien  rien non
ouvrir_sous_groupe            g1        non   oui   oui   caf   oui  rien rien rien rien  rien non
ouvrir_sous_groupe            g2        non   oui   oui   caf   rien oui  rien rien rien  rien non
ouvrir_sous_groupe            habiliter non   non   non   caf   rien non  rien rien rien  rien non
ouvrir_sous_groupe            declarer  non   non   non   caf   rien non  non  rien rien  rien non
ouvrir_sous_groupe            g9        rien  rien  rien  rien  rien rien rien rien rien  rien non

renommer_groupe               g1        non   oui   oui   caf   oui  rien rien rien rien  rien non
renommer_groupe               g2        non   oui   oui   caf   rien oui  rien rien rien  rien non
renommer_groupe               habiliter non   non   non   caf   rien non  rien rien rien  rien non
renommer_groupe               declarer  non   non   non   caf   rien non  non  rien rien  rien non
renommer_groupe               g9        rien  rien  rien  rien  rien rien rien rien rien  rien non

nommer_responsable            g1        non   oui   oui   caf   oui  rien rien rien rien  rien non
nommer_responsable            g2        non   oui   oui   caf   rien oui  rien rien rien  rien non
nommer_responsable            habiliter oui   oui   non   caf   rien non  rien rien rien  rien non
nommer_responsable            declarer  oui   oui   non   caf   rien non  non  rien rien  rien non
nommer_responsable            g9        rien  rien  rien  rien  rien rien rien rien rien  rien non

cloturer_groupe               g1        non   oui   oui   caf   non  rien rien rien rien  rien non
cloturer_groupe               g2        non   oui   oui   caf   rien non  rien rien rien  rien non
cloturer_groupe               habiliter non   non   non   caf   rien non  rien rien rien  rien non
cloturer_groupe               declarer  non   non   non   caf   rien non  non  rien rien  rien non
cloturer_groupe               g9        rien  rien  rien  rien  rien rien rien rien rien  rien non

rouvrir_groupe                g1        non   oui   oui   caf   rien rien rien rien rien  rien non
rouvrir_groupe                g2        non   oui   oui   caf   rien rien rien rien rien  rien non
rouvrir_groupe                habiliter non   non   non   caf   rien rien rien rien rien  rien non
rouvrir_groupe                declarer  non   non   non   caf   rien rien rien rien rien  rien non
rouvrir_groupe                g9        rien  rien  rien  rien  rien rien rien rien rien  rien non

supprimer_groupe              g1        non   oui   oui   caf   non  rien rien rien rien  rien non
supprimer_groupe              g2        non   oui   oui   caf   rien non  rien rien rien  rien non
supprimer_groupe              habiliter non   non   non   caf   rien non  rien rien rien  rien non
supprimer_groupe              declarer  non   non   non   caf   rien non  non  rien rien  rien non
supprimer_groupe              g9        rien  rien  rien  rien  rien rien rien rien rien  rien non

attribuer_role                g1        non   oui   oui   caf   oui  rien rien rien rien  rien non
attribuer_role                g2        non   oui   oui   caf   rien oui  rien rien rien  rien non
attribuer_role                habiliter non   non   non   caf   rien non  rien rien rien  rien non
attribuer_role                declarer  non   non   non   caf   rien non  non  rien rien  rien non
attribuer_role                g9        rien  rien  rien  rien  rien rien rien rien rien  rien non

retirer_role                  g1        non   oui   oui   caf   oui  rien rien rien rien  rien non
retirer_role                  g2        non   oui   oui   caf   rien oui  rien rien rien  rien non
retirer_role                  habiliter non   non   non   caf   rien non  rien rien rien  rien non
retirer_role                  declarer  non   non   non   caf   rien non  non  rien rien  rien non
retirer_role                  g9        rien  rien  rien  rien  rien rien rien rien rien  rien non

attribuer_role_au_sien        g1        -     -     soi   caf   soi  rien rien rien -     rien -
rouvrir_le_sien               g1        -     -     soi   caf   rien rien rien rien -     rien -

ajouter_personne              g1        non   oui   oui   caf   oui  rien rien rien rien  rien non
ajouter_personne              g2        non   oui   oui   caf   rien oui  rien rien rien  rien non
ajouter_personne              habiliter oui   oui   non   caf   rien non  rien rien rien  rien non
ajouter_personne              declarer  oui   oui   oui   caf   rien oui  oui  rien rien  rien non
ajouter_personne              g9        rien  rien  rien  rien  rien rien rien rien rien  rien non

retirer_personne              g1        non   oui   oui   caf   oui  rien rien rien rien  rien non
retirer_personne              g2        non   oui   oui   caf   rien oui  rien rien rien  rien non
retirer_personne              habiliter oui   oui   non   caf   rien non  rien rien rien  rien non
retirer_personne              declarer  oui   oui   oui   caf   rien oui  oui  rien rien  rien non
retirer_personne              g9        rien  rien  rien  rien  rien rien rien rien rien  rien non

demander_compte               nous      oui   oui   oui   caf   non  non  non  non  rien  rien non
demander_compte_pour          g1        non   oui   oui   caf   oui  rien rien rien rien  rien non
demander_compte_pour          g2        non   oui   oui   caf   rien oui  rien rien rien  rien non
demander_compte_pour          habiliter oui   oui   non   caf   rien non  rien rien rien  rien non
demander_compte_pour          declarer  oui   oui   oui   caf   rien oui  oui  rien rien  rien non
demander_compte_pour          g9        rien  rien  rien  rien  rien rien rien rien rien  rien non

deplacer_vers_g2              g1        non   oui   oui   caf   rien rien rien rien rien  rien non
deplacer_vers_g3              g1        non   oui   oui   caf   oui  rien rien rien rien  rien non
deplacer_vers_g3              g2        non   oui   oui   caf   rien rien rien rien rien  rien non
deplacer_vers_g3              declarer  non   oui   oui   caf   rien rien rien rien rien  rien non
deplacer_vers_declarer        g1        non   oui   oui   caf   rien rien rien rien rien  rien non
deplacer_vers_habiliter       g1        non   oui   non   caf   rien rien rien rien rien  rien non
deplacer_vers_g9              g1        non   rien  rien  caf   rien rien rien rien rien  rien non

ajouter_administrateur        g1        non   oui   oui   caf   non  rien rien rien rien  rien non
ajouter_administrateur        declarer  oui   oui   oui   caf   rien non  non  rien rien  rien non
retirer_administrateur        g1        non   oui   oui   caf   non  rien rien rien rien  rien non
deplacer_administrateur       g1        non   oui   oui   caf   non  rien rien rien rien  rien non
ajouter_soi                   g1        -     -     soi   caf   soi  rien rien rien -     rien -
ajouter_soi                   declarer  -     -     soi   caf   rien soi  soi  rien -     rien -
ajouter_personne_d_ailleurs   g1        non   rien  rien  caf   rien rien rien rien rien  rien non

appliquer_dates_convention    nous      non   non   non   non   non  non  non  non  non   non  non
appliquer_dates_groupe        g1        non   non   non   non   non  non  non  non  non   non  non
appliquer_dates_appartenances nous      non   non   non   non   non  non  non  non  non   non  non
"""


class Case(NamedTuple):
    """What one actor is answered when he asks for one action on one target."""

    action: str
    cible: str
    actor: str
    answer: str


def cases() -> list[Case]:
    """The table, cell by cell; those that make no sense left out."""
    heading, *lines = (each.split() for each in MATRICE.splitlines() if each)
    if tuple(heading[2:]) != ACTORS:
        raise ValueError("a column is not the actor that it is said to be")
    return [
        Case(action, cible, actor, answer)
        for action, cible, *answers in lines
        for actor, answer in zip(ACTORS, answers, strict=True)
        if answer != "-"
    ]


def lines() -> list[tuple[str, str]]:
    """Every action with its target."""
    return list(dict.fromkeys((each.action, each.cible) for each in cases()))


def cases_of(line: tuple[str, str]) -> list[Case]:
    """What every actor is answered, for one action on one target."""
    return [each for each in cases() if (each.action, each.cible) == line]
