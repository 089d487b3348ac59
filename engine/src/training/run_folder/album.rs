//! The pages of pinned scenes: `album/`, a file a scene and step.

use std::collections::BTreeMap;
use std::fs;
use std::io::{self, BufRead as _, BufReader, Read as _};
use std::path::PathBuf;

use super::page::Page;
use super::page_file::{head_of, page_file, page_from};
use super::{ALBUM, RunFolder, file_name_from};
use crate::files::{open_regular, read_at_most, remove_entry, sum_of, write_whole};
use crate::protocol::{Album, AlbumScene, AlbumWish};
use crate::training::error::RunError;

/// How their files end.
const ENDING: &str = ".page";
const WHAT: &str = "page of the album";
/// The longest file that is read.
const MAX_BYTES: u64 = 256 << 20;
/// The longest first line that is read.
const MAX_HEAD_BYTES: u64 = 1 << 20;
/// Pages of a scene that are looked into for what they are of, before it is given up.
const TRIED: usize = 4;

/// Which scene a page is of: data set, split and id.
type Of<'a> = (&'a str, &'a str, &'a str);

impl RunFolder {
    /// The pages that there are, and a sentence for each scene of which none can be read. Of each scene a few first
    /// lines are read, whatever the number of its pages; what is no regular file is none.
    pub fn album(&self) -> (Album, Vec<String>) {
        let (mut album, mut warnings) = (Album::default(), Vec::new());
        let mut every = None;
        for (sum, pages) in self.pages_by_scene() {
            match self.scene_of(sum, &pages) {
                Ok(head) => {
                    every = every.max(Some(distance(&pages, head.every.max(1))));
                    let Page { dataset, split, id, .. } = head;
                    let pages = pages.into_iter().map(|(step, (bytes, _))| (step, bytes)).collect();
                    album.scenes.push(AlbumScene { dataset, split, id, pages });
                }
                Err(error) => warnings.push(format!("A pinned scene of the run cannot be shown: {error}")),
            }
        }
        album.every = every.unwrap_or(AlbumWish::EVERY);
        let key = |scene: &AlbumScene| (scene.dataset.clone(), scene.split.clone(), scene.id.clone());
        album.scenes.sort_by_cached_key(key);
        (album, warnings)
    }

    /// What was kept of a scene at a step. Fails where there is none, or where it is damaged.
    pub fn page(&self, of: Of<'_>, step: u64) -> Result<Page, RunError> {
        let path = self.page_path(of, step);
        let bytes = read_at_most(&path, MAX_BYTES).map_err(|error| match error.kind() {
            io::ErrorKind::NotFound => self.not_kept(of, step),
            _ => RunError::unreadable(WHAT, &error, &path),
        })?;
        let damaged = |reason: &str| RunError::damaged(WHAT, reason, &path);
        let page = page_from(&bytes).map_err(|reason| damaged(&reason))?;
        let is_it = (page.dataset.as_str(), page.split.as_str(), page.id.as_str()) == of && page.step == step;
        if is_it { Ok(page) } else { Err(damaged("it is of another scene or step than its name says")) }
    }

    /// Which steps there are instead.
    fn not_kept(&self, (dataset, split, id): Of<'_>, step: u64) -> RunError {
        let (album, _) = self.album();
        let steps = album.scene(dataset, split, id).map(|scene| scene.pages.keys().map(u64::to_string).collect());
        let steps: Vec<String> = steps.unwrap_or_default();
        let there = if steps.is_empty() { "none of this scene".to_owned() } else { steps.join(", ") };
        RunError::Unreadable {
            what: format!("the page of step {step} of `{id}`"),
            reason: format!("it was not kept; the steps that were are {there}"),
            path: self.path.join(ALBUM),
        }
    }

    /// Writes a page, and returns how many bytes it takes.
    pub fn keep_page(&mut self, page: &Page) -> Result<u64, RunError> {
        self.in_place()?;
        self.refuse_link(ALBUM)?;
        let folder = self.path.join(ALBUM);
        let path = self.page_path((&page.dataset, &page.split, &page.id), page.step);
        let bytes = page_file(page);
        self.making(&[&folder, &path], |_| {
            let made = match fs::create_dir(&folder) {
                Err(error) if error.kind() != io::ErrorKind::AlreadyExists => Err(error),
                _ => Ok(()),
            };
            let written = made.and_then(|()| write_whole(&path, &bytes));
            written.map_err(|error| RunError::unwritable(WHAT, &error, &path))
        })?;
        Ok(bytes.len() as u64)
    }

    /// Removes a page. One that cannot be removed only takes room.
    pub fn drop_page(&self, of: Of<'_>, step: u64) {
        if self.refuse_link(ALBUM).is_ok() {
            let _left = remove_entry(&self.page_path(of, step));
        }
    }

    /// Drops the pages after `step`, which a resumed run makes again.
    pub fn truncate_album(&mut self, step: u64) -> Result<(), RunError> {
        let pages = self.pages_by_scene();
        let later = pages.into_values().flatten().filter(|(of, _)| *of > step);
        for (_, (_, path)) in later {
            self.refuse_link(ALBUM)?;
            remove_entry(&path).map_err(|error| RunError::unwritable("the album", &error, &path))?;
        }
        Ok(())
    }

    /// Bytes and place of each page by its step, by the sum in its name.
    fn pages_by_scene(&self) -> BTreeMap<u64, BTreeMap<u64, (u64, PathBuf)>> {
        let folder = self.path.join(ALBUM);
        let mut scenes: BTreeMap<u64, BTreeMap<u64, (u64, PathBuf)>> = BTreeMap::new();
        if folder.is_symlink() {
            return scenes;
        }
        for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
            let name = entry.file_name();
            let known = name.to_str().and_then(sum_and_step);
            let found = entry.metadata().ok().filter(fs::Metadata::is_file);
            if let (Some((sum, step)), Some(found)) = (known, found) {
                scenes.entry(sum).or_default().insert(step, (found.len(), entry.path()));
            }
        }
        scenes
    }

    /// Which scene pages are of, as the newest one that can be read says, without its pixels.
    fn scene_of(&self, sum: u64, pages: &BTreeMap<u64, (u64, PathBuf)>) -> Result<Page, RunError> {
        let mut failure = None;
        for (_, path) in pages.values().rev().take(TRIED) {
            match head_at(path) {
                Ok(head) if sum_in_name((&head.dataset, &head.split, &head.id)) == sum => return Ok(head),
                Ok(_) => {
                    failure.get_or_insert(RunError::damaged(WHAT, "it is of another scene than its name says", path));
                }
                Err(error) => {
                    failure.get_or_insert(error);
                }
            }
        }
        Err(failure.unwrap_or_else(|| RunError::damaged(WHAT, "it has no pages", &self.path.join(ALBUM))))
    }

    fn page_path(&self, of: Of<'_>, step: u64) -> PathBuf {
        // Split and id are for people; which scene it is, is in the sum.
        let (_, split, id) = of;
        let name =
            format!("{}-{}-{:016x}-step-{step}{ENDING}", file_name_from(split), file_name_from(id), sum_in_name(of));
        self.path.join(ALBUM).join(name)
    }
}

/// Steps from one page to the next: as the newest one was written, or more where the album was thinned for it. The last
/// page stands wherever the run stood.
fn distance<T>(pages: &BTreeMap<u64, T>, every: u64) -> u64 {
    let steps: Vec<u64> = pages.keys().copied().filter(|step| step.is_multiple_of(every)).collect();
    let inner = &steps[..steps.len().saturating_sub(1)];
    inner.windows(2).map(|pair| pair[1] - pair[0]).min().unwrap_or(every)
}

fn sum_in_name(of: Of<'_>) -> u64 {
    sum_of(&serde_json::to_vec(&of).unwrap_or_default())
}

/// What the name of a page says.
fn sum_and_step(name: &str) -> Option<(u64, u64)> {
    let (before, step) = name.strip_suffix(ENDING)?.rsplit_once("-step-")?;
    let (_, sum) = before.rsplit_once('-')?;
    Some((u64::from_str_radix(sum, 16).ok()?, step.parse().ok()?))
}

fn head_at(path: &std::path::Path) -> Result<Page, RunError> {
    let unreadable = |error: io::Error| RunError::unreadable(WHAT, &error, path);
    let mut line = Vec::new();
    let file = open_regular(path).map_err(unreadable)?;
    BufReader::new(file.take(MAX_HEAD_BYTES)).read_until(b'\n', &mut line).map_err(unreadable)?;
    head_of(&line).map_err(|reason| RunError::damaged(WHAT, reason, path))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixtures::tiny_recipe;
    use crate::protocol::{Content, Frame, Pixels, Tile};
    use crate::training::Environment;

    fn page(id: &str, step: u64) -> Page {
        let pixels = Pixels::Labels { ids: vec![step as u8; 12], confidence: vec![7; 12] };
        let frame = Frame { width: 4, height: 3, pixels };
        Page {
            dataset: "tiny".to_owned(),
            split: "val".to_owned(),
            id: id.to_owned(),
            step,
            every: 20,
            tiles: vec![Tile { content: Content::Prediction("fused".to_owned()), frame }],
            ..Page::default()
        }
    }

    fn run() -> (tempfile::TempDir, RunFolder) {
        let root = tempfile::tempdir().unwrap();
        let run = RunFolder::create(root.path(), &tiny_recipe().unwrap(), &Environment::default()).unwrap();
        (root, run)
    }

    fn steps(album: &Album, id: &str) -> Vec<u64> {
        album.scene("tiny", "val", id).map(|scene| scene.pages.keys().copied().collect()).unwrap_or_default()
    }

    #[test]
    fn pages_come_back_by_scene_and_step_and_those_after_a_checkpoint_are_undone() {
        let (_root, mut run) = run();
        assert_eq!(run.album(), (Album::default(), Vec::new()));
        let mut bytes = 0;
        // Names that differ in what a file name cannot hold alone.
        for id in ["night/1", "night 1"] {
            for step in [0, 20, 40] {
                bytes += run.keep_page(&page(id, step)).unwrap();
            }
        }
        let (album, warnings) = run.album();
        assert!(warnings.is_empty() && album.every == 20, "{album:?} {warnings:?}");
        assert_eq!((steps(&album, "night/1"), steps(&album, "night 1")), (vec![0, 20, 40], vec![0, 20, 40]));
        assert_eq!(album.bytes(), bytes);
        assert_eq!(run.page(("tiny", "val", "night/1"), 20).unwrap(), page("night/1", 20));
        run.truncate_album(20).unwrap();
        run.drop_page(("tiny", "val", "night 1"), 0);
        let (album, _) = run.album();
        assert_eq!((steps(&album, "night/1"), steps(&album, "night 1")), (vec![0, 20], vec![20]));
        let gone = run.page(("tiny", "val", "night/1"), 40).unwrap_err().to_string();
        assert!(
            gone.contains("step 40 of `night/1`") && gone.contains("kept; the steps that were are 0, 20:"),
            "{gone}"
        );
    }

    #[test]
    fn how_far_pages_are_apart_is_seen_by_those_that_are_left() {
        let (_root, mut run) = run();
        for step in [0, 20, 40, 60, 80, 93] {
            run.keep_page(&page("a", step)).unwrap();
        }
        assert_eq!(run.album().0.every, 20);
        for step in [20, 60] {
            run.drop_page(("tiny", "val", "a"), step);
        }
        assert_eq!(run.album().0.every, 40, "it was thinned");
    }

    #[test]
    fn a_damaged_page_is_named_and_left_and_the_others_are_shown() {
        let (_root, mut run) = run();
        for step in [0, 20, 40] {
            run.keep_page(&page("a", step)).unwrap();
        }
        let path = run.page_path(("tiny", "val", "a"), 40);
        let mut bytes = fs::read(&path).unwrap();
        bytes[3] ^= 1;
        fs::write(&path, &bytes).unwrap();
        let (album, warnings) = run.album();
        assert!(warnings.is_empty() && steps(&album, "a") == [0, 20, 40], "{album:?} {warnings:?}");
        let failure = run.page(("tiny", "val", "a"), 40).unwrap_err().to_string();
        assert!(failure.contains("damaged") && failure.ends_with(&path.display().to_string()), "{failure}");
        assert_eq!(run.page(("tiny", "val", "a"), 20).unwrap().step, 20);
        assert_eq!(fs::read(&path).unwrap(), bytes);
        // One of another scene under this name is no page of it.
        fs::copy(run.page_path(("tiny", "val", "a"), 0), &path).unwrap();
        assert!(run.page(("tiny", "val", "a"), 40).is_err());
        // Where no first line reads, the scene is told.
        for step in [0, 20, 40] {
            fs::write(run.page_path(("tiny", "val", "a"), step), "no page").unwrap();
        }
        let (album, warnings) = run.album();
        assert!(album.scenes.is_empty() && warnings.len() == 1 && warnings[0].contains("step-40"), "{warnings:?}");
    }

    #[cfg(unix)]
    #[test]
    fn nothing_is_written_or_removed_through_links() {
        let (root, mut run) = run();
        let elsewhere = root.path().join("elsewhere");
        fs::create_dir(&elsewhere).unwrap();
        std::os::unix::fs::symlink(&elsewhere, run.path().join(ALBUM)).unwrap();
        assert!(run.keep_page(&page("a", 0)).unwrap_err().to_string().contains("it is a link"));
        let foreign = elsewhere.join(run.page_path(("tiny", "val", "a"), 30).file_name().unwrap());
        fs::write(&foreign, "someone's").unwrap();
        run.truncate_album(0).unwrap();
        run.drop_page(("tiny", "val", "a"), 30);
        assert!(foreign.exists() && run.album().0.scenes.is_empty());
        fs::remove_file(run.path().join(ALBUM)).unwrap();
        run.keep_page(&page("a", 0)).unwrap();
        std::os::unix::fs::symlink(&foreign, run.page_path(("tiny", "val", "a"), 30)).unwrap();
        assert_eq!(steps(&run.album().0, "a"), [0], "a link is no page");
    }
}
