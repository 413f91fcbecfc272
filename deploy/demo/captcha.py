"""Answers the question of a captcha as a person would: by reading it, in French."""


def read_aloud(question: str) -> str:
    """The answer to a question that is read aloud."""
    raise NotImplementedError(question)
