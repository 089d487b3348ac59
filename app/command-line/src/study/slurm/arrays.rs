//! Which jobs of a study go into one job array.

use fusionscope_engine::study::Job;

/// Slurm gives an index of an array to 1,000 elements unless a cluster says otherwise (`MaxArraySize`).
const MOST_ELEMENTS: usize = 1000;

/// Jobs that are submitted together, because all of them wait for the same others.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Batch {
    /// One element each.
    pub jobs: Vec<Job>,
    /// What must have been done before.
    pub needs: Vec<Job>,
}

/// Arrays for these jobs, in an order in which what is waited for comes first. `needs` names the jobs that one waits
/// for.
pub fn arrays(jobs: &[Job], needs: impl Fn(Job) -> Vec<Job>) -> Vec<Batch> {
    let mut batches: Vec<Batch> = Vec::new();
    let mut left: Vec<Job> = jobs.to_vec();
    while !left.is_empty() {
        let waits = |job: &Job| needs(*job).iter().any(|need| left.contains(need));
        let (later, ready): (Vec<Job>, Vec<Job>) = left.iter().copied().partition(waits);
        // No study refers in a circle; one that did would be submitted as it stands.
        let ready = if ready.is_empty() { left.clone() } else { ready };
        left = if ready.len() == left.len() { Vec::new() } else { later };
        let first = batches.len();
        for job in ready {
            let needs = needs(job);
            match batches[first..].iter_mut().find(|batch| batch.needs == needs && batch.jobs.len() < MOST_ELEMENTS) {
                Some(batch) => batch.jobs.push(job),
                None => batches.push(Batch { jobs: vec![job], needs }),
            }
        }
    }
    batches
}

#[cfg(test)]
mod tests {
    use super::*;

    fn job(row: usize, seed: u32) -> Job {
        Job { row, seed }
    }

    #[test]
    fn what_waits_for_nothing_is_one_array_and_what_waits_comes_after_what_it_waits_for() {
        let all = [job(1, 1), job(0, 1), job(2, 1), job(1, 2), job(0, 2), job(2, 2)];
        let free = arrays(&all, |_| Vec::new());
        assert_eq!(free, [Batch { jobs: all.to_vec(), needs: Vec::new() }]);
        // Row 1 is taught by row 0 of its seed.
        let taught = arrays(&all, |one| if one.row == 1 { vec![job(0, one.seed)] } else { Vec::new() });
        assert_eq!(taught[0].jobs, [job(0, 1), job(2, 1), job(0, 2), job(2, 2)]);
        assert_eq!(taught[1], Batch { jobs: vec![job(1, 1)], needs: vec![job(0, 1)] });
        assert_eq!(taught[2], Batch { jobs: vec![job(1, 2)], needs: vec![job(0, 2)] });
        // All others wait for one.
        let shared = arrays(&all, |one| if one == job(0, 1) { Vec::new() } else { vec![job(0, 1)] });
        assert_eq!(shared.iter().map(|batch| batch.jobs.len()).collect::<Vec<_>>(), [1, 5]);
    }

    #[test]
    fn no_array_is_longer_than_a_cluster_takes() {
        let many: Vec<Job> = (0..2500).map(|seed| job(0, seed)).collect();
        let lengths: Vec<usize> = arrays(&many, |_| Vec::new()).iter().map(|batch| batch.jobs.len()).collect();
        assert_eq!(lengths, [1000, 1000, 500]);
    }
}
