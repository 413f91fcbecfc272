"""How fast each destination is written to: so many mails a second, the others wait in line.

Large mail hosts defer whoever sends them too much at once, and a campaign would spend its retries
on that. Each process counts for itself; two processes send twice as much.
"""

from dataclasses import dataclass

BURST_S = 1.0
"""A destination that got nothing for a while may get the mails of this long at once (assumed)."""
FORGET_S = 60.0
"""After how long a place that nobody came back for is forgotten: another process sent the mail,
or it was given up (assumed: as long as a lease)."""
MANY = 1_000
"""Destinations known before those that are quiet are forgotten (assumed)."""


@dataclass(slots=True)
class _Line:
    """What one destination may get now, and when its last mail in line has its turn."""

    share: float
    counted_at: float
    end: float = 0.0

    def take(self, moment: float, per_second: float) -> bool:
        """Take one mail's part, if there is one."""
        most = max(1.0, per_second * BURST_S)
        self.share = min(most, self.share + (moment - self.counted_at) * per_second)
        self.counted_at = moment
        if self.share < 1.0:
            return False
        self.share -= 1.0
        return True


class Cadences:
    """Who may go now, and when the others come back. Moments are the event loop's, in seconds."""

    def __init__(self, per_second: float) -> None:
        self._per_second = per_second
        self._lines: dict[str, _Line] = {}
        self._places: dict[str, float] = {}

    def wait_s(self, mail_id: str, destination: str, moment: float) -> float:
        """In how long this mail should come back; 0.0 to send it at once, which is then counted.

        Whoever comes while others wait in line goes to its end; whoever comes back has had his
        turn, and goes as soon as the destination may get a mail.
        """
        line = self._lines.get(destination) or self._open(destination, moment)
        waited = self._places.pop(mail_id, None) is not None
        if (waited or line.end <= moment) and line.take(moment, self._per_second):
            return 0.0
        line.end = max(line.end, moment) + 1 / self._per_second
        self._forget_places(moment)
        self._places[mail_id] = line.end
        return line.end - moment

    def _open(self, destination: str, moment: float) -> _Line:
        if len(self._lines) >= MANY:
            quiet = [
                name
                for name, line in self._lines.items()
                if max(line.end, line.counted_at) + BURST_S < moment
            ]
            for name in quiet:
                del self._lines[name]
        line = _Line(max(1.0, self._per_second * BURST_S), moment)
        self._lines[destination] = line
        return line

    def _forget_places(self, moment: float) -> None:
        """The oldest first; an entry that waits for its turn ends this, it costs nothing then."""
        while self._places:
            mail_id, place = next(iter(self._places.items()))
            if place + FORGET_S > moment:
                return
            del self._places[mail_id]
