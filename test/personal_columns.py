"""Which of our text columns may name people, and what becomes of them.

A test fails if a column of text or JSON is not in here. A new table whose rows belong to one person or address is
deleted with them; whatever people type and that stays is scrubbed, in redactions and when one person is forgotten.
"""

from galaxy_tiaas.core.model import Base
from sqlalchemy import (
    Column,
    JSON,
    String,
)

#: Emptied, and scrubbed where they belong to somebody else.
CONTACT = ("tiaas_training.name", "tiaas_training.email", "tiaas_training.other_requests")
#: Kept without the people who are named in them.
SCRUBBED = (
    "tiaas_training.title",
    "tiaas_training.description",
    "tiaas_training.website",
    "tiaas_training.gtn_links",
    "tiaas_training.non_gtn_links",
    "tiaas_training_step.label",
    "tiaas_training_step.section",
    "tiaas_training_event.note",
    "tiaas_training_event.changes",
)
#: A redaction deletes their rows; when one person is forgotten, that person's rows, and others are scrubbed.
DELETED = (
    "tiaas_training_change.changes",
    "tiaas_training_question.text",
    "tiaas_training_invitation.typed",
    "tiaas_training_contact.address",
    "tiaas_message.subject",
    "tiaas_message.text",
    "tiaas_message.html",
    "tiaas_message.markdown",
    "tiaas_message.link",
    "tiaas_message.calendar",
    "tiaas_message.changes",
    "tiaas_delivery.address",
    "tiaas_delivery.problem",
)
#: Chosen by us, from a list, or by an admin; or about tools. Nobody writes about people there.
NEVER_PERSONAL = (
    "tiaas_training.identifier",
    "tiaas_training.timezone",
    "tiaas_training.state",
    "tiaas_training.destination",
    "tiaas_training_location.code",
    "tiaas_training_former_identifier.identifier",
    "tiaas_training_invitation.state",
    "tiaas_training_contact.token_hash",
    "tiaas_training_event.via",
    "tiaas_training_event.action",
    "tiaas_training_event.from_state",
    "tiaas_training_event.to_state",
    "tiaas_training_member.pseudonym",
    "tiaas_training_member.colour",
    "tiaas_training_member.shape",
    "tiaas_training_step.tool_id",
    "tiaas_message.event",
    "tiaas_message.audience",
    "tiaas_delivery.channel",
    "tiaas_lease.name",
    "tiaas_lease.holder",
    "tiaas_counter.name",
)


def text_columns() -> dict[str, Column[object]]:
    """All columns of our tables that hold text or JSON, by table and name."""
    return {
        f"{table.name}.{column.name}": column
        for table in Base.metadata.sorted_tables
        for column in table.columns
        if isinstance(column.type, (String, JSON))
    }
