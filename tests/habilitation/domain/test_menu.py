"""Who sees what in the menu of the portal (domain.md § 1.2)."""

import pytest

from services.habilitation.domain.menu import Entree, Portrait, menu
from shared.contracts.comptes import Fonction
from shared.contracts.conventions import CodeService, NatureGroupe

ALWAYS = ["bienvenue", "regles_usage", "mon_profil"]
PARTNER_MANAGES = ["mes_organismes", "mes_conventions", "mes_tableaux_de_bord"]


def codes(entrees: tuple[Entree, ...]) -> list[str]:
    return [each.code for each in entrees]


def of(portrait: Portrait, code: str) -> list[str]:
    """What an entry of somebody's menu holds."""
    (entree,) = (each for each in menu(portrait) if each.code == code)
    return codes(entree.sous_entrees)


def agent(*fonctions: Fonction, gere: bool = False) -> Portrait:
    return Portrait(fonctions=frozenset(fonctions), gere=gere)


@pytest.mark.parametrize(
    ("portrait", "more"),
    [
        (Portrait(), []),
        (Portrait(gere=True), ["gestion_des_habilitations"]),
        (Portrait(services=frozenset({CodeService.CDAP})), ["consulter_dossier"]),
        (Portrait(services=frozenset({CodeService.ADONIS})), ["adonis"]),
        (Portrait(services=frozenset({CodeService.DGFIP})), ["dgfip"]),
        (Portrait(services=frozenset({CodeService.BAILLEUR})), ["espace_bailleur"]),
        (Portrait(bailleur=True), ["espace_bailleur"]),
        (agent(), ["espace_bailleur"]),
        (
            agent(Fonction.HABILITATIONS, gere=True),
            ["gestion_des_habilitations", "espace_bailleur"],
        ),
        (
            agent(Fonction.SUPERVISION_CDAP, Fonction.SUPERVISION_DGFIP),
            ["supervision_consulter_dossier", "espace_bailleur", "supervision_dgfip"],
        ),
    ],
)
def test_menu_shows_what_is_for_that_person(portrait: Portrait, more: list[str]) -> None:
    first, *last = ALWAYS
    assert codes(menu(portrait)) == [first, *more, *last]


def test_partner_who_manages_sees_what_is_for_partners() -> None:
    assert of(Portrait(gere=True), "gestion_des_habilitations") == PARTNER_MANAGES
    of_caf = of(agent(Fonction.HABILITATIONS, gere=True), "gestion_des_habilitations")
    assert set(PARTNER_MANAGES) < set(of_caf)


@pytest.mark.parametrize(
    ("nature", "shown"),
    [
        (NatureGroupe.AFAS_DECLARER, "mes_declarations"),
        (NatureGroupe.AFAS_HABILITER, "administration_des_profils"),
    ],
)
def test_each_afas_group_shows_its_entry(nature: NatureGroupe, shown: str) -> None:
    portrait = Portrait(services=frozenset({CodeService.AFAS}), natures=frozenset({nature}))
    assert of(portrait, "afas") == ["accueil_afas", shown]
