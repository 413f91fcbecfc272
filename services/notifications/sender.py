"""The sending loop: borrows due mails, hands them to the mail server, has each answer recorded.

A mail is sent outside any transaction. Whoever sends it holds a lease on it; should the process
die before the answer is recorded, the lease ends and the mail goes out again, with the same
Message-ID. Answers are recorded in groups while the next mails are already on their way.
"""

import asyncio
from collections.abc import Coroutine, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog

from services.notifications.addresses import AddressRefused
from services.notifications.cadences import Cadences
from services.notifications.content import RecipientUnknown
from services.notifications.correspondence import Correspondence
from services.notifications.domain.envoi import Envoi, reason_to_abandon
from services.notifications.domain.modele import A_LA_CAF, ATTENTE_DESTINATAIRE
from services.notifications.domain.tentative import Deferred, Rejected, Result
from services.notifications.handlers.abandon_mail import ABANDON_MAIL, AbandonMail
from services.notifications.handlers.expire_mail import EXPIRE_MAIL
from services.notifications.handlers.hold_mail import HOLD_MAIL, HoldMail
from services.notifications.handlers.record_attempt import RECORD_ATTEMPT, RecordAttempt
from services.notifications.loans import Line, Loan
from services.notifications.metrics import ATTEMPTS, CAF_NOT_REACHED, POSTPONED, WAITS
from services.notifications.ports import Letter, MailServer, Process
from services.notifications.settings import NotificationsSettings
from services.notifications.store import give_back, lease_due, load_connus, postpone
from shared.backoff import backoff_s
from shared.contracts.notifications import SERVICE, ExpireMail, MotifAbandon
from shared.ids import derive_id, draw_id
from shared.mongo.client import StoreError
from shared.path.decision import M, UseCase
from shared.security.principal import service_principal
from shared.security.sealing import SealBroken, UnknownSealingKey

log = structlog.get_logger(__name__)

BATCH = 100
"""Mails borrowed at once (assumed): a tenth of a second of a fast relay's work."""
LOW = BATCH // 2
"""Borrow again when no more than this wait for a connection (assumed)."""
MOST_IN_HAND = 5 * BATCH
"""Mails borrowed and not yet recorded; beyond, the store has to catch up first (assumed)."""
MOST_OF_CAMPAIGNS = MOST_IN_HAND - BATCH
"""With that many in hand no campaign is borrowed from: room for a password is left (assumed)."""
IDLE_S = 0.2
"""How often to look when nothing is due, or campaigns fill the line (assumed): a mail should not
wait a second."""
BORROW_S = 3.0
"""How long a stop waits for a borrowing under way (assumed); a store that answers takes 0.1 s."""
STOP_S = 10.0
"""How long a stop waits for attempts under way (a clean stop takes 20 s in all)."""


@dataclass(frozen=True, slots=True)
class Postponed:
    """Its destination has had its share: the mail goes back until then, untried."""

    until: datetime


class Sender:
    """Sends what is due until cancelled; run one per process."""

    def __init__(
        self,
        process: Process,
        server: MailServer,
        correspondence: Correspondence,
        settings: NotificationsSettings,
    ) -> None:
        self._process = process
        self._server = server
        self._correspondence = correspondence
        self._settings = settings
        self._cadences = Cadences(settings.smtp_rate_per_domain)
        self._line = Line()
        self._in_hand: set[str] = set()
        self._room = asyncio.Event()
        self._stopping = False
        self._records: set[asyncio.Task[None]] = set()

    async def run(self) -> None:
        """Send until cancelled; then finish the attempts under way and give back the rest."""
        workers = [
            asyncio.create_task(self._work()) for _ in range(self._settings.smtp_connections)
        ]
        borrowing = asyncio.create_task(self._borrow_for_ever())
        try:
            ended, _ = await asyncio.wait(
                [borrowing, *workers], return_when=asyncio.FIRST_COMPLETED
            )
            for task in ended:
                task.result()
        finally:
            await self._stop(workers, borrowing)

    # -- borrowing --------------------------------------------------------------------------

    async def _borrow_for_ever(self) -> None:
        failures = 0
        self._make_room()
        while not self._stopping:
            try:
                borrowed = await self._borrow()
            except StoreError as error:
                failures += 1
                log.warning("borrowing_waits", error=type(error).__name__, attempt=failures)
                await asyncio.sleep(backoff_s(failures))
                continue
            failures = 0
            if not borrowed:
                await asyncio.sleep(IDLE_S)
            await self._wait_for_room()

    async def _wait_for_room(self) -> None:
        """Until there is room for what is of no campaign; room for anything ends it at once."""
        while not self._stopping:
            with suppress(TimeoutError):
                await asyncio.wait_for(self._room.wait(), IDLE_S)
            if self._line.of_no_campaign <= LOW and len(self._in_hand) < MOST_IN_HAND:
                return

    async def _borrow(self) -> int:
        """Borrow what is due; returns how many mails that was."""
        token = draw_id()
        lease_s = self._settings.lease_s
        start_before = self._moment() + lease_s - self._settings.smtp_timeout_s
        envois = await lease_due(
            self._process.store,
            token=token,
            now=self._process.clock.now(),
            lease_s=lease_s,
            most=BATCH,
            but=self._in_hand,
            campaigns=self._room.is_set(),
        )
        connus = await load_connus(self._process.store, envois)
        if self._stopping:
            await give_back(self._process.store, token=token, ids=[each.id for each in envois])
            return 0
        for envoi in envois:
            self._in_hand.add(envoi.id)
            self._line.put(Loan(envoi, connus[envoi.id], token, start_before))
        self._make_room()
        return len(envois)

    def _make_room(self) -> None:
        """There is room for mails of campaigns, and thereby for any."""
        if len(self._line) <= LOW and len(self._in_hand) < MOST_OF_CAMPAIGNS:
            self._room.set()
        else:
            self._room.clear()

    # -- sending ----------------------------------------------------------------------------

    async def _work(self) -> None:
        """One connection to the mail server: one mail after the other, until None comes."""
        while (loan := await self._line.get()) is not None:
            self._make_room()
            await self._treat(loan)

    async def _treat(self, loan: Loan) -> None:
        """Send one mail, or give it up; right before, never late, never beyond its lease."""
        envoi, now = loan.envoi, self._process.clock.now()
        if self._moment() >= loan.start_before:  # the lease ends soon: somebody borrows it anew
            self._in_hand.discard(envoi.id)
            return
        if envoi.is_expired(now):
            self._have_decided(loan, EXPIRE_MAIL, ExpireMail(mail_id=envoi.id))
            return
        motif = reason_to_abandon(envoi, loan.connus.destinataire, now)
        if motif is not None:
            self._have_decided(loan, ABANDON_MAIL, AbandonMail(envoi.id, motif))
            return
        await self._try(loan, now)

    async def _try(self, loan: Loan, now: datetime) -> None:
        """One attempt, unless there is nothing to hand over or the address is known to be bad."""
        envoi, started = loan.envoi, self._moment()
        written = self._written(loan, now)
        if isinstance(written, MotifAbandon):
            self._have_decided(loan, ABANDON_MAIL, AbandonMail(envoi.id, written))
            return
        outcome: Result | Postponed
        if isinstance(written, Letter):
            if self._is_refused(loan, written):
                held = HoldMail(envoi.id, envoi.user_id, written.recipient)
                self._have_decided(loan, HOLD_MAIL, held)
                return
            outcome = await self._hand_over(envoi, written, now)
        else:
            outcome = written
        if isinstance(outcome, Postponed):
            self._do(self._postpone(loan, outcome))
            return
        if envoi.next_attempt_at is not None:
            WAITS.observe(max(0.0, (now - envoi.next_attempt_at).total_seconds()))
        ATTEMPTS.labels(outcome.issue.value).observe(self._moment() - started)
        self._have_decided(loan, RECORD_ATTEMPT, self._attempt(envoi, outcome, written))

    def _written(self, loan: Loan, now: datetime) -> Letter | Deferred | MotifAbandon:
        """The letter; why it is given up, or put off, where it cannot be written."""
        envoi = loan.envoi
        try:
            return self._correspondence.letter(envoi, loan.connus, now)
        except SealBroken:
            log.critical("mail_unreadable", mail=envoi.id, key=envoi.key_id)
            return MotifAbandon.ILLISIBLE
        except AddressRefused:
            return MotifAbandon.ADRESSE
        except RecipientUnknown:
            return self._unknown(envoi, now)
        except UnknownSealingKey:  # a key may be deployed late: the calendar gives it time
            log.critical("sealing_key_unknown", mail=envoi.id, key=envoi.key_id)
            return Deferred()
        except Exception:  # a bug in one mail stops no other
            log.exception("mail_not_written", mail=envoi.id)
            return Deferred()

    @staticmethod
    def _unknown(envoi: Envoi, now: datetime) -> Deferred | MotifAbandon:
        """Copies follow: nobody is unknown for long. A Caf is, until somebody gives its contact."""
        if envoi.modele in A_LA_CAF:
            log.error("caf_unreachable", mail=envoi.id, caf=envoi.caf)
            CAF_NOT_REACHED.labels("sans_contact").inc()
            return Deferred()
        waited = now - (envoi.tried_since or envoi.created_at)
        return MotifAbandon.DESTINATAIRE if waited >= ATTENTE_DESTINATAIRE else Deferred()

    @staticmethod
    def _is_refused(loan: Loan, letter: Letter) -> bool:
        """Whether a server said for good that it takes nothing at this address of the person."""
        adresse = loan.connus.adresse
        known = adresse is not None and adresse.refuses(letter.recipient)
        return known and loan.envoi.is_to_the_person

    async def _hand_over(self, envoi: Envoi, letter: Letter, now: datetime) -> Result | Postponed:
        """Give the letter to the mail server within the validity of what it says, or not yet."""
        wait_s = self._cadences.wait_s(
            letter.destination,
            self._moment(),
            waited=envoi.a_son_tour,
            campaign=envoi.campagne_id is not None,
        )
        if wait_s:
            return Postponed(min(now + timedelta(seconds=wait_s), envoi.limit))
        still_valid_s = (envoi.expires_at - now).total_seconds()
        return await self._server.send(letter, min(self._settings.smtp_timeout_s, still_valid_s))

    def _attempt(self, envoi: Envoi, outcome: Result, written: Letter | Deferred) -> RecordAttempt:
        bounced = isinstance(outcome, Rejected) and outcome.of_recipient and envoi.is_to_the_person
        return RecordAttempt(
            envoi.id,
            outcome,
            self._process.clock.now(),
            envoi.user_id,
            written.recipient if bounced and isinstance(written, Letter) else None,
        )

    # -- recording --------------------------------------------------------------------------

    def _have_decided(self, loan: Loan, use_case: UseCase[M, None], message: M) -> None:
        """Have an outcome recorded with those of other mails, without waiting for it."""
        given_up = not isinstance(message, RecordAttempt) or isinstance(message.result, Rejected)
        if loan.envoi.modele in A_LA_CAF and given_up:
            log.error("caf_not_told", mail=loan.envoi.id, caf=loan.envoi.caf)
            CAF_NOT_REACHED.labels("perdu").inc()
        self._do(self._decide(loan, use_case, message))

    def _do(self, noting: Coroutine[None, None, None]) -> None:
        record = asyncio.create_task(noting)
        self._records.add(record)
        record.add_done_callback(self._records.discard)

    async def _decide(self, loan: Loan, use_case: UseCase[M, None], message: M) -> None:
        name = use_case.message.__name__
        try:
            await self._process.decide(
                use_case,
                message,
                principal=service_principal(SERVICE),
                message_id=derive_id(SERVICE, name, loan.envoi.id, loan.token),
            )
        except Exception as error:
            # It stays in hand: rather no more mails from this process than the same one for ever.
            log.critical("outcome_not_recorded", mail=loan.envoi.id, asked=name, exc_info=error)
            return
        self._in_hand.discard(loan.envoi.id)
        self._make_room()

    async def _postpone(self, loan: Loan, postponed: Postponed) -> None:
        """Put a mail back until its turn; the places in hand are for mails that can go now."""
        try:
            await postpone(
                self._process.store, token=loan.token, id=loan.envoi.id, until=postponed.until
            )
        except StoreError as error:  # its lease ends by itself
            log.warning("mail_not_put_back", error=type(error).__name__)
        POSTPONED.inc()
        self._in_hand.discard(loan.envoi.id)
        self._make_room()

    # -- stopping ---------------------------------------------------------------------------

    async def _stop(
        self, workers: Sequence[asyncio.Task[None]], borrowing: asyncio.Task[None]
    ) -> None:
        """Let attempts under way end and be recorded, within a bound; give back the others.

        A borrowing under way ends too: cut short, it would leave mails lent to nobody.
        """
        self._stopping = True
        self._room.set()
        untried = self._line.take_all()
        for _ in workers:
            self._line.end()
        try:
            async with asyncio.timeout(STOP_S):
                await asyncio.gather(
                    self._give_back(untried),
                    self._finish(workers),
                    asyncio.wait({borrowing}, timeout=BORROW_S),
                )
        except TimeoutError:
            log.warning("sending_cut", in_hand=len(self._in_hand))
        finally:
            for task in (borrowing, *workers, *self._records):
                task.cancel()
            await self._server.close()

    async def _finish(self, workers: Sequence[asyncio.Task[None]]) -> None:
        await asyncio.wait(workers)
        while self._records:
            await asyncio.wait(self._records)

    async def _give_back(self, untried: Sequence[Loan]) -> None:
        """Let another process have these at once; without it, their lease ends by itself."""
        by_token: dict[str, list[str]] = {}
        for loan in untried:
            by_token.setdefault(loan.token, []).append(loan.envoi.id)
        try:
            for token, ids in by_token.items():
                await give_back(self._process.store, token=token, ids=ids)
        except StoreError as error:
            log.warning("mails_not_given_back", error=type(error).__name__)

    @staticmethod
    def _moment() -> float:
        return asyncio.get_running_loop().time()
