"""How rights are explained on screens, and the menu that they make."""

from collections.abc import Mapping
from datetime import date

from services.habilitation.domain.menu import Entree
from services.habilitation.forms.lectures import View
from shared.contracts.conventions import CodeService
from shared.droits.chaine import Manque
from shared.droits.explication import EtatMaillon, Explication
from shared.droits.phrases import NomMaillon, Recours


class MaillonView(View):
    """Un maillon : ce qu’il dit, s’il tient, quel objet le dit et dans quelle version."""

    nom: NomMaillon
    etat: EtatMaillon
    phrase: str
    objet: str | None
    version: int | None
    debut: date | None
    fin: date | None
    par: str | None


class ExplicationView(View):
    """Pourquoi une personne a accès à un service, ou ce qui manque et qui peut y remédier."""

    service: CodeService
    acces: bool
    phrase: str
    manque: Manque | None
    recours: Recours | None
    profil: str | None
    portee: str | None
    cafs: tuple[str, ...]
    versions: str
    maillons: tuple[MaillonView, ...]


class HypotheseView(View):
    """Ce qu’une demande changerait au droit d’une personne ; rien n’est fait."""

    avant: ExplicationView
    apres: ExplicationView


class SousEntreeView(View):
    """Une entrée de second niveau."""

    code: str
    libelle: str


class EntreeView(SousEntreeView):
    """Une entrée du menu."""

    sous_entrees: tuple[SousEntreeView, ...]


class MesServices(View):
    """Le menu de la personne, et pourquoi chaque service s’y trouve ou non."""

    entrees: tuple[EntreeView, ...]
    services: tuple[ExplicationView, ...]


def explication_view(why: Explication) -> ExplicationView:
    """An explanation as it is shown."""
    decision = why.decision
    return ExplicationView(
        service=CodeService(decision.service),
        acces=why.is_granted,
        phrase=why.phrase,
        manque=decision.manque,
        recours=why.recours,
        profil=decision.profil,
        portee=decision.portee,
        cafs=decision.cafs,
        versions=why.versions.text(),
        maillons=tuple(MaillonView.model_validate(each) for each in why.maillons),
    )


def mes_services(
    entrees: tuple[Entree, ...], told: Mapping[CodeService, Explication]
) -> MesServices:
    """A menu as it is shown."""
    return MesServices(
        entrees=tuple(EntreeView.model_validate(each) for each in entrees),
        services=tuple(explication_view(each) for each in told.values()),
    )
