"""What an operator mends of a dead letter, and the record that goes to the retry topic."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from shared.contracts.envelope import Id
from shared.contracts.topics import EVENT_BYTES, commands_topic, retry_topic
from shared.errors import InvalidMessage
from shared.ids import derive_id, draw_id
from shared.kafka.intakes import PRINCIPAL, REPLAY_OF
from shared.kafka.records import TOKEN, guard_json, read_envelope
from shared.operations.endings import Failed, Misused
from shared.operations.parked import DeadLetter
from shared.path.work import Row
from shared.security.macs import Macs
from shared.security.principal import ActorKind, Principal
from shared.service import Service

_ID: TypeAdapter[str] = TypeAdapter(Id)


@dataclass(frozen=True)
class Mended:
    """What the operator gives in place of what was bad.

    A header with an empty value is taken away. `misuse` tells what makes no sense in what was
    given; nothing is replayed then.
    """

    body: bytes | None = None
    headers: dict[str, str] = field(default_factory=dict)
    principal: Principal | None = None
    misuse: str | None = None

    @classmethod
    def of(cls, body_file: str | None, headers: Sequence[str], principal: str | None) -> "Mended":
        """From the command line: a file, `name=value` each, `kind:id`."""
        try:
            return cls(
                None if body_file is None else _body(body_file),
                dict(map(_header, headers)),
                None if principal is None else _principal(principal),
            )
        except Misused as misused:
            return cls(misuse=str(misused))


def _body(file: str) -> bytes:
    try:
        body = Path(file).read_bytes()
        guard_json(body)
    except OSError as error:
        raise Misused(f"Le fichier « {file} » ne peut pas être lu.") from error
    except InvalidMessage as invalid:
        raise Misused(
            f"Le fichier « {file} » n’est pas un corps acceptable ({invalid.reason})."
        ) from invalid
    if len(body) > EVENT_BYTES:
        raise Misused(f"Le fichier « {file} » est trop grand.")
    return body


def _header(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not name or not equals:
        raise Misused(f"« {text} » n’est pas de la forme NOM=VALEUR.")
    if name.lower() == TOKEN or name.startswith(("dl_", "mcp_")):
        raise Misused(f"L’en-tête « {name} » ne se répare pas ; pour l’acteur : --principal.")
    return name, value


def _principal(text: str) -> Principal:
    kind, _, id = text.partition(":")
    try:
        return Principal(ActorKind(kind), _ID.validate_python(id))
    except (ValueError, ValidationError) as error:
        kinds = ", ".join(ActorKind)
        raise Misused(f"« {text} » n’est pas de la forme GENRE:ID ({kinds}).") from error


def replay_row(letter: DeadLetter, mended: Mended, service: Service) -> Row:
    """The record that puts a dead letter back into play, for this service only.

    It keeps its message id: replayed twice, it has one effect. Its verified actor goes with it,
    bound to that id by a proof that only this service can make.
    Raises: Misused when more must be mended, Failed when it cannot be replayed at all.
    """
    if mended.misuse is not None:
        raise Misused(mended.misuse)
    if letter.body_bytes is not None and mended.body is None:
        raise Misused("Le corps de ce rebut était trop grand pour être gardé : donnez --body.")
    origin = _origin(letter, service)
    headers = _headers(letter, mended)
    try:
        message_id = read_envelope(headers).id
    except InvalidMessage as invalid:
        raise Misused(
            f"L’enveloppe reste mauvaise ({invalid.reason}) : réparez-la avec --header ce_…=…"
        ) from invalid
    headers[REPLAY_OF] = origin
    principal = _actor(letter, mended, service, origin)
    if principal is not None:
        macs = Macs(service.settings.hmac_key.get_secret_value())
        headers[PRINCIPAL] = macs.seal_principal(principal, message_id)
    return Row(
        derive_id("replay", letter.id, draw_id()),
        f"replays/{letter.id}",
        0,
        retry_topic(service.name),
        letter.key,
        headers,
        letter.body if mended.body is None else mended.body,
    )


def _origin(letter: DeadLetter, service: Service) -> str:
    """Where the record first came from, however often it was replayed."""
    origin = letter.id
    if letter.topic == retry_topic(service.name):
        origin = letter.headers.get(REPLAY_OF, "")
    if origin.split("/", 1)[0] not in service.subscriptions - {retry_topic(service.name)}:
        raise Failed("Ce rebut ne vient d’aucun topic que ce service lit : il ne peut être rejoué.")
    return origin


def _headers(letter: DeadLetter, mended: Mended) -> dict[str, str]:
    """The record's own headers, put right; those that no door would take must be mended."""
    headers = {name: value for name, value in letter.headers.items() if name[:4] != "mcp_"}
    for name, value in letter.odd:
        if name in mended.headers:
            continue
        try:
            text = value.decode()
        except UnicodeDecodeError:
            text = None
        if text is None or name in headers:
            raise Misused(
                f"L’en-tête « {name} » n’est pas lisible ou vient deux fois : donnez-le avec "
                f"--header {name}=VALEUR, ou retirez-le avec --header {name}="
            )
        headers[name] = text
    headers.update(mended.headers)
    return {name: value for name, value in headers.items() if value or name not in mended.headers}


def _actor(letter: DeadLetter, mended: Mended, service: Service, origin: str) -> Principal | None:
    """Who a command is from: whom the service verified then, else whom the operator answers for."""
    if not origin.startswith(f"{commands_topic(service.name)}/"):
        if mended.principal is not None:
            raise Misused("Un fait n’a pas d’acteur : retirez --principal.")
        return None
    macs = Macs(service.settings.hmac_key.get_secret_value())
    sealed, id = letter.headers.get(PRINCIPAL, ""), letter.headers.get("ce_id", "")
    verified = macs.open_principal(sealed, id)
    if verified is not None and mended.principal not in (None, verified):
        raise Misused("L’acteur de ce rebut a été vérifié : --principal ne peut le changer.")
    if verified is None and mended.principal is None:
        raise Misused("Personne n’a été vérifié pour ce rebut : dites au nom de qui, --principal.")
    return verified or mended.principal
