//! A study's table for a paper.

use super::table::Table;
use super::text::{columns, notes, words};

/// A LaTeX table with the rules of `booktabs`.
pub fn latex(table: &Table) -> String {
    let columns = columns(table);
    let line = |row: usize| {
        let mut cells: Vec<String> = columns.iter().map(|column| escaped(&column[row])).collect();
        // After a line's end LaTeX would take these for its own.
        if cells[0].starts_with(['[', '*']) {
            cells[0].insert_str(0, "{}");
        }
        format!("    {} \\\\\n", cells.join(" & "))
    };
    let rows: String = (1..=table.rows.len()).map(line).collect();
    let notes = notes(table).iter().map(|note| escaped(note)).collect::<Vec<_>>().join(" ");
    let table = format!(
        "\\begin{{table}}\n  \\centering\n  \\caption{{{}: {}. {notes}}}\n  \
         \\begin{{tabular}}{{l{}}}\n    \\toprule\n{}    \\midrule\n{rows}    \\bottomrule\n  \\end{{tabular}}\n\\end{{table}}\n",
        escaped(&table.title),
        escaped(&words(table)),
        "r".repeat(columns.len() - 1),
        line(0),
    );
    let letters = if table.chars().all(has_letter) { "" } else { LETTERS };
    format!("% \\usepackage{{booktabs}}\n{letters}{table}")
}

const LETTERS: &str = "% there are letters in it that pdflatex lacks; lualatex and a font of yours have them\n";

/// Whether every LaTeX has it: what is escaped below, ASCII, and the letters of western Europe.
fn has_letter(letter: char) -> bool {
    letter.is_ascii() || (('\u{c0}'..='\u{ff}').contains(&letter) && !matches!(letter, 'Ð' | 'ð' | 'Þ' | 'þ' | '÷'))
}

/// Text with nothing in it that LaTeX would obey, and in place of what it lacks what it has.
fn escaped(text: &str) -> String {
    text.chars()
        .map(|letter| match letter {
            '&' | '%' | '$' | '#' | '_' | '{' | '}' => format!("\\{letter}"),
            '~' => "\\textasciitilde{}".to_owned(),
            '^' => "\\textasciicircum{}".to_owned(),
            '\\' => "\\textbackslash{}".to_owned(),
            '±' => "$\\pm$".to_owned(),
            '−' => "$-$".to_owned(),
            '–' => "--".to_owned(),
            '<' => "\\textless{}".to_owned(),
            '>' => "\\textgreater{}".to_owned(),
            '|' => "\\textbar{}".to_owned(),
            '"' => "''".to_owned(),
            '’' => "'".to_owned(),
            '…' => "\\dots{}".to_owned(),
            // Either sign of micro.
            'µ' | 'μ' => "$\\mu$".to_owned(),
            'σ' => "$\\sigma$".to_owned(),
            'Δ' | '∆' => "$\\Delta$".to_owned(),
            // An empty line would end what it stands in.
            control if control.is_control() => " ".to_owned(),
            '×' => "$\\times$".to_owned(),
            '·' => "$\\cdot$".to_owned(),
            other => other.to_string(),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use std::path::Path;
    use std::process::{Command, Stdio};

    use super::*;
    use crate::fixtures::{Need, skip};
    use crate::study::Study;

    const AWKWARD: &str = "a_b % & # ~ ^ \\ { } $ −1 µ ± < > | \"quoted\" × é";

    /// The table of a study of which nothing is done, with a name in every place that makes LaTeX stumble.
    fn awkward() -> String {
        let text = format!(
            "title = '''{AWKWARD}\n\nin two lines'''\nsource = '''{AWKWARD}'''\nbase = 'baseline-demo'\nseeds = 2\n\
             reference = '''{AWKWARD}'''\nfigures = [{{ title = '''{AWKWARD}''' }}]\n\
             [[rows]]\nname = '''{AWKWARD}'''\nprinted = {{ '{AWKWARD}' = 61.0 }}\n\
             [[rows]]\nname = '[bracket]'\nprinted = {{ '{AWKWARD}' = 62.0 }}\n\
             [[rows]]\nname = '* star'\nset = {{ data.flip = 0.0 }}\n",
        );
        let study = Study::from_text(&text, Path::new("s.toml")).unwrap();
        latex(&study.table(Path::new("/nowhere")))
    }

    #[test]
    fn nothing_in_a_name_is_obeyed_and_every_line_has_all_cells() {
        let text = awkward();
        let letters = r"a\_b \% \& \# \textasciitilde{} \textasciicircum{} \textbackslash{} \{ \} \$ $-$1 $\mu$ $\pm$";
        assert!(text.contains(letters), "{text}");
        assert!(text.contains(r"\textless{} \textgreater{} \textbar{} ''quoted'' $\times$ é"), "{text}");
        assert!(text.contains("\n    {}[bracket] &") && text.contains("\n    {}* star &"), "{text}");
        assert!(!text.contains("\n\n") && !text.contains("lualatex"), "{text}");
        let (_, rows) = text.split_once(r"\toprule").unwrap();
        let lines: Vec<&str> = rows.lines().filter(|line| line.ends_with(r"\\")).collect();
        let cells = |line: &str| line.matches('&').count() - line.matches(r"\&").count();
        assert_eq!(lines.len(), 4, "{text}");
        assert!(lines.iter().all(|line| cells(line) == cells(lines[0])), "{text}");
        let open = |brace: char| text.matches(brace).count() - text.matches(&format!("\\{brace}")).count();
        assert_eq!(open('{'), open('}'), "{text}");
        assert!(has_letter('é') && !has_letter('日') && escaped("日本") == "日本");
    }

    #[test]
    fn an_awkward_table_is_compiled() {
        let test = "an_awkward_table_is_compiled";
        if Command::new("pdflatex").arg("--version").stdout(Stdio::null()).stderr(Stdio::null()).status().is_err() {
            skip(test, Need::Tex, "pdflatex");
            return;
        }
        let folder = tempfile::tempdir().unwrap();
        let text = format!(
            "\\documentclass{{article}}\n\\usepackage{{booktabs}}\n\\begin{{document}}\n{}\\end{{document}}\n",
            awkward()
        );
        std::fs::write(folder.path().join("table.tex"), &text).unwrap();
        let told = Command::new("pdflatex")
            .args(["-interaction=nonstopmode", "-halt-on-error", "table.tex"])
            .current_dir(folder.path())
            .output()
            .unwrap();
        let log = String::from_utf8_lossy(&told.stdout);
        assert!(told.status.success() && folder.path().join("table.pdf").is_file(), "{text}\n{log}");
        assert!(!log.contains("Missing character"), "{log}");
    }
}
