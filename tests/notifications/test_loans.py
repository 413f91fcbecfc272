"""Who goes next: never a campaign before anybody else, and in order otherwise."""

from services.notifications.domain.destinataire import Connus
from services.notifications.loans import Line, Loan
from tests.notifications.builders import identifiant_issued, identifiant_mail


def loan(name: str, campaign: str | None = None) -> Loan:
    mail = identifiant_mail(identifiant_issued(name)).changed(campagne_id=campaign)
    return Loan(mail, Connus(), "token", 0.0)


async def test_those_of_no_campaign_go_first_each_in_order_and_the_end_comes_last() -> None:
    line = Line()
    line.end()
    loans = [loan("u1", "c"), loan("u2"), loan("u3", "c"), loan("u4")]
    for each in loans:
        line.put(each)
    assert (len(line), line.of_no_campaign) == (5, 3)
    went = [await line.get() for _ in range(5)]
    assert went == [loans[1], loans[3], loans[0], loans[2], None]
    assert (len(line), line.of_no_campaign) == (0, 0)


async def test_everybody_may_be_taken_out_at_once() -> None:
    line = Line()
    loans = [loan("u1", "c"), loan("u2")]
    for each in loans:
        line.put(each)
    line.end()
    assert line.take_all() == [loans[1], loans[0]]
    assert (len(line), line.of_no_campaign) == (0, 0)
