"""What trainees and instructors tell each other: hands, questions, answers."""
