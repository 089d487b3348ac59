//! What the study pane hands out: the open study's table in every form, or the file of the study that is put together.

use fusionscope_engine::study::{Draft, Table, csv_text, latex, markdown, picture, terminal};

use crate::exhibit::{Exhibit, Format, paper};
use crate::look::Tokens;

/// Makes a text of a table.
type Words = fn(&Table) -> String;

/// The table, and its differences as a picture where rows are compared.
pub(super) fn of_table(table: &Table, tokens: &Tokens) -> Exhibit {
    let forms: [(Format, Words); 5] = [
        (Format::Csv, csv_text),
        (Format::Markdown, markdown),
        (Format::Latex, latex),
        // Numbers and text alone always have a form.
        (Format::Json, |table| serde_json::to_string_pretty(table).unwrap_or_default()),
        (Format::Text, |table| terminal(table, None)),
    ];
    let (own, paper) = (table.clone(), paper(tokens));
    let mut exhibit = Exhibit::new("Table of the study", "study");
    if picture(table).is_ok() {
        exhibit = exhibit.drawn_as_it_is(move || Ok(picture(&own)?.on(paper)));
    }
    forms.into_iter().fold(exhibit, |exhibit, (format, text)| exhibit.text(format, text(table)))
}

/// The file of a study that is put together.
pub(super) fn of_draft(draft: &Draft) -> Exhibit {
    Exhibit::new("File of the study", "study").text(Format::Toml, draft.to_toml())
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use fusionscope_engine::study::Study;

    use super::*;
    use crate::exhibit::Sheet;
    use crate::look::Theme;

    #[test]
    fn a_table_has_every_form_and_a_picture_only_where_something_is_compared() {
        let text = "title = 'Two & more'\nbase = 'baseline-demo'\nseeds = 1\n[[rows]]\nname = 'a'\n";
        let table = Study::from_text(text, Path::new("s.toml")).unwrap().table_from([]);
        let exhibit = of_table(&table, Tokens::of(Theme::Light));
        for (format, begins) in [
            (Format::Markdown, "**Two & more**"),
            (Format::Csv, "row,"),
            (Format::Latex, "% \\usepackage"),
            (Format::Json, "{"),
            (Format::Text, "Two"),
        ] {
            let written = String::from_utf8(exhibit.bytes(format, Sheet::default()).unwrap()).unwrap();
            assert!(written.starts_with(begins), "{format:?}: {written}");
        }
        assert!(!exhibit.formats().contains(&Format::Svg), "no row is compared with another");
    }
}
