//! A promise at risk closes intake to new badges, never reads, and never a repeat of a badge that
//! is known already.

use domain::{Gate, Standing};

use crate::problem::{Answer, Problem, ProblemCode};
use crate::recent::Recent;
use crate::service::Service;

/// How old the figures may be, in milliseconds.
const STANDING_MEMORY_MS: i64 = 2_000;
/// Chains that are remembered.
const CHAINS: usize = 64;
/// What a refused platform is asked to wait, in seconds.
const CLOSED_RETRY_S: u32 = 60;

pub(crate) struct IntakeGate(Recent<u64, Standing>);

impl IntakeGate {
    pub(crate) fn new() -> Self {
        Self(Recent::new(STANDING_MEMORY_MS, CHAINS))
    }

    /// How the promise stands on a chain, at most two seconds old. The chain itself is not asked:
    /// whatever it does, this answers.
    pub(crate) async fn standing(&self, service: &Service, chain_id: u64) -> Answer<Standing> {
        let now = service.now();
        let read = async { Ok(service.store().standing(chain_id, now).await?) };
        self.0.get_or_read(chain_id, now, read).await
    }

    /// Why no new badge may be taken now, if so.
    pub(crate) async fn refusal(&self, service: &Service) -> Answer<Option<Problem>> {
        if let Some(problem) = service.restored.refusal(service).await? {
            return Ok(Some(problem));
        }
        let standing = self.standing(service, service.state.stream.chain_id).await?;
        let Gate::Closed { reason, .. } = gate(service, &standing) else { return Ok(None) };
        let detail = format!("{reason}: {}; reads go on", reason.sentence());
        Ok(Some(Problem::new(ProblemCode::PromiseAtRisk, detail).retry_after(CLOSED_RETRY_S)))
    }
}

/// Whether intake is open by these facts. The watch writes it down; until then it follows from what
/// was written last.
pub(crate) fn gate(service: &Service, standing: &Standing) -> Gate {
    service.state.gate_policy().judge(standing.gate, standing)
}
