//! What happens to a service, as data, drawn from a seed: a schedule that fails can be cut short and
//! still be run.

use chain::simulated::{Read, ReadFault, Reorg};
use domain::{Entropy as _, SeededEntropy};
use worker::FAILPOINTS;

/// One thing that may happen at any time. Indexes are taken modulo what there is, so that each event
/// means something in any part of a schedule.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Event {
    /// New badges.
    Submit {
        count: u8,
    },
    /// New badges with recipients.
    SubmitFor {
        owner: u8,
        count: u8,
    },
    /// More new badges than a batch takes.
    Bulk,
    /// A submission that was accepted before.
    Repeat {
        badge: u8,
    },
    RequestMint {
        badge: u8,
        owner: u8,
    },
    Revoke {
        badge: u8,
    },
    Erase {
        badge: u8,
    },
    /// Nothing, for so long.
    Wait {
        minutes: u8,
    },
    /// A process works until it finds nothing to do.
    Work {
        process: u8,
    },
    /// It takes one round, and may die in it.
    Round {
        process: u8,
    },
    /// It works, and dies there.
    Crash {
        process: u8,
        failpoint: &'static str,
    },
    /// It is killed between two rounds, or where it was stopped.
    Restart {
        process: u8,
    },
    /// It is stopped while it works, after so many calls to a node.
    Stop {
        process: u8,
        calls: u8,
    },
    /// It goes on where it was stopped.
    Resume {
        process: u8,
    },
    /// Its host's clock is wrong from now on.
    Skew {
        process: u8,
        minutes: i16,
    },
    Mine,
    MineEmpty {
        count: u8,
    },
    /// A block with nothing but a stored transaction that anybody may have sent.
    MineStored {
        pick: u8,
    },
    /// Anybody sends a stored transaction.
    SendStored {
        pick: u8,
    },
    /// Our key is used elsewhere.
    Foreign,
    /// Somebody else anchors a commitment of ours.
    AnchoredByOthers {
        pick: u8,
    },
    Reorg {
        depth: u8,
        kind: Reorg,
    },
    DropPool,
    BaseFee {
        gwei: u8,
    },
    PriorityFee {
        gwei: u8,
    },
    ReadFails {
        read: Read,
        fault: ReadFault,
        times: u8,
    },
    /// A node denies what is there; one kind of reading at a time, for two together are a proof.
    Denies {
        read: Read,
        times: u8,
    },
    SendFails {
        kind: u8,
        times: u8,
    },
    RegistryPaused(bool),
    CollectionPaused(bool),
    Role(bool),
    Minter(bool),
    Funds(bool),
    FinalityStalls(bool),
    GasPerToken(u32),
    Burn {
        badge: u8,
    },
    RevokedByOthers {
        badge: u8,
        token: bool,
    },
    ReinstatedByOthers {
        badge: u8,
        token: bool,
    },
}

impl Event {
    /// Whether it may change the database, and not the chain alone.
    pub(super) const fn may_write(self) -> bool {
        matches!(
            self,
            Self::Submit { .. }
                | Self::SubmitFor { .. }
                | Self::Bulk
                | Self::Repeat { .. }
                | Self::RequestMint { .. }
                | Self::Revoke { .. }
                | Self::Erase { .. }
                | Self::Work { .. }
                | Self::Round { .. }
                | Self::Crash { .. }
                | Self::Stop { .. }
                | Self::Resume { .. }
        )
    }
}

/// Processes of the service.
pub(super) const PROCESSES: u8 = 2;
/// Events of a schedule.
const LENGTH: usize = 56;

struct Dice(SeededEntropy);

impl Dice {
    fn below(&self, limit: usize) -> usize {
        let [first, second, ..] = self.0.bytes32();
        usize::from(u16::from_be_bytes([first, second])) % limit
    }

    /// From `least` to `most`.
    fn within(&self, least: u8, most: u8) -> u8 {
        least + u8::try_from(self.below(usize::from(most - least) + 1)).unwrap()
    }

    fn any(&self) -> u8 {
        self.0.bytes32()[0]
    }

    fn of<T: Copy>(&self, choices: &[T]) -> T {
        choices[self.below(choices.len())]
    }

    fn chance(&self, percent: usize) -> bool {
        self.below(100) < percent
    }
}

/// The schedule of a seed, as long as kinds of events and failpoints stay as they are.
pub(super) fn schedule(seed: u64) -> Vec<Event> {
    let dice = Dice(SeededEntropy::new(seed));
    let mut events = vec![
        Event::Submit { count: dice.within(1, 3) },
        Event::SubmitFor { owner: 1, count: dice.within(1, 3) },
        Event::Wait { minutes: dice.of(&[1, 10]) },
    ];
    while events.len() < LENGTH {
        match dice.below(100) {
            0..30 => events.push(Event::Work { process: leader(&dice) }),
            30..52 => events.push(Event::Mine),
            52..58 => events.push(Event::Round { process: dice.within(0, PROCESSES - 1) }),
            58..66 => events.push(of_users(&dice)),
            66..73 => events.push(of_processes(&dice)),
            73..75 => events.extend(takeover(&dice)),
            75..84 => events.push(of_nodes(&dice)),
            84..93 => events.push(of_the_chain(&dice)),
            _ => events.push(of_others(&dice)),
        }
    }
    events
}

/// A process with work to do is stopped in the middle of it for longer than its lease; the other one
/// goes on in its place, and after some blocks the first one wakes up.
fn takeover(dice: &Dice) -> Vec<Event> {
    let process = dice.within(0, PROCESSES - 1);
    let blocks = usize::from(dice.within(0, 2));
    let mut events = vec![
        Event::Wait { minutes: 1 },
        Event::Submit { count: 1 },
        Event::Wait { minutes: 1 },
        Event::Stop { process, calls: dice.within(0, 20) },
        Event::Wait { minutes: 1 },
        Event::Work { process: process + 1 },
    ];
    events.extend([Event::Mine].repeat(blocks));
    events.push(Event::Resume { process });
    events
}

/// Mostly the same one, so that the other's lease runs out.
fn leader(dice: &Dice) -> u8 {
    u8::from(dice.chance(20))
}

fn of_users(dice: &Dice) -> Event {
    match dice.below(14) {
        0 | 1 => Event::Submit { count: dice.within(1, 4) },
        2 | 3 => Event::SubmitFor { owner: dice.within(1, 3), count: dice.within(1, 3) },
        4 => Event::Repeat { badge: dice.any() },
        5 | 6 => Event::RequestMint { badge: dice.any(), owner: dice.within(1, 3) },
        7 | 8 => Event::Revoke { badge: dice.any() },
        9 => Event::Erase { badge: dice.any() },
        10 if dice.chance(20) => Event::Bulk,
        _ => Event::Wait { minutes: dice.of(&[1, 1, 10, 10, 60]) },
    }
}

fn of_processes(dice: &Dice) -> Event {
    let process = dice.within(0, PROCESSES - 1);
    match dice.below(10) {
        0..5 => Event::Crash { process, failpoint: dice.of(&FAILPOINTS) },
        5 => Event::Restart { process },
        6 | 7 => Event::Stop { process, calls: dice.within(0, 14) },
        8 => Event::Resume { process },
        _ => Event::Skew { process, minutes: dice.of(&[-1440, -60, 0, 1, 60, 1440]) },
    }
}

fn of_nodes(dice: &Dice) -> Event {
    let times = dice.within(1, 5);
    match dice.below(10) {
        0..4 => {
            let fault = dice.of(&[
                ReadFault::Unavailable,
                ReadFault::Stale { blocks: 1 },
                ReadFault::Stale { blocks: 3 },
                ReadFault::WrongChain,
            ]);
            Event::ReadFails { read: dice.of(&Read::ALL), fault, times }
        }
        4 => {
            let reads = [Read::Anchored, Read::Minted, Read::InclusionHint, Read::Header];
            Event::Denies { read: dice.of(&reads), times }
        }
        5..9 => Event::SendFails { kind: dice.any(), times },
        _ => Event::DropPool,
    }
}

fn of_the_chain(dice: &Dice) -> Event {
    match dice.below(12) {
        0..4 => {
            let kind = dice.of(&[Reorg::Lost, Reorg::Returned, Reorg::Shorter]);
            Event::Reorg { depth: dice.within(1, 4), kind }
        }
        4 => Event::MineEmpty { count: dice.within(1, 3) },
        5..8 => Event::BaseFee { gwei: dice.of(&[1, 1, 2, 8, 40]) },
        8 => Event::PriorityFee { gwei: dice.of(&[0, 1, 200]) },
        9 => Event::FinalityStalls(dice.chance(40)),
        10 => Event::Funds(dice.chance(50)),
        _ => Event::GasPerToken(dice.of(&[7_350, 7_350, 4_000_000, 12_000_000])),
    }
}

fn of_others(dice: &Dice) -> Event {
    let (badge, token) = (dice.any(), dice.chance(50));
    match dice.below(14) {
        0 | 1 => Event::MineStored { pick: dice.any() },
        2 | 3 => Event::SendStored { pick: dice.any() },
        4 | 5 => Event::Foreign,
        6 => Event::AnchoredByOthers { pick: dice.any() },
        7 => Event::RegistryPaused(dice.chance(50)),
        8 => Event::CollectionPaused(dice.chance(50)),
        9 => Event::Role(dice.chance(50)),
        10 => Event::Minter(dice.chance(50)),
        11 => Event::Burn { badge },
        12 => Event::RevokedByOthers { badge, token },
        _ => Event::ReinstatedByOthers { badge, token },
    }
}
