//! Every fault that was thought of, and the tests that cover it. Where one cannot be injected, or what
//! it hits is not built, it says so.

use std::path::Path;

/// A fault: what happens, and what shows that it does no harm.
struct Fault {
    number: u8,
    what: &'static str,
    covered: Covered,
}

enum Covered {
    /// `path::name` of each test.
    By(&'static [&'static str]),
    Not {
        because: &'static str,
    },
}

use Covered::{By, Not};

const fn fault(number: u8, what: &'static str, covered: Covered) -> Fault {
    Fault { number, what, covered }
}

/// By number.
const CATALOGUE: [Fault; 63] = [
    fault(
        1,
        "killed before the badge's commit",
        By(&["tests/scripts/failpoints_test.py::test_killed_around_the_commit_of_a_badge"]),
    ),
    fault(
        2,
        "killed after the commit, before the answer",
        By(&[
            "tests/scripts/failpoints_test.py::test_killed_around_the_commit_of_a_badge",
            "tests/scripts/recovery_test.py::test_killed_after_the_answer_the_repeat_gets_the_identical_promise",
        ]),
    ),
    fault(
        3,
        "killed between cut, build and seal",
        By(&[
            "tests/suite/faults/crashes.rs::a_crash_while_anchoring_is_followed_by_the_next_step",
            "tests/suite/store/sealing.rs::a_seal_may_be_repeated_but_not_changed",
        ]),
    ),
    fault(
        4,
        "killed after seal, before prepare",
        By(&[
            "tests/suite/faults/crashes.rs::a_crash_while_anchoring_is_followed_by_the_next_step",
        ]),
    ),
    fault(
        5,
        "killed after signing, before the commit",
        By(&[
            "tests/suite/faults/crashes.rs::a_crash_while_anchoring_is_followed_by_the_next_step",
            "tests/suite/faults/crashes.rs::a_crash_while_revoking_is_followed_by_the_next_step",
        ]),
    ),
    fault(
        6,
        "killed after the commit, before send",
        By(&[
            "tests/suite/faults/crashes.rs::a_crash_while_anchoring_is_followed_by_the_next_step",
            "tests/suite/faults/crashes.rs::a_crash_while_minting_is_followed_by_the_next_step",
        ]),
    ),
    fault(
        7,
        "killed after send",
        By(&[
            "tests/suite/faults/crashes.rs::a_crash_while_anchoring_is_followed_by_the_next_step",
            "tests/suite/chaos/sending.rs::bytes_that_a_node_has_count_as_sent",
        ]),
    ),
    fault(
        8,
        "killed between the commit of a higher attempt and its send",
        By(&[
            "tests/suite/faults/crashes.rs::a_crash_while_anchoring_is_followed_by_the_next_step",
            "tests/suite/faults/crashes.rs::a_crash_while_minting_is_followed_by_the_next_step",
        ]),
    ),
    fault(
        9,
        "an older attempt is mined after a higher one was sent",
        By(&[
            "tests/suite/faults/sending.rs::an_older_attempt_may_be_the_one_that_is_mined",
            "tests/suite/chaos/sending.rs::an_older_attempt_is_mined_after_a_bump",
        ]),
    ),
    fault(
        10,
        "killed between observe and confirm",
        By(&[
            "tests/suite/faults/crashes.rs::a_crash_while_anchoring_is_followed_by_the_next_step",
        ]),
    ),
    fault(
        11,
        "killed between final and the webhook",
        Not {
            because: "that the event is written with the final state is part of the crash tests; deliveries come with webhooks",
        },
    ),
    fault(
        12,
        "a node takes the bytes, then times out",
        By(&[
            "tests/suite/faults/sending.rs::sending_goes_wrong_in_every_way",
            "tests/suite/chaos/sending.rs::a_node_takes_the_bytes_and_its_answer_is_lost",
        ]),
    ),
    fault(
        13,
        "a node says yes and never forwards",
        By(&[
            "tests/suite/faults/sending.rs::sending_goes_wrong_in_every_way",
            "tests/suite/chaos/sending.rs::a_node_says_yes_and_never_forwards",
        ]),
    ),
    fault(
        14,
        "`already known`",
        By(&[
            "tests/suite/faults/sending.rs::sending_goes_wrong_in_every_way",
            "tests/suite/chaos/sending.rs::bytes_that_a_node_has_count_as_sent",
        ]),
    ),
    fault(
        15,
        "`nonce too low`, and ours was mined",
        By(&["tests/suite/chaos/sending.rs::a_nonce_that_is_used_by_ours_is_waited_for"]),
    ),
    fault(
        16,
        "`nonce too low`, and a foreign transaction was mined",
        By(&[
            "tests/suite/faults/reorganisations.rs::a_foreign_transaction_takes_the_nonce",
            "tests/suite/chaos/nonces.rs::a_foreign_transaction_takes_the_nonce",
        ]),
    ),
    fault(
        17,
        "`nonce too low` from a node that lies",
        By(&[
            "tests/suite/faults/sending.rs::sending_goes_wrong_in_every_way",
            "tests/suite/chaos/sending.rs::a_node_lies_that_the_nonce_is_too_low",
        ]),
    ),
    fault(
        18,
        "`nonce too high`: a gap",
        By(&[
            "tests/suite/faults/sending.rs::nonces_missing_in_the_pool_are_sent_lowest_first",
            "tests/suite/chaos/sending.rs::a_gap_is_filled_from_the_lowest_nonce",
        ]),
    ),
    fault(
        19,
        "`replacement underpriced`",
        By(&[
            "tests/suite/faults/sending.rs::sending_goes_wrong_in_every_way",
            "tests/suite/chaos/sending.rs::an_underpriced_replacement_pays_more",
        ]),
    ),
    fault(
        20,
        "a node answers with a hash that is not ours",
        By(&["tests/suite/chaos/sending.rs::a_node_answers_another_hash"]),
    ),
    fault(
        21,
        "a stale pending or latest nonce",
        By(&[
            "tests/suite/faults/nodes.rs::a_stale_nonce_is_never_given_to_a_transaction",
            "tests/suite/chaos/nonces.rs::a_stale_nonce_is_never_used_for_allocation",
        ]),
    ),
    fault(
        22,
        "no receipt of what was mined",
        By(&[
            "tests/suite/faults/nodes.rs::a_missing_receipt_is_no_reason_to_send_again",
            "tests/suite/chaos/reads.rs::a_mined_transaction_has_no_receipt",
        ]),
    ),
    fault(
        23,
        "the nonce of a fresh node, the state of a lagging one",
        By(&[
            "tests/suite/faults/nodes.rs::a_lagging_or_silent_node_changes_nothing",
            "tests/suite/chaos/nonces.rs::the_nonce_of_a_fresh_node_and_the_state_of_a_lagging_one",
        ]),
    ),
    fault(
        24,
        "the head goes backwards",
        By(&[
            "tests/suite/faults/reorganisations.rs::the_head_goes_backwards",
            "tests/suite/chaos/reads.rs::the_head_goes_back_and_forth",
        ]),
    ),
    fault(
        25,
        "429, 5xx, HTML, JSON that is none",
        By(&["tests/suite/chaos/reads.rs::answers_that_are_none_at_random"]),
    ),
    fault(
        26,
        "a node hangs",
        By(&[
            "tests/suite/chaos/reads.rs::one_of_three_nodes_hangs",
            "tests/suite/chaos/reads.rs::the_only_node_hangs",
        ]),
    ),
    fault(
        27,
        "all nodes are down for hours",
        By(&[
            "tests/suite/faults/nodes.rs::nodes_are_down_for_hours",
            "tests/suite/api/promise/intake.rs::with_all_nodes_down_for_hours_intake_closes_before_the_promise_is_at_risk",
        ]),
    ),
    fault(
        28,
        "another chain, from the start or while running",
        By(&[
            "tests/scripts/startup_test.py::test_another_chain",
            "tests/suite/chaos/nodes.rs::a_node_is_of_another_chain_from_the_start",
            "tests/suite/chaos/nodes.rs::a_node_changes_its_chain",
        ]),
    ),
    fault(
        29,
        "no contract, or other code",
        By(&[
            "tests/scripts/startup_test.py::test_no_contract",
            "tests/scripts/startup_test.py::test_another_contract",
        ]),
    ),
    fault(
        30,
        "an empty result with status 200",
        By(&["tests/suite/chaos/reads.rs::empty_results_prove_no_absence"]),
    ),
    fault(
        31,
        "fees of fifty times for 6 and for 30 hours",
        By(&[
            "tests/suite/fees.rs::fees_of_fifty_times_for_six_hours_are_waited_out",
            "tests/suite/fees.rs::fees_of_fifty_times_for_thirty_hours_are_paid_in_time",
        ]),
    ),
    fault(
        32,
        "the budget is below the market until the deadline",
        By(&[
            "tests/suite/fees.rs::a_budget_that_is_kept_makes_late_and_drops_nothing",
            "tests/suite/api/promise/breaches.rs::a_budget_below_the_market_until_the_deadline_is_a_breach_on_record_and_no_badge_is_lost",
        ]),
    ),
    fault(
        33,
        "an absurd suggestion for the tip",
        By(&[
            "tests/suite/fees.rs::an_absurd_tip_is_clamped_with_an_alarm",
            "tests/suite/chaos/fees.rs::an_absurd_tip_is_clamped",
        ]),
    ),
    fault(
        34,
        "dropped from the pool; the pool cleared",
        By(&[
            "tests/suite/faults/sending.rs::a_cleared_pool_is_filled_again_within_a_block",
            "tests/suite/chaos/sending.rs::a_pool_that_forgets_is_told_again",
        ]),
    ),
    fault(
        35,
        "no funds at send, or drained after it",
        By(&[
            "tests/suite/faults/blocked.rs::missing_funds_block_and_resume",
            "tests/suite/restoring/funds.rs::an_account_drained_while_a_transaction_waits_takes_no_nonce_and_goes_on_when_refilled",
        ]),
    ),
    fault(
        36,
        "a reorganisation of any depth removes the transaction",
        By(&[
            "tests/suite/faults/reorganisations.rs::a_reorg_of_any_depth_is_outlived",
            "tests/suite/minting/faults.rs::a_reorg_loses_the_mint",
            "tests/suite/chaos/reorganisations.rs::a_reorganisation_of_any_depth_removes_the_transaction",
        ]),
    ),
    fault(
        37,
        "a reorganisation moves it into another block",
        By(&[
            "tests/suite/faults/reorganisations.rs::the_proof_follows_the_transaction_into_another_block",
            "tests/suite/chaos/reorganisations.rs::a_reorganisation_moves_the_transaction",
        ]),
    ),
    fault(
        38,
        "a reorganisation replaces it by another attempt, or by a foreign transaction",
        By(&[
            "tests/suite/faults/reorganisations.rs::a_reorg_replaces_the_transaction_by_another_attempt",
            "tests/suite/faults/reorganisations.rs::a_reorg_replaces_the_transaction_by_a_foreign_one",
            "tests/suite/chaos/reorganisations.rs::a_reorganisation_brings_a_foreign_transaction",
        ]),
    ),
    fault(
        39,
        "a final block is gone",
        By(&[
            "tests/suite/restoring/finality.rs::a_final_block_that_is_gone_stops_the_signer_and_what_it_proved_is_observed_again",
            "tests/suite/chaos/reorganisations.rs::a_final_block_is_lost",
        ]),
    ),
    fault(
        40,
        "finality stalls for hours",
        By(&[
            "tests/suite/faults/nodes.rs::finality_stalls",
            "tests/suite/api/promise/intake.rs::while_finality_stalls_badges_stay_included_and_the_clock_is_shown",
        ]),
    ),
    fault(
        41,
        "a dishonest finalized tag",
        By(&[
            "tests/suite/faults/nodes.rs::the_least_depth_protects_from_a_dishonest_tag",
            "tests/suite/chaos/nodes.rs::a_dishonest_tag_is_held_by_the_depth",
        ]),
    ),
    fault(
        42,
        "mined and reverted: the role was taken in flight",
        By(&["tests/suite/faults/blocked.rs::a_role_lost_in_flight_blocks_until_it_is_back"]),
    ),
    fault(
        43,
        "the contract is paused",
        By(&["tests/suite/faults/blocked.rs::a_pause_takes_no_nonce"]),
    ),
    fault(
        44,
        "the gas estimate fails or lies low; out of gas on chain",
        By(&[
            "tests/suite/chaos/fees.rs::an_estimate_that_fails_is_bounded",
            "tests/suite/chaos/fees.rs::an_estimate_that_lies_low_costs_one_nonce",
            "tests/suite/chaos/fees.rs::an_estimate_below_all_costs_is_not_believed",
        ]),
    ),
    fault(
        45,
        "a batch above the gas of a transaction",
        By(&[
            "tests/suite/minting/blocked.rs::too_much_gas_splits_a_batch",
            "tests/suite/faults/crashes.rs::a_crash_while_splitting_is_followed_by_the_next_step",
        ]),
    ),
    fault(
        46,
        "a griefing recipient, an invalid one, a collection paused near the deadline",
        By(&[
            "contracts/test/Minting.t.sol::test_owners_that_are_contracts_are_not_called",
            "tests/suite/api/recipients.rs::a_recipient_is_read_with_its_checksum",
            "tests/suite/minting/blocked.rs::a_pause_near_the_deadline_keeps_no_badge_waiting",
        ]),
    ),
    fault(
        47,
        "two workers race to prepare",
        By(&[
            "tests/suite/faults/workers.rs::a_leader_that_was_stopped_anywhere_does_no_harm_when_it_wakes_up",
            "tests/suite/store/signing.rs::of_two_batches_one_gets_the_nonce",
        ]),
    ),
    fault(
        48,
        "the leader is stopped for a minute and goes on",
        By(&[
            "tests/suite/faults/workers.rs::a_stale_leader_writes_nothing",
            "tests/suite/faults/workers.rs::a_leader_that_was_stopped_anywhere_does_no_harm_when_it_wakes_up",
            "tests/scripts/kill_loop_test.py::test_two_workers_on_a_database_that_is_killed_too",
        ]),
    ),
    fault(
        49,
        "the connection to the database breaks in a commit",
        By(&[
            "tests/suite/faults/crashes.rs::a_commit_whose_answer_is_lost_is_found_by_the_same_process",
            "tests/suite/restoring/connection.rs::a_commit_whose_answer_is_lost_is_found_by_its_natural_key",
            "tests/scripts/kill_loop_test.py::test_two_workers_on_a_database_that_is_killed_too",
        ]),
    ),
    fault(
        50,
        "the database is started again; an older dump is restored",
        By(&[
            "tests/suite/restoring/backups.rs::an_older_database_halts_until_it_is_adopted",
            "tests/suite/restoring/backups.rs::a_transaction_in_flight_at_the_backup_ends_final_without_another",
            "tests/scripts/kill_loop_test.py::test_two_workers_on_a_database_that_is_killed_too",
        ]),
    ),
    fault(
        51,
        "the disk of the embedded database is full",
        By(&[
            "tests/scripts/storage_test.py::test_a_full_disk_refuses_badges_without_receipt_and_loses_nothing",
        ]),
    ),
    fault(
        52,
        "SQLite is locked; kill -9 in a loop",
        By(&[
            "tests/scripts/storage_test.py::test_a_locked_database_refuses_badges_and_reads_go_on",
            "tests/scripts/storage_test.py::test_every_answered_receipt_is_there_after_each_kill",
        ]),
    ),
    fault(
        53,
        "a serialization failure, a deadlock",
        By(&[
            "tests/suite/store/races.rs::a_serialization_failure_is_tried_five_times_at_intake",
            "tests/suite/store/races.rs::a_deadlock_is_tried_five_times_at_intake",
            "tests/suite/store/races.rs::calls_of_platforms_and_administrators_lose_races_too",
        ]),
    ),
    fault(
        54,
        "the same submission twice, or with other options",
        By(&[
            "tests/suite/api/repeats.rs::the_same_submission_twice_is_the_same_promise_to_the_byte",
            "tests/suite/api/repeats.rs::any_other_option_is_a_conflict_and_changes_nothing",
            "tests/suite/api/idempotency.rs::a_repeat_gets_the_first_answer",
            "tests/suite/store/intake.rs::a_known_badge_keeps_its_first_facts",
        ]),
    ),
    fault(
        55,
        "the same digest from two issuers",
        By(&[
            "tests/suite/api/repeats.rs::one_digest_from_two_issuers_is_two_receipts_and_two_leaves",
            "tests/suite/faults/submissions.rs::the_same_digest_of_two_issuers_is_two_leaves_that_do_not_show_it",
        ]),
    ),
    fault(
        56,
        "a receiver of webhooks is down for days",
        Not { because: "webhooks are not built yet" },
    ),
    fault(
        57,
        "a webhook to a private address, a redirect, a name that is bound anew",
        Not { because: "webhooks are not built yet" },
    ),
    fault(
        58,
        "a host's clock is a day off; database and chain differ",
        By(&[
            "tests/suite/faults/nodes.rs::a_wrong_host_clock_changes_nothing_on_chain",
            "tests/suite/api/promise/clocks.rs::a_host_clock_a_day_behind_closes_intake",
            "tests/suite/api/promise/clocks.rs::a_host_clock_a_day_ahead_states_no_breach",
        ]),
    ),
    fault(
        59,
        "a key service times out, throttles, has the wrong key",
        By(&[
            "tests/suite/faults/signing.rs::a_key_service_that_fails_takes_no_nonce",
            "services/chain/src/signer/tests/failing.rs::a_key_service_that_fails_signs_nothing_and_then_the_same_nonce",
            "services/chain/src/signer/tests/failing.rs::a_service_without_our_key_is_refused_when_it_is_opened",
        ]),
    ),
    fault(
        60,
        "SIGTERM in the middle of a step",
        By(&[
            "tests/scripts/recovery_test.py::test_a_stop_is_orderly_and_quick",
            "tests/scripts/recovery_test.py::test_stopped_while_a_node_keeps_its_answer_back",
        ]),
    ),
    fault(
        61,
        "the signer is rotated with live nonces",
        By(&[
            "tests/suite/restoring/rotation.rs::a_former_signer_is_drained_without_its_key",
            "tests/suite/restoring/rotation.rs::a_former_signer_pays_more_with_its_key",
        ]),
    ),
    fault(
        62,
        "the version before on the schema of the next",
        Not { because: "there is one version so far; a newer schema is refused until then" },
    ),
    fault(
        63,
        "an empty queue, one badge, very many",
        By(&[
            "tests/suite/story.rs::nothing_to_do_sends_nothing",
            "tests/suite/faults/submissions.rs::an_empty_queue_one_badge_and_many_pages_of_them",
        ]),
    ),
];

/// Those that no test covers, by number.
const UNCOVERED: [u8; 4] = [11, 56, 57, 62];

#[test]
fn the_catalogue_is_complete() {
    let numbers: Vec<u8> = CATALOGUE.iter().map(|fault| fault.number).collect();
    assert_eq!(numbers, (1..=63).collect::<Vec<u8>>());
    let mut uncovered = Vec::new();
    for Fault { number, what, covered } in &CATALOGUE {
        assert!(!what.is_empty());
        match covered {
            By(tests) => assert!(!tests.is_empty(), "fault {number}"),
            Not { because } => {
                println!("{number}, {what}, is not covered: {because}");
                uncovered.push(*number);
            }
        }
    }
    assert_eq!(uncovered, UNCOVERED);
}

#[test]
fn every_test_of_the_catalogue_is_there() {
    for Fault { number, covered, .. } in &CATALOGUE {
        let By(tests) = covered else { continue };
        for test in *tests {
            assert!(is_there(test), "fault {number}: {test}");
        }
    }
    assert!(!is_there("tests/suite/faults/catalogue.rs::no_such_test"));
}

/// Whether the file has a function of this name. That it runs is seen by `scripts/test`, which counts
/// what is ignored.
fn is_there(test: &str) -> bool {
    let (file, name) = test.rsplit_once("::").expect("path::name");
    let checkout = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let Ok(text) = std::fs::read_to_string(checkout.join(file)) else { return false };
    let keyword = match file.rsplit_once('.') {
        Some((_, "rs")) => "fn",
        Some((_, "py")) => "def",
        _ => "function",
    };
    // or named in a list of tests that a macro makes
    text.contains(&format!("{keyword} {name}(")) || text.contains(&format!("    {name} =>"))
}
