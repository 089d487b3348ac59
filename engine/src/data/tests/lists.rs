use proptest::prelude::*;

use crate::data::fixture::{SMALL, open, small, write};
use crate::data::{Dataset, Lack};

fn with_list(list: &[u8]) -> (tempfile::TempDir, Result<Dataset, crate::data::DataError>) {
    let root = tempfile::tempdir().unwrap();
    small(root.path(), 6);
    let text = SMALL.replace("name = \"train\"", "name = \"test\"\nlist = \"ids.txt\"");
    write(root.path(), "dataset.toml", text.as_bytes());
    write(root.path(), "ids.txt", list);
    let dataset = open(root.path());
    (root, dataset)
}

fn ids(dataset: &Dataset, split: &str) -> Vec<String> {
    dataset.split(split).unwrap().samples.iter().map(|sample| sample.id().to_owned()).collect()
}

#[test]
fn lists_read_with_every_habit_of_their_authors() {
    for list in [
        "0001N\n0004D\n",
        "\u{feff}0001N\r\n\r\n  0004D  \r\n",
        "rgb/0001N.png\tlabel/0001N.png\trgb\nrgb/0004D.png\tx\ty",
        "/data/old/place/rgb/0001N.jpg 480 640\nC:\\data\\0004D.png",
        "0001N.png,1\n0004D.png,2\n0001N.png,1\n",
        "# ids\n0001N\n../0004D\n",
    ] {
        let (_root, dataset) = with_list(list.as_bytes());
        assert_eq!(ids(&dataset.unwrap(), "test"), ["0001N", "0004D"], "{list:?}");
    }
}

#[test]
fn names_with_spaces_dots_and_foreign_letters_are_found() {
    let root = tempfile::tempdir().unwrap();
    small(root.path(), 1);
    let names = ["Straße am Tor 1", "日本 v1.2", "plain"];
    for name in names {
        for folder in ["rgb", "depth", "label"] {
            let from = root.path().join(folder);
            std::fs::copy(from.join("0000D.png"), from.join(format!("{name}.png"))).unwrap();
        }
    }
    let text = SMALL.replace("name = \"train\"", "name = \"test\"\nlist = \"ids.txt\"");
    write(root.path(), "dataset.toml", text.as_bytes());
    write(root.path(), "ids.txt", "Straße am Tor 1\nrgb/日本 v1.2.png\tx\nplain extra column\n".as_bytes());
    assert_eq!(ids(&open(root.path()).unwrap(), "test"), names);
}

#[test]
fn a_heading_is_said_to_be_one_and_is_no_sample() {
    for heading in ["image,label", "ID", "\"filename\";\"mask\"", "rgb\tdepth\tlabel"] {
        let (_root, dataset) = with_list(format!("# ids\n{heading}\n0001N\n0004D\n").as_bytes());
        let dataset = dataset.unwrap();
        assert_eq!(ids(&dataset, "test"), ["0001N", "0004D"], "{heading}");
        assert!(dataset.skipped().is_empty(), "{:?}", dataset.skipped());
        assert!(dataset.notes.iter().any(|note| note.contains("heading of its columns")), "{:?}", dataset.notes);
        assert_eq!(dataset.problems.len(), 1, "{:?}", dataset.problems);
    }
    // A sample of that name is one, in the first line too; elsewhere such a word is a sample that lacks its file.
    let (root, _) = with_list(b"");
    for folder in ["rgb", "depth", "label"] {
        std::fs::copy(root.path().join(folder).join("0001N.png"), root.path().join(folder).join("image.png")).unwrap();
    }
    write(root.path(), "ids.txt", b"image\n0001N\nname\n");
    let dataset = open(root.path()).unwrap();
    assert_eq!((ids(&dataset, "test"), dataset.skipped().len()), (vec!["image".to_owned(), "0001N".to_owned()], 1));
}

#[test]
fn a_list_of_more_lines_than_a_data_set_has_scenes_is_refused_and_endless_lines_name_no_sample() {
    let (_root, dataset) = with_list("a\n".repeat(1_000_001).as_bytes());
    let message = dataset.unwrap_err().to_string();
    assert!(message.contains("more than 1000000 lines") && message.ends_with("ids.txt"), "{message}");
    let line = "b".repeat(8 << 20);
    let ((_root, dataset), most) =
        crate::kernels::most_bytes(|| with_list(format!("0001N\n{line}\n0004D\n").as_bytes()));
    let dataset = dataset.unwrap();
    assert_eq!(ids(&dataset, "test"), ["0001N", "0004D"]);
    let notes = dataset.notes.join("; ");
    assert!(notes.contains("1 of the lines of ids.txt name no sample") && notes.len() < 2000, "{notes}");
    assert!(most < 64 << 20, "{most} bytes");
}

#[test]
fn listed_samples_without_files_are_left_out_counted_and_named() {
    let (root, dataset) = with_list(b"0001N\n0001N_flip\nnothing\n0003N\n");
    let dataset = dataset.unwrap();
    assert_eq!(ids(&dataset, "test"), ["0001N", "0003N"]);
    assert!(
        dataset.notes.iter().any(|note| note.contains("2 samples") && note.contains("0001N_flip, nothing")),
        "{:?}",
        dataset.notes
    );
    std::fs::remove_file(root.path().join("depth/0003N.png")).unwrap();
    let dataset = open(root.path()).unwrap();
    assert_eq!(ids(&dataset, "test"), ["0001N"]);
    assert_eq!(dataset.skipped()[2].lack, Lack::Modality("depth".to_owned()));
    assert!(
        dataset.notes.iter().any(|note| note.contains("lack their depth image") && note.contains("0003N")),
        "{:?}",
        dataset.notes
    );
    std::fs::remove_file(root.path().join("label/0001N.png")).unwrap();
    let dataset = open(root.path()).unwrap();
    assert_eq!(dataset.split("test").unwrap().samples[0].label(), None, "a split without any label stays, unlabelled");
}

#[test]
fn a_list_that_names_nothing_or_is_missing_is_an_error() {
    let (root, dataset) = with_list(b"nothing\n");
    let message = dataset.unwrap_err().to_string();
    assert!(message.contains("no usable sample") && message.contains("nothing"), "{message}");
    std::fs::remove_file(root.path().join("ids.txt")).unwrap();
    let message = open(root.path()).unwrap_err().to_string();
    assert!(message.contains("the list of split test") && message.ends_with("ids.txt"), "{message}");
}

#[test]
fn without_a_validation_split_a_tenth_is_held_out_whatever_the_order() {
    let root = tempfile::tempdir().unwrap();
    small(root.path(), 40);
    let dataset = open(root.path()).unwrap();
    let (train, val) = (ids(&dataset, "train"), ids(&dataset, "val"));
    assert_eq!((train.len(), val.len()), (36, 4));
    assert!(dataset.split("val").unwrap().held_out && !dataset.split("train").unwrap().held_out);
    assert!(val.iter().all(|id| !train.contains(id)));
    let mut list: Vec<String> = train.into_iter().chain(val.clone()).collect();
    list.reverse();
    write(root.path(), "ids.txt", list.join("\n").as_bytes());
    write(
        root.path(),
        "dataset.toml",
        SMALL.replace("name = \"train\"", "name = \"train\"\nlist = \"ids.txt\"").as_bytes(),
    );
    let mut again = ids(&open(root.path()).unwrap(), "val");
    again.sort();
    assert_eq!(again, val);
}

#[test]
fn lines_of_joined_names_and_tags_from_lists_are_taken_apart() {
    let root = tempfile::tempdir().unwrap();
    for name in ["images/s1/V0/visible/I1.png", "labels/s1_V0_I1.png"] {
        crate::data::fixture::flat(root.path(), name, 4, 4, png::ColorType::Grayscale, 0);
    }
    let text = r#"
        version = 1
        name = "joined"
        modalities = [{ name = "colour", kind = "colour", pattern = "images/{set}/{video}/visible/{id}.*" }]
        labels = { pattern = "labels/{set}_{video}_{id}.png", names = ["a"] }
        splits = [{ name = "test", list = "test.txt", line = "{set}_{video}_{id}.png" }]
        tags = [{ name = "day", list = "test.txt" }, { name = "s1", contains = "s1/" }]
    "#;
    write(root.path(), "dataset.toml", text.as_bytes());
    write(root.path(), "test.txt", b"s1_V0_I1.png\nodd\n");
    let dataset = open(root.path()).unwrap();
    assert_eq!(ids(&dataset, "test"), ["s1/V0/I1"]);
    assert_eq!(dataset.split("test").unwrap().samples[0].tags(), ["s1"]);
    assert!(dataset.notes.iter().any(|note| note.contains("odd")), "{:?}", dataset.notes);
}

#[cfg(unix)]
#[test]
fn looping_links_among_the_files_are_left_out_by_name() {
    let root = tempfile::tempdir().unwrap();
    small(root.path(), 3);
    std::os::unix::fs::symlink("0009D.png", root.path().join("rgb/0009D.png")).unwrap();
    let dataset = open(root.path()).unwrap();
    assert_eq!(dataset.skipped().len(), 1);
    assert_eq!(dataset.skipped()[0].id, "0009D");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]

    #[test]
    fn random_bytes_as_a_list_never_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let (_root, dataset) = with_list(&[&bytes, b"\n0001N\n".as_slice()].concat());
        if let Ok(dataset) = dataset {
            prop_assert!(dataset.splits.iter().all(|split| !split.samples.is_empty()));
        }
    }
}
