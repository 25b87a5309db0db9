"""SECURITY.md says only what tests hold: each of its claims stands here with the tests that fail without it."""

from __future__ import annotations

import re

import pytest

from tests.docs.reading import ROOT, tables

SECURITY = ROOT / "SECURITY.md"
CLAIMS: dict[str, tuple[str, ...]] = {
    # What is protected.
    "may run, write a file of its choosing": (
        "security/test_jail.py::test_hostile_code_in_the_decoder_reaches_nothing",
        "security/test_injection.py::test_an_archive_writes_nothing_but_what_its_manifest_says",
        "security/test_sources.py::test_the_sources_hold_none_of",
    ),
    "fill the memory or the disk": (
        "fuzz/test_pictures.py::test_a_bomb_costs_the_engine_little",
        "unit/test_start_pictures.py::test_over_the_budget_the_longest_unused_goes",
        "unit/test_retention.py::test_of_requests_without_a_picture_the_newest_words_alone_are_kept",
        "integration/test_budgets.py::test_it_costs_no_more_than_its_budget",
    ),
    "or make the bot fetch an address": (
        "security/test_fetching.py::test_an_attachment_elsewhere_is_not_fetched",
        "security/test_fetching.py::test_a_service_that_sends_on_or_gives_addresses_is_not_followed",
    ),
    "they are in no log, no message, no command line and no child's environment": (
        "security/test_processes.py::test_processes_keep_secrets_and_are_reached_from_this_machine_alone",
        "security/test_processes.py::test_children_that_read_foreign_files_see_no_setting",
        "unit/test_log.py::test_no_id_and_no_token_gets_through",
        "unit/test_settings.py::test_secrets_are_not_shown",
    ),
    "to that service, without names, ids, addresses and numbers": (
        "unit/test_outgoing.py::test_what_points_to_a_person_goes",
        "hosted/test_way.py::test_words_that_only_point_to_people_are_refused",
    ),
    "`LIMNER_DATA_KEY` seals them in the database": (
        "unit/test_sealing.py::test_a_sealed_database_holds_no_word_and_gives_all_back",
        "integration/test_sealed.py::test_what_waits_for_a_moderator_is_sealed_and_erased",
    ),
    "Nobody is mentioned, misled or shown markup by another's words": (
        "integration/test_imagine.py::test_words_take_no_effect_in_the_channel",
        "integration/test_my.py::test_words_take_no_effect_in_the_list",
        "unit/test_markdown_escape.py::test_nothing_in_any_words_is_live",
    ),
    "private pictures and lists are their owner's": (
        "integration/test_private.py::test_an_id_of_someone_elses_private_picture_opens_nothing",
        "integration/test_my.py::test_another_member_cannot_turn_the_pages",
    ),
    "limits hold": (
        "unit/test_ledger.py::test_of_many_at_once_exactly_as_many_pass_as_fit",
        "integration/test_personal.py::test_an_erase_does_not_give_the_limit_back",
    ),
    # Who can do what.
    "no mention is ever allowed": ("integration/test_imagine.py::test_words_take_no_effect_in_the_channel",),
    "`bot/ui/markdown_escape.py` escapes": ("unit/test_markdown_escape.py::test_nothing_hostile_is_live",),
    "readers take time in proportion to the text": ("fuzz/test_requests.py::test_no_words_take_long",),
    "read from Discord's hosts alone, 25 MB at most": (
        "unit/test_attachments.py::test_whatever_the_address_only_discords_hosts_pass",
        "unit/test_attachments.py::test_what_is_declared_is_judged_before_anything_is_read",
        "unit/test_attachments.py::test_more_than_was_declared_is_cut_off",
    ),
    "decoded in a process with little memory and time": (
        "unit/test_picture_process.py::test_the_limits_hold",
        "unit/test_picture_process.py::test_time_on_the_processor_is_bounded",
        "unit/test_picture_process.py::test_a_decoder_that_hangs_is_ended",
    ),
    "without files, network and programs": (
        "security/test_jail.py::test_hostile_code_in_the_decoder_reaches_nothing",
        "security/test_jail.py::test_each_attempt_is_a_real_one",
    ),
    "two are read at a time, of two people": (
        "unit/test_attachments.py::test_two_at_most_are_held_at_once",
        "unit/test_attachments.py::test_pictures_that_take_long_keep_nobody_else_waiting",
    ),
    "none for an order that a limit or a block refuses": (
        "integration/test_options.py::test_for_an_order_that_is_refused_no_picture_is_fetched",
    ),
    "one in 30 s a person, three a channel, none for the blocked, all behind pictures' messages": (
        "survival/test_refusal_floods.py::test_a_picture_comes_as_fast_amid_replies_that_make_none",
        "unit/test_channel_traffic.py",
        "integration/test_reply_floods.py",
    ),
    "a [budget for each thing](docs/budgets.md) that a member can do": (
        "integration/test_budgets.py::test_it_costs_no_more_than_its_budget",
        "integration/test_budgets.py::test_nothing_that_a_member_can_do_is_without_a_row",
    ),
    "start pictures 55 MB a person and 2 GB in all": (
        "unit/test_start_pictures.py::test_over_the_budget_the_longest_unused_goes",
    ),
    "limits and requests at once, in one transaction": (
        "unit/test_ledger.py::test_of_many_at_once_exactly_as_many_pass_as_fit",
        "integration/test_admission.py::test_an_order_is_one_write_and_one_read_of_the_usual_settings",
    ),
    "a bounded, fair queue": (
        "engine/test_queue.py::test_the_capacity_holds_for_each_lane",
        "engine/test_queue.py::test_nobody_gets_two_turns_before_another_who_waits_gets_one",
    ),
    "taken out, in any case, before the model, the prompt guard or a painter reads": (
        "engine/test_control_tokens.py",
        "engine/test_editors.py",
    ),
    "every press asks again whose it is": (
        "integration/test_buttons.py::test_delete_is_for_the_requester_and_moderators",
        "integration/test_private.py::test_an_id_from_elsewhere_opens_nothing_to_strangers",
        "integration/test_refusals.py::test_others_decide_on_no_held_picture",
    ),
    "ids that none of our buttons holds are left alone": (
        "fuzz/test_custom_ids.py::test_any_custom_id_is_taken_or_left_alone",
    ),
    "not above the host's": ("integration/test_limits.py::test_a_server_cannot_allow_more_than_the_host",),
    "every deed is in a log that nobody can change": (
        "integration/test_moderation.py::test_the_log_is_mirrored_and_cannot_be_changed",
        "integration/test_moderation_details.py::test_each_entry_appears_there_in_words",
    ),
    "checked against a schema and limits": (
        "understanding/test_prompt_spec.py::test_a_bad_answer_is_refused_with_its_reason",
        "fuzz/test_answers.py::test_any_answer_is_read_or_refused",
    ),
    "quoted words that it leaves out are put back": (
        "understanding/test_understand.py::test_dropped_quotations_alone_are_put_back",
    ),
    "no address in it is fetched, no redirect followed": (
        "security/test_fetching.py::test_a_service_that_sends_on_or_gives_addresses_is_not_followed",
        "security/test_fetching.py::test_an_engine_that_sends_on_is_not_followed",
    ),
    "safetensors and GGUF files alone, no pickles": (
        "engine/test_families.py::test_pickles_are_never_loaded",
        "engine/test_families.py::test_a_pickled_language_model_is_never_loaded",
        "security/test_sources.py::test_weights_are_asked_for_as_safetensors_alone",
    ),
    "code that comes with a model is never run": (
        "engine/test_families.py::test_code_in_a_models_folder_is_never_run",
        "security/test_sources.py::test_the_sources_hold_none_of",
    ),
    "of the hub, no other file is fetched, and each large one is compared with its checksum": ("engine/test_hub.py",),
    "no name in it becomes a path": (
        "security/test_injection.py::test_an_archive_writes_nothing_but_what_its_manifest_says",
    ),
    "checked before it takes the database's place": (
        "deploy/test_backup.py::test_a_database_that_fails_its_checks_is_refused_though_its_checksum_holds",
        "deploy/test_backup.py::test_a_database_with_a_foreign_schema_is_refused",
        "fuzz/test_styles.py::test_any_bytes_are_loaded_or_told",
    ),
    "the sandbox takes requests from its own page alone, and cannot be framed": (
        "sandbox/test_server.py::test_other_sites_cannot_drive_it",
        "security/test_injection.py::test_the_sandbox_cannot_be_framed_and_refuses_odd_tokens",
    ),
    "only a request with the page's own `Origin`, and of a moderator there": ("sandbox/test_models.py",),
    "one fetch at a time, of the table's models": ("sandbox/test_models.py",),
    "an engine on TCP wants a key for all but its health and its figures": (
        "engine/test_wire.py::test_without_the_right_key_only_health_is_told",
        "engine/test_process.py::test_every_mistake_is_told_at_once",
    ),
    "LIMNER_HOME is 0700, files and the engine's socket 0600": (
        "security/test_processes.py::test_processes_keep_secrets_and_are_reached_from_this_machine_alone",
        "unit/test_home.py::test_what_was_open_to_others_is_closed",
    ),
    "the bot's environment and memory are closed to processes of its own user": (
        "security/test_jail.py::test_a_child_reads_no_environment_and_metrics_go_on_without_root",
    ),
    "all listen on 127.0.0.1 or a private socket, unless you say otherwise": (
        "security/test_processes.py::test_processes_keep_secrets_and_are_reached_from_this_machine_alone",
    ),
    "an engine on TCP allows 10 s for a head, 120 s for a body and 120 s for an answer that nobody reads": (
        "engine/test_connections.py::test_what_does_not_arrive_in_time_is_cut_off",
        "engine/test_connections.py::test_who_asks_on_and_on_and_reads_no_answer_is_cut_off",
    ),
    "else one that never showed the key, of which requests sent ahead are dropped": (
        "engine/test_connections.py::test_who_never_showed_the_key_gives_way_and_who_did_stays",
        "engine/test_connections.py::test_requests_sent_ahead_are_for_those_with_the_key",
    ),
    "keeps files free: the slowest head makes room for a new connection": (
        "engine/test_connections.py::test_hundreds_of_half_sent_heads_do_not_make_an_engine_unreachable",
    ),
    "the bot's listener for figures keeps 32 connections": (
        "unit/test_metrics_listener.py::test_hundreds_of_half_sent_heads_leave_it_files_and_it_answers",
    ),
    "compiled in a process with 2 CPU seconds and 512 MB, beside the event loop": (
        "engine/test_grammar.py::test_a_hostile_schema_is_refused_while_the_loop_turns",
    ),
    "refused where it took half a second": (
        "engine/test_grammar.py::test_a_schema_that_would_hold_the_model_thread_up_is_refused_too",
    ),
    "nothing: that is where pictures go": (),
    # What the host must do.
    "(`limner init` writes it so)": (
        "deploy/test_init.py::test_the_answers_are_written_and_the_invite_link_asks_for_what_is_needed",
    ),
    "Run Limner as a user of its own": (
        "deploy/test_units.py::test_no_unit_runs_as_root_or_holds_a_secret",
        "deploy/test_images.py::test_every_container_is_closed",
    ),
    "their files cannot run code": ("engine/test_families.py::test_code_in_a_models_folder_is_never_run",),
    "whom it acts for and where is fixed when `limner mcp` starts": (
        "integration/test_agents.py::test_whom_it_acts_for_is_named_at_the_start",
        "integration/test_agents.py::test_an_agent_sees_and_changes_its_own_persons_pictures_alone",
    ),
    "the member's own limits, blocks and permissions, asked at each call": (
        "integration/test_agents.py::test_the_agent_of_someone_blocked_is_refused_as_they_are",
        "integration/test_agents.py::test_a_role_s_limit_counts_for_its_agent",
        "integration/test_agents.py::test_who_may_not_write_in_the_channel_has_no_agent_there",
    ),
    "the socket is 0600": ("integration/test_agents.py::test_the_official_client_draws_changes_and_looks_up",),
    "eight open calls a person": ("integration/test_agents.py::test_at_once_counts_and_open_calls_are_bounded",),
    "the figures need no key": ("engine/test_wire.py::test_without_the_right_key_only_health_is_told",),
    "it seals the database with a new one": (
        "deploy/test_rekey.py::test_the_database_opens_with_the_new_key_alone",
        "deploy/test_rekey.py::test_a_key_in_a_file_is_replaced_there",
        "deploy/test_rekey.py::test_a_run_that_was_stopped_is_finished_by_the_next",
    ),
}
"""Words of SECURITY.md, and the tests below `tests/` that hold them; a file stands for all of its tests."""
STANDS_AGAINST = 2
"""The column of the table whose every part is a claim."""


def plain(text: str) -> str:
    return re.sub(r"\s+", " ", text)


@pytest.mark.parametrize("claim", CLAIMS)
def test_a_claim_stands_there_and_its_tests_are_there(claim: str) -> None:
    assert claim in plain(SECURITY.read_text("utf-8"))
    for test in CLAIMS[claim]:
        file, _, name = test.partition("::")
        source = (ROOT / "tests" / file).read_text("utf-8")
        assert f"def {name}(" in source if name else "def test_" in source, test


def test_nothing_stands_against_an_attack_without_a_test() -> None:
    rows = next(rows for rows in tables(SECURITY) if len(rows[0]) == 4)
    assert rows[0][STANDS_AGAINST] == "what stands against it"
    for row in rows[1:]:
        for part in re.sub(r" \([^)]*\)", "", plain(row[STANDS_AGAINST])).split("; "):
            assert any(part in claim or claim in part for claim in CLAIMS), part
