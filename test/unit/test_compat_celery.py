"""What we rely on of Galaxy's Celery application: compat/celery.py."""

import os
import subprocess
import sys
from pathlib import Path

_SCRIPT = """
from galaxy.celery import celery_app
from galaxy_tiaas.compat import celery

@celery.galaxy_task(action="greet")
def greet():
    pass

def schedule(sender, **_):
    assert sender is celery_app
    sender.add_periodic_task(300.0, greet.s(), name="greeting", expires=300)

celery.when_ready(schedule)
assert "greeting" not in celery_app.conf.beat_schedule
celery_app.finalize()
celery.when_ready(schedule)
print(*celery_app.conf.beat_schedule)
print(celery.galaxy_config().get("tiaas_config_file"))
print(celery_app.conf.timezone)
"""


def test_beats_schedule_can_be_added_to_and_settings_are_read(tmp_path: Path) -> None:
    galaxy_yml = tmp_path / "galaxy.yml"
    galaxy_yml.write_text(f"galaxy: {{config_dir: '{tmp_path}', tiaas_config_file: ours.yml}}\n")
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", _SCRIPT],
        cwd=tmp_path,
        env={
            **os.environ,
            "GALAXY_CONFIG_FILE": str(galaxy_yml),
            "PYTHONPATH": os.pathsep.join(sys.path),
        },
        capture_output=True,
        text=True,
        check=True,
    )
    names, file, timezone = done.stdout.splitlines()
    assert {"greeting", "prune-history-audit-table"} <= set(names.split())
    assert (file, timezone) == ("ours.yml", "UTC")
