"""A pasted console message held against what Salesforce shows: the message alone does not decide."""

from tui.connections.confrontation import Answer, Confrontation, Verdict
from tui.connections.state import State
from tui.diagnosis.explain import explain


def confront(text: str, state: State) -> Confrontation:
    """What the causes of a pasted message are worth against the newest evidence of a connection."""
    diagnosis = state.diagnosis
    found = {finding.cause: finding for finding in diagnosis.findings}
    unread = {each.cause: each for each in diagnosis.undetermined}
    causes = explain(text)
    answers = []
    for cause in causes:
        if (finding := found.get(cause.id)) is not None:
            answers.append(Answer(cause.id, cause.title, Verdict.PRESENT, finding))
        elif (open_question := unread.get(cause.id)) is not None:
            answers.append(Answer(cause.id, cause.title, Verdict.UNDETERMINED, reason=open_question.reason))
        else:
            answers.append(Answer(cause.id, cause.title, Verdict.ABSENT, absent=cause.absent))
    said = {cause.id for cause in causes}
    instead = tuple(finding for finding in diagnosis.findings if finding.cause not in said)
    return Confrontation(bool(causes), tuple(answers), instead, state.status, state.evidence)
