//! Which pictures to make next, and how much of the worker's time they may take.

use std::collections::BTreeMap;

use crate::protocol::ViewRequest;

/// The share of the worker's time for pictures unless the user says otherwise.
const DEFAULT_SHARE: f64 = 0.1;
/// Pictures may not save up more time than this, so that they never come in bursts.
const MAX_CREDIT_SECS: f64 = 0.25;
/// A picture that was just asked for may run up this much debt, so that a click is answered at once.
const MAX_DEBT_SECS: f64 = 0.5;
/// Views that a session serves at most.
const MAX_VIEWS: usize = 64;

/// The open views and the time account.
#[derive(Debug)]
pub(super) struct Views {
    open: BTreeMap<u64, Open>,
    share: f64,
    credit_secs: f64,
    clock: u64,
}

#[derive(Debug)]
struct Open {
    request: ViewRequest,
    wanted: Wanted,
    made_at: u64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Wanted {
    /// Asked for and not yet answered.
    Now,
    /// The picture no longer shows the network as it stands.
    Fresher,
    /// Up to date.
    No,
    /// It could not be made; asking again tries again.
    Refused,
}

impl Views {
    pub(super) fn new() -> Self {
        Self { open: BTreeMap::new(), share: DEFAULT_SHARE, credit_secs: 0.0, clock: 0 }
    }

    /// Takes a request, in place of an older one of the same view. `false` where too many views are open.
    pub(super) fn ask(&mut self, request: ViewRequest) -> bool {
        if self.open.len() >= MAX_VIEWS && !self.open.contains_key(&request.view) {
            return false;
        }
        self.open.insert(request.view, Open { request, wanted: Wanted::Now, made_at: 0 });
        true
    }

    pub(super) fn close(&mut self, view: u64) {
        self.open.remove(&view);
    }

    pub(super) fn clear(&mut self) {
        self.open.clear();
    }

    /// Sets the share, 0 to 1. `false` for anything else.
    pub(super) fn set_share(&mut self, share: f32) -> bool {
        let fits = (0.0..=1.0).contains(&share);
        if fits {
            // At a share of 1 training would stand still.
            self.share = f64::from(share).min(0.9);
            self.credit_secs = self.credit_secs.max(0.0);
        }
        fits
    }

    /// The network changed: every picture is out of date.
    pub(super) fn stale(&mut self) {
        // What the network saw at an earlier step stays what it is.
        let is_of_now = |open: &&mut Open| open.wanted == Wanted::No && open.request.at.is_none();
        for open in self.open.values_mut().filter(is_of_now) {
            open.wanted = Wanted::Fresher;
        }
    }

    /// Accounts for `secs` of training.
    pub(super) fn earn(&mut self, secs: f64) {
        self.credit_secs = (self.credit_secs + secs * self.share / (1.0 - self.share)).min(MAX_CREDIT_SECS);
    }

    /// Accounts for a picture made while training.
    pub(super) fn spend(&mut self, secs: f64) {
        self.credit_secs -= secs;
    }

    /// The picture to make while nothing else runs.
    pub(super) fn next_at_rest(&self) -> Option<ViewRequest> {
        self.oldest(|wanted| wanted == Wanted::Now).or_else(|| self.oldest(|wanted| wanted == Wanted::Fresher))
    }

    /// The picture that the account allows between two steps; `seen` says whether the app has picked up a view's last
    /// picture.
    pub(super) fn next_in_training(&self, seen: impl Fn(u64) -> bool) -> Option<ViewRequest> {
        if let Some(request) = self.next_asked_in_training() {
            return Some(request);
        }
        if self.share <= 0.0 || self.credit_secs < 0.0 {
            return None;
        }
        self.open
            .values()
            .filter(|open| open.wanted == Wanted::Fresher && seen(open.request.view))
            .min_by_key(|open| open.made_at)
            .map(|open| open.request.clone())
    }

    /// The picture that was asked for and that the account allows, even in the midst of a step.
    pub(super) fn next_asked_in_training(&self) -> Option<ViewRequest> {
        let may_owe = self.share > 0.0 && self.credit_secs > -MAX_DEBT_SECS;
        self.oldest(|wanted| may_owe && wanted == Wanted::Now)
    }

    /// The picture that was asked for and not yet made.
    pub(super) fn next_asked(&self) -> Option<ViewRequest> {
        self.oldest(|wanted| wanted == Wanted::Now)
    }

    pub(super) fn made(&mut self, request: &ViewRequest) {
        self.settle(request, Wanted::No);
    }

    pub(super) fn refused(&mut self, request: &ViewRequest) {
        self.settle(request, Wanted::Refused);
    }

    fn settle(&mut self, request: &ViewRequest, wanted: Wanted) {
        self.clock += 1;
        if let Some(open) = self.open.get_mut(&request.view) {
            open.made_at = self.clock;
            // One that came while this was drawn still waits.
            if open.request == *request {
                open.wanted = wanted;
            }
        }
    }

    fn oldest(&self, is_wanted: impl Fn(Wanted) -> bool) -> Option<ViewRequest> {
        self.open
            .values()
            .filter(|open| is_wanted(open.wanted))
            .min_by_key(|open| open.made_at)
            .map(|open| open.request.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(view: u64) -> ViewRequest {
        ViewRequest { view, split: "val".to_owned(), index: 0, ..ViewRequest::default() }
    }

    #[test]
    fn refreshing_keeps_to_its_share_of_the_time() {
        for share in [0.05_f32, 0.1, 0.5] {
            let mut views = Views::new();
            assert!(views.set_share(share));
            assert!(views.ask(request(1)) && views.ask(request(2)));
            let (mut training, mut pictures) = (0.0, 0.0);
            for step in 0..2000 {
                training += 0.05;
                views.earn(0.05);
                views.stale();
                if let Some(request) = views.next_in_training(|_| true) {
                    let cost = if step % 3 == 0 { 0.2 } else { 0.03 };
                    pictures += cost;
                    views.spend(cost);
                    views.made(&request);
                }
            }
            let found = pictures / (training + pictures);
            assert!(found < f64::from(share) + 0.01 && found > f64::from(share) * 0.8, "{share}: {found}");
        }
    }

    #[test]
    fn a_hand_that_asks_without_end_takes_no_more_than_its_share_and_the_first_moment() {
        for share in [0.05_f32, 0.1, 0.5] {
            let mut views = Views::new();
            assert!(views.set_share(share));
            let (mut training, mut pictures) = (0.0, 0.0);
            for step in 0..4000_usize {
                training += 0.05;
                views.earn(0.05);
                // A slider is dragged: at each step another request is the newest.
                views.ask(ViewRequest { index: step, ..request(1) });
                if let Some(request) = views.next_in_training(|_| true) {
                    assert_eq!(request.index, step, "none but the newest is made");
                    pictures += 0.04;
                    views.spend(0.04);
                    views.made(&request);
                }
            }
            let found = (pictures - MAX_DEBT_SECS - 0.04) / (training + pictures);
            assert!(found < f64::from(share) + 0.01, "{share}: {found}");
        }
    }

    #[test]
    fn nobody_looking_means_no_refreshing() {
        let mut views = Views::new();
        views.ask(request(1));
        views.made(&request(1));
        views.earn(10.0);
        views.stale();
        assert!(views.next_in_training(|_| false).is_none());
        assert!(views.next_in_training(|_| true).is_some());
    }

    #[test]
    fn a_newer_request_supersedes_an_older_one_and_a_refused_one_waits_to_be_asked_again() {
        let mut views = Views::new();
        views.ask(request(1));
        views.ask(ViewRequest { index: 5, ..request(1) });
        assert_eq!(views.next_at_rest().unwrap().index, 5);
        views.refused(&ViewRequest { index: 5, ..request(1) });
        views.stale();
        assert!(views.next_at_rest().is_none());
        views.ask(request(1));
        assert!(views.next_at_rest().is_some());
    }

    #[test]
    fn what_is_asked_while_its_forerunner_is_drawn_still_waits() {
        let mut views = Views::new();
        let newer = ViewRequest { index: 5, ..request(1) };
        for settle in [Views::made, Views::refused] {
            views.ask(request(1));
            let drawn = views.next_at_rest().unwrap();
            views.ask(newer.clone());
            settle(&mut views, &drawn);
            assert_eq!(views.next_asked(), Some(newer.clone()));
            settle(&mut views, &newer);
            assert_eq!(views.next_asked(), None);
        }
    }

    #[test]
    fn shares_outside_0_to_1_are_refused() {
        let mut views = Views::new();
        for wrong in [-0.1, 1.1, f32::NAN, f32::INFINITY] {
            assert!(!views.set_share(wrong));
        }
    }
}
