"""How much there is of everything."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Sizes:
    """The numbers of a large server; each is an option of the command."""

    users: int = 100_000
    #: Of two years, but for those of the last hours.
    jobs: int = 5_000_000
    past_trainings: int = 2_000
    #: How far the past is to grow in the end.
    most_past_trainings: int = 20_000
    past_members: int = 30
    large_class: int = 3_000
    #: Of the large class in the last three hours.
    large_class_jobs: int = 60_000
    small_class: int = 30
    small_class_jobs: int = 600
    #: Of everybody else in the last three hours.
    other_jobs: int = 20_000
    #: Who comes in a storm, and in each round of joins.
    storm: int = 5_000
    joins: int = 1_500
    #: Of the largest of the classes that only differ in how many members or jobs they have.
    most_members: int = 5_000
    most_jobs: int = 200_000


FULL = Sizes()
SMOKE = Sizes(
    users=2_000,
    jobs=20_000,
    past_trainings=20,
    most_past_trainings=200,
    large_class=100,
    large_class_jobs=2_000,
    small_class=10,
    small_class_jobs=100,
    other_jobs=500,
    storm=200,
    joins=100,
    most_members=200,
    most_jobs=2_000,
)
