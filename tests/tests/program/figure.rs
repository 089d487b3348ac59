//! `fusionscope figure`: its parts in every form, its numbers, and what it refuses.

use std::collections::BTreeMap;
use std::path::Path;

use quick_xml::Reader;
use quick_xml::events::Event;

use crate::support::{run, trained};

/// The parts of an SVG file: how many elements of each name there are, and all its texts.
struct Parts {
    elements: BTreeMap<String, usize>,
    texts: Vec<String>,
}

impl Parts {
    fn read(path: &str) -> Self {
        let text = std::fs::read_to_string(path).unwrap();
        let mut reader = Reader::from_str(&text);
        let (mut elements, mut texts) = (BTreeMap::new(), Vec::new());
        loop {
            match reader.read_event().unwrap_or_else(|error| panic!("{path} is no XML: {error}")) {
                Event::Start(element) | Event::Empty(element) => {
                    let name = String::from_utf8_lossy(element.name().as_ref()).into_owned();
                    *elements.entry(name).or_default() += 1;
                    // Every attribute can be read, too.
                    assert!(element.attributes().all(|attribute| attribute.is_ok()));
                }
                Event::Text(text) => texts.push(String::from_utf8_lossy(text.as_ref()).into_owned()),
                Event::Eof => return Self { elements, texts },
                _ => {}
            }
        }
    }

    fn count(&self, element: &str) -> usize {
        self.elements.get(element).copied().unwrap_or_default()
    }

    fn says(&self, words: &str) -> bool {
        self.texts.iter().any(|text| text == words)
    }
}

#[test]
fn a_figure_has_its_parts_in_every_form_and_its_numbers_beside_it() {
    let trained = trained();
    let (ours, other) = (format!("ours={}", trained.run()), format!("second one={}", trained.run()));
    let drawn = |name: &str, more: &[&str]| {
        let out = trained.beside(name);
        let words = ["figure", &ours, &other, "--device", "cpu", "--scenes", "00-day,01-night", "--split", "test"];
        let views = ["--views", "error.fused=Errors,uncertainty.entropy.fused=Entropy,thermal=Heat"];
        let ran = run(&[&words[..], &views, &["--crop", "00-day=0.2,0.3,0.3,0.4", "--out", &out], more].concat());
        (ran.ends_with(0), out)
    };
    let (ran, svg) = drawn("figure.svg", &["--miou", "--csv"]);
    assert!(ran.out.contains("2 scenes of test") && ran.out.contains("180 × "), "{}", ran.out);
    let parts = Parts::read(&svg);
    // Two sensors, the label, and of each run prediction, errors and entropy; the crop of one scene in each; the bars of
    // thermal and both entropies.
    assert_eq!(parts.count("image"), 9 * 2 + 9 + 3, "{:?}", parts.elements);
    assert_eq!(parts.count("text"), 0, "letters are outlines");
    assert!(parts.count("path") > 10 && parts.count("use") > 100, "{:?}", parts.elements);
    let words = ["ours", "second one", "colour", "Heat", "label", "prediction", "Errors", "Entropy", "00-day"];
    for words in words.into_iter().chain(["right", "wrong"]) {
        assert!(parts.says(words), "{words}: {:?}", parts.texts);
    }
    assert!(parts.texts.iter().any(|text| text.starts_with("01-")), "a longer name may be cut beside so low pictures");
    assert_eq!(parts.texts.iter().filter(|text| text.ends_with(" %")).count(), 4, "the mIoU of two runs and scenes");
    let command =
        |text: &&String| text.starts_with("fusionscope figure 'ours=") || text.starts_with("fusionscope figure ours=");
    let command = parts.texts.iter().find(command).unwrap_or_else(|| panic!("{:?}", parts.texts));
    assert!(command.contains("--scenes 00-day,01-night"), "{command}");

    let csv = std::fs::read_to_string(trained.beside("figure.csv")).unwrap();
    let value = |begins: &str| -> f64 {
        let line = csv.lines().find(|line| line.starts_with(begins)).unwrap_or_else(|| panic!("{begins}: {csv}"));
        line[begins.len()..].split(',').next().unwrap().parse().unwrap()
    };
    for scene in ["00-day", "01-night"] {
        let miou = value(&format!("{scene},ours,prediction.fused,mIoU,,"));
        assert!(
            (0.0..=1.0).contains(&miou) && parts.says(&format!("{:.1} %", miou * 100.0)),
            "{miou}: {:?}",
            parts.texts
        );
        assert_eq!(miou, value(&format!("{scene},second one,prediction.fused,mIoU,,")));
        // Shares are of all pixels, of which some have no label.
        let [right, wrong] = ["right", "wrong"].map(|word| value(&format!("{scene},ours,error.fused,share,{word},")));
        assert!(
            (right / (right + wrong) - value(&format!("{scene},ours,prediction.fused,pixel accuracy,,"))).abs() < 1e-6
        );
    }

    let (_, png) = drawn("figure.png", &["--width", "120", "--dpi", "200", "--quiet"]);
    let decoder = png::Decoder::new(std::io::BufReader::new(std::fs::File::open(&png).unwrap()));
    let reader = decoder.read_info().unwrap();
    let info = reader.info();
    assert_eq!(info.width, 945, "120 mm of 200 pixels an inch");
    assert_eq!(info.pixel_dims.unwrap().xppu, 7874);
    let comment = info.utf8_text.iter().find(|chunk| chunk.keyword == "Comment").unwrap().get_text().unwrap();
    assert!(comment.starts_with("fusionscope figure") && comment.contains("--dpi 200"), "{comment}");

    let (_, pdf) = drawn("figure.pdf", &["--width", "127"]);
    let bytes = std::fs::read(&pdf).unwrap();
    assert!(bytes.starts_with(b"%PDF-1.7") && bytes.ends_with(b"%%EOF\n"));
    let words = String::from_utf8_lossy(&bytes);
    assert!(words.contains("/MediaBox [0 0 360 "), "127 mm are 360 points");
    assert_eq!(words.matches("/Subtype /Image").count(), 9 * 2 + 9 + 3);
    assert!(words.contains("/Subject (fusionscope figure"));
}

#[test]
fn a_figure_of_what_is_not_there_is_refused_before_anything_is_written() {
    let trained = trained();
    let out = trained.beside("refused.svg");
    let gif = trained.beside("refused.gif");
    for (words, reason) in [
        (vec!["--out", &out, "--scenes", "nobody"], "`test` has no scene `nobody`; its first of 3 is 00-day"),
        (vec!["--out", &out, "--views", "fog"], "there is no such view; choose among"),
        (vec!["--out", &out, "--views", "mff.selection"], "fusion.kind=mff"),
        (vec!["--out", &gif], ".svg, .png or .pdf"),
        (vec!["--out", &out, "--width", "20", "--views", "error.fused"], "have no room in 20 mm"),
        (vec!["--out", &out, "--crop", "0.5,0.5,0.7,0.1"], "0.4,0.3,0.2,0.2"),
        (vec!["--out", &out, "--crop", "far=0,0,1,1"], "`far` is none of the scenes of this figure"),
        (vec!["--out", &out, "--without", "smell"], "no sensor named `smell`"),
        (vec!["--out", &out, "--dpi", "1"], "expected a number from 30 to 2400"),
    ] {
        let refused = run(&[&["figure", trained.run(), "--device", "cpu"], &words[..]].concat()).ends_with(2);
        assert!(refused.err.contains(reason), "{words:?}: {}", refused.err);
    }
    assert!(!Path::new(&out).exists() && !Path::new(&gif).exists());
}
