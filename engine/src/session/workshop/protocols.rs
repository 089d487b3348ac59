//! Robustness protocols of the network in hand.

use std::ops::ControlFlow;

use super::{Workshop, no_model};
use crate::evaluation::{self, Asked, fitting_sensors};
use crate::network::Model;
use crate::protocol::{Protocol, ProtocolReport};
use crate::session::engine::Count;
use crate::session::halt::Halt;
use crate::training::open_teacher;

impl Workshop {
    pub(super) fn ran_protocol(
        &self,
        protocol: Protocol,
        split: &str,
        progress: &mut Count<'_>,
    ) -> Result<ProtocolReport, Halt> {
        let of_run = self.run.as_ref().map(|run| run.trainer.model_to_evaluate());
        let model = of_run.or_else(|| self.model.clone()).ok_or_else(no_model)?;
        let dataset = self.dataset()?;
        fitting_sensors(&model, dataset)?;
        let teacher = if protocol == Protocol::Heads { self.teacher(&model, progress)? } else { None };
        let asked = Asked { protocol, model: &model, teacher: teacher.as_ref(), dataset, split };
        Ok(evaluation::run_protocol(&asked, &mut |_| ControlFlow::Continue(()), progress)?)
    }

    /// The frozen teacher of the run in hand.
    fn teacher(&self, model: &Model, progress: &mut Count<'_>) -> Result<Option<Model>, Halt> {
        match (&self.run, &self.resumable) {
            (Some(run), _) => Ok(run.trainer.teacher_model()),
            (None, Some(path)) => Ok(open_teacher(path, &model.device, &mut |_, _, _| progress(0, 0))?),
            (None, None) => Ok(None),
        }
    }
}
