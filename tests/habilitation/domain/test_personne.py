"""The copy of an account: what is not known of it gives nothing."""

from services.habilitation.domain.personne import Personne
from shared.contracts.comptes import EtatCompte
from shared.mongo.documents import to_document
from tests.habilitation.builders import NOW, TODAY


def test_a_sign_in_heard_before_the_account_is_read_and_opens_nothing() -> None:
    known = to_document({"_id": "u1", "seq": 9, "connecte_le": NOW}, Personne)
    assert known.etat_at(TODAY) is EtatCompte.CLOTURE
    assert not known.is_agent
    assert known.convention_id is None
