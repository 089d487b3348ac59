//! How far the paths of a manifest may lead: whoever wrote it is seldom who opens it.

use super::manifest::Manifest;

/// How far a manifest's paths may lead.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Reach {
    /// Into the data set's folder, and where links in it lead: data sets are often laid out by links.
    #[default]
    Folder,
    /// Anywhere, since the user said so.
    Anywhere,
}

/// The first key of a manifest whose path leads out of its folder, and the path.
pub(super) fn outside(manifest: &Manifest) -> Option<(String, String)> {
    let folders: Vec<&str> =
        manifest.splits.iter().map(|split| split.folder.as_deref().unwrap_or(&split.name)).collect();
    let modalities = manifest.modalities.iter().enumerate();
    let patterns = modalities.map(|(at, modality)| (format!("modalities[{at}].pattern"), modality.pattern.as_str()));
    let joined = manifest.modalities.iter().enumerate();
    let joined = joined.flat_map(|(at, modality)| {
        modality.join.iter().map(move |file| (format!("modalities[{at}].join"), file.as_str()))
    });
    let labels = manifest.labels.iter().map(|labels| ("labels.pattern".to_owned(), labels.pattern.as_str()));
    let masks = manifest.labels.iter().filter_map(|labels| Some(("labels.mask".to_owned(), labels.mask.as_deref()?)));
    let files = manifest.splits.iter().enumerate();
    let files = files.filter_map(|(at, split)| Some((format!("splits[{at}].files"), split.files.as_deref()?)));
    let patterns = patterns.chain(joined).chain(labels).chain(masks).chain(files).flat_map(|(key, pattern)| {
        let filled = folders.iter().map(move |folder| pattern.replace("{split}", folder));
        filled.map(move |path| (key.clone(), path))
    });
    let lists = manifest.splits.iter().enumerate();
    let lists = lists.filter_map(|(at, split)| Some((format!("splits[{at}].list"), split.list.clone()?)));
    let tags = manifest.tags.iter().enumerate();
    let tags = tags.filter_map(|(at, tag)| Some((format!("tags[{at}].list"), tag.list.clone()?)));
    patterns.chain(lists).chain(tags).find(|(_, path)| leads_out(path))
}

/// Whether a path is absolute on any system, or climbs above where it begins.
pub(super) fn leads_out(path: &str) -> bool {
    // `C:` alone leads out where there are drives, and is part of a name elsewhere.
    let drive = path.strip_prefix(|letter: char| letter.is_ascii_alphabetic()).and_then(|rest| rest.strip_prefix(':'));
    let has_drive = drive.is_some_and(|rest| cfg!(windows) || rest.starts_with(['/', '\\']));
    if has_drive || path.starts_with(['/', '\\']) {
        return true;
    }
    let mut depth = 0_i64;
    path.split(['/', '\\']).any(|step| {
        depth += match step {
            "" | "." => 0,
            ".." => -1,
            _ => 1,
        };
        depth < 0
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::fixture::{SMALL, small, write};
    use crate::data::{DataError, Dataset, check};
    use crate::progress::unwatched;

    #[test]
    fn paths_that_climb_or_begin_at_a_root_lead_out() {
        for path in ["/etc/passwd", "../a", "a/../../b", "./../a", "C:\\a", "c:/a", "\\\\host\\a", "..", "a\\..\\..\\b"]
        {
            assert!(leads_out(path), "{path}");
        }
        for path in ["a", "a/../b", "./a", "a..b/c", "...", "{id}.png", ""] {
            assert!(!leads_out(path), "{path}");
        }
    }

    #[test]
    fn a_manifest_that_reads_elsewhere_is_refused_unless_the_user_says_so() {
        let root = tempfile::tempdir().unwrap();
        let inner = root.path().join("data");
        small(&inner, 4);
        small(&root.path().join("other"), 4);
        let list = write(root.path(), "ids.txt", b"0001N\n0002D\n");
        let list = list.display();
        for (from, to, key) in [
            ("name = \"train\"", format!("name = \"train\"\nlist = \"{list}\""), "splits[0].list"),
            ("name = \"train\"", "name = \"train\"\nlist = \"../ids.txt\"".to_owned(), "splits[0].list"),
            ("suffix = \"N\"", "list = \"rgb/../../ids.txt\"".to_owned(), "tags[0].list"),
            ("\"label/{id}.png\"", "\"../other/label/{id}.png\"".to_owned(), "labels.pattern"),
            ("[labels]", "[labels]\nmask = \"../other/label/{id}.png\"".to_owned(), "labels.mask"),
            (
                "pattern = \"rgb/{id}.png\"",
                "pattern = \"rgb/{id}.png\"\njoin = [\"../other/rgb/{id}.png\", \"rgb/{id}.png\"]".to_owned(),
                "modalities[0].join",
            ),
            ("\"rgb/{id}.png\"", "\"../other/rgb/{id}.png\"".to_owned(), "modalities[0].pattern"),
            ("name = \"train\"", "name = \"train\"\nfiles = \"../other/rgb/{id}.png\"".to_owned(), "splits[0].files"),
        ] {
            write(&inner, "dataset.toml", SMALL.replacen(from, &to, 1).as_bytes());
            let refused = Dataset::open(&inner, &mut unwatched).unwrap_err();
            assert!(matches!(refused, DataError::Outside { .. }), "{refused}");
            let message = refused.to_string();
            assert!(message.contains(key) && message.contains("--allow-outside"), "{message}");
            assert!(check(&inner, &mut unwatched).unwrap().has_errors());
            let opened = Dataset::open_reaching(&inner, Reach::Anywhere, &mut unwatched);
            assert!(opened.is_ok(), "{key}: {:?}", opened.err());
        }
        // What `{split}` stands for may climb as well.
        let text = SMALL.replace("rgb/{id}.png", "{split}/rgb/{id}.png");
        let text = text.replace("name = \"train\"", "name = \"train\"\nfolder = \"../other\"");
        write(&inner, "dataset.toml", text.as_bytes());
        assert!(matches!(Dataset::open(&inner, &mut unwatched), Err(DataError::Outside { .. })));
    }

    #[test]
    fn a_manifest_s_own_class_map_is_never_read_from_a_file() {
        let root = tempfile::tempdir().unwrap();
        let inner = root.path().join("data");
        small(&inner, 4);
        let secret = write(root.path(), "secret.toml", b"not for manifests");
        let secret = secret.display().to_string();
        let text = SMALL.replace("name = \"two\"", &format!("name = '{secret}'"));
        let text = text.replace("name = \"small\"", &format!("name = \"small\"\nclass_map = '{secret}'"));
        write(&inner, "dataset.toml", text.as_bytes());
        assert_eq!(Dataset::open(&inner, &mut unwatched).unwrap().classes, ["rest", "car"]);
        // Where the user names it, it is.
        let named = Dataset::open(&inner, &mut unwatched).unwrap().with_class_map(&secret);
        assert!(named.unwrap_err().to_string().contains("secret.toml"));
    }

    #[cfg(unix)]
    #[test]
    fn links_in_the_folder_are_followed_and_lines_of_lists_never_lead_out() {
        let root = tempfile::tempdir().unwrap();
        let (inner, other) = (root.path().join("data"), root.path().join("other"));
        small(&other, 4);
        std::fs::create_dir(&inner).unwrap();
        for folder in ["rgb", "depth", "label"] {
            std::os::unix::fs::symlink(other.join(folder), inner.join(folder)).unwrap();
        }
        let text = SMALL.replace("name = \"train\"", "name = \"test\"\nlist = \"ids.txt\"");
        write(&inner, "dataset.toml", text.as_bytes());
        write(
            &inner,
            "ids.txt",
            format!("0001N\n{}\n../../other/rgb/0003N\n", other.join("rgb/0002D.png").display()).as_bytes(),
        );
        let dataset = Dataset::open(&inner, &mut unwatched).unwrap();
        let samples = &dataset.split("test").unwrap().samples;
        assert_eq!(samples.len(), 3);
        assert!(samples.iter().all(|sample| sample.file(0).unwrap().starts_with(&inner)), "{samples:?}");
        // A word of a line's pattern stands for no step upwards.
        let text = text.replace("rgb/{id}.png", "rgb/{set}/{id}.png").replace("depth/{id}.png", "depth/{set}/{id}.png");
        let text = text.replace("label/{id}.png", "label/{set}/{id}.png");
        let text = text.replace("list = \"ids.txt\"", "list = \"ids.txt\"\nline = \"{set}+{id}\"");
        write(&inner, "dataset.toml", text.as_bytes());
        write(&inner, "ids.txt", b"..+0001N\n");
        assert!(Dataset::open(&inner, &mut unwatched).is_err());
    }
}
