"""notifications' own operator commands: the mails, one of them, a campaign. Never a secret."""

import argparse
from collections.abc import Callable, Sequence
from typing import Any

from services.notifications.consultation import (
    Criteres,
    count_campaign,
    find_attempts,
    find_mail,
    find_mails,
)
from services.notifications.domain.envoi import Envoi, EtatEnvoi
from services.notifications.domain.modele import SECRETS
from services.notifications.handlers.abandon_mail import ABANDON_MAIL, AbandonMail
from services.notifications.handlers.retry_mail import RETRY_MAIL, RetryMail
from services.notifications.store import load_connus
from shared.contracts.notifications import SERVICE, MotifAbandon
from shared.ids import draw_id
from shared.operations.endings import DONE, Failed, told
from shared.operations.opening import opened_store
from shared.operations.progress import number
from shared.path.decision import UseCase
from shared.path.work import Outcome
from shared.runtime import Runtime
from shared.security.principal import service_principal
from shared.service import Service

_TITLES = ("mail", "modèle", "état", "créé le", "tentatives", "prochaine")


def extend(commands: Any) -> None:
    """Add the commands to the service's parser."""
    _mails(commands)
    campaigns = commands.add_parser("campaigns", help="voir où en est une campagne")
    shown = campaigns.add_subparsers(required=True, metavar="action").add_parser(
        "show", help="combien de mails dans chaque état"
    )
    shown.add_argument("id", help="identifiant de la campagne")
    shown.set_defaults(command=_show_campaign)


def _mails(commands: Any) -> None:
    actions = commands.add_parser("mails", help="voir et reprendre les mails").add_subparsers(
        required=True, metavar="action"
    )
    listed = actions.add_parser("list", help="les mails qui attendent, ou ceux qu’on précise")
    listed.add_argument(
        "--etat", action="append", default=[], choices=[each.value for each in EtatEnvoi]
    )
    listed.add_argument("--user", help="identifiant de la personne à qui l’on écrit")
    listed.add_argument("--campagne", help="identifiant de la campagne")
    listed.add_argument("--most", type=int, default=50, help="au plus autant ; 50 par défaut")
    listed.set_defaults(command=_list)
    shown = actions.add_parser("show", help="un mail et ses tentatives, sans ce qu’il dit")
    shown.add_argument("id", help="identifiant du mail")
    shown.set_defaults(command=_show)
    for name, help, command in (
        ("retry", "tenter maintenant un mail différé ou retenu", _retry),
        ("abandon", "renoncer à un mail qui attend", _abandon),
    ):
        action = actions.add_parser(name, help=help)
        action.add_argument("id", help="identifiant du mail")
        action.add_argument("--wet-run", action="store_true", help="sans quoi rien n’est changé")
        action.set_defaults(command=command)


@told
async def _list(service: Service, arguments: argparse.Namespace) -> int:
    """Print the mails, newest first; neither what they say nor to whom they go."""
    criteres = Criteres(
        tuple(map(EtatEnvoi, arguments.etat)), arguments.user, arguments.campagne, arguments.most
    )
    async with opened_store(service) as store:
        mails = await find_mails(store, criteres)
    if not mails:
        print("Aucun mail.")
        return DONE
    _table([_TITLES, *map(_line, mails)])
    print(f"Mails : {number(len(mails))}")
    return DONE


def _line(envoi: Envoi) -> tuple[str, ...]:
    again = envoi.next_attempt_at
    return (
        envoi.id,
        envoi.modele.value,
        envoi.etat.value,
        _when(envoi.created_at),
        str(envoi.attempts),
        "-" if again is None else _when(again),
    )


@told
async def _show(service: Service, arguments: argparse.Namespace) -> int:
    """Print one mail: its state, a masked recipient, its attempts."""
    async with opened_store(service) as store:
        envoi = await _find(store, arguments.id)
        connus = (await load_connus(store, [envoi]))[envoi.id]
        attempts = await find_attempts(store, envoi)
    known = connus.destinataire
    lines = [
        ("mail", envoi.id),
        ("modèle", envoi.modele.value),
        ("état", f"{envoi.etat.libelle} ({envoi.etat.value})"),
        ("motif", envoi.motif or "-"),
        ("personne", envoi.user_id),
        ("campagne", envoi.campagne_id or "-"),
        ("destinataire", _recipient(envoi, None if known is None else known.mail)),
        ("adresse refusée", "oui" if connus.adresse and connus.adresse.mail else "non"),
        ("créé le", _when(envoi.created_at)),
        ("valable jusqu’au", _when(envoi.expires_at)),
        ("prochaine tentative", "-" if (at := envoi.next_attempt_at) is None else _when(at)),
        ("Message-ID", envoi.message_id),
    ]
    _table(lines)
    if attempts:
        print()
        _table(
            [("tentative", "issue", "code")]
            + [(_when(each.at), each.issue.value, str(each.smtp_code or "-")) for each in attempts]
        )
    return DONE


def _recipient(envoi: Envoi, mail: str | None) -> str:
    """To whom it goes, without saying it: an operator recognises an address, and learns none."""
    if not envoi.is_to_the_person and envoi.caf is not None:
        return f"la Caf {envoi.caf or 'inconnue'}"
    if envoi.modele in SECRETS and envoi.adresse is None:
        return "scellé avec le secret"
    address = envoi.adresse or mail
    return "inconnu" if address is None else masked(address)


def masked(address: str) -> str:
    """An address that can be recognised and not learnt: « c…@commune.example »."""
    local, _, domain = address.rpartition("@")
    return f"{local[:1]}…@{domain}"


@told
async def _retry(service: Service, arguments: argparse.Namespace) -> int:
    """Try a mail that waits now."""

    def asked(envoi: Envoi) -> RetryMail:
        return RetryMail(envoi.id, envoi.user_id)

    return await _act(service, arguments, RETRY_MAIL, asked, ("Serait tenté", "Sera tenté"))


@told
async def _abandon(service: Service, arguments: argparse.Namespace) -> int:
    """Give up a mail that waits."""

    def asked(envoi: Envoi) -> AbandonMail:
        return AbandonMail(envoi.id, MotifAbandon.EXPLOITANT)

    done = ("Serait abandonné", "Abandonné")
    return await _act(service, arguments, ABANDON_MAIL, asked, done)


async def _act(
    service: Service,
    arguments: argparse.Namespace,
    use_case: UseCase[Any, None],
    asked: Callable[[Envoi], Any],
    words: tuple[str, str],
) -> int:
    async with opened_store(service) as store:
        envoi = await _find(store, arguments.id)
    if not envoi.is_open:
        raise Failed(f"Ce mail n’attend plus ({envoi.etat.libelle}) : son contenu est effacé.")
    if not arguments.wet_run:
        print(f"{words[0]} : {envoi.id}, {envoi.modele.value}, {envoi.etat.libelle}.")
        print("Rien n’a été changé : ajoutez --wet-run.")
        return DONE
    outcome = await _decide(service, use_case, asked(envoi))
    if outcome.refusal is not None:
        raise Failed(outcome.refusal["sentence"])
    print(f"{words[1]} : {envoi.id}, {envoi.modele.value}.")
    return DONE


async def _decide(service: Service, use_case: UseCase[Any, None], message: Any) -> Outcome:
    """Have it decided here; the running processes publish what is told of it."""
    return await Runtime(service).decide_alone(
        use_case, message, principal=service_principal(SERVICE), message_id=draw_id()
    )


async def _find(store: Any, id: str) -> Envoi:
    envoi = await find_mail(store, id)
    if envoi is None:
        raise Failed(f"Aucun mail « {id} » : il n’a jamais existé, ou n’est plus conservé.")
    return envoi


@told
async def _show_campaign(service: Service, arguments: argparse.Namespace) -> int:
    """Print how many mails of a campaign are in each state."""
    async with opened_store(service) as store:
        counts = await count_campaign(store, arguments.id)
    if not counts:
        raise Failed(f"Aucun mail de la campagne « {arguments.id} ».")
    total = sum(counts.values())
    rows = [(etat.libelle, number(counts[etat])) for etat in EtatEnvoi if etat in counts]
    _table([*rows, ("En tout", number(total))])
    return DONE


def _table(lines: Sequence[Sequence[str]]) -> None:
    widths = [max(len(line[column]) for line in lines) for column in range(len(lines[0]))]
    for line in lines:
        cells = (text.ljust(width) for text, width in zip(line, widths, strict=True))
        print("  ".join(cells).rstrip())


def _when(at: Any) -> str:
    text: str = at.isoformat(sep=" ", timespec="seconds")
    return text
