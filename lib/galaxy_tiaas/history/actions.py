"""What is done to trainings, as their histories call it."""

#: In the order in which they happen to a training, more or less.
ACTIONS = (
    "requested",
    "imported",
    "changed",
    "invitation accepted",
    "change requested",
    "change withdrawn",
    "change accepted",
    "change declined",
    "approved",
    "rejected",
    "cancelled",
    "dashboard set up",
    "reminded",
    "resources on",
    "resources off",
    "ended early",
    "resumed",
    "thanked",
    "person forgotten",
    "redacted",
)
