"""The mail sink keeps what it accepted and fails as real mail servers do."""

import smtplib
from email.message import EmailMessage

import pytest

from deploy.local.mails import Mail, parse_mail
from deploy.local.smtp_sink import SmtpSink

pytestmark = pytest.mark.connected


def send(sink: SmtpSink, to: str = "agathe@exemple.example", timeout_s: float = 5) -> None:
    message = EmailMessage()
    message["Subject"] = "Été à Besançon"
    message["From"] = "Mon Compte Partenaire <mcp@exemple.example>"
    message["To"] = to
    message["Message-ID"] = "<1@exemple.example>"
    message["X-Rang"] = "7"
    message.set_content("Bonjour Agathe, l’été est là.\n")
    message.add_alternative("<p>Bonjour Agathe</p>\n", subtype="html")
    with smtplib.SMTP("127.0.0.1", sink.port, timeout=timeout_s) as client:
        client.send_message(message)


def mails(sink: SmtpSink) -> list[Mail]:
    return [parse_mail(kept) for kept in sink.mails()]


def test_mail_is_kept_and_read(sink: SmtpSink) -> None:
    send(sink)
    (mail,) = mails(sink)
    assert mail.subject == "Été à Besançon"
    assert mail.from_ == "Mon Compte Partenaire <mcp@exemple.example>"
    assert mail.recipients == ("agathe@exemple.example",)
    assert mail.message_id == "<1@exemple.example>"
    assert mail.header("x-rang") == "7"
    assert "l’été est là" in mail.text
    assert "<p>Bonjour Agathe</p>" in mail.html
    assert mail.received_at.tzinfo is not None


@pytest.mark.parametrize("code", [421, 450, 451, 452, 550, 552, 554])
@pytest.mark.parametrize("stage", ["mail", "rcpt", "data"])
def test_answers_on_demand(sink: SmtpSink, code: int, stage: str) -> None:
    sink.behave(str(code), times=1, stage=stage)
    with pytest.raises(smtplib.SMTPException) as failed:
        send(sink)
    assert str(code) in str(failed.value)
    send(sink)
    assert sink.count() == 1


def test_one_recipient_fails_for_ever(sink: SmtpSink) -> None:
    sink.behave("550 5.1.1 inconnu", recipient="Inconnu@exemple.example")
    for _ in range(2):
        with pytest.raises(smtplib.SMTPRecipientsRefused) as refused:
            send(sink, "inconnu@exemple.example")
    assert refused.value.recipients == {"inconnu@exemple.example": (550, b"5.1.1 inconnu")}
    send(sink)
    sink.behave_well()
    send(sink, "inconnu@exemple.example")
    assert sink.count() == 2


def test_answer_lost_after_the_mail_was_kept(sink: SmtpSink) -> None:
    sink.behave("drop", times=1, stage="data")
    with pytest.raises(smtplib.SMTPServerDisconnected):
        send(sink)
    assert sink.count() == 1


def test_connection_lost_before_the_mail(sink: SmtpSink) -> None:
    sink.behave("drop", times=1)
    with pytest.raises(smtplib.SMTPServerDisconnected):
        send(sink)
    assert sink.count() == 0


def test_hang(sink: SmtpSink) -> None:
    sink.behave("hang", times=1, stage="data")
    with pytest.raises(smtplib.SMTPServerDisconnected, match="timed out"):
        send(sink, timeout_s=0.5)
    sink.behave_well()
    send(sink)
    assert sink.count() == 1


def test_mails_survive_a_kill_on_the_same_port(sink: SmtpSink) -> None:
    send(sink)
    address = sink.address
    sink.kill()
    with pytest.raises(ConnectionRefusedError):
        send(sink)
    sink.restart()
    assert sink.address == address
    send(sink)
    assert sink.count() == 2
    sink.forget()
    assert mails(sink) == []
    sink.stop()
    assert sink.process.exit_code == 0


def test_unknown_misbehaviour_is_refused(sink: SmtpSink) -> None:
    with pytest.raises(RuntimeError, match="unknown action"):
        sink.behave("999")
