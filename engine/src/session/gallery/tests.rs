//! What the thread makes first, what it drops, and what it tells.

use super::*;
use crate::fixtures::{TinyData, write_many_scenes, write_tiny_data};
use crate::progress::disk::slow::SlowDisk;
use crate::progress::unwatched;
use crate::protocol::{DatasetSurvey, ThumbnailRequest};

fn open(folder: &std::path::Path) -> OpenDataset {
    Arc::new(Mutex::new(Some(Arc::new(Dataset::open(folder, &mut unwatched).unwrap()))))
}

fn show(number: u64, scenes: std::ops::Range<u32>) -> GalleryCommand {
    let scenes = scenes.map(|index| ScenePlace { split: 0, index }).collect();
    GalleryCommand::Show(ThumbnailRequest { number, scenes, side_px: 32 })
}

/// The next news.
fn news(gallery: &Aside<GalleryCommand>) -> GalleryNews {
    match gallery.news().recv_timeout(Duration::from_secs(30)).expect("it was told nothing") {
        Event::Gallery(news) => news,
        other => panic!("{other:?}"),
    }
}

#[test]
fn what_is_asked_for_last_is_made_next_and_the_rest_is_dropped() {
    let folder = tempfile::tempdir().unwrap();
    write_many_scenes(folder.path(), 400).unwrap();
    let gallery = gallery(None, open(folder.path()), None);
    // Each scene takes a while, so that hundreds of them are still to be made.
    let _slow = SlowDisk::at(folder.path(), Duration::from_millis(2));
    gallery.send(show(1, 0..300)).unwrap();
    assert!(matches!(news(&gallery), GalleryNews::Thumbnails { number: 1, .. }));
    gallery.send(show(2, 300..304)).unwrap();
    let (mut of_first, mut of_second) = (0, Vec::new());
    while of_second.len() < 4 {
        let GalleryNews::Thumbnails { number, thumbnails } = news(&gallery) else { panic!() };
        let scenes = thumbnails.iter().map(|thumbnail| thumbnail.scene.index);
        if number == 2 { of_second.extend(scenes) } else { of_first += scenes.count() }
    }
    assert_eq!(of_second, [300, 301, 302, 303]);
    assert!(of_first < 100, "{of_first} pictures of what is out of sight were made");
    assert!(gallery.news().recv_timeout(Duration::from_millis(100)).is_err(), "the rest was dropped");
}

#[test]
fn pictures_in_sight_come_before_a_survey_which_is_told_as_it_goes_and_again_when_asked() {
    let folder = tempfile::tempdir().unwrap();
    write_many_scenes(folder.path(), 300).unwrap();
    let data = open(folder.path());
    let gallery = gallery(None, Arc::clone(&data), None);
    let slow = SlowDisk::at(folder.path(), Duration::from_millis(1));
    gallery.send(GalleryCommand::Survey(true)).unwrap();
    let GalleryNews::Survey(first) = news(&gallery) else { panic!() };
    assert!(!first.is_done() && first.total == 300);
    gallery.send(show(7, 0..2)).unwrap();
    let mut told = Vec::new();
    let mut whole = None;
    while whole.is_none() {
        match news(&gallery) {
            GalleryNews::Survey(found) if found.is_done() => whole = Some(found),
            GalleryNews::Survey(found) => told.push(found.done),
            GalleryNews::Thumbnails { number, thumbnails } => {
                assert_eq!((number, thumbnails.len(), told.len() < 2), (7, 2, true), "after {told:?}");
                told.clear();
            }
        }
    }
    let pixels = |found: &DatasetSurvey| found.splits.iter().flat_map(|split| &split.pixels).sum::<u64>();
    assert_eq!(pixels(&whole.unwrap()), 300 * 32 * 32);
    drop(slow);
    gallery.send(GalleryCommand::Survey(true)).unwrap();
    assert!(matches!(news(&gallery), GalleryNews::Survey(found) if found.is_done()));
    // Another data set is surveyed once somebody asks for anything.
    let other = tempfile::tempdir().unwrap();
    write_tiny_data(other.path(), &TinyData::default()).unwrap();
    *data.lock() = open(other.path()).lock().take();
    gallery.send(GalleryCommand::Survey(true)).unwrap();
    let found = loop {
        if let GalleryNews::Survey(found) = news(&gallery)
            && found.is_done()
        {
            break found;
        }
    };
    assert_eq!(found.total, 10);
    gallery.send(GalleryCommand::Survey(false)).unwrap();
    assert!(gallery.news().recv_timeout(Duration::from_millis(50)).is_err());
}

#[test]
fn without_a_data_set_nothing_is_made_and_nothing_fails() {
    let gallery = gallery(None, OpenDataset::default(), None);
    gallery.send(show(1, 0..3)).unwrap();
    gallery.send(GalleryCommand::Survey(true)).unwrap();
    assert!(gallery.news().recv_timeout(Duration::from_millis(100)).is_err());
}
