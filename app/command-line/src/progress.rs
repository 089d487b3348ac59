//! How a long job tells how far it is: a bar for a person, plain lines for a log, nothing when asked to be quiet.

use std::ops::ControlFlow;
use std::time::{Duration, Instant};

use indicatif::{MultiProgress, ProgressBar, ProgressStyle};

use super::arguments::Voice;
use super::interrupt::Interrupt;
use super::output;

/// How often a log gets a line of one job.
const LINE_EVERY: Duration = Duration::from_secs(5);

/// How often it gets one of many jobs, each of which says when it begins and ends.
const LINE_OF_MANY_EVERY: Duration = Duration::from_mins(1);

/// A shorter time says nothing about the rate.
const RATE_AFTER: Duration = Duration::from_millis(300);

/// A job's progress.
pub struct Progress {
    form: Form,
    began: Instant,
    /// Where `began` was counted from; a resumed run does not begin at zero.
    from: u64,
    told: Told,
    title: String,
    quiet: bool,
    /// How often a log gets a line while nothing else changes.
    line_every: Duration,
}

/// What a log was told of a part.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Told {
    Nothing,
    /// How far it was then.
    Way(Instant),
    /// That it is over.
    End,
}

impl Told {
    /// What it will have been told after a line; `None` where none is due.
    fn next(self, done: u64, total: u64, every: Duration) -> Option<Self> {
        let is_last = total > 0 && done >= total;
        let is_due = match self {
            // What is over in a moment is worth no line, nor is its mere beginning.
            Self::Nothing => total == 0 || done > 0 && !is_last,
            Self::Way(last) => is_last || last.elapsed() >= every,
            Self::End => !is_last,
        };
        is_due.then(|| if is_last { Self::End } else { Self::Way(Instant::now()) })
    }
}

enum Form {
    Bar(ProgressBar),
    /// A bar with lines above it.
    Board(MultiProgress, ProgressBar, Vec<ProgressBar>),
    Lines,
    Silent,
}

impl Progress {
    /// Progress in the voice that was asked for.
    pub fn new(voice: Voice) -> Self {
        let form = match (voice.quiet || voice.json, output::is_watched()) {
            (true, _) => Form::Silent,
            (false, true) => Form::Bar(ProgressBar::new(0)),
            (false, false) => Form::Lines,
        };
        Self {
            form,
            began: Instant::now(),
            from: 0,
            told: Told::Nothing,
            title: String::new(),
            quiet: voice.quiet,
            line_every: LINE_EVERY,
        }
    }

    /// Progress of many jobs at once, which may have a line each: see [`Progress::lines`].
    pub fn of_many(voice: Voice) -> Self {
        let Self { form, .. } = Self::new(voice);
        let form = match form {
            Form::Bar(bar) => {
                let all = MultiProgress::new();
                Form::Board(all.clone(), all.add(bar), Vec::new())
            }
            other => other,
        };
        Self { form, line_every: LINE_OF_MANY_EVERY, ..Self::new(voice) }
    }

    /// The lines above the bar, for a person; a log has none.
    pub fn lines(&mut self, texts: &[String]) {
        let Form::Board(all, bar, lines) = &mut self.form else { return };
        while lines.len() > texts.len()
            && let Some(line) = lines.pop()
        {
            line.finish_and_clear();
            all.remove(&line);
        }
        while lines.len() < texts.len() {
            let line = all.insert_before(bar, ProgressBar::new(0));
            if let Ok(style) = ProgressStyle::with_template("{wide_msg}") {
                line.set_style(style);
            }
            lines.push(line);
        }
        for (line, text) in lines.iter().zip(texts) {
            line.set_message(output::shown(text).into_owned());
        }
    }

    /// A new part of the job, counted from `done`, begins.
    pub fn begin(&mut self, title: &str, done: u64) {
        if self.title == title {
            return;
        }
        title.clone_into(&mut self.title);
        self.began = Instant::now();
        self.from = done;
        self.told = Told::Nothing;
        if let Form::Bar(bar) | Form::Board(_, bar, _) = &self.form {
            bar.reset();
        }
    }

    /// `done` of `total` (0 where unknown) are done; `note` says what else is worth telling.
    pub fn advance(&mut self, done: u64, total: u64, note: &str) {
        self.advance_until(done, total, total, note);
    }

    /// [`Progress::advance`] in a job whose speed changes at `until`: the time left is told up to there.
    pub fn advance_until(&mut self, done: u64, total: u64, until: u64, note: &str) {
        let rate = self.rate(done);
        let left = if until > done && rate > 0.0 { secs_words((until - done) as f64 / rate) } else { String::new() };
        let left = left_words(&left, until < total);
        self.stand(done, total, &words(&[note, &rate_words(rate), &left]));
    }

    /// `done` of `total` (0 where unknown) are done, in a job that tells rate and time left by itself, in `note`.
    pub fn stand(&mut self, done: u64, total: u64, note: &str) {
        let Self { form, told, title, line_every, .. } = self;
        match form {
            Form::Silent => {}
            Form::Bar(bar) | Form::Board(_, bar, _) => {
                let template =
                    if total == 0 { "{prefix} {msg}" } else { "{prefix} {bar:30.cyan/black} {pos}/{len} {msg}" };
                if let Ok(style) = ProgressStyle::with_template(template) {
                    bar.set_style(style.progress_chars("━━╌"));
                }
                bar.set_length(total);
                bar.set_position(done);
                bar.set_prefix(output::shown(title).into_owned());
                bar.set_message(output::shown(note).into_owned());
            }
            Form::Lines => {
                let Some(next) = told.next(done, total, *line_every) else { return };
                *told = next;
                let counted = if total == 0 { String::new() } else { format!("{done}/{total}") };
                let head = if counted.is_empty() { title.clone() } else { format!("{title} {counted}") };
                output::complain(&words(&[&head, note]));
            }
        }
    }

    /// What is told of a job in parts that have names; Ctrl-C ends it.
    pub fn parts(&mut self, interrupt: Interrupt) -> impl FnMut(&str, u64, u64) -> ControlFlow<()> {
        move |what, done, total| {
            self.begin(what, done);
            self.advance(done, total, "");
            interrupt.goes_on()
        }
    }

    /// The same of a job of one part.
    pub fn counts(&mut self, title: &str, interrupt: Interrupt) -> impl FnMut(u64, u64) -> ControlFlow<()> {
        self.begin(title, 0);
        move |done, total| {
            self.advance(done, total, "");
            interrupt.goes_on()
        }
    }

    /// A sentence that stays above the bar.
    pub fn say(&self, text: &str) {
        match &self.form {
            Form::Silent => {}
            Form::Bar(bar) => bar.suspend(|| output::complain(text)),
            Form::Board(all, ..) => all.suspend(|| output::complain(text)),
            Form::Lines => output::complain(text),
        }
    }

    /// Says what went wrong without ending the work, also where results are JSON; not where nothing shall be said.
    pub fn warn(&self, text: &str) {
        let text = format!("warning: {text}");
        match &self.form {
            Form::Silent if self.quiet => {}
            Form::Silent => output::complain(&text),
            Form::Bar(_) | Form::Board(..) | Form::Lines => self.say(&text),
        }
    }

    /// Takes the bar away.
    pub fn end(&self) {
        match &self.form {
            Form::Bar(bar) => bar.finish_and_clear(),
            Form::Board(all, bar, lines) => {
                lines.iter().chain([bar]).for_each(ProgressBar::finish_and_clear);
                // A terminal that is gone needs no clearing.
                let _gone = all.clear();
            }
            Form::Lines | Form::Silent => {}
        }
    }

    /// Units a second since this part began; 0 while unknown.
    fn rate(&self, done: u64) -> f64 {
        let units = done.saturating_sub(self.from);
        if units == 0 || self.began.elapsed() < RATE_AFTER {
            0.0
        } else {
            units as f64 / self.began.elapsed().as_secs_f64()
        }
    }
}

/// A rate for people: `9.1 it/s`; empty where it is unknown.
pub fn rate_words(rate: f64) -> String {
    match rate {
        rate if rate <= 0.0 => String::new(),
        rate if rate < 1.0 => format!("{:.1} s/it", 1.0 / rate),
        rate => format!("{rate:.1} it/s"),
    }
}

fn left_words(left: &str, is_of_part: bool) -> String {
    match (left, is_of_part) {
        ("", _) => String::new(),
        (left, false) => format!("{left} left"),
        (left, true) => format!("{left} left in this phase"),
    }
}

/// The parts that are not empty, with a dot between them.
pub fn words(parts: &[&str]) -> String {
    parts.iter().copied().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" · ")
}

/// `1:58`, or `2:03:10` from an hour on.
pub fn secs_words(secs: f64) -> String {
    let secs = secs.round() as u64;
    let (hours, minutes, secs) = (secs / 3600, secs / 60 % 60, secs % 60);
    if hours > 0 { format!("{hours}:{minutes:02}:{secs:02}") } else { format!("{minutes}:{secs:02}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_read_as_a_clock() {
        assert_eq!(secs_words(0.4), "0:00");
        assert_eq!(secs_words(118.0), "1:58");
        assert_eq!(secs_words(7390.0), "2:03:10");
    }

    #[test]
    fn a_log_is_told_the_end_once() {
        let every = Duration::from_hours(1);
        let begun = Told::Nothing.next(1, 3, every).expect("the first line");
        assert_eq!(begun.next(2, 3, every), None, "too soon");
        assert_eq!(begun.next(3, 3, every), Some(Told::End));
        assert_eq!(Told::End.next(3, 3, Duration::ZERO), None);
        assert!(Told::End.next(3, 9, every).is_some(), "it goes on after all");
        assert_eq!(Told::Nothing.next(3, 3, every), None, "over in a moment");
    }

    #[test]
    fn empty_parts_leave_no_dots() {
        assert_eq!(words(&["a", "", "b"]), "a · b");
        assert_eq!(left_words("", true), "");
        assert_eq!(left_words("0:12", true), "0:12 left in this phase");
        assert_eq!(rate_words(0.0), "");
        assert_eq!(rate_words(0.25), "4.0 s/it");
        assert_eq!(rate_words(9.14), "9.1 it/s");
    }
}
