//! How much we ask of servers: requests over the last minute, as the sources report them.

use std::collections::VecDeque;

use crate::model::{EndpointId, Moment};

/// Requests of the last minute.
#[derive(Default)]
pub struct Requests {
    reports: VecDeque<(Moment, EndpointId, u32)>,
}

impl Requests {
    /// Adds what the sources reported since the last call.
    pub fn note(&mut self, endpoint: EndpointId, count: u32, at: Moment) {
        while self
            .reports
            .front()
            .is_some_and(|(when, ..)| when.age(at) > 60)
        {
            self.reports.pop_front();
        }
        if count > 0 {
            self.reports.push_back((at, endpoint, count));
        }
    }

    /// Requests a second over the last minute, of all endpoints.
    pub fn per_second(&self, now: Moment) -> f64 {
        let sum: u32 = self
            .reports
            .iter()
            .filter(|(when, ..)| when.age(now) <= 60)
            .map(|(.., count)| count)
            .sum();
        f64::from(sum) / 60.0
    }

    /// The next second in which [`Self::per_second`] falls by itself; none while it is nothing.
    pub fn next_change(&self, now: Moment) -> Option<Moment> {
        let oldest = self
            .reports
            .iter()
            .find(|(when, ..)| when.age(now) <= 60)
            .map(|(when, ..)| *when)?;
        Moment::from_second(oldest.second() + 61)
    }
}
