//! When something happened, as a clock on the wall showed it.

use std::time::{Duration, Instant, SystemTime};

use chrono::{DateTime, Local};

/// The time of day, `08:43:12`, so many seconds after a moment.
pub fn time_of_day(moment: Instant, secs: f64) -> String {
    local(moment, secs).format("%H:%M:%S").to_string()
}

/// The same with the date: `2026-11-21 08:43:12`.
pub fn date_and_time(moment: Instant, secs: f64) -> String {
    local(moment, secs).format("%Y-%m-%d %H:%M:%S").to_string()
}

fn local(moment: Instant, secs: f64) -> DateTime<Local> {
    let since = moment.elapsed().as_secs_f64() - if secs.is_finite() { secs } else { 0.0 };
    let ago = Duration::try_from_secs_f64(since.max(0.0)).unwrap_or_default();
    SystemTime::now().checked_sub(ago).unwrap_or_else(SystemTime::now).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_later_line_has_a_later_time_and_both_are_of_today() {
        let opened = Instant::now().checked_sub(Duration::from_secs(100)).unwrap();
        let (early, late) = (date_and_time(opened, 10.0), date_and_time(opened, 70.0));
        assert!(early < late, "{early} {late}");
        assert_eq!(early.len(), "2026-11-21 08:43:12".len());
        assert_eq!(time_of_day(opened, f64::NAN).len(), 8, "nothing that was kept breaks it");
    }
}
