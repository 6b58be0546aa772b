"""Settings: defaults, what is refused and in which words, the sample."""

import textwrap
from pathlib import Path
from typing import Any

import pytest
import yaml
from galaxy_tiaas.core.config import (
    config_of,
    ConfigurationProblem,
    load_config,
    REMOVED,
    sample,
    TiaasConfig,
)
from galaxy_tiaas.routing.decision import JobFacts

_SAMPLE = Path(__file__).parents[2] / "config" / "tiaas_conf.yml.sample"


@pytest.fixture
def write(tmp_path: Path) -> Any:
    def _write(text: str) -> None:
        (tmp_path / "tiaas_conf.yml").write_text(textwrap.dedent(text), encoding="utf-8")

    return _write


def _load(directory: Path) -> TiaasConfig:
    return load_config("tiaas_conf.yml", str(directory))


def _problem(directory: Path) -> str:
    with pytest.raises(ConfigurationProblem) as problem:
        _load(directory)
    return str(problem.value)


# Defaults


def test_without_a_file_every_setting_has_its_default() -> None:
    assert load_config("", "/nowhere") == load_config(None, "/nowhere") == TiaasConfig()


@pytest.mark.parametrize("text", ["", "# nothing but a comment\n", "---\n", "{}"])
def test_a_file_that_says_nothing_means_the_defaults(tmp_path: Path, write: Any, text: str) -> None:
    write(text)
    assert _load(tmp_path) == TiaasConfig()


@pytest.mark.parametrize(
    "setting, default",
    [
        ("late_request_prevention_days", 10),
        ("identifier_max_length", 20),
        ("join_flex_hours", 12),
        ("join_before_start", True),
        ("expose_username", False),
        ("gdpr_auto_redact", True),
        ("gdpr_redact_after_days", 60),
        ("gdpr_retain_extra_months", 12),
        ("lifecycle_interval_seconds", 300),
    ],
)
def test_the_defaults_are_those_that_were_promised(setting: str, default: Any) -> None:
    assert getattr(TiaasConfig(), setting) == default


def test_every_promised_setting_exists() -> None:
    promised = """
        owner owner_site contact_email timezone late_request_prevention_days identifier_max_length join_flex_hours
        join_before_start expose_username status_visibility show_advertising gdpr_auto_redact gdpr_redact_after_days
        retain_contact_require_consent gdpr_retain_extra_months send_email_to send_email_from send_email_to_requester
        lifecycle_interval_seconds templates_dir feed_token destinations default training local
    """
    assert set(promised.split()) <= set(TiaasConfig.model_fields)


def test_null_means_the_default(tmp_path: Path, write: Any) -> None:
    write(
        """
        identifier_max_length:
        owner: null
        destinations: ~
        """
    )
    assert _load(tmp_path) == TiaasConfig()


# What is said, is kept


def test_values_in_the_file_are_used(tmp_path: Path, write: Any) -> None:
    write(
        """
        owner: Hogwarts
        timezone: Europe/London
        join_flex_hours: 0.5
        status_visibility: public
        destinations: [slurm, {id: big, title: The large nodes}]
        """
    )
    config = _load(tmp_path)
    assert (config.owner, config.timezone, config.join_flex_hours) == ("Hogwarts", "Europe/London", 0.5)
    assert config.status_visibility == "public"
    assert [(choice.id, choice.title) for choice in config.destinations] == [("slurm", ""), ("big", "The large nodes")]


def test_an_absolute_path_is_used_as_it_is(tmp_path: Path, write: Any) -> None:
    write("owner: Hogwarts")
    assert load_config(str(tmp_path / "tiaas_conf.yml"), "/nowhere").owner == "Hogwarts"


def test_a_directory_of_templates_is_looked_up_beside_the_file(tmp_path: Path, write: Any) -> None:
    (tmp_path / "our_templates").mkdir()
    write("templates_dir: our_templates")
    assert _load(tmp_path).templates_dir == str(tmp_path / "our_templates")


def test_the_settings_are_found_through_galaxys_configuration(tmp_path: Path, write: Any) -> None:
    write("owner: Hogwarts")

    class GalaxyConfig(dict[str, str]):
        config_dir = str(tmp_path)

    assert config_of(GalaxyConfig(tiaas_config_file="tiaas_conf.yml")).owner == "Hogwarts"
    assert config_of(GalaxyConfig()).owner == TiaasConfig().owner


def test_what_is_set_for_jobs_of_trainings_is_kept(tmp_path: Path, write: Any) -> None:
    write(
        """
        destinations:
          - id: slurm-2c
            params: {native_specification: "--reservation={identifier}", exclusive: true}
        training_overrides:
          Bio-*: {destination: big, params: {queue: bio}}
        tool_lists:
          - {name: interactive, kinds: [interactive], tools: ["interactive_*"], destination: docker}
        """
    )
    rules = _load(tmp_path).routing
    settings = rules.destinations["slurm-2c"]
    assert settings.params == {"native_specification": "--reservation={identifier}", "exclusive": True}
    assert rules.override_for("bio-2026").destination == "big"
    assert rules.override_for("bio-2026").settings.params == {"queue": "bio"}
    assert rules.override_for("chemistry").destination is None
    (tools,) = rules.tool_lists
    assert (tools.name, tools.destination, tools.training) == ("interactive", "docker", None)
    assert tools.contains(JobFacts("interactive_jupyter")) and tools.contains(
        JobFacts("x", kinds=frozenset(tools.kinds))
    )


# What is refused


@pytest.mark.parametrize(
    "line, key, allowed",
    [
        ("late_request_prevention_days: -1", "late_request_prevention_days", "must be a whole number from 0 to 365"),
        ("late_request_prevention_days: soon", "late_request_prevention_days", "must be a whole number from 0 to 365"),
        ("late_request_prevention_days: 1.5", "late_request_prevention_days", "must be a whole number from 0 to 365"),
        ("identifier_max_length: 2", "identifier_max_length", "3"),
        ("identifier_max_length: 65", "identifier_max_length", "64"),
        ("join_flex_hours: -0.5", "join_flex_hours", "0"),
        ("join_flex_hours: 169", "join_flex_hours", "168"),
        ("join_flex_hours: .nan", "join_flex_hours", "168"),
        ("join_flex_hours: .inf", "join_flex_hours", "168"),
        ("join_flex_hours: [12]", "join_flex_hours", "must be a number from 0 to 168"),
        ("join_before_start: perhaps", "join_before_start", "must be true or false"),
        ("expose_username: 2", "expose_username", "must be true or false"),
        ("status_visibility: everyone", "status_visibility", "'public', 'members' or 'instructors'"),
        ("status_visibility: false", "status_visibility", "'public', 'members' or 'instructors'"),
        ("gdpr_redact_after_days: -1", "gdpr_redact_after_days", "0"),
        ("gdpr_retain_extra_months: 121", "gdpr_retain_extra_months", "120"),
        ("lifecycle_interval_seconds: -1", "lifecycle_interval_seconds", "0"),
        ("owner: [a, b]", "owner", "string"),
        ("owner: 5", "owner", "string"),
        ("owner_site: javascript:alert(1)", "owner_site", "https://"),
        ("owner_site: example.org", "owner_site", "https://"),
        ("timezone: CEST", "timezone", "Europe/Berlin"),
        ("timezone: ''", "timezone", "Europe/Berlin"),
        ("destinations: slurm", "destinations", "list"),
        ("destinations: [{title: no id}]", "destinations.0.id", "required"),
        ("destinations: [{id: ''}]", "destinations.0.id", "at least 1 character"),
        ("destinations: [{id: a, name: b}]", "destinations.0.name", "not a setting"),
        ("destinations: [5]", "destinations.0", "valid"),
        ("destinations: [{id: a, name: b}]", "destinations.0.name", "known are id, params, title"),
        ("destinations: [{id: a, params: [b]}]", "destinations.0.params", "dictionary"),
        ("destinations: [{id: a, params: {b: [c]}}]", "destinations.0.params", "b: must be text, a number"),
        (
            "destinations: [{id: a, params: {b: '{user}'}}]",
            "destinations.0.params",
            "{identifier}, {role}; write {{ and }}",
        ),
        ("destinations: [{id: a, params: {b: '{'}}]", "destinations.0.params", "write {{ and }}"),
        ("destinations: [{id: a}, {id: a}]", "destinations", "'a' is there twice"),
        ("training_overrides: [a]", "training_overrides", "dictionary"),
        ("training_overrides: {a: {id: b}}", "training_overrides.a.id", "known are destination, params"),
        ("training_overrides: {a: {params: {b: '{nobody}'}}}", "training_overrides.a.params", "{identifier}"),
        ("tool_lists: [{tools: [a]}]", "tool_lists.0.name", "required"),
        ("tool_lists: [{name: a}]", "tool_lists.0", "names no tools"),
        ("tool_lists: [{name: a, kinds: [large]}]", "tool_lists.0.kinds.0", "'interactive' or 'gpu'"),
        ("tool_lists: [{name: a, tools: b}]", "tool_lists.0.tools", "list"),
    ],
)
def test_a_wrong_value_is_one_line_that_names_file_key_and_what_is_allowed(
    tmp_path: Path, write: Any, line: str, key: str, allowed: str
) -> None:
    write(line)
    problem = _problem(tmp_path)
    assert problem.startswith(f"{tmp_path / 'tiaas_conf.yml'}: {key}: ")
    assert allowed in problem
    assert "\n" not in problem


@pytest.mark.parametrize("key", REMOVED)
def test_what_was_removed_says_where_it_went(tmp_path: Path, write: Any, key: str) -> None:
    is_placeholder = key.startswith("{")
    entry = f"params: {{spec: '-x {key}'}}" if is_placeholder else f"{key}: 1"
    write(f"destinations: [{{id: a, {entry}}}]\ntraining_overrides: {{b: {{{entry}}}}}")
    where = f"params: spec: {key}" if is_placeholder else f"{key}:"
    problem = _problem(tmp_path)
    for place in ("destinations.0", "training_overrides.b"):
        assert f"{place}.{where} was removed; set " in problem
    assert problem.count(REMOVED[key]) == 2 and "in TPV" in REMOVED[key] and "\n" not in problem


def test_a_missing_directory_of_templates_is_named(tmp_path: Path, write: Any) -> None:
    write("templates_dir: our_templates")
    assert _problem(tmp_path) == (
        f"{tmp_path / 'tiaas_conf.yml'}: templates_dir: {tmp_path / 'our_templates'} is not a directory"
    )


def test_an_unknown_key_is_named_beside_those_that_exist(tmp_path: Path, write: Any) -> None:
    write("join_flex_hour: 3")
    problem = _problem(tmp_path)
    assert problem.startswith(f"{tmp_path / 'tiaas_conf.yml'}: join_flex_hour: is not a setting; known are ")
    assert "join_flex_hours" in problem


def test_an_unknown_key_without_a_value_is_named_too(tmp_path: Path, write: Any) -> None:
    write("join_flex_hour:")
    assert "join_flex_hour: is not a setting" in _problem(tmp_path)


def test_a_key_that_is_no_text_is_named(tmp_path: Path, write: Any) -> None:
    write("5: x")
    assert _problem(tmp_path).startswith(f"{tmp_path / 'tiaas_conf.yml'}: 5: ")


def test_all_that_is_wrong_is_said_at_once(tmp_path: Path, write: Any) -> None:
    write("identifier_max_length: 1\ntimezone: CEST\nnonsense: true\n")
    problem = _problem(tmp_path)
    assert all(f"{key}: " in problem for key in ("identifier_max_length", "timezone", "nonsense"))
    assert "\n" not in problem


@pytest.mark.parametrize(
    "text, problem",
    [
        ("owner: a\n\nowner: b\n", "owner: is there more than once, in lines 1 and 3"),
        ("owner: a\nowner: a\n'owner': a\n", "owner: is there more than once, in lines 1 and 2 and 3"),
        ("feed_token: hunter2\nfeed_token: hunter2\n", "feed_token: is there more than once, in lines 1 and 2"),
        (
            "destinations:\n- id: a\n- id: b\n  params:\n    c: 1\n    c: 2\n",
            "destinations.1.params.c: is there more than once, in lines 5 and 6",
        ),
        (
            "training_overrides:\n  a: {destination: b}\n  a: {destination: c}\nowner: a\nowner: b\n",
            "owner: is there more than once, in lines 4 and 5;"
            " training_overrides.a: is there more than once, in lines 2 and 3",
        ),
    ],
)
def test_a_key_that_is_there_twice_is_named_with_its_lines(tmp_path: Path, write: Any, text: str, problem: str) -> None:
    write(text)
    assert _problem(tmp_path) == f"{tmp_path / 'tiaas_conf.yml'}: {problem}"


def test_what_is_brought_in_from_elsewhere_may_be_replaced(tmp_path: Path, write: Any) -> None:
    """YAML's merge keys, also of a mapping that is built of others and stands deeper than its use."""
    write(
        """
        destinations:
          - {id: a, params: &small {cores: 2, memory: 4}}
          - {id: b, params: &large {<<: *small, cores: 8}}
        training_overrides:
          c: {params: {<<: *large, memory: 16}}
          d: {params: {<<: [*small, *large]}}
          e: {params: {<<: *large, <<: *small}}
        """
    )
    overrides = _load(tmp_path).training_overrides
    assert overrides["c"].params == {"cores": 8, "memory": 16}
    assert overrides["d"].params == {"cores": 2, "memory": 4}
    assert overrides["e"].params["memory"] == 4


def test_an_anchor_within_itself_is_an_error_like_others(tmp_path: Path, write: Any) -> None:
    write("destinations: &a [*a]")
    assert _problem(tmp_path).startswith(f"{tmp_path / 'tiaas_conf.yml'}: destinations")


def test_a_file_that_does_not_exist_is_named(tmp_path: Path) -> None:
    assert _problem(tmp_path).startswith(f"{tmp_path / 'tiaas_conf.yml'}: cannot be read: ")


def test_a_directory_instead_of_a_file_is_named(tmp_path: Path) -> None:
    (tmp_path / "tiaas_conf.yml").mkdir()
    assert _problem(tmp_path).startswith(f"{tmp_path / 'tiaas_conf.yml'}: cannot be read: ")


def test_a_file_in_another_encoding_is_named(tmp_path: Path) -> None:
    (tmp_path / "tiaas_conf.yml").write_bytes("owner: Universität".encode("latin-1"))
    assert _problem(tmp_path).startswith(f"{tmp_path / 'tiaas_conf.yml'}: cannot be read: ")


@pytest.mark.parametrize(
    "text", ["owner: [", "owner: a: b", "owner:\n\t- a", "owner: !!python/object:os.system x", "a\x00b"]
)
def test_a_file_that_is_not_yaml_is_one_line(tmp_path: Path, write: Any, text: str) -> None:
    write(text)
    problem = _problem(tmp_path)
    assert problem.startswith(f"{tmp_path / 'tiaas_conf.yml'}: is not YAML: ")
    assert "\n" not in problem


@pytest.mark.parametrize("text, what", [("- owner\n", "list"), ("owner\n", "str"), ("5\n", "int")])
def test_a_file_without_keys_is_refused(tmp_path: Path, write: Any, text: str, what: str) -> None:
    write(text)
    assert _problem(tmp_path).endswith(f"must hold settings as 'key: value', not a {what}")


@pytest.mark.parametrize(
    "text",
    [
        "feed_token: [hunter2]",
        "feed_token: {hunter2: x}",
        pytest.param('feed_token: "hunter2\n', id="a quotation mark is missing"),
        pytest.param("feed_token: hunter2: x\n", id="a colon too many"),
        pytest.param("feed_tokn: hunter2\n", id="a typing error in the key"),
    ],
)
def test_a_secret_is_not_repeated_in_a_message(tmp_path: Path, write: Any, text: str) -> None:
    write(text)
    assert "hunter2" not in _problem(tmp_path)


# The sample


def test_the_sample_in_the_repository_is_the_one_the_code_writes() -> None:
    """If this fails: galaxy-tiaas config sample > config/tiaas_conf.yml.sample"""
    assert _SAMPLE.read_text(encoding="utf-8") == sample()


def test_the_sample_as_it_is_changes_nothing(tmp_path: Path, write: Any) -> None:
    write(sample())
    assert _load(tmp_path) == TiaasConfig()


def test_the_sample_shows_every_setting_with_its_default(tmp_path: Path, write: Any) -> None:
    """Settings are commented out with `#` and no blank, remarks with a blank."""
    lines = [line[1:] for line in sample().splitlines() if line.startswith("#") and line[1:2].strip()]
    write("\n".join(lines))
    assert _load(tmp_path) == TiaasConfig()
    assert list(yaml.safe_load("\n".join(lines))) == list(TiaasConfig.model_fields)


def test_the_sample_says_what_is_allowed() -> None:
    text = " ".join(line.lstrip("# ") for line in sample().splitlines())
    assert "One of: public, members, instructors." in text
    assert "From 3 to 64." in text
    assert "From 0 to 168." in text


def test_every_setting_is_described() -> None:
    assert [name for name, field in TiaasConfig.model_fields.items() if not field.description] == []


def test_no_line_of_the_sample_is_longer_than_a_screen_is_wide() -> None:
    assert [line for line in sample().splitlines() if len(line) > 100] == []
