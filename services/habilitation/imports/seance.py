"""An import: each line of a file decided in turn, its report given as soon as it is.

Groups are known by their code, people by their mail address: a file that is imported again, or
after a process died in the middle of it, finds what was made and makes the rest. Nothing of the
file is kept.
"""

from collections import Counter
from collections.abc import AsyncIterator, Iterable
from typing import ClassVar

from services.habilitation.domain.errors import GroupeUnknown
from services.habilitation.domain.groupe import CodeReserve, Groupe, Role
from services.habilitation.domain.membre import Membre
from services.habilitation.domain.personne import Personne
from services.habilitation.handlers.add_appartenance import ADD_APPARTENANCE
from services.habilitation.handlers.assign_role import ASSIGN_ROLE
from services.habilitation.handlers.open_groupe import OPEN_GROUPE
from services.habilitation.handlers.request_account import REQUEST_ACCOUNT
from services.habilitation.imports.decideurs import Decideur
from services.habilitation.imports.fichier import Ligne, LineInvalid
from services.habilitation.imports.lignes import LigneGroupe, LigneUtilisateur, read_line
from services.habilitation.imports.rapport import LigneRapport, Resultat, header, total, written
from shared.calendrier import day_of
from shared.clock import Clock
from shared.contracts.conventions import NouvellePersonne
from shared.contracts.habilitation_commands import (
    AddAppartenance,
    AssignRole,
    OpenGroupe,
    RequestAccount,
)
from shared.errors import Refusal, Unavailable
from shared.ids import derive_id, draw_id
from shared.security.macs import Macs
from shared.security.principal import ActorKind, Principal


class ResponsableMissing(Refusal):
    """Who imports for a partner is responsable himself where nobody else is named; an agent not."""

    code: ClassVar[str] = "responsable_absent"
    sentence: ClassVar[str] = (
        "Indiquez le responsable du groupe : l’adresse mail d’un utilisateur déjà importé, ou "
        "d’une ligne plus haut."
    )
    field: ClassVar[str | None] = "responsable"


class TwiceInFile(Refusal):
    """A code or an address that is on another line of the file."""

    code: ClassVar[str] = "ligne_en_double"
    sentence: ClassVar[str] = "La ligne {autre} porte déjà ce code ou cette adresse."

    def __init__(self, autre: int) -> None:
        super().__init__(autre=str(autre))


class NotDecided(Refusal):
    """Others kept changing what a line is about: it may be done or not, the next import knows."""

    code: ClassVar[str] = "ligne_non_decidee"
    sentence: ClassVar[str] = (
        "Cette ligne n’a pas pu être traitée pour le moment : importez le fichier de nouveau."
    )


class Seance:
    """One import of one file, by one actor, in one convention."""

    def __init__(
        self, decideur: Decideur, convention_id: str, principal: Principal, macs: Macs, clock: Clock
    ) -> None:
        self._decideur = decideur
        self._convention_id = convention_id
        self._principal = principal
        self._macs = macs
        self._clock = clock
        self._lines: dict[str, int] = {}
        self._asked: dict[str, NouvellePersonne] = {}

    async def report(self, lignes: Iterable[Ligne]) -> AsyncIterator[str]:
        """The report, line by line as they are decided, then how many of each."""
        yield header()
        results: Counter[Resultat] = Counter()
        for ligne in lignes:
            line = await self._line(ligne)
            results[line.resultat] += 1
            yield written(line.cells)
        yield total(results)

    async def _line(self, ligne: Ligne) -> LigneRapport:
        objet = sujet = ""
        try:
            if isinstance(ligne.cells, LineInvalid):
                raise ligne.cells
            objet = ligne.cells["objet"]
            asked = read_line(ligne.cells)
            objet, sujet = asked.objet, asked.sujet
            self._check_once(asked, ligne.numero)
            if isinstance(asked, LigneGroupe):
                resultat = await self._groupe(asked)
            else:
                resultat = await self._utilisateur(asked)
        except Refusal as refusal:
            return LigneRapport(ligne.numero, objet, sujet, Resultat.REFUSE, refusal)
        except Unavailable:
            return LigneRapport(ligne.numero, objet, sujet, Resultat.REFUSE, NotDecided())
        return LigneRapport(ligne.numero, objet, sujet, resultat)

    def _check_once(self, asked: LigneGroupe | LigneUtilisateur, numero: int) -> None:
        """Raises TwiceInFile."""
        name = f"{asked.objet}/{asked.sujet.strip().lower()}"
        before = self._lines.setdefault(name, numero)
        if before != numero:
            raise TwiceInFile(before)

    # --- groups -------------------------------------------------------------------------------

    async def _groupe(self, asked: LigneGroupe) -> Resultat:
        """Open the group unless it is there, give it its role unless it has it."""
        groupe = await self._find(asked.code)
        done = Resultat.DEJA_FAIT
        if groupe is None:
            await self._decideur.decide(OPEN_GROUPE, await self._opening(asked))
            groupe, done = await self._find(asked.code), Resultat.FAIT
        if groupe is None:
            raise GroupeUnknown
        if asked.service is None:
            return done
        role = Role(service=asked.service, profil=asked.profil)
        if groupe.role == role:
            return done
        message = AssignRole(
            convention_id=self._convention_id,
            groupe_id=groupe.id,
            service=role.service,
            profil=role.profil,
        )
        await self._decideur.decide(ASSIGN_ROLE, message)
        return Resultat.FAIT

    async def _opening(self, asked: LigneGroupe) -> OpenGroupe:
        responsable_id, personne = await self._responsable(asked)
        return OpenGroupe(
            convention_id=self._convention_id,
            groupe_id=draw_id(),
            code=asked.code,
            libelle=asked.libelle,
            responsable_id=responsable_id,
            responsable=personne,
        )

    async def _responsable(self, asked: LigneGroupe) -> tuple[str, NouvellePersonne | None]:
        """Imported before, asked for above, or who imports. Raises ResponsableMissing."""
        if asked.responsable is None:
            if self._principal.kind is not ActorKind.PARTENAIRE:
                raise ResponsableMissing
            return self._principal.id, None
        user_id = self._user_id(asked.responsable)
        if await self._decideur.load(Personne.key_of(user_id)) is not None:
            return user_id, None
        if user_id not in self._asked:
            raise ResponsableMissing
        return user_id, self._asked[user_id]

    async def _find(self, code: str) -> Groupe | None:
        """The group of that code, if there is one."""
        kept = await self._decideur.load(
            CodeReserve.key_of(CodeReserve.id_for(self._convention_id, code))
        )
        if kept is None or kept.groupe_id is None:
            return None
        return await self._decideur.load(Groupe.key_of(kept.groupe_id))

    # --- people -------------------------------------------------------------------------------

    async def _utilisateur(self, asked: LigneUtilisateur) -> Resultat:
        """Ask for the account, or have whoever has it join what is missing."""
        groupes = [await self._known(code) for code in asked.groupes]
        user_id = self._user_id(asked.mail)
        if await self._decideur.load(Personne.key_of(user_id)) is not None:
            return await self._join(user_id, groupes)
        message = RequestAccount(
            convention_id=self._convention_id,
            user_id=user_id,
            personne=asked.personne,
            groupes=tuple(each.id for each in groupes),
        )
        await self._decideur.decide(REQUEST_ACCOUNT, message)
        self._asked[user_id] = asked.personne
        return Resultat.DEMANDE

    async def _join(self, user_id: str, groupes: Iterable[Groupe]) -> Resultat:
        day, done = day_of(self._clock.now()), Resultat.DEJA_FAIT
        for groupe in groupes:
            membre = await self._decideur.load(Membre.key_of(user_id))
            if membre is not None and membre.in_groupe(groupe.id, day) is not None:
                continue
            message = AddAppartenance(
                convention_id=self._convention_id, groupe_id=groupe.id, user_id=user_id
            )
            await self._decideur.decide(ADD_APPARTENANCE, message)
            done = Resultat.FAIT
        return done

    async def _known(self, code: str) -> Groupe:
        """Raises GroupeUnknown."""
        groupe = await self._find(code)
        if groupe is None:
            raise GroupeUnknown
        return groupe

    def _user_id(self, mail: str) -> str:
        """The id of who has that address, in imports into this convention."""
        address = self._macs.of("mail", mail.strip().lower().encode())
        return derive_id("import-compte", self._convention_id, address)
