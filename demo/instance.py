"""Writes the configuration of one Galaxy into one folder.

The demonstration and the integration tests both start from the examples in
`config/`, so that what the documentation shows is what was run.
"""

from pathlib import Path
from typing import (
    Any,
    Optional,
    Union,
)

import yaml

Settings = dict[str, Any]

ROOT = Path(__file__).resolve().parent.parent
EXAMPLES = ROOT / "config"
TOOL_PANEL = ROOT / "demo" / "tool_conf.xml"

# Galaxy looks these up on the network when it starts or when a page is opened,
# and this Galaxy must work without one.
NO_DOWNLOADS: Settings = {
    "conda_auto_init": False,
    "edam_panel_views": "",
    "enable_mulled_containers": False,
    "involucro_auto_init": False,
    "tool_dependency_dir": "none",
    "tool_training_recommendations": False,
}


def write_instance(
    directory: Path,
    *,
    url: str,
    galaxy: Optional[Settings] = None,
    tiaas: Optional[Settings] = None,
    job_conf: Union[Settings, str, None] = None,
    tool_panels: Optional[list[Path]] = None,
) -> Path:
    """Write all files that a Galaxy needs below `directory`; return its galaxy.yml.

    Everything Galaxy itself writes later is below `directory` too. `galaxy` and
    `tiaas` are keys on top of the examples, `job_conf` replaces the example.
    """
    data = directory / "data"
    # Processes that start at once would each make the second, and all but one of them fail.
    (data / "config").mkdir(parents=True, exist_ok=True)
    (directory / "tool_data_table_conf.xml").write_text("<tables></tables>\n")

    config = example("galaxy.yml")
    config["galaxy"] |= {
        "config_dir": str(directory),
        "data_dir": str(data),
        # By default SQLite gives up after 5 seconds, which is not long for a class that joins at once.
        "database_connection": f"sqlite:///{data / 'galaxy.sqlite'}?isolation_level=IMMEDIATE&timeout=60",
        "galaxy_infrastructure_url": url,
        "tool_config_file": ",".join(str(path) for path in tool_panels or [TOOL_PANEL]),
        "tool_data_table_config_path": str(directory / "tool_data_table_conf.xml"),
        **NO_DOWNLOADS,
        **(galaxy or {}),
    }
    _write(directory / "tiaas_conf.yml", tiaas or {})
    _write(directory / "job_conf.yml", example("job_conf.yml") if job_conf is None else job_conf)
    return _write(directory / "galaxy.yml", config)


def example(name: str) -> Settings:
    """One of the files in `config/`."""
    content: Settings = yaml.safe_load((EXAMPLES / name).read_text())
    return content


def _write(path: Path, content: Union[Settings, str]) -> Path:
    """Write with the owner's eyes only: galaxy.yml holds an admin's key."""
    text = content if isinstance(content, str) else yaml.safe_dump(content, sort_keys=False)
    path.touch(mode=0o600)
    path.write_text(text)
    return path
